"""Random people of all roles take random steps, on calendars from 2004 to 2026; a small model says what has to come.

After each step the database is what the model is: no illegal state, no letter or filing number lost or given twice,
every clock right, every accepted step audited, and a refused one without a trace.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain.access import Duty, Role
from domain.documents.kinds import DocumentKind
from domain.filings import office
from domain.filings import use_cases as filings
from domain.filings.entities import Filing, FilingState, ReviewPeriod
from domain.filings.form import FilingForm
from domain.filings.sample import completed, entered, with_value
from domain.grading import use_cases as gradings
from domain.inquiries import use_cases as inquiries
from domain.inquiries.entities import Inquiry, InquiryState
from domain.panels import opinions
from domain.panels import use_cases as panels
from domain.panels.entities import PanelCase
from domain.replies import use_cases as replies
from domain.replies.entities import ReplyLetter
from domain.returns import use_cases as returns
from domain.returns.entities import MonthlyReturn
from domain.tenants.entities import CalendarDay
from domain.tenants.rulings import set_calendar_day
from tests.stateful.city import BY_NAME, LEVEL_2, LEVEL_3, PEOPLE, SYSTEMS, Person, Server
from tests.stateful.frame import Walk, walk_everywhere
from tests.stateful.model import ARCHIVE, EDITABLE, FROM_LEVEL_3, Model, ModelFiling, ModelInquiry, ModelReply

# Somebody in particular, or (None) whoever the step is for: most random people may not do most things.
ANYBODY = st.one_of(st.none(), st.none(), st.sampled_from(PEOPLE))
FORM = entered(with_value(completed(FilingForm(), 3), "unit.divisionCode", "110101"))
# What usually comes next, so that long ways are walked as well.
NEXT: dict[str, tuple[tuple[str, ...], ...]] = {
    "DRAFT": (*(("prepare", "submit"),) * 4, ("discard",)),
    "SUBMITTED": (("receive",), ("receive",), ("withdraw",)),
    "RECEIVED": (("hand_in",),),
    "UNDER_REVIEW": (("draft", "issue"),),
    "INCOMPLETE": (("prepare", "resubmit"),),
    "RE_REVIEW": (("conclude",),),
    "LEVEL_ADJUSTMENT": (("regrade", "prepare", "resubmit"),),
    "ACCEPTED": (("amend",), ("cancel",)),
}
# What is read after each step.
READ = (
    ("filings", Filing, "id state number review_due_on monthly_return_id"),
    ("clocks", ReviewPeriod, "filing_id started_on due_on ended_on"),
    ("returns", MonthlyReturn, "id district_id month state late"),
    ("letters", ReplyLetter, "number"),
    ("rulings", CalendarDay, "day working"),
    ("inquiries", Inquiry, "id state"),
)


class Life(Walk):
    """The city and its model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.keys: list[UUID] = []
        self.drafts: dict[int, UUID] = {}
        self.inquiries: list[UUID] = []

    @initialize(start=st.dates(dt.date(2004, 1, 5), dt.date(2026, 10, 1)))
    def founded(self, start: dt.date) -> None:
        self.found(start)

    # --- how a step is taken ---

    def one(self, number: int) -> tuple[int, ModelFiling]:
        """One of the filings, the younger the likelier to be of interest."""
        index = len(self.model.filings) - 1 - number % len(self.model.filings)
        return index, self.model.filings[index]

    # --- the unit's ---

    @rule(person=ANYBODY, system=st.sampled_from(range(len(SYSTEMS))))
    def create(self, person: Person | None, system: int) -> None:
        new = ModelFiling(system, self.model.levels[system], "")
        person = person or BY_NAME[f"{new.unit}.filer"]
        new.saved_by = person.name
        allowed = self.model.of_unit(person, Duty.FILER, new) and self.model.fileable(system)
        self.begun(
            self.attempt(person, filings.create_filing, allowed=allowed, system_id=self.city.systems[system]), new
        )

    def begun(self, made: Filing | None, new: ModelFiling) -> None:
        if made is not None:
            self.keys.append(made.id)
            self.model.filings.append(new)

    @precondition(lambda self: self.keys)
    @rule(person=ANYBODY, number=st.integers(0, 9), steps=st.integers(1, 6), way=st.integers(0, 7))
    def go_on(self, person: Person | None, number: int, steps: int, way: int) -> None:
        """What usually comes next, several steps long: the first as ``person``, the others as whoever they are for."""
        for _ in range(steps):
            ways = NEXT.get(self.one(number)[1].state, ((),))
            for step in ways[way % len(ways)]:
                getattr(self, f"_{step}")(person, number)
                person = None
        self._consult(None, steps + way)

    @precondition(lambda self: self.keys)
    @rule(
        person=ANYBODY,
        number=st.integers(0, 9),
        step=st.sampled_from(
            ["prepare", "submit", "discard", "withdraw", "receive", "hand_in", "draft", "issue", "send_back",
             "resubmit", "amend", "cancel", "conclude", "regrade", "consult"]
        ),
    )  # fmt: skip
    def unlikely(self, person: Person | None, number: int, step: str) -> None:
        getattr(self, f"_{step}")(person, number)

    def _prepare(self, person: Person | None, number: int) -> None:
        """Fill in all, and attach what is still missing."""
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.filer"]
        allowed = self.model.of_unit(person, Duty.FILER, filing) and filing.state in EDITABLE
        version = self.city.rows(Filing.version, id=self.keys[index])[0][0]
        given = {"filing_id": self.keys[index], "form": FORM, "version": version}
        if self.attempt(person, filings.save_filing, allowed=allowed, **given) is None:
            return
        filing.filled, filing.saved_by, filing.level = True, person.name, self.model.levels[filing.system]
        for kind in sorted(self.needed(filing) - filing.documents):
            document = self.city.document(filing.unit, DocumentKind[kind], self.now)
            given = {"filing_id": self.keys[index], "document_id": document, "kind": kind}
            self.attempt(person, filings.attach_document, allowed=True, **given)
            filing.documents.add(kind)

    def _discard(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.filer"]
        mine = (self.model.of_unit(person, duty, filing) for duty in (Duty.FILER, Duty.APPROVER))
        allowed = any(mine) and filing.state == "DRAFT"
        if self.attempt(person, filings.discard_filing, allowed=allowed, filing_id=self.keys[index]):
            filing.state = "DISCARDED"

    def _submit(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.approver"]
        allowed = (
            self.model.of_unit(person, Duty.APPROVER, filing)
            and filing.state == "DRAFT"
            and filing.saved_by != person.name
            and filing.system not in self.model.retired
            and self.whole(filing)
        )
        if self.attempt(person, filings.submit_filing, allowed=allowed, filing_id=self.keys[index]):
            filing.state, filing.level = "SUBMITTED", self.level(filing)

    def whole(self, filing: ModelFiling) -> bool:
        """Whether the filing lacks nothing at that level."""
        return filing.filled and self.needed(filing) <= filing.documents

    def needed(self, filing: ModelFiling) -> set[str]:
        """The documents that it needs at that level."""
        return ARCHIVE | (FROM_LEVEL_3 if self.level(filing) > 2 else set())

    def level(self, filing: ModelFiling) -> int:
        """The level at which the filing would be handed in now."""
        return self.model.levels[filing.system]

    def _withdraw(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.approver"]
        allowed = self.model.of_unit(person, Duty.APPROVER, filing) and filing.state == "SUBMITTED"
        if self.attempt(person, filings.withdraw_filing, allowed=allowed, filing_id=self.keys[index]):
            filing.state = "WITHDRAWN"

    def _resubmit(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.approver"]
        allowed = (
            self.model.of_unit(person, Duty.APPROVER, filing)
            and (filing.state == "INCOMPLETE" or (filing.state == "LEVEL_ADJUSTMENT" and filing.regraded))
            and filing.saved_by != person.name
            and self.whole(filing)
        )
        if self.attempt(person, filings.resubmit_filing, allowed=allowed, filing_id=self.keys[index]):
            filing.level = self.level(filing)
            self.model.start_clock(filing, self.today)

    def _amend(self, person: Person | None, number: int) -> None:
        index, former = self.one(number)
        person = person or BY_NAME[f"{former.unit}.approver"]
        allowed = (
            self.model.of_unit(person, Duty.APPROVER, former)
            and former.state == "ACCEPTED"
            and self.model.fileable(former.system)
        )
        new = ModelFiling(former.system, self.level(former), person.name, filled=former.filled, replaces=index)
        new.documents = former.documents - ARCHIVE
        self.begun(self.attempt(person, filings.amend_filing, allowed=allowed, filing_id=self.keys[index]), new)

    def _cancel(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or BY_NAME[f"{filing.unit}.approver"]
        other = self.model.open_filing(filing.system)
        allowed = (
            self.model.of_unit(person, Duty.APPROVER, filing)
            and filing.state == "ACCEPTED"
            and (other is None or other.state == "DRAFT")
        )
        given = {"filing_id": self.keys[index], "reason": "停用"}
        if self.attempt(person, filings.cancel_filing, allowed=allowed, **given):
            filing.state = "CANCELLED"
            self.model.retired.add(filing.system)

    def _regrade(self, _: Person | None, number: int) -> None:
        """A new grading, confirmed by another person: of the other level."""
        filing = self.one(number)[1]
        if filing.system in self.model.retired:
            return
        self.now += dt.timedelta(seconds=1)
        level = 5 - self.model.levels[filing.system]
        found = LEVEL_3 if level == 3 else LEVEL_2
        filer, approver = BY_NAME[f"{filing.unit}.filer"], BY_NAME[f"{filing.unit}.approver"]
        given = {"system_id": self.city.systems[filing.system], "business_information": found, "system_service": found}
        given["reason_against_opinion"] = "理由"
        grading = self.attempt(filer, gradings.save_grading, allowed=True, **given)
        self.attempt(filer, gradings.submit_grading, allowed=True, grading_id=grading.id)
        self.attempt(approver, gradings.confirm_grading, allowed=True, grading_id=grading.id)
        self.model.levels[filing.system] = level
        for each in self.model.filings:
            each.regraded = each.regraded or each.system == filing.system

    # --- the offices' ---

    def _receive(self, person: Person | None, number: int) -> None:
        index, filing = self.one(number)
        person = person or self.receiver(filing.unit)
        allowed = self.model.receives(person, filing.unit) and filing.state == "SUBMITTED"
        if self.attempt(person, office.receive_filing, allowed=allowed, filing_id=self.keys[index]):
            self.arrives(filing, self.today)

    @staticmethod
    def receiver(unit: str) -> Person:
        return BY_NAME["officer" if unit == "bureau" else f"{unit}.office"]

    def arrives(self, filing: ModelFiling, on: dt.date) -> None:
        if filing.district is None:
            self.model.start_clock(filing, on)
        else:
            self.model.into_return(filing, self.today)

    @rule(person=ANYBODY, system=st.sampled_from(range(len(SYSTEMS))), days=st.integers(-1, 9), whole=st.booleans())
    def enter(self, person: Person | None, system: int, days: int, whole: bool) -> None:
        new = ModelFiling(system, self.model.levels[system], "", filled=whole, documents=set(ARCHIVE))
        person = person or self.receiver(new.unit)
        new.saved_by = person.name
        arrived = self.today - dt.timedelta(days=days)
        allowed = self.model.receives(person, new.unit) and self.model.fileable(system) and days >= 0
        owner = person.home if person.role is not Role.EXPERT else "city office"
        document = self.city.document(owner, DocumentKind.FILING_ARCHIVE, self.now)
        made = self.attempt(
            person,
            office.enter_filing,
            allowed=allowed,
            system_id=self.city.systems[system],
            channel="COURIER",
            received_on=arrived,
            form=FORM if whole else None,
            documents=[{"documentId": document, "kind": "FILING_ARCHIVE"}],
        )
        self.begun(made, new)
        if made is not None:
            self.arrives(new, arrived)

    @rule(person=ANYBODY, district=st.sampled_from(["east", "west"]), back=st.integers(-1, 3))
    def open_return(self, person: Person | None, district: str, back: int) -> None:
        person = person or BY_NAME[f"{district}.office"]
        mine = person.home.removesuffix(" office") if person.role is Role.DISTRICT_OFFICE else None
        month = (self.today - dt.timedelta(days=31 * back)).replace(day=1)
        allowed = (
            Duty.OFFICER in person.duties
            and mine is not None
            and month <= self.today.replace(day=1)
            and self.model.returns.get((mine, month)) is None
        )
        again = mine is not None and self.model.returns.get((mine, month)) == "OPEN"
        if again and Duty.OFFICER in person.duties:  # what is open already is given again, and nothing is done
            self.city.do(person, self.now, returns.open_monthly_return, month=month)
        elif self.attempt(person, returns.open_monthly_return, allowed=allowed, month=month):
            self.model.returns[mine or "", month] = "OPEN"

    def _hand_in(self, person: Person | None, number: int) -> None:
        _, filing = self.one(number)
        if filing.month is None or filing.district is None:
            return
        where = (filing.district, filing.month)
        found = self.city.rows(MonthlyReturn.id, district_id=self.city.districts[where[0]], month=where[1])
        person = person or BY_NAME[f"{where[0]}.office"]
        allowed = (
            Duty.OFFICER in person.duties
            and person.home == f"{where[0]} office"
            and self.model.returns[where] == "OPEN"
        )
        given = {"monthly_return_id": found[0][0]}
        if self.attempt(person, returns.submit_monthly_return, allowed=allowed, **given):
            self.model.hand_in(*where, self.today)

    @rule(
        person=st.one_of(st.none(), st.sampled_from(PEOPLE)),
        ahead=st.integers(-2, 20),
        ruling=st.sampled_from([True, False, None]),
    )
    def rule_on_a_day(self, person: Person | None, ahead: int, ruling: bool | None) -> None:
        person = person or BY_NAME["admin"]
        day = self.today + dt.timedelta(days=ahead)
        allowed = self.model.of_city(person, Duty.ADMIN) and (ruling is not None or day in self.model.rulings)
        if self.attempt(person, set_calendar_day, allowed=allowed, day=day, working=ruling, reason="调整"):
            self.model.rule(day, ruling)

    # --- replies and the panel ---

    @precondition(lambda self: self.keys)
    @rule(person=ANYBODY, number=st.integers(0, 9), kind=st.sampled_from("ABC"))
    def draft_of_any_kind(self, person: Person | None, number: int, kind: str) -> None:
        self._draft(person, number, kind)

    def _draft(self, person: Person | None, number: int, kind: str | None = None) -> None:
        index, filing = self.one(number)
        kind = kind or "ABC"[(number + len(filing.replies)) % 3]
        person = person or BY_NAME["officer"]
        waiting = any(reply.state == "DRAFT" for reply in filing.replies)
        allowed = self.model.of_city(person, Duty.OFFICER) and filing.state == "UNDER_REVIEW" and not waiting
        given = {"filing_id": self.keys[index], "kind": kind, "body": "理由", "missing_items": ["unit.postcode"]}
        made = self.attempt(person, replies.draft_reply, allowed=allowed, **given)
        if made is not None:
            filing.replies.append(ModelReply(kind, person.name))
            self.drafts[index] = made.id

    def _waiting(self, number: int) -> tuple[int, ModelFiling, ModelReply | None]:
        """A filing with its latest reply, if it ever had one."""
        index, filing = self.one(number)
        return index, filing, filing.replies[-1] if filing.replies else None

    def _issue(self, person: Person | None, number: int) -> None:
        index, filing, reply = self._waiting(number)
        if reply is None:
            return
        person = person or BY_NAME["leader"]
        allowed = self.model.of_city(person, Duty.LEADER) and reply.state == "DRAFT" and reply.drafter != person.name
        given = {"reply_letter_id": self.drafts[index]}
        if self.attempt(person, replies.issue_reply, allowed=allowed, **given):
            self.model.issue(filing, reply, self.today)
            filing.regraded = filing.regraded and reply.kind != "C"

    def _send_back(self, person: Person | None, number: int) -> None:
        index, _, reply = self._waiting(number)
        if reply is None:
            return
        person = person or BY_NAME["leader"]
        allowed = self.model.of_city(person, Duty.LEADER) and reply.state == "DRAFT"
        given = {"reply_letter_id": self.drafts[index], "reason": "重拟"}
        if self.attempt(person, replies.return_reply, allowed=allowed, **given):
            reply.state = "RETURNED"

    def _conclude(self, _: Person | None, number: int) -> None:
        """The panel meets, three experts give their opinions, and it concludes: the level stands, or does not."""
        index, filing = self.one(number)
        if filing.state != "RE_REVIEW":
            return
        officer = BY_NAME["officer"]
        case = next(row[0] for row in self.city.rows(PanelCase.id, filing_id=self.keys[index], concluded_at=None))
        session = self.attempt(
            officer, panels.create_panel_session, allowed=True, held_on=self.today, purpose="FILING_RE_REVIEW"
        )
        given = {"panel_session_id": session.id, "panel_case_id": case}
        self.attempt(officer, panels.add_panel_case, allowed=True, **given)
        experts = [person for person in PEOPLE if person.role is Role.EXPERT]
        asked = [self.city.users[person.name] for person in experts]
        self.attempt(officer, panels.assign_experts, allowed=True, panel_case_id=case, expert_ids=asked)
        level = filing.level + number % 2
        for expert in experts:
            given = {"panel_case_id": case, "reasons": "理由", "recommended_level": level}
            self.attempt(expert, opinions.submit_opinion, allowed=True, **given)
        self.attempt(officer, panels.conclude_panel_case, allowed=True, panel_case_id=case)
        if level == filing.level:
            self.model.start_clock(filing, self.today)
        else:
            filing.state, filing.regraded = "LEVEL_ADJUSTMENT", False

    # --- consultation ---

    def _consult(self, person: Person | None, number: int) -> None:
        step = ("open", "reply", "reply", "close")[number % 4]
        if step == "open" or not self.inquiries:
            self._ask(person or BY_NAME[("east.filer", "bureau.approver")[number % 2]])
            return
        index = number % len(self.inquiries)
        known, given = self.model.inquiries[index], {"inquiry_id": self.inquiries[index]}
        asks = person is not None and person.role is Role.UNIT and person.home == known.unit
        person = person or BY_NAME["advisor"]
        answers = self.model.of_city(person, Duty.ADVISOR)
        if step == "reply":
            allowed = asks or (answers and known.state != "CLOSED")
            if self.attempt(person, inquiries.reply_to_inquiry, allowed=allowed, text="说明", **given):
                known.state = "OPEN" if asks else "ANSWERED"
        else:
            allowed = (asks or answers) and known.state != "CLOSED"
            if self.attempt(person, inquiries.close_inquiry, allowed=allowed, reason="已答复", **given):
                known.state = "CLOSED"

    def _ask(self, person: Person) -> None:
        given = {"title": "定级", "topic": "GRADING", "text": "如何定级?"}
        made = self.attempt(person, inquiries.open_inquiry, allowed=person.role is Role.UNIT, **given)
        if made is not None:
            self.inquiries.append(made.id)
            self.model.inquiries.append(ModelInquiry(person.home))

    # --- what always holds ---

    @invariant()
    def the_database_is_what_the_model_is(self) -> None:
        if not hasattr(self, "city"):
            return
        there, model = self.city.read(*READ), self.model
        self.reach(FilingState, (filing.state for filing in model.filings))
        self.reach(InquiryState, (inquiry.state for inquiry in model.inquiries))
        names = {key: name for name, key in self.city.districts.items()}
        handed = {row.id: row.month for row in there["returns"]}
        found = {
            row.id: (row.state.value, row.number, row.review_due_on, handed.get(row.monthly_return_id))
            for row in there["filings"]
        }
        known = list(zip(self.keys, model.filings, strict=True))
        assert found == {key: (each.state, each.number, each.due, each.month) for key, each in known}
        # A clock runs for what is under review, and for nothing else.
        running = {row.filing_id: (row.started_on, row.due_on) for row in there["clocks"] if row.ended_on is None}
        assert running == {key: (f.started, f.due) for key, f in known if f.state == "UNDER_REVIEW"}
        assert {(names[r.district_id], r.month): r.state.value for r in there["returns"]} == model.returns
        assert {(names[r.district_id], r.month) for r in there["returns"] if r.late} == model.late
        written = [reply.number for filing in model.filings for reply in filing.replies if reply.number]
        assert sorted(row.number for row in there["letters"] if row.number) == sorted(written)
        assert {row.day: row.working for row in there["rulings"]} == model.rulings
        asked = {row.id: row.state.value for row in there["inquiries"]}
        assert asked == {key: each.state for key, each in zip(self.inquiries, model.inquiries, strict=True)}


def test_filings_go_their_way(server: Server) -> None:
    """Until every state of a filing and of an inquiry was reached."""
    walk_everywhere(Life, server, (*FilingState, *InquiryState), walks=14)
