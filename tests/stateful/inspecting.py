"""Stage 5 in a walk: campaigns, inspections, orders and self-inspections, restated from workflow.md and api.md."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain.access import Duty
from domain.checklists.items import CURRENT, items_of
from domain.inspections import batches, campaigns, conduct, orders, report
from domain.inspections.entities import (
    CampaignState,
    Inspection,
    InspectionCampaign,
    InspectionState,
    OrderResponse,
    OrderState,
    RectificationOrder,
)
from domain.papers.entities import Paper
from domain.selfinspections import use_cases as selves
from domain.selfinspections.entities import SelfInspection, SelfInspectionState
from tests.stateful.city import BY_NAME, SYSTEMS, Person
from tests.stateful.model import DAY
from tests.stateful.stages import ANYBODY, CITY, IMPORTANT, LEVELS, Stages, Ways, youngest

JOINT, ROLLING = "JOINT_ENFORCEMENT", "ROLLING_TWO_YEAR"
AHEAD, UNDONE = {"PROPOSED", "SCHEDULED"}, {"SCHEDULED", "IN_PROGRESS"}
REPORTS = {JOINT: "检执", ROLLING: "检评"}
ITEM = "SYS-1"
NEXT: Ways = {
    None: (("schedule",), ("schedule", "notify"), ("propose",), ("schedule", "notify", "start")),
    "PROPOSED": (("move",), ("propose",), ("call_off_inspection",), ("propose",)),
    "SCHEDULED": (("notify", "start"), ("notify", "start", "find"), ("move", "notify"), ("call_off_inspection",)),
    "IN_PROGRESS": (
        ("find", "look", "draft", "issue"), ("look", "close"), ("find", "look", "draft"), ("issue",),
        ("find", "look", "draft", "send_order_back", "draft", "issue"),
    ),
    "ORDER_ISSUED": (("respond",), ("respond", "close"), ("respond", "send_response_back")),
    "RESPONDED": (("close",), ("close",), ("send_response_back",), ("close", "publish")),
    "CLOSED": (("publish",), ("schedule",), ("schedule", "notify", "start")),
    "CANCELLED": (("schedule",), ("schedule", "notify", "start"), ("propose",)),
}  # fmt: skip
ALONE = (
    "schedule",
    "propose",
    "notify",
    "move",
    "call_off_inspection",
    "start",
    "find",
    "look",
    "draft",
    "issue",
    "send_order_back",
    "respond",
    "send_response_back",
    "close",
    "publish",
)

# What is read after each step.
READ = (
    ("campaigns", InspectionCampaign, "id state report_number"),
    ("inspections", Inspection, "id state notified_at response_due_on"),
    ("orders", RectificationOrder, "id state number"),
    ("responses", OrderResponse, "late"),
    ("papers", Paper, "inspection_notice_id number"),
    ("selves", SelfInspection, "id state due_on late"),
)


@dataclass
class ModelCampaign:
    """A campaign of a year."""

    kind: str
    key: UUID
    ends: dt.date
    state: str = "OPEN"
    number: str | None = None


@dataclass
class ModelOrder:
    """An order, or the draft of one."""

    key: UUID
    drafter: str
    days: int
    state: str = "DRAFT"
    number: str | None = None


@dataclass
class ModelInspection:
    """One inspection: whether all items were looked at, whether one is wanting, and what was ordered."""

    campaign: ModelCampaign
    system: int
    key: UUID
    state: str
    notice: str | None = None
    looked: bool = False
    wanting: bool = False
    due: dt.date | None = None
    orders: list[ModelOrder] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)

    @property
    def notified(self) -> bool:
        """Whether its unit knows of it."""
        return self.notice is not None

    @property
    def draft(self) -> ModelOrder | None:
        """The order that waits to be issued."""
        return next((each for each in self.orders if each.state == "DRAFT"), None)


@dataclass
class ModelSelf:
    """A self-inspection of one period."""

    system: int
    key: UUID
    begins: dt.date
    due: dt.date
    state: str = "DRAFT"
    whole: bool = False
    saved_by: str | None = None
    late: bool = False


class Inspecting(Stages):
    """The steps of stage 5."""

    def __init__(self) -> None:
        super().__init__()
        self.campaigns: list[ModelCampaign] = []
        self.inspections: list[ModelInspection] = []
        self.selves: list[ModelSelf] = []
        self.series: Counter[tuple[str, int]] = Counter()

    @rule(person=ANYBODY, number=st.integers(0, 60), way=st.integers(0, 19), steps=st.integers(1, 4))
    def inspect(self, person: Person | None, number: int, way: int, steps: int) -> None:
        for _ in range(steps):
            found = self.inspection_of(number)
            self.go(person, NEXT, found.state if found else None, way, number)
            person = None

    def inspection_of(self, number: int) -> ModelInspection | None:
        """The system's latest inspection, now and then an earlier one."""
        had = [each for each in self.inspections if each.system == number % len(SYSTEMS)]
        return youngest(had, number // 20)[1] if had else None

    def numbered(self, kind: str) -> str:
        """The next number of a kind of letter."""
        series = (kind, self.today.year)
        self.series[series] += 1
        return f"{CITY}信息办{kind}〔{self.today.year}〕{self.series[series]}号"

    # --- campaigns ---

    def campaign(self, person: Person, kind: str) -> ModelCampaign | None:
        """This year's campaign of the kind, begun by ``person`` where it is not there."""
        year = self.today.year
        span = 2 if kind == ROLLING else 1
        ends = dt.date(year + span, 1, 1) - DAY
        known = next((each for each in self.campaigns if (each.kind, each.ends) == (kind, ends)), None)
        if known is None:
            allowed = self.of_city(person, Duty.OFFICER)
            made = self.attempt(person, campaigns.create_campaign, allowed=allowed, kind=kind, year=year)
            if made is not None:
                known = ModelCampaign(kind, made.id, ends)
                self.campaigns.append(known)
        return known

    def added(self, campaign: ModelCampaign, state: str) -> None:
        """Inspections of the campaign are there that were not."""
        known = {each.key for each in self.inspections}
        place = {key: number for number, key in enumerate(self.city.systems)}
        for key, system in self.city.rows(Inspection.id, Inspection.system_id, campaign_id=campaign.key):
            if key not in known:
                self.inspections.append(ModelInspection(campaign, place[system], key, state))

    def _schedule(self, person: Person | None, number: int) -> None:
        """The system is to be inspected in the joint campaign, on a day that lies ahead in it."""
        person, system = person or BY_NAME["officer"], number % len(SYSTEMS)
        campaign = self.campaign(person, JOINT)
        if campaign is None:
            return
        day = self.today + DAY * (number % 20 - 1)
        ahead = any(e.campaign is campaign and e.system == system and e.state in AHEAD for e in self.inspections)
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and campaign.state == "OPEN"
            and self.today <= day <= campaign.ends
            and not ahead
        )
        given = {"campaign_id": campaign.key, "system_ids": [self.city.systems[system]], "planned_on": day}
        if self.attempt(person, batches.schedule_inspections, allowed=allowed, **given):
            self.added(campaign, "SCHEDULED")

    def _propose(self, person: Person | None, number: int) -> None:
        """Batches are proposed for all important systems that have no day yet; then one of them is scheduled."""
        person = person or BY_NAME["officer"]
        campaign = self.campaign(person, ROLLING)
        if campaign is None:
            return
        allowed = self.of_city(person, Duty.OFFICER) and campaign.state == "OPEN"
        if self.attempt(person, batches.propose_batches, allowed=allowed, campaign_id=campaign.key) is None:
            return
        gone = {row.id for row in self.city.rows(Inspection.id, campaign_id=campaign.key)}
        self.inspections = [e for e in self.inspections if e.state != "PROPOSED" or e.key in gone]
        self.added(campaign, "PROPOSED")
        planned = {each.system for each in self.inspections if each.state == "SCHEDULED"}
        proposed = {each.system for each in self.inspections if each.state == "PROPOSED"}
        assert proposed <= IMPORTANT - planned
        if number % 2:
            self.schedule_batch(campaign, number)

    def schedule_batch(self, campaign: ModelCampaign, number: int) -> None:
        """One of the proposed batches is scheduled as it is."""
        waiting = [each for each in self.inspections if each.campaign is campaign and each.state == "PROPOSED"]
        if not waiting:
            return
        batch = self.city.rows(Inspection.batch_id, id=waiting[number % len(waiting)].key)[0][0]
        given = {"campaign_id": campaign.key, "batch_ids": [batch]}
        self.attempt(BY_NAME["officer"], batches.schedule_inspections, allowed=True, **given)
        of_batch = {row.id for row in self.city.rows(Inspection.id, batch_id=batch)}
        for each in waiting:
            each.state = "SCHEDULED" if each.key in of_batch else each.state

    def _publish(self, person: Person | None, number: int) -> None:
        if not self.campaigns:
            return
        campaign = youngest(self.campaigns, number)[1]
        if person is None and number % 3:
            self.wind_up(campaign)
        person = person or BY_NAME["officer"]
        of_it = [each for each in self.inspections if each.campaign is campaign]
        taken_place = [each for each in of_it if each.state not in AHEAD | {"CANCELLED"}]
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and campaign.state == "OPEN"
            and bool(taken_place)
            and not any(each.state in UNDONE for each in of_it)
        )
        if self.attempt(person, report.publish_campaign_report, allowed=allowed, campaign_id=campaign.key):
            campaign.state, campaign.number = "PUBLISHED", self.numbered(REPORTS[campaign.kind])
            self.inspections = [e for e in self.inspections if e.campaign is not campaign or e.state != "PROPOSED"]

    def wind_up(self, campaign: ModelCampaign) -> None:
        """What the campaign still has to do is called off, or done."""
        officer, leader = BY_NAME["officer"], BY_NAME["leader"]
        for each in [found for found in self.inspections if found.campaign is campaign]:
            this: dict[str, Any] = {"allowed": True, "inspection_id": each.key}
            if each.state in AHEAD:
                self.attempt(officer, conduct.cancel_inspection, reason="取消", **this)
                each.state = "CANCELLED"
            elif each.state == "IN_PROGRESS" and each.draft is None:
                self.attempt(officer, conduct.record_conforming, **this)
                self.attempt(
                    officer, conduct.record_finding, item=ITEM, result="PARTLY", severity="LOW", text="缺", **this
                )
                each.looked = each.wanting = True
                made = self.attempt(officer, orders.draft_order, working_days=9, **this)
                each.orders.append(ModelOrder(made.id, officer.name, 9))
            if (draft := each.draft) and draft.drafter != leader.name:
                self.attempt(leader, orders.issue_order, allowed=True, rectification_order_id=draft.key)
                draft.state, draft.number = "ISSUED", self.numbered("责改")
                each.state, each.due = "ORDER_ISSUED", self.working_day(draft.days)

    # --- one inspection ---

    def by_an_officer(
        self, person: Person | None, number: int, step: Any, states: set[str], *, also: bool = True, **given: Any
    ) -> ModelInspection | None:
        """An officer's step on the inspection, from the ``states`` where it ``also`` may: the one moved."""
        found = self.inspection_of(number)
        if found is None:
            return None
        person = person or BY_NAME["officer"]
        allowed = self.of_city(person, Duty.OFFICER) and found.state in states and also
        return found if self.attempt(person, step, allowed=allowed, inspection_id=found.key, **given) else None

    def _notify(self, person: Person | None, number: int) -> None:
        found, person = self.inspection_of(number), person or BY_NAME["officer"]
        if found is None or found.notified:  # who was told is not told again
            return
        allowed = self.of_city(person, Duty.OFFICER) and found.state == "SCHEDULED"
        if self.attempt(person, conduct.notify_inspections, allowed=allowed, inspection_ids=[found.key]):
            found.notice = self.numbered("检通")

    def _move(self, person: Person | None, number: int) -> None:
        found, day = self.inspection_of(number), self.today + DAY * (number % 20 - 1)
        if found is None:
            return
        begins = dt.date(found.campaign.ends.year - (found.campaign.kind == ROLLING), 1, 1)
        in_it = max(self.today, begins) <= day <= found.campaign.ends
        given = {"planned_on": day, "reason": "改期"}
        self.by_an_officer(person, number, conduct.reschedule_inspection, AHEAD, also=in_it, **given)

    def _call_off_inspection(self, person: Person | None, number: int) -> None:
        if found := self.by_an_officer(person, number, conduct.cancel_inspection, AHEAD, reason="取消"):
            found.state = "CANCELLED"

    def _start(self, person: Person | None, number: int) -> None:
        """Two people at least inspect, once the unit knows of it."""
        people, found = ["王一", "李二"][: 1 + (number % 8 > 0)], self.inspection_of(number)
        ready = found is not None and found.notified and len(people) == 2
        given = {"also": ready, "inspectors": people}
        if found := self.by_an_officer(person, number, conduct.start_inspection, {"SCHEDULED"}, **given):
            found.state = "IN_PROGRESS"

    def _find(self, person: Person | None, number: int) -> None:
        if self.record(person, number, conduct.record_finding, item=ITEM, result="PARTLY", severity="LOW", text="缺"):
            self.inspection_of(number).wanting = True  # type: ignore[union-attr]

    def _look(self, person: Person | None, number: int) -> None:
        """What nothing was recorded of yet conforms."""
        if found := self.record(person, number, conduct.record_conforming):
            found.looked = True

    def record(self, person: Person | None, number: int, step: Any, **given: Any) -> ModelInspection | None:
        """Record what was found, while no order that rests on it waits."""
        found = self.inspection_of(number)
        free = found is not None and found.draft is None
        return self.by_an_officer(person, number, step, {"IN_PROGRESS"}, also=free, **given)

    # --- orders ---

    def _draft(self, person: Person | None, number: int) -> None:
        """An order is drafted of what is wanting, once all items were looked at."""
        found, person, days = self.inspection_of(number), person or BY_NAME["officer"], 1 + number % 40
        if found is None:
            return
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and found.state == "IN_PROGRESS"
            and found.looked
            and found.wanting
            and found.draft is None
        )
        given = {"inspection_id": found.key, "working_days": days}
        made = self.attempt(person, orders.draft_order, allowed=allowed, **given)
        if made is not None:
            found.orders.append(ModelOrder(made.id, person.name, days))

    def _issue(self, person: Person | None, number: int) -> None:
        """Another person than the drafter issues."""
        found, person = self.inspection_of(number), person or BY_NAME["leader"]
        if found is None or not found.orders:
            return
        order = found.orders[-1]
        allowed = self.of_city(person, Duty.LEADER) and order.state == "DRAFT" and order.drafter != person.name
        if self.attempt(person, orders.issue_order, allowed=allowed, rectification_order_id=order.key):
            order.state, order.number = "ISSUED", self.numbered("责改")
            found.state, found.due = "ORDER_ISSUED", self.working_day(order.days)

    def _send_order_back(self, person: Person | None, number: int) -> None:
        found, person = self.inspection_of(number), person or BY_NAME["leader"]
        if found is None or not found.orders:
            return
        order = found.orders[-1]
        allowed = self.of_city(person, Duty.LEADER) and order.state == "DRAFT"
        given = {"rectification_order_id": order.key, "reason": "重拟"}
        if self.attempt(person, orders.return_order, allowed=allowed, **given):
            order.state = "RETURNED"

    def _respond(self, person: Person | None, number: int) -> None:
        found = self.inspection_of(number)
        if found is None:
            return
        person = person or self.approver(found.system)
        allowed = self.of_unit(person, Duty.APPROVER, found.system) and found.state == "ORDER_ISSUED"
        if self.attempt(person, orders.respond_to_order, allowed=allowed, inspection_id=found.key, text="已整改"):
            assert found.due
            found.state = "RESPONDED"
            found.late.append(self.today > found.due)

    def _send_response_back(self, person: Person | None, number: int) -> None:
        given = {"reason": "不够", "working_days": 1 + number % 20}
        if found := self.by_an_officer(person, number, orders.return_response, {"RESPONDED"}, **given):
            found.state, found.due = "ORDER_ISSUED", self.working_day(1 + number % 20)

    def _close(self, person: Person | None, number: int) -> None:
        found = self.inspection_of(number)
        conforms = found is not None and (found.state != "IN_PROGRESS" or (found.looked and not found.wanting))
        states = {"IN_PROGRESS", "RESPONDED"}
        if found := self.by_an_officer(person, number, orders.close_inspection, states, also=conforms):
            found.state = "CLOSED"

    # --- self-inspections ---

    @rule(person=ANYBODY, number=st.integers(0, 60), step=st.sampled_from(["begin", "answer_all", "hand_in", "all"]))
    def inspect_oneself(self, person: Person | None, number: int, step: str) -> None:
        for each in ("begin", "answer_all", "hand_in") if step == "all" else (step,):
            getattr(self, f"_{each}_self")(person, number)
            person = None

    def period(self, system: int) -> tuple[dt.date, dt.date]:
        """The calendar's year at level 3, half of it at level 4."""
        year, half = self.today.year, self.today.month > 6
        if LEVELS[system] == 3:
            return dt.date(year, 1, 1), dt.date(year, 12, 31)
        return (dt.date(year, 7, 1), dt.date(year, 12, 31)) if half else (dt.date(year, 1, 1), dt.date(year, 6, 30))

    def _begin_self(self, person: Person | None, number: int) -> None:
        system = number % len(SYSTEMS)
        person, (begins, due) = person or self.filer(system), self.period(system)
        there = any(each.system == system and each.begins == begins for each in self.selves)
        allowed = self.of_unit(person, Duty.FILER, system) and LEVELS[system] >= 3 and not there
        given = {"system_id": self.city.systems[system]}
        made = self.attempt(person, selves.start_self_inspection, allowed=allowed, **given)
        if made is not None:
            self.selves.append(ModelSelf(system, made.id, begins, due))

    def _answer_all_self(self, person: Person | None, number: int) -> None:
        """All items are answered, or the first of them alone."""
        if not self.selves:
            return
        found = youngest(self.selves, number)[1]
        person, whole = person or self.filer(found.system), number % 4 > 0
        items = list(items_of(CURRENT, LEVELS[found.system]))
        answers = [{"item": item, "result": "CONFORMING"} for item in (items if whole else items[:1])]
        allowed = self.of_unit(person, Duty.FILER, found.system) and found.state == "DRAFT"
        given = {"version": self.version(SelfInspection, found.key), "answers": answers}
        given["self_inspection_id"] = found.key
        if self.attempt(person, selves.save_self_inspection, allowed=allowed, **given):
            found.whole, found.saved_by = found.whole or whole, person.name

    def _hand_in_self(self, person: Person | None, number: int) -> None:
        """Another person than who saved it hands it in, late or not."""
        if not self.selves:
            return
        found = youngest(self.selves, number)[1]
        person = person or self.approver(found.system)
        allowed = (
            self.of_unit(person, Duty.APPROVER, found.system)
            and found.state == "DRAFT"
            and found.whole
            and found.saved_by != person.name
        )
        given = {"self_inspection_id": found.key}
        if self.attempt(person, selves.submit_self_inspection, allowed=allowed, **given):
            found.state, found.late = "SUBMITTED", self.today > found.due

    # --- what always holds ---

    def check_inspections(self, there: Mapping[str, Any]) -> None:
        """The database is what the model is; no letter's number is lost or given twice."""
        self.reach(InspectionState, (each.state for each in self.inspections))
        self.reach(CampaignState, (each.state for each in self.campaigns))
        self.reach(OrderState, (order.state for each in self.inspections for order in each.orders))
        self.reach(SelfInspectionState, (each.state for each in self.selves))
        assert {row.id: (row.state.value, row.report_number) for row in there["campaigns"]} == {
            each.key: (each.state, each.number) for each in self.campaigns
        }
        assert {
            row.id: (row.state.value, row.notified_at is not None, row.response_due_on) for row in there["inspections"]
        } == {each.key: (each.state, each.notified, each.due) for each in self.inspections}
        notices = {row.inspection_notice_id: row.number for row in there["papers"] if row.inspection_notice_id}
        assert notices == {each.key: each.notice for each in self.inspections if each.notice}
        assert {row.id: (row.state.value, row.number) for row in there["orders"]} == {
            order.key: (order.state, order.number) for each in self.inspections for order in each.orders
        }
        assert Counter(row.late for row in there["responses"]) == Counter(
            late for each in self.inspections for late in each.late
        )
        assert {row.id: (row.state.value, row.due_on, row.late) for row in there["selves"]} == {
            each.key: (each.state, each.due, each.late) for each in self.selves
        }
