"""What the demo's city has inspected: campaigns of both kinds, inspections in every state, units' self-inspections."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from api.demo.rows import CityRows, Row
from domain.checklists.items import CURRENT, items_of
from domain.inspections.due import DAY, add_months, inspection_due
from domain.selfinspections.periods import OPENED, period_of
from domain.templates.forms import FORMS, LetterKind
from domain.templates.numbers import prefix_of, series, written

PARTNERS = (("市公安局", "网络安全保卫总队"), ("市国家保密局", "检查处"), ("市密码管理局", "综合处"))
INSPECTORS = "王建国、李红梅"
# What is found wanting, in turn: item, severity, in words.
WANTING = (
    ("CMP-1", "HIGH", "管理员账户使用默认口令,未设置口令复杂度和更换要求。"),
    ("OPS-1", "MEDIUM", "两台服务器存在已公布的高危漏洞,补丁未及时更新。"),
    ("PER-1", "LOW", "本年度未组织安全培训。"),
)
CODE = "DEMO2345678"  # the letters' codes: a demo's, so that anyone can try them


class Case(NamedTuple):
    """An inspection of the present joint campaign: its state, and what is particular about it."""

    state: str
    notified: bool = True
    order: str | None = None  # the state of its latest order
    due: int = 20  # days until the response is due


CASES = (
    Case("SCHEDULED", notified=False),
    Case("SCHEDULED"),
    Case("IN_PROGRESS"),
    Case("IN_PROGRESS", order="DRAFT"),
    Case("IN_PROGRESS", order="RETURNED"),
    Case("ORDER_ISSUED", order="ISSUED"),
    Case("ORDER_ISSUED", order="ISSUED", due=-6),
    Case("RESPONDED", order="ISSUED"),
    Case("RESPONDED", order="ISSUED", due=-9),
    Case("CLOSED", order="ISSUED"),
    Case("CLOSED"),
    Case("CANCELLED"),
)
# The programme's batches: months from now, state, and how its inspections stand.
BATCHES = (
    (-1, "SCHEDULED", CASES[10]),
    (1, "SCHEDULED", CASES[0]),
    (2, "PROPOSED", Case("PROPOSED", notified=False)),
)


def inspections(rows: CityRows, demo_unit: UUID, counters: Counter[str]) -> None:
    """Add them: the demo's unit has one of every state, and so has the rest of the city."""
    made = _Inspections(rows, counters)
    mine = [row for row in rows.rows["systems"] if row["unit_id"] == demo_unit]
    others = [row for row in rows.rows["systems"] if row["unit_id"] != demo_unit]
    made.last_year(mine[:2] + others[:6])
    joint = made.campaign("JOINT_ENFORCEMENT", made.today.year, "年度联合执法检查")
    for system, case in zip(mine, CASES, strict=False):
        made.inspection(joint, system, case)
    # Every fifth, so that units of both levels have some.
    for system, case in zip(others[::5], CASES, strict=False):
        made.inspection(joint, system, case)
    # A unit that the demo's supervises has missed a deadline.
    supervised = {key for key, unit in made.units.items() if unit.get("supervising_unit_id") == demo_unit}
    taken = {row["system_id"] for row in rows.rows["inspections"] if row["campaign_id"] == joint["id"]}
    missed = next(row for row in others if row["unit_id"] in supervised and row["id"] not in taken)
    made.inspection(joint, missed, CASES[6])
    made.programme(others[3::7])
    made.self_inspections(mine + others[:40])
    made.settle()


class _Inspections:
    def __init__(self, rows: CityRows, counters: Counter[str]) -> None:
        self.rows = rows
        self.counters = counters
        self.today = rows.now.date()
        self.officer, self.leader = rows.users["city.officer"], rows.users["city.leader"]
        self.units = {row["id"]: row for row in rows.rows["organisations"]}
        self.city = rows.city.name.removesuffix("市")

    def campaign(self, kind: str, year: int, title: str, **more: object) -> Row:
        """A campaign that begins with the year."""
        first = dt.date(year, 1, 1)
        rolling = kind == "ROLLING_TWO_YEAR"
        key = self.rows.add(
            "inspection_campaigns",
            self.rows.ago((self.today - first).days),
            kind=kind,
            year=year,
            title=f"{year}{title}",
            starts_on=first,
            ends_on=add_months(first, 24) - DAY if rolling else dt.date(year, 12, 31),
            state="OPEN",
            created_by_id=self.officer,
            version=1,
            **more,
        )
        row = self.rows.rows["inspection_campaigns"][-1]
        if not rolling:
            for name, contact in PARTNERS:
                self.rows.add("campaign_partners", row["created_at"], campaign_id=key, name=name, contact=contact)
        return row

    def last_year(self, systems: Sequence[Row]) -> None:
        """A joint campaign whose report is published."""
        year = self.today.year - 1
        campaign = self.campaign("JOINT_ENFORCEMENT", year, "年度联合执法检查")
        for number, system in enumerate(systems):
            self.inspection(campaign, system, CASES[9 + number % 2], ago=(self.today - dt.date(year, 9, 10)).days)
        moment = self.rows.ago((self.today - dt.date(year, 12, 20)).days)
        campaign.update(
            state="PUBLISHED",
            published_at=moment,
            published_by_id=self.officer,
            report_number=self._number(LetterKind.CAMPAIGN_REPORT, year),
            report_summary="各单位总体重视等级保护工作,个别单位整改不够及时。",
        )

    def programme(self, systems: Sequence[Row]) -> None:
        """The rolling programme: a batch that took place, one with its days, one proposed."""
        campaign = self.campaign("ROLLING_TWO_YEAR", self.today.year, "—次年重要信息系统检查评估")
        first = self.today.replace(day=1)
        important = [row for row in systems if row["important"]][:9]
        for number, (months, state, case) in enumerate(BATCHES):
            month = add_months(first, months)
            batch = self.rows.add(
                "inspection_batches",
                self.rows.ago(60),
                campaign_id=campaign["id"],
                month=month,
                state=state,
                version=1,
            )
            for system in important[number::3]:
                self.inspection(campaign, system, case, ago=(self.today - month).days - 9, batch_id=batch)

    def inspection(self, campaign: Row, system: Row, case: Case, ago: int | None = None, **more: object) -> None:
        """One inspection, as far as its state says, ``ago`` days before today."""
        ahead = case.state in {"PROPOSED", "SCHEDULED", "CANCELLED"}
        ago = ago if ago is not None else -12 if ahead else 40
        unit, day = self.units[system["unit_id"]], self.today - dt.timedelta(days=ago)
        ordered = case.order == "ISSUED"
        values = {
            "campaign_id": campaign["id"],
            "system_id": system["id"],
            "unit_id": unit["id"],
            "district_id": unit.get("district_id") if unit["authority_level"] == "DISTRICT" else None,
            "level": system.get("level"),
            "state": case.state,
            "planned_on": day,
            "edition": CURRENT,
            "version": 1,
            "notified_at": self.rows.ago(max(ago + 15, 3)) if case.notified else None,
            "inspected_on": None if ahead else day,
            "inspectors": None if ahead else INSPECTORS,
            "order_issued_at": self.rows.ago(ago - 5) if ordered else None,
            "response_due_on": self.today + dt.timedelta(days=case.due) if ordered else None,
            "closed_at": self.rows.ago(ago - 20) if case.state == "CLOSED" else None,
            "closed_by_id": self.officer if case.state == "CLOSED" else None,
            "remark": "系统即将停用,取消检查。" if case.state == "CANCELLED" else None,
        }
        self.rows.add("inspections", self.rows.ago(ago + 25 if not ahead else 20), **values | more)
        inspection = self.rows.rows["inspections"][-1]
        if not ahead:
            self._findings(inspection, case)
        if case.order is not None:
            self._order(inspection, case)

    def _findings(self, inspection: Row, case: Case) -> None:
        """All items looked at, or half of them while it goes on; what is wanting where there is an order."""
        items = items_of(CURRENT, inspection["level"] or 1)
        wanting = {item: (severity, text) for item, severity, text in WANTING} if case.order else {}
        for number, item in enumerate(items.values()):
            if case.state == "IN_PROGRESS" and case.order is None and number % 2:
                continue
            severity, text = wanting.get(item.key, (None, None))
            self.rows.add(
                "inspection_findings",
                self.rows.ago((self.today - inspection["inspected_on"]).days),
                inspection_id=inspection["id"],
                item=item.key,
                area=item.area.value,
                result="NON_CONFORMING" if severity else "CONFORMING",
                severity=severity,
                text=text,
                recorded_by_id=self.officer,
            )

    def _order(self, inspection: Row, case: Case) -> None:
        moment = inspection["order_issued_at"] or self.rows.ago(3)
        issued = case.order == "ISSUED"
        number = self._number(LetterKind.RECTIFICATION_ORDER, moment.year) if issued else None
        self.rows.add(
            "rectification_orders",
            moment - dt.timedelta(days=1),
            inspection_id=inspection["id"],
            unit_id=inspection["unit_id"],
            state=case.order,
            demands="请立即修改默认口令,两周内完成补丁更新。",
            working_days=15,
            drafted_by_id=self.officer,
            number=number,
            verification_code=CODE if issued else None,
            issued_at=moment if issued else None,
            issued_by_id=self.leader if issued else None,
            due_on=inspection["response_due_on"],
            return_reason="请补充整改要求。" if case.order == "RETURNED" else None,
            version=1,
        )
        if case.state in {"RESPONDED", "CLOSED"}:
            self._response(inspection)
        elif issued and case.due < 0:
            self.rows.add(
                "overdue_notices",
                self.rows.ago(-case.due - 1),
                inspection_id=inspection["id"],
                unit_id=inspection["unit_id"],
                system_id=inspection["system_id"],
                order_number=number,
                due_on=inspection["response_due_on"],
            )

    def _response(self, inspection: Row) -> None:
        moment = self.rows.ago(2) if inspection["closed_at"] is None else inspection["closed_at"] - dt.timedelta(days=2)
        self.rows.add(
            "order_responses",
            moment,
            inspection_id=inspection["id"],
            unit_id=inspection["unit_id"],
            text="已修改全部默认口令并启用复杂度策略;补丁已更新;已安排培训。",
            late=moment.date() > inspection["response_due_on"],
            responded_by_id=self.rows.users["unit.approver"],
        )

    def self_inspections(self, systems: Sequence[Row]) -> None:
        """Of level 3 and 4: the former period's handed in, the present one's in turn begun, complete or handed in."""
        begun = [row for row in systems if row.get("level") in OPENED]
        for number, system in enumerate(begun):
            period = period_of(system["level"], self.today)
            self._self_inspection(system, period.starts_on - DAY, "all")
            self._self_inspection(system, self.today, ("none", "half", "complete", "all")[number % 4])

    def _self_inspection(self, system: Row, day: dt.date, answered: str) -> None:
        unit, period = self.units[system["unit_id"]], period_of(system["level"], day)
        items = list(items_of(CURRENT, system["level"]).values())
        done = {"none": 0, "half": len(items) // 2}.get(answered, len(items))
        submitted = answered == "all"
        moment = self.rows.ago((self.today - min(period.due_on - 20 * DAY, self.today - 3 * DAY)).days)
        key = self.rows.add(
            "self_inspections",
            self.rows.ago((self.today - period.starts_on).days),
            system_id=system["id"],
            unit_id=unit["id"],
            district_id=unit.get("district_id") if unit["authority_level"] == "DISTRICT" else None,
            level=system["level"],
            period_starts_on=period.starts_on,
            due_on=period.due_on,
            edition=CURRENT,
            items=len(items),
            answered=done,
            state="SUBMITTED" if submitted else "DRAFT",
            summary="总体符合要求。" if submitted else None,
            saved_by_id=self.rows.users["unit.filer"] if done else None,
            submitted_at=moment if submitted else None,
            submitted_by_id=self.rows.users["unit.approver"] if submitted else None,
            version=1,
        )
        for item in items[:done]:
            self.rows.add(
                "self_inspection_answers",
                moment,
                self_inspection_id=key,
                item=item.key,
                area=item.area.value,
                result="CONFORMING",
            )

    def settle(self) -> None:
        """What systems carry of all this."""
        of_system: dict[UUID, list[Row]] = {}
        for row in self.rows.rows["inspections"]:
            of_system.setdefault(row["system_id"], []).append(row)
        for system in self.rows.rows["systems"]:
            mine = of_system.get(system["id"], [])
            system["last_inspected_on"] = max((r["inspected_on"] for r in mine if r["inspected_on"]), default=None)
            ahead = [row["planned_on"] for row in mine if row["state"] == "SCHEDULED"]
            system["next_inspection_on"] = min(ahead, default=None)
            if system["important"]:
                system["inspection_due_on"] = inspection_due(system["important_since"], system["last_inspected_on"])

    def _number(self, kind: LetterKind, year: int) -> str:
        prefix = prefix_of(FORMS[kind].template, self.rows.city.name)
        self.counters[series(prefix, year)] += 1
        return written(prefix, year, self.counters[series(prefix, year)])
