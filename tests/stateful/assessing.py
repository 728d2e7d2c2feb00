"""Stage 4 in a walk: accreditations, assessments and their reports, restated from workflow.md and api.md."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain.access import Duty, Role
from domain.assessments import bodies, plan, reporting, use_cases
from domain.assessments.accreditation import AssessmentBody
from domain.assessments.entities import Assessment, AssessmentState
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.documents.kinds import DocumentKind
from domain.systems.entities import System
from tests.stateful.city import BODIES, BY_NAME, SYSTEMS, Person, filing_number
from tests.stateful.model import DAY
from tests.stateful.stages import ANYBODY, LEVELS, Stages, Ways, youngest

ENDED = {"RECEIVED", "DECLINED", "CANCELLED"}
BEFORE_THE_REPORT = {"PLANNED", "COMMISSIONED", "IN_PROGRESS"}
MONTHS = {2: 24, 3: 12, 4: 6}
CODES = {"lab": "1101", "firm": "1102"}
# What a report with some findings of medium risk says, and what one with a grave one says, by its template.
TEMPLATES: tuple[tuple[dt.date, dict[str, Any], str, str], ...] = (
    (dt.date(2025, 3, 20), {"conformity_rate": 80.0}, "BASICALLY_CONFORMING", "BASICALLY_CONFORMING"),
    (dt.date(2019, 12, 1), {"score": 75.0}, "FAIR", "POOR"),
    (dt.date(2015, 1, 1), {"score": 75.0}, "BASICALLY_CONFORMING", "NON_CONFORMING"),
    (dt.date(2007, 6, 22), {}, "BASICALLY_CONFORMING", "NON_CONFORMING"),
)
NEXT: Ways = {
    None: (("commission",), ("commission", "accept"), ("plan_year",), ("commission", "accept", "milestone", "upload")),
    "PLANNED": (("name_body",), ("name_body", "accept"), ("name_body",), ("call_off",)),
    "COMMISSIONED": (("accept", "fund"), ("accept", "milestone"), ("accept", "upload"), ("decline",), ("call_off",)),
    "IN_PROGRESS": (("milestone", "upload"), ("upload", "confirm"), ("upload", "upload"), ("upload",), ("call_off",)),
    "REPORT_UPLOADED": (("confirm", "receive"), ("confirm", "receive"), ("confirm",), ("upload", "confirm")),
    "CONFIRMED": (("receive",), ("fund", "receive"), ("receive",), ("send_back",)),
    "RETURNED": (("milestone", "upload"), ("upload", "confirm", "receive")),
}
ALONE = (
    "commission",
    "plan_year",
    "name_body",
    "fund",
    "accept",
    "decline",
    "milestone",
    "upload",
    "confirm",
    "receive",
    "send_back",
    "call_off",
)

# What is read after each step.
READ = (
    ("assessments", Assessment, "id state body_id progress number under_way"),
    ("reports", AssessmentReport, "assessment_id number"),
    ("found", AssessmentFinding, "id open"),
    ("systems", System, "id next_assessment_due_on"),
    ("bodies", AssessmentBody, "id status valid_to"),
)


@dataclass
class ModelBody:
    """An assessment body, with its accreditation."""

    key: UUID
    status: str
    begins: dt.date
    ends: dt.date
    levels: set[int]

    def may(self, day: dt.date, level: int) -> bool:
        """Whether it may do something for a system of the level."""
        return self.status == "ACTIVE" and self.begins <= day <= self.ends and level in self.levels


@dataclass
class ModelAssessment:
    """An assessment, with what its latest report found, by severity."""

    system: int
    key: UUID
    state: str
    body: str | None
    progress: int = 0
    number: str | None = None
    reported: dt.date | None = None
    report: UUID | None = None
    found: dict[UUID, str] = field(default_factory=dict)


class Assessing(Stages):
    """The steps of stage 4."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, ModelBody] = {}
        self.assessments: list[ModelAssessment] = []
        self.times: Counter[tuple[int, int]] = Counter()
        self.next_due: list[dt.date | None] = [None for _ in SYSTEMS]

    def register_bodies(self) -> None:
        """Both are entered, one accredited for all levels and one for the second."""
        officer = BY_NAME["officer"]
        for name, levels in zip(BODIES, ([2, 3, 4], [2]), strict=True):
            given = {"organisation_id": self.city.organisations[name], "body_code": CODES[name]}
            key = self.attempt(officer, bodies.register_assessment_body, allowed=True, **given).id
            begins, ends = self.today - 30 * DAY, self.today + 300 * DAY
            accredited = {"number": f"DJCP{CODES[name]}", "valid_from": begins, "valid_to": ends, "levels": levels}
            given = {"assessment_body_id": key, "version": 1, **accredited}
            self.attempt(officer, bodies.set_accreditation, allowed=True, **given)
            self.bodies[name] = ModelBody(key, "ACTIVE", begins, ends, set(levels))

    @rule(person=ANYBODY, number=st.integers(0, 60), way=st.integers(0, 11), steps=st.integers(1, 4))
    def assess(self, person: Person | None, number: int, way: int, steps: int) -> None:
        for _ in range(steps):
            found = self.under_way(number % len(SYSTEMS))
            self.go(person, NEXT, found.state if found else None, way, number)
            person = None

    @rule(
        person=ANYBODY,
        name=st.sampled_from(BODIES),
        status=st.sampled_from([*["ACTIVE"] * 6, "RECTIFYING", "SUSPENDED", "REVOKED", "EXPIRED"]),
        days=st.integers(-1, 600),
    )
    def decide_on_accreditation(self, person: Person | None, name: str, status: str, days: int) -> None:
        """The city office decides on a body's accreditation and its term: at once, whatever the body is at."""
        person, body = person or BY_NAME["officer"], self.bodies[name]
        begins, ends = self.today - 30 * DAY, self.today + days * DAY
        allowed = self.of_city(person, Duty.OFFICER) and status != "EXPIRED"
        given = {"assessment_body_id": body.key, "version": self.version(AssessmentBody, body.key)}
        given |= {"status": status, "valid_from": begins, "valid_to": ends, "reason": "年审"}
        if self.attempt(person, bodies.set_accreditation, allowed=allowed, **given):
            body.status, body.begins, body.ends = status, begins, ends

    def under_way(self, system: int) -> ModelAssessment | None:
        """The system's assessment that has not ended."""
        return next((each for each in self.assessments if each.system == system and each.state not in ENDED), None)

    def one(self, number: int) -> ModelAssessment | None:
        """The system's assessment under way, else any that it had."""
        system = number % len(SYSTEMS)
        had = [each for each in self.assessments if each.system == system]
        return self.under_way(system) or (youngest(had, number)[1] if had else None)

    def begun(self, system: int, state: str, body: str | None) -> None:
        """An assessment of the system has begun."""
        known = {each.key for each in self.assessments}
        found = self.city.rows(Assessment.id, system_id=self.city.systems[system])
        (key,) = (row.id for row in found if row.id not in known)
        self.assessments.append(ModelAssessment(system, key, state, body))

    # --- who has it done ---

    def _commission(self, person: Person | None, number: int) -> None:
        """The unit commissions at level 2, the city office organises above; now and then the other one tries."""
        system, name = number % len(SYSTEMS), BODIES[number % 7 == 6]
        body, of_unit = self.bodies[name], (LEVELS[system] == 2) is (number % 11 != 10)
        person = person or (self.approver(system) if of_unit else BY_NAME["officer"])
        due = self.today + DAY * (number % 60 - 3)
        asked = self.of_unit(person, Duty.APPROVER, system) if of_unit else self.of_city(person, Duty.OFFICER)
        allowed = (
            asked
            and of_unit is (LEVELS[system] == 2)
            and body.may(self.today, LEVELS[system])
            and self.under_way(system) is None
            and due >= self.today
        )
        step = use_cases.commission_assessment if of_unit else use_cases.organise_assessment
        given = {"system_id": self.city.systems[system], "assessment_body_id": body.key, "due_on": due}
        if self.attempt(person, step, allowed=allowed, **given):
            self.begun(system, "COMMISSIONED", name)

    def _plan_year(self, person: Person | None, number: int) -> None:
        """The year's plan takes the system, with a body or without; what is not to be planned is refused."""
        system, person = number % len(SYSTEMS), person or BY_NAME["officer"]
        name = BODIES[number % 7 == 6] if number % 2 else None
        year = self.today.year + (2 if number % 9 == 8 else number % 2)
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and LEVELS[system] > 2
            and self.under_way(system) is None
            and year <= self.today.year + 1
            and (name is None or self.bodies[name].may(self.today, LEVELS[system]))
        )
        item = {"systemId": self.city.systems[system], "assessmentBodyId": self.bodies[name].key if name else None}
        if self.attempt(person, plan.adopt_assessment_plan, allowed=allowed, year=year, items=[item]):
            self.begun(system, "COMMISSIONED" if name else "PLANNED", name)

    def _name_body(self, person: Person | None, number: int) -> None:
        found = self.one(number)
        if found is None:
            return
        person, name = person or BY_NAME["officer"], BODIES[number % 7 == 6]
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and found.state == "PLANNED"
            and self.bodies[name].may(self.today, LEVELS[found.system])
        )
        given = {"assessment_id": found.key, "assessment_body_id": self.bodies[name].key}
        if self.attempt(person, use_cases.organise_assessment, allowed=allowed, **given):
            found.state, found.body = "COMMISSIONED", name

    def _fund(self, person: Person | None, number: int) -> None:
        found = self.one(number)
        if found is None:
            return
        person, on = person or self.filer(found.system), self.today + DAY * (1 - number % 5)
        allowed = self.of_unit(person, Duty.FILER, found.system) and found.state not in ENDED and on <= self.today
        given = {"assessment_id": found.key, "amount": 100_000, "secured_on": on}
        self.attempt(person, use_cases.record_funding, allowed=allowed, **given)

    def _call_off(self, person: Person | None, number: int) -> None:
        found = self.one(number)
        if found is None:
            return
        of_unit = LEVELS[found.system] == 2
        person = person or (self.approver(found.system) if of_unit else BY_NAME["officer"])
        asked = self.of_unit(person, Duty.APPROVER, found.system) if of_unit else self.of_city(person, Duty.OFFICER)
        allowed = asked and found.state in BEFORE_THE_REPORT
        given = {"assessment_id": found.key, "reason": "停办"}
        if self.attempt(person, use_cases.cancel_assessment, allowed=allowed, **given):
            found.state = "CANCELLED"

    # --- the body's ---

    def by_the_body(self, person: Person | None, number: int) -> tuple[ModelAssessment, Person, bool] | None:
        """The assessment, who does something with it, and whether that is somebody of its body, which may today."""
        found = self.one(number)
        if found is None:
            return None
        person = person or BY_NAME[f"{found.body or BODIES[0]}.assessor"]
        named = self.bodies[found.body].may(self.today, LEVELS[found.system]) if found.body else False
        return found, person, person.role is Role.ASSESSOR and person.home == found.body and named

    def _accept(self, person: Person | None, number: int) -> None:
        self.answer(person, number, use_cases.accept_assessment, "IN_PROGRESS", {})

    def _decline(self, person: Person | None, number: int) -> None:
        self.answer(person, number, use_cases.decline_assessment, "DECLINED", {"reason": "人手不足"})

    def answer(self, person: Person | None, number: int, step: Any, to: str, given: Mapping[str, Any]) -> None:
        """The body takes what it was commissioned with, or does not."""
        if asked := self.by_the_body(person, number):
            found, person, may = asked
            allowed = may and found.state == "COMMISSIONED"
            if self.attempt(person, step, allowed=allowed, assessment_id=found.key, **given):
                found.state = to

    def _milestone(self, person: Person | None, number: int) -> None:
        if asked := self.by_the_body(person, number):
            found, person, may = asked
            name, done = (("PREPARED", 10), ("ON_SITE_DONE", 70), ("PLAN_AGREED", 30))[number % 3]
            allowed = may and found.state in {"IN_PROGRESS", "RETURNED"}
            given = {"assessment_id": found.key, "milestone": name}
            if self.attempt(person, use_cases.record_milestone, allowed=allowed, **given):
                found.progress = max(found.progress, done)

    def _upload(self, person: Person | None, number: int) -> None:
        """A report with a finding of medium risk or a grave one, some of which repeats one that stands."""
        if not (asked := self.by_the_body(person, number)):
            return
        found, person, may = asked
        severity = "HIGH" if number % 3 == 0 else "MEDIUM"
        figures, moderate, grave = next(each[1:] for each in TEMPLATES if each[0] <= self.today)
        said = "EXCELLENT" if number % 13 == 12 else grave if severity == "HIGH" else moderate
        allowed = may and found.state in {"IN_PROGRESS", "REPORT_UPLOADED", "RETURNED"} and number % 13 != 12
        stands = sorted(self.standing[found.system])
        finding = {"area": "AREA_BOUNDARY", "severity": severity, "title": "边界防护不足"}
        owner = person.home if person.role is not Role.EXPERT else BODIES[0]
        made = self.attempt(
            person,
            reporting.upload_assessment_report,
            allowed=allowed,
            assessment_id=found.key,
            document_id=self.city.document(owner, DocumentKind.ASSESSMENT_REPORT, self.now, "application/pdf"),
            reported_on=self.today,
            conclusion=said,
            findings=[{**finding, "repeatsId": stands[0]} if stands and number % 2 else finding],
            **figures,
        )
        if made is None:
            return
        if found.number is None:
            assert found.body
            series = (found.system, self.today.year)
            self.times[series] += 1
            year, times = f"{self.today.year % 100:02d}", f"{self.times[series]:02d}"
            found.number = f"{filing_number(found.system)}-{year}-{CODES[found.body]}-{times}"
        found.state, found.progress, found.reported, found.report = "REPORT_UPLOADED", 100, self.today, made.report_id
        rows = self.city.rows(AssessmentFinding.id, AssessmentFinding.severity, report_id=made.report_id)
        found.found = {row.id: row.severity.value for row in rows}

    # --- the unit's and the authority's ---

    def _confirm(self, person: Person | None, number: int) -> None:
        found = self.one(number)
        if found is None:
            return
        person = person or self.approver(found.system)
        allowed = self.of_unit(person, Duty.APPROVER, found.system) and found.state == "REPORT_UPLOADED"
        if self.attempt(person, reporting.confirm_assessment_report, allowed=allowed, assessment_id=found.key):
            found.state = "CONFIRMED"

    def _receive(self, person: Person | None, number: int) -> None:
        """The next assessment is due by the level's period; what stood is closed, and what was found stands."""
        found = self.one(number)
        if found is None:
            return
        person = person or self.receiver(found.system)
        allowed = self.of_authority(person, found.system) and found.state == "CONFIRMED"
        if self.attempt(person, reporting.receive_assessment_report, allowed=allowed, assessment_id=found.key):
            assert found.reported
            found.state = "RECEIVED"
            self.standing[found.system] = found.found
            reported = max(each.reported for each in self.assessments if each.state == "RECEIVED" and each.reported
                           and each.system == found.system)  # fmt: skip
            self.next_due[found.system] = later(reported, MONTHS[LEVELS[found.system]])

    def _send_back(self, person: Person | None, number: int) -> None:
        found = self.one(number)
        if found is None:
            return
        person = person or self.receiver(found.system)
        allowed = self.of_authority(person, found.system) and found.state == "CONFIRMED"
        given = {"assessment_id": found.key, "reason": "内容不全"}
        if self.attempt(person, reporting.return_assessment_report, allowed=allowed, **given):
            found.state = "RETURNED"

    # --- what always holds ---

    def check_assessments(self, there: Mapping[str, Any]) -> None:
        """The database is what the model is; no two reports have one number, unless one follows the other."""
        self.reach(AssessmentState, (each.state for each in self.assessments))
        assert {row.id: tuple(row)[1:] for row in there["assessments"]} == {
            each.key: (
                AssessmentState[each.state],
                self.bodies[each.body].key if each.body else None,
                each.progress,
                each.number,
                each.state not in ENDED,
            )
            for each in self.assessments
        }
        numbers = {row.assessment_id: row.number for row in there["reports"]}
        assert len(set(numbers.values())) == len(numbers)
        assert numbers == {each.key: each.number for each in self.assessments if each.number}
        assert {row.id for row in there["found"] if row.open} == {key for each in self.standing for key in each}
        due = {row.id: row.next_assessment_due_on for row in there["systems"]}
        assert due == dict(zip(self.city.systems, self.next_due, strict=True))
        assert {row.id: (row.status.value, row.valid_to) for row in there["bodies"]} == {
            each.key: (each.status, each.ends) for each in self.bodies.values()
        }


def later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
