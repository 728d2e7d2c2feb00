"""One city's filings in all their states, each with the history, replies and documents that led there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from uuid import UUID

from api.demo.names import REASONS_B, REASONS_C
from api.demo.rows import CityRows, Row, StoredFile
from domain.calendar import REVIEW_WORKING_DAYS, local_date, nth_working_day
from domain.codes import filing_number
from domain.documents.kinds import DocumentKind
from domain.filings.form import EDITION, FilingForm, FilingFormEntry, merge
from domain.filings.missing import missing_items
from domain.filings.prefill import Known, prefilled, with_derived
from domain.filings.sample import entered, put, valid_value
from domain.grading.entities import Grading
from domain.organisations.entities import Organisation
from domain.systems.entities import System
from domain.templates.forms import FORMS, LetterKind
from domain.templates.numbers import prefix_of, series, written

# How each state was reached, step by step; a district-level unit's filing passes its district office.
DISTRICT = ("submitFiling", "SUBMITTED"), ("receiveFiling", "RECEIVED"), ("submitMonthlyReturn", "UNDER_REVIEW")
CITY = ("submitFiling", "SUBMITTED"), ("receiveFiling", "UNDER_REVIEW")
AFTER = {
    "INCOMPLETE": (("issueReply", "INCOMPLETE"),),
    "RE_REVIEW": (("issueReply", "RE_REVIEW"),),
    "LEVEL_ADJUSTMENT": (("issueReply", "RE_REVIEW"), ("concludePanelCase", "LEVEL_ADJUSTMENT")),
    "ACCEPTED": (("issueReply", "ACCEPTED"),),
    "CANCELLED": (("issueReply", "ACCEPTED"), ("cancelFiling", "CANCELLED")),
    "REPLACED": (("issueReply", "ACCEPTED"), ("issueReply", "REPLACED")),
}
REPLY = {
    "INCOMPLETE": "B",
    "RE_REVIEW": "C",
    "LEVEL_ADJUSTMENT": "C",
    "ACCEPTED": "A",
    "CANCELLED": "A",
    "REPLACED": "A",
}
# How long ago a filing in this state was submitted, in days.
AGE = {
    "DRAFT": 3, "SUBMITTED": 2, "RECEIVED": 6, "UNDER_REVIEW": 9, "INCOMPLETE": 30, "RE_REVIEW": 40,
    "LEVEL_ADJUSTMENT": 60, "ACCEPTED": 90, "WITHDRAWN": 50, "CANCELLED": 150, "REPLACED": 200,
}  # fmt: skip
WITH_PANEL = frozenset({"RE_REVIEW", "LEVEL_ADJUSTMENT"})


@dataclass(slots=True)
class Filings:
    """Makes filings for one city's rows; ``files`` by kind, used in turn."""

    city: CityRows
    files: dict[DocumentKind, list[StoredFile]]
    units: dict[UUID, Row] = field(default_factory=dict)
    people: dict[UUID, tuple[UUID, UUID]] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)
    returns: dict[tuple[UUID, dt.date], Row] = field(default_factory=dict)
    _turn: int = 0

    def make(
        self,
        system: Row,
        grading: Row,
        state: str,
        *,
        complete: bool = True,
        age: int | None = None,
        channel: str = "ONLINE",
    ) -> Row:
        """A filing of ``system`` in ``state``; a draft may be incomplete; what came offline an office entered."""
        unit = self.units[system["unit_id"]]
        filer = self.people[unit["id"]][0]
        days = AGE[state] + self.city.random.randrange(3) if age is None else age
        began = self.city.ago(days + 2)
        key = self.city.add(
            "filings",
            began,
            system_id=system["id"],
            unit_id=unit["id"],
            grading_id=grading["id"],
            state=state,
            channel=channel,
            level=grading["level"],
            authority=unit["authority_level"],
            district_id=unit["district_id"] if unit["authority_level"] == "DISTRICT" else None,
            form_edition=EDITION,
            saved_by_id=filer if channel == "ONLINE" else self._actor(unit, "enterFiling"),
            version=1,
        )
        filing = self.city.rows["filings"][-1]
        documents = self._documents(filing, began, complete=complete)
        form = self._form(unit, system, grading, complete=complete)
        form = with_derived(form, _grading(grading), documents)
        filing["form"] = form.stored()
        filing["missing_items"] = [item.stored() for item in missing_items(form, grading["level"], documents.keys())]
        if channel == "ONLINE":
            self._transition(filing, began, "createFiling", None, "DRAFT", filer)
        self._walk(filing, system, unit, state, days)
        if state in {"ACCEPTED", "CANCELLED"}:
            system["current_filing_id"] = key
        return filing

    def _walk(self, filing: Row, system: Row, unit: Row, state: str, days: int) -> None:
        """The steps from the draft to ``state``, a day or two apart."""
        if state == "DRAFT":
            return
        district = unit["authority_level"] == "DISTRICT"
        steps = [*(DISTRICT if district else CITY), *AFTER.get(state, ())]
        if state == "WITHDRAWN":
            steps = [("submitFiling", "SUBMITTED"), ("withdrawFiling", "WITHDRAWN")]
        former: str | None = "DRAFT"
        if filing["channel"] != "ONLINE":
            steps, former = [("enterFiling", steps[1][1]), *steps[2:]], None
        for number, (action, to) in enumerate(steps):
            moment = self.city.ago(days - number, 10 + number)
            self._take(filing, system, unit, action, to, moment)
            self._transition(filing, moment, action, former, to, self._actor(unit, action))
            former = to
            if to == state:
                break
        filing["version"] = 2 + len(steps)
        if state == "UNDER_REVIEW" and self.city.random.randrange(3) == 0:
            self._reply(filing, unit, "A", "DRAFT", self.city.ago(0, 9))

    def _take(self, filing: Row, system: Row, unit: Row, action: str, to: str, moment: dt.datetime) -> None:
        match action, to:
            case "submitFiling", _:
                filing["submitted_at"] = moment
                self._submission(filing, unit, moment)
            case (("receiveFiling" | "enterFiling"), _):
                filing["received_at"] = moment
                if action == "enterFiling":
                    filing["submitted_at"] = moment
                    self._submission(filing, unit, moment)
                if to == "RECEIVED":
                    self._into_return(filing, moment)
            case "issueReply", "REPLACED":
                pass  # the reply was to the filing that took its place
            case "issueReply", _:
                kind = REPLY[to]
                filing["replied_at"] = moment
                period = self._running(filing)
                if kind == "A":
                    filing["number"] = self._number(system, unit)
                period["reply_letter_id"] = self._reply(filing, unit, kind, "ISSUED", moment)
                period["ended_on"] = local_date(moment)
                if to in WITH_PANEL:
                    self._case(filing, moment)
            case "cancelFiling", _:
                filing["cancel_reason"] = "系统已停止运行。"
            case "concludePanelCase", _:
                case = self.city.rows["panel_cases"][-1]
                case["state"], case["concluded_at"] = "CONCLUDED", moment
        if to == "UNDER_REVIEW":
            due = nth_working_day(local_date(moment), REVIEW_WORKING_DAYS)
            filing["review_started_at"], filing["review_due_on"] = moment, due.date
            filing["review_due_provisional"] = due.provisional
            self.city.add(
                "review_periods",
                moment,
                filing_id=filing["id"],
                started_on=local_date(moment),
                due_on=due.date,
                provisional=due.provisional,
            )

    def _running(self, filing: Row) -> Row:
        """The run of the review's clock that a reply ends."""
        return next(row for row in reversed(self.city.rows["review_periods"]) if row["filing_id"] == filing["id"])

    def _submission(self, filing: Row, unit: Row, moment: dt.datetime) -> None:
        attached = [row for row in self.city.rows["documents"] if row["filing_id"] == filing["id"]]
        self.city.add(
            "filing_submissions",
            moment,
            filing_id=filing["id"],
            level=filing["level"],
            form_edition=filing["form_edition"],
            form=filing["form"],
            documents=[{name: row[name] for name in ("kind", "filename", "size", "sha256")} for row in attached],
            by_id=self._actor(unit, "submitFiling" if filing["channel"] == "ONLINE" else "enterFiling"),
        )

    def _actor(self, unit: Row, action: str) -> UUID:
        users = self.city.users
        match action:
            case "submitFiling" | "withdrawFiling" | "cancelFiling":
                return self.people[unit["id"]][1]
            case "issueReply":
                return users["city.leader"]
            case "receiveFiling" | "enterFiling" | "submitMonthlyReturn" if unit["authority_level"] == "DISTRICT":
                return self.district_officer(unit["district_id"])
            case _:
                return users["city.officer"]

    def district_officer(self, district: UUID) -> UUID:
        """The officer of a district, made where there is none yet."""
        name = next(name for name, key in self.city.districts.items() if key == district)
        if name == self.city.city.demo_district:
            return self.city.users["district.officer"]
        username = f"d{self.city.city.districts[name]}.officer"
        if username not in self.city.users:
            from domain.access import Role

            office = self.city.organisations[f"{name}信息化工作办公室"]
            began = self.city.ago(390)
            self.city.person(username, "区县经办人", office, Role.DISTRICT_OFFICE, "OFFICER", began)
        return self.city.users[username]

    def _into_return(self, filing: Row, moment: dt.datetime) -> None:
        """The month's return of the filing's district; one whose filings are under review was handed in."""
        month = local_date(moment).replace(day=1)
        handed_in = filing["state"] != "RECEIVED"
        open_month = local_date(self.city.now).replace(day=1)
        if handed_in and month == open_month:
            month = (month - dt.timedelta(days=1)).replace(day=1)
        elif not handed_in:
            month = open_month
        key = (filing["district_id"], month)
        if key not in self.returns:
            started = dt.datetime.combine(month, dt.time(9), moment.tzinfo)
            self.city.add(
                "monthly_returns", started, district_id=filing["district_id"], month=month, state="OPEN", version=1
            )
            row = self.city.rows["monthly_returns"][-1]
            if handed_in:
                last = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=2)
                handed = dt.datetime.combine(last, dt.time(16), moment.tzinfo)
                row["state"], row["submitted_at"] = "SUBMITTED", handed
                row["submitted_by_id"] = self.district_officer(filing["district_id"])
            self.returns[key] = row
        filing["monthly_return_id"] = self.returns[key]["id"]

    def _reply(self, filing: Row, unit: Row, kind: str, state: str, moment: dt.datetime) -> UUID:
        body = {
            "A": "经审核,材料齐全,定级准确,接受备案。",
            "B": "经审核,材料不全,请补充后重新提交。",
            "C": REASONS_C[self._next("c") % len(REASONS_C)],
        }[kind]
        values: Row = {}
        if state == "ISSUED":
            year = local_date(moment).year
            prefix = prefix_of(FORMS[LetterKind[f"REPLY_{kind}"]].template, self.city.city.name)
            number = self._next(series(prefix, year))
            values = {
                "number": written(prefix, year, number),
                "verification_code": f"DEMO{kind}{number:07d}",
                "issued_by_id": self.city.users["city.leader"],
                "issued_at": moment,
            }
        items = [REASONS_B[self._next("b") % len(REASONS_B)]] if kind == "B" else []
        return self.city.add(
            "reply_letters",
            moment,
            filing_id=filing["id"],
            unit_id=unit["id"],
            kind=kind,
            state=state,
            body=body,
            missing_items=items,
            named_items=[{"path": None, "zh": item, "en": item} for item in items],
            drafted_by_id=self.city.users["city.officer"],
            version=1,
            **values,
        )

    def _case(self, filing: Row, moment: dt.datetime) -> None:
        self.city.add(
            "panel_cases",
            moment,
            purpose="FILING_RE_REVIEW",
            state="OPEN",
            unit_id=filing["unit_id"],
            system_id=filing["system_id"],
            filing_id=filing["id"],
            level=filing["level"],
            version=1,
        )

    def _number(self, system: Row, unit: Row) -> str:
        if "unit_serial" not in unit:
            unit["unit_serial"] = self._next("unit")
        if "system_serial" not in system:
            system["system_serial"] = self._next(f"system:{unit['id']}")
        names = {key: name for name, key in self.city.districts.items()}
        code = self.city.city.division_code
        if unit["authority_level"] == "DISTRICT":
            code = self.city.city.districts[names[unit["district_id"]]]
        number = filing_number(code, unit["unit_serial"], system["system_serial"])
        edition = sum(row["system_id"] == system["id"] and "number" in row for row in self.city.rows["filings"])
        return f"{number}/{edition + 1}" if edition else number

    def _next(self, series: str) -> int:
        self.counters[series] += 1
        return self.counters[series]

    def _transition(
        self, filing: Row, moment: dt.datetime, action: str, before: str | None, after: str, by: UUID
    ) -> None:
        self.city.add(
            "filing_transitions",
            moment,
            filing_id=filing["id"],
            action=action,
            from_state=before,
            to_state=after,
            by_id=by,
        )

    def _documents(self, filing: Row, began: dt.datetime, *, complete: bool) -> dict[DocumentKind, str]:
        """What the filing's level asks for; an incomplete draft has the archive at most."""
        empty = FilingForm.model_validate({"grading": {"hasCompetentDepartment": True}})
        kinds = [
            DocumentKind[item.path]
            for item in missing_items(empty, filing["level"], ())
            if item.required and "." not in item.path
        ]
        if not complete:
            kinds = kinds[: self.city.random.randrange(2)]
        found: dict[DocumentKind, str] = {}
        for kind in kinds:
            self._turn += 1
            file = self.files[kind][self._turn % len(self.files[kind])]
            document = self.city.document(
                file, began, kind.value, filing["unit_id"], filing["saved_by_id"], filing_id=filing["id"]
            )
            for place, (name, size, sha256) in enumerate(file.entries, 1):
                entry = {"place": place, "name": name, "size": size, "sha256": sha256, "depth": 1}
                self.city.add("archive_entries", began, document_id=document, **entry)
            found[kind] = file.filename
        return found

    def _form(self, unit: Row, system: Row, grading: Row, *, complete: bool) -> FilingForm:
        systems = [row for row in self.city.rows["systems"] if row["unit_id"] == unit["id"]]
        levels = Counter(row["level"] for row in systems if row.get("level"))
        known = Known(_organisation(unit), _system(system), _grading(grading), levels, len(systems))
        form = prefilled(known)
        entry = entered(form)
        put(entry, "system.businessDescription", system["description"])
        if complete:
            while missing := [
                item.path for item in missing_items(form, grading["level"], frozenset(DocumentKind)) if item.required
            ]:
                for path in missing:
                    put(entry, path, valid_value(path))
                form = merge(form, FilingFormEntry.model_validate(entry))
        return form


def in_turn(*states: str) -> Any:
    """States again and again, as often as they are named."""
    return cycle(states)


def _organisation(row: Row) -> Organisation:
    return Organisation(**row)


def _system(row: Row) -> System:
    return System(**{name: value for name, value in row.items() if name != "description"})


def _grading(row: Row) -> Grading:
    return Grading(**row)
