"""The contract's table of row visibility, restated over plain rows, without SQL and without the code under test."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.entities import Base
from storage.database import Database

Row = dict[str, Any]
NOT_HANDED_IN = {"DRAFT", "DISCARDED"}
PREFIXES = {
    "organisations": "org",
    "systems": "sys",
    "gradings": "grd",
    "filings": "fil",
    "documents": "doc",
    "archive_entries": "ent",
    "reply_letters": "rep",
    "monthly_returns": "ret",
    "users": "usr",
    "districts": "dis",
    "calendar_days": "cal",
    "inquiries": "inq",
    "inquiry_messages": "msg",
    "import_runs": "imp",
    "import_problems": "ipr",
    "mailed_packages": "mlp",
    "knowledge_articles": "kna",
    "grading_transitions": "gtr",
    "expert_appointments": "exp",
    "panel_sessions": "pss",
    "panel_cases": "pcs",
    "panel_assignments": "pas",
    "opinions": "opi",
    "panel_conclusions": "con",
    "tenant_settings": "set",
    "assessment_bodies": "bod",
    "accreditation_changes": "acc",
    "assessment_plans": "apl",
    "assessments": "asm",
    "assessment_transitions": "atr",
    "assessment_milestones": "mil",
    "assessment_reports": "asr",
    "assessment_findings": "asf",
    "inspection_campaigns": "cmp",
    "campaign_partners": "cpt",
    "inspection_batches": "bat",
    "inspections": "ins",
    "inspection_findings": "ifd",
    "rectification_orders": "ord",
    "order_responses": "rsp",
    "overdue_notices": "odn",
    "self_inspections": "sin",
    "self_inspection_answers": "sia",
    "review_periods": "rvp",
    "providers": "prv",
    "risk_assessments": "ras",
    "risk_findings": "rfn",
    "rectification_plans": "rpl",
    "rectification_measures": "rme",
    "rectification_plan_transitions": "rpt",
    "notifications": "ntf",
    "notification_preferences": "prf",
    "memberships": "mem",
    "sign_in_sessions": "ses",
    "policy_changes": "pol",
    "service_accounts": "sva",
    "service_account_keys": "svk",
}

# A document's key, and the table whose row it is seen with.
OF_INSPECTIONS = {
    "inspection_notice_id": "inspections",
    "rectification_order_id": "rectification_orders",
    "order_response_id": "order_responses",
    "inspection_campaign_id": "inspection_campaigns",
    "self_inspection_id": "self_inspections",
}


@dataclass
class Everything:
    """All rows of one tenant."""

    rows: dict[str, dict[UUID, Row]]

    @classmethod
    async def of(cls, database: Database, slug: str) -> Everything:
        """Read them as the application, bound to the tenant."""
        tenant = await database.directory.resolve_tenant(slug)
        assert tenant
        rows: dict[str, dict[UUID, Row]] = {}
        async with database.transaction(tenant) as session:
            for name, table in Base.metadata.tables.items():
                if "id" in table.c:
                    found = await session.execute(select(table))
                    rows[name] = {row["id"]: dict(row) for row in found.mappings()}
        return cls(rows)

    def values(self, name: str) -> list[Row]:
        """The rows of a table."""
        return list(self.rows[name].values())

    def ids(self, name: str, keep: Callable[[Row], bool]) -> set[str]:
        """Global ids of the rows to keep."""
        return {f"{PREFIXES[name]}_{row['id']}" for row in self.values(name) if keep(row)}


# What each of the demo's cities holds.
Worlds = Mapping[str, Everything]


@dataclass
class Viewer:
    """One of the demo's people, and what the contract lets it see."""

    all: Everything
    role: str
    user: UUID
    home: Row

    @classmethod
    def called(cls, everything: Everything, username: str) -> Viewer:
        """The viewer behind a user name."""
        user = next(row for row in everything.values("users") if row["username"] == username)
        membership = next(row for row in everything.values("memberships") if row["user_id"] == user["id"])
        home = everything.rows["organisations"][membership["organisation_id"]]
        return cls(everything, str(membership["role"]), user["id"], home)

    def unit(self, unit_id: UUID) -> bool:
        """Whether a unit is one of the viewer's."""
        unit = self.all.rows["organisations"][unit_id]
        match self.role:
            case "CITY_OFFICE":
                return True
            case "DISTRICT_OFFICE":
                return unit["authority_level"] == "DISTRICT" and unit["district_id"] == self.home["district_id"]
            case "UNIT":
                return self.home["id"] in {unit["id"], unit["supervising_unit_id"]}
        return False

    def cases(self) -> list[Row]:
        """The panel cases that an expert is assigned to."""
        return self._cases

    @cached_property
    def _cases(self) -> list[Row]:
        mine = {
            row["case_id"]
            for row in self.all.values("panel_assignments")
            if row["expert_id"] == self.user and row["conflict_declared_at"] is None and row["released_at"] is None
        }
        return [row for row in self.all.values("panel_cases") if row["id"] in mine] if self.role == "EXPERT" else []

    def named_by_cases(self, key: str) -> set[UUID]:
        """What those cases name under a key."""
        if key not in self._named:
            self._named[key] = {case[key] for case in self.cases()}
        return self._named[key]

    @cached_property
    def _named(self) -> dict[str, set[UUID]]:
        return {}

    @cached_property
    def _gradings_of_cases(self) -> set[UUID]:
        filings = [self.all.rows["filings"][case["filing_id"]] for case in self.cases() if case["filing_id"]]
        return {filing["grading_id"] for filing in filings} | self.named_by_cases("grading_id")

    def assessed(self, key: str = "system_id") -> set[UUID]:
        """The systems, or units, that a body assesses and, while its accreditation holds, sees."""
        return self._assessed[key]

    @cached_property
    def _assessed(self) -> dict[str, set[UUID]]:
        sees = self.role == "ASSESSOR" and self.accredited()
        mine = [
            row
            for row in self.all.values("assessments")
            if sees and row["body_id"] == self.home["id"] and row["state"] != "DECLINED"
        ]
        return {key: {row[key] for row in mine} for key in ("system_id", "unit_id")}

    def accredited(self) -> bool:
        """Whether the viewer's body is in its accreditation's term, and neither suspended nor struck off."""
        body = self.all.rows["assessment_bodies"].get(self.home["id"])
        if body is None or body["status"] not in {"ACTIVE", "RECTIFYING"}:
            return False
        today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
        return bool(body["valid_from"] <= today <= body["valid_to"])

    def assessment_bodies(self, _: Row) -> bool:
        return True

    def accreditation_changes(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or (self.role == "ASSESSOR" and row["body_id"] == self.home["id"])

    def assessment_plans(self, _: Row) -> bool:
        return self.role == "CITY_OFFICE"

    def assessments(self, row: Row) -> bool:
        if self.role == "ASSESSOR":
            return row["body_id"] == self.home["id"] and row["state"] != "DECLINED"
        return self.unit(row["unit_id"])

    def assessment_transitions(self, row: Row) -> bool:
        return self.assessments(self.all.rows["assessments"][row["assessment_id"]])

    def assessment_milestones(self, row: Row) -> bool:
        return self.assessments(self.all.rows["assessments"][row["assessment_id"]])

    def assessment_reports(self, row: Row) -> bool:
        visible = self.assessments(self.all.rows["assessments"][row["assessment_id"]])
        if self.role in {"CITY_OFFICE", "DISTRICT_OFFICE"}:
            return visible and row["confirmed_at"] is not None
        return visible

    def assessment_findings(self, row: Row) -> bool:
        return self.assessment_reports(self.all.rows["assessment_reports"][row["report_id"]])

    def organisations(self, row: Row) -> bool:
        if row["kind"] != "UNIT":
            return True
        in_case = row["id"] in self.named_by_cases("unit_id")
        return self.unit(row["id"]) or in_case or row["id"] in self.assessed("unit_id")

    def systems(self, row: Row) -> bool:
        in_case = row["id"] in self.named_by_cases("system_id")
        return self.unit(row["unit_id"]) or in_case or row["id"] in self.assessed()

    def gradings(self, row: Row) -> bool:
        match self.role:
            case "CITY_OFFICE":
                return row["state"] not in NOT_HANDED_IN or row["advice_requested_at"] is not None
            case "DISTRICT_OFFICE":
                return row["state"] == "CONFIRMED" and self.unit(row["unit_id"])
            case "UNIT":
                return self.unit(row["unit_id"])
            case "EXPERT":
                return row["id"] in self._gradings_of_cases
        return row["state"] == "CONFIRMED" and row["system_id"] in self.assessed()

    def filings(self, row: Row) -> bool:
        match self.role:
            case "CITY_OFFICE":
                return row["state"] not in NOT_HANDED_IN
            case "DISTRICT_OFFICE":
                return row["state"] not in NOT_HANDED_IN and self.unit(row["unit_id"])
            case "UNIT":
                return self.unit(row["unit_id"])
            case "EXPERT":
                return row["id"] in self.named_by_cases("filing_id")
        return row["state"] == "ACCEPTED" and row["system_id"] in self.assessed()

    def documents(self, row: Row) -> bool:
        for key, table, sees in (
            ("risk_assessment_id", "risk_assessments", self.risk_assessments),
            ("rectification_plan_id", "rectification_plans", self.rectification_plans),
        ):
            if row[key] is not None:
                return sees(self.all.rows[table][row[key]])
        if row["inquiry_message_id"] is not None:
            return self.inquiry_messages(self.all.rows["inquiry_messages"][row["inquiry_message_id"]])
        if row["reply_letter_id"] is not None:
            return self.reply_letters(self.all.rows["reply_letters"][row["reply_letter_id"]])
        if row["assessment_report_id"] is not None:
            return self.assessment_reports(self.all.rows["assessment_reports"][row["assessment_report_id"]])
        if row["grading_id"] is not None:
            return self.gradings(self.all.rows["gradings"][row["grading_id"]])
        if row["panel_case_id"] is not None:
            return self.panel_cases(self.all.rows["panel_cases"][row["panel_case_id"]])
        for key, table in OF_INSPECTIONS.items():
            if row[key] is not None:
                keep: Callable[[Row], bool] = getattr(self, table)
                return keep(self.all.rows[table][row[key]])
        if row["inspection_id"] is not None:
            return self.inspection_findings(row)
        if self.role == "UNIT":
            return self.unit(row["owner_id"])
        if row["filing_id"] is not None:
            return self.filings(self.all.rows["filings"][row["filing_id"]])
        return bool(row["owner_id"] == self.home["id"])

    def archive_entries(self, row: Row) -> bool:
        return self.documents(self.all.rows["documents"][row["document_id"]])

    def providers(self, _: Row) -> bool:
        return True

    def risk_assessments(self, row: Row) -> bool:
        handed_in = row["state"] == "SUBMITTED"
        match self.role:
            case "UNIT":
                return self.unit(row["unit_id"])
            case "EXPERT":
                return handed_in and row["id"] in self._risks_of_cases
            case "ASSESSOR":
                return handed_in and row["system_id"] in self.assessed()
        return handed_in and self.unit(row["unit_id"])

    @cached_property
    def _risks_of_cases(self) -> set[UUID]:
        plans = self.all.rows["rectification_plans"]
        return {plans[key]["risk_assessment_id"] for key in self.named_by_cases("rectification_plan_id") if key}

    def risk_findings(self, row: Row) -> bool:
        return self.risk_assessments(self.all.rows["risk_assessments"][row["risk_assessment_id"]])

    def rectification_plans(self, row: Row) -> bool:
        handed_in = row["state"] not in {"DRAFT", "DISCARDED"}
        match self.role:
            case "UNIT":
                return self.unit(row["unit_id"])
            case "EXPERT":
                return row["id"] in self.named_by_cases("rectification_plan_id")
            case "ASSESSOR":
                return handed_in and row["system_id"] in self.assessed()
        return handed_in and self.unit(row["unit_id"])

    def rectification_measures(self, row: Row) -> bool:
        return self.rectification_plans(self.all.rows["rectification_plans"][row["plan_id"]])

    def rectification_plan_transitions(self, row: Row) -> bool:
        return self.rectification_plans(self.all.rows["rectification_plans"][row["plan_id"]])

    def reply_letters(self, row: Row) -> bool:
        if self.role == "CITY_OFFICE":
            return True
        if self.role in {"DISTRICT_OFFICE", "UNIT"}:
            return row["state"] == "ISSUED" and self.unit(row["unit_id"])
        return False

    def monthly_returns(self, row: Row) -> bool:
        if self.role == "CITY_OFFICE":
            return bool(row["state"] == "SUBMITTED")
        return self.role == "DISTRICT_OFFICE" and row["district_id"] == self.home["district_id"]

    def inquiries(self, row: Row) -> bool:
        if self.role == "UNIT":
            return bool(row["unit_id"] == self.home["id"])
        return self.role in {"CITY_OFFICE", "DISTRICT_OFFICE"} and self.unit(row["unit_id"])

    def inquiry_messages(self, row: Row) -> bool:
        return self.inquiries(self.all.rows["inquiries"][row["inquiry_id"]])

    def import_runs(self, row: Row) -> bool:
        return self.role in {"CITY_OFFICE", "DISTRICT_OFFICE", "UNIT"} and row["organisation_id"] == self.home["id"]

    def import_problems(self, row: Row) -> bool:
        return self.import_runs(self.all.rows["import_runs"][row["run_id"]])

    def mailed_packages(self, row: Row) -> bool:
        return self.role in {"CITY_OFFICE", "DISTRICT_OFFICE"} and row["organisation_id"] == self.home["id"]

    def knowledge_articles(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or row["state"] == "PUBLISHED"

    def users(self, row: Row) -> bool:
        if self.role == "CITY_OFFICE" or row["id"] == self.user:
            return True
        return self.role != "EXPERT" and row["id"] in self._colleagues

    @cached_property
    def _colleagues(self) -> set[UUID]:
        return {
            each["user_id"]
            for each in self.all.values("memberships")
            if each["organisation_id"] == self.home["id"] and each["revoked_at"] is None
        }

    def memberships(self, row: Row) -> bool:
        if self.role == "CITY_OFFICE" or row["user_id"] == self.user:
            return True
        return self.role != "EXPERT" and bool(row["organisation_id"] == self.home["id"])

    def policy_changes(self, _: Row) -> bool:
        return True

    def sign_in_sessions(self, row: Row) -> bool:
        going_on = row["ended_at"] is None and row["expires_at"] > dt.datetime.now(dt.UTC)
        return going_on and bool(row["user_id"] == self.user)

    def service_accounts(self, row: Row) -> bool:
        ours = self.role != "EXPERT" and bool(row["organisation_id"] == self.home["id"])
        return self.role == "CITY_OFFICE" or ours

    def service_account_keys(self, row: Row) -> bool:
        return self.service_accounts(self.all.rows["service_accounts"][row["service_account_id"]])

    def grading_transitions(self, row: Row) -> bool:
        return self.gradings(self.all.rows["gradings"][row["grading_id"]])

    def panel_cases(self, row: Row) -> bool:
        match self.role:
            case "CITY_OFFICE":
                return True
            case "UNIT":
                return row["state"] == "CONCLUDED" and row["unit_id"] == self.home["id"]
            case "EXPERT":
                return row["id"] in self.named_by_cases("id")
        return False

    def panel_sessions(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or row["id"] in self._sessions

    @cached_property
    def _sessions(self) -> set[UUID]:
        return {case["session_id"] for case in self.all.values("panel_cases") if self.panel_cases(case)}

    def panel_assignments(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or (self.role == "EXPERT" and row["expert_id"] == self.user)

    def opinions(self, row: Row) -> bool:
        case = self.all.rows["panel_cases"][row["case_id"]]
        visible = case["state"] in {"OPINIONS_IN", "CONCLUDED"}
        if self.role == "EXPERT":
            return self.panel_cases(case) and (visible or row["expert_id"] == self.user)
        return self.role == "CITY_OFFICE" and visible

    def panel_conclusions(self, row: Row) -> bool:
        return self.panel_cases(self.all.rows["panel_cases"][row["case_id"]])

    def expert_appointments(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or (self.role == "EXPERT" and row["user_id"] == self.user)

    def inspections(self, row: Row) -> bool:
        match self.role:
            case "CITY_OFFICE":
                return True
            case "DISTRICT_OFFICE":
                return row["state"] != "PROPOSED" and self.unit(row["unit_id"])
            case "UNIT":
                return row["notified_at"] is not None and row["unit_id"] == self.home["id"]
        return False

    def inspection_campaigns(self, row: Row) -> bool:
        return self.role == "CITY_OFFICE" or row["id"] in self._campaigns

    @cached_property
    def _campaigns(self) -> set[UUID]:
        return {each["campaign_id"] for each in self.all.values("inspections") if self.inspections(each)}

    def campaign_partners(self, row: Row) -> bool:
        return self.inspection_campaigns(self.all.rows["inspection_campaigns"][row["campaign_id"]])

    def inspection_batches(self, _: Row) -> bool:
        return self.role == "CITY_OFFICE"

    def of_inspection(self, row: Row) -> bool:
        return self.inspections(self.all.rows["inspections"][row["inspection_id"]])

    def inspection_findings(self, row: Row) -> bool:
        """A unit sees them once the order is issued."""
        return self.of_inspection(row) and (self.role != "UNIT" or row["inspection_id"] in self._ordered)

    @cached_property
    def _ordered(self) -> set[UUID]:
        return {each["inspection_id"] for each in self.all.values("rectification_orders") if each["number"]}

    def rectification_orders(self, row: Row) -> bool:
        return self.of_inspection(row) and (self.role == "CITY_OFFICE" or row["state"] == "ISSUED")

    def order_responses(self, row: Row) -> bool:
        return self.of_inspection(row)

    def overdue_notices(self, row: Row) -> bool:
        return self.unit(row["unit_id"])

    def self_inspections(self, row: Row) -> bool:
        return self.unit(row["unit_id"]) and (self.role == "UNIT" or row["state"] == "SUBMITTED")

    def self_inspection_answers(self, row: Row) -> bool:
        return self.self_inspections(self.all.rows["self_inspections"][row["self_inspection_id"]])

    def review_periods(self, row: Row) -> bool:
        return self.filings(self.all.rows["filings"][row["filing_id"]])

    def tenant_settings(self, _: Row) -> bool:
        return True

    def notifications(self, row: Row) -> bool:
        return bool(row["user_id"] == self.user and row["in_app"])

    def notification_preferences(self, row: Row) -> bool:
        return bool(row["user_id"] == self.user)

    def duties(self) -> set[str]:
        """What the viewer may do within the role."""
        mine = [row for row in self.all.values("memberships") if row["user_id"] == self.user]
        return set(mine[0]["duties"])

    def waiting(self) -> set[tuple[str, UUID, dt.date | None]]:
        """What waits for the viewer: action, subject, last day."""
        duties = self.duties()
        found = [
            (action, subject, due)
            for duty, action, subject, due, but in self._waiting()
            if duty in {*duties, "ANY"} and but != self.user
        ]
        assert len(found) == len(set(found))
        return set(found)

    def _waiting(self) -> Iterator[tuple[str, str, UUID, dt.date | None, UUID | None]]:  # noqa: PLR0912 - a table
        """Duty, action, subject, last day, and who may not; of the viewer's role and organisation."""
        home, filings = self.home, self.all.rows["filings"]
        drafted = {row["filing_id"] for row in self.all.values("reply_letters") if row["state"] == "DRAFT"}
        for row in self.all.values("mailed_packages"):
            if self.mailed_packages(row) and row["state"] == "WAITING":
                yield "OFFICER", "ENTER_FILING", row["id"], None, None
        match self.role:
            case "UNIT":
                for row in self.all.values("gradings"):
                    unit = self.all.rows["organisations"][row["unit_id"]]
                    if row["state"] == "DRAFT" and unit["id"] == home["id"]:
                        yield "FILER", "SUBMIT_GRADING", row["id"], None, None
                    if row["state"] == "AWAITING_APPROVAL" and home["id"] == (
                        unit["supervising_unit_id"] or unit["id"]
                    ):
                        yield "APPROVER", "CONFIRM_GRADING", row["id"], None, row["saved_by_id"]
                for row in filings.values():
                    if row["unit_id"] == home["id"]:
                        yield from self._of_unit(row)
                for row in self.all.values("assessments"):
                    if row["unit_id"] == home["id"]:
                        if row["state"] in {"PLANNED", "COMMISSIONED", "IN_PROGRESS"} and row["funding"] is None:
                            yield "FILER", "RECORD_FUNDING", row["id"], None, None
                        if row["state"] == "REPORT_UPLOADED":
                            yield "APPROVER", "CONFIRM_ASSESSMENT_REPORT", row["id"], row["due_on"], None
                yield from self._inspected()
                for row in self.all.values("rectification_plans"):
                    if row["unit_id"] == home["id"]:
                        yield from self._of_plan(row)
                for row in self.all.values("rectification_measures"):
                    plan = self.all.rows["rectification_plans"][row["plan_id"]]
                    carried_out = plan["state"] in {"APPROVED", "IN_PROGRESS"}
                    if row["unit_id"] == home["id"] and carried_out and row["progress"] < 100:
                        yield "FILER", "UPDATE_MEASURE", row["id"], row["due_on"], None
                for row in self.all.values("inquiries"):
                    if row["state"] == "ANSWERED" and row["unit_id"] == home["id"]:
                        yield "ANY", "CLOSE_INQUIRY", row["id"], None, None
            case "DISTRICT_OFFICE":
                for row in filings.values():
                    if row["state"] == "SUBMITTED" and row["district_id"] == home["district_id"]:
                        yield "OFFICER", "RECEIVE_FILING", row["id"], None, None
                for row in self.all.values("assessments"):
                    if row["state"] == "CONFIRMED" and row["district_id"] == home["district_id"]:
                        yield "OFFICER", "RECEIVE_ASSESSMENT_REPORT", row["id"], row["due_on"], None
                for row in self.all.values("monthly_returns"):
                    if row["state"] == "OPEN" and row["district_id"] == home["district_id"]:
                        following = (row["month"] + dt.timedelta(days=31)).replace(day=1)
                        yield "OFFICER", "SUBMIT_MONTHLY_RETURN", row["id"], following - dt.timedelta(days=1), None
            case "CITY_OFFICE":
                yield from self._inspecting()
                for row in filings.values():
                    if row["state"] == "SUBMITTED" and row["authority"] == "CITY":
                        yield "OFFICER", "RECEIVE_FILING", row["id"], None, None
                    if row["state"] == "UNDER_REVIEW" and row["id"] not in drafted:
                        yield "OFFICER", "DRAFT_REPLY", row["id"], row["review_due_on"], None
                for row in self.all.values("assessments"):
                    if row["state"] == "PLANNED":
                        yield "OFFICER", "ORGANISE_ASSESSMENT", row["id"], row["due_on"], None
                    if row["state"] == "CONFIRMED" and row["authority"] == "CITY":
                        yield "OFFICER", "RECEIVE_ASSESSMENT_REPORT", row["id"], row["due_on"], None
                for row in self.all.values("reply_letters"):
                    if row["state"] == "DRAFT":
                        due = filings[row["filing_id"]]["review_due_on"]
                        yield "LEADER", "ISSUE_REPLY", row["id"], due, row["drafted_by_id"]
                for row in self.all.values("inquiries"):
                    if row["state"] == "OPEN":
                        yield "ADVISOR", "ANSWER_INQUIRY", row["id"], None, None
                for row in self.all.values("rectification_plans"):
                    case = self.all.rows["panel_cases"].get(row["panel_case_id"])
                    if row["state"] == "IN_PANEL_REVIEW" and case and case["state"] == "CONCLUDED":
                        yield "OFFICER", "REVIEW_RECTIFICATION_PLAN", row["id"], None, None
                for row in self.all.values("panel_cases"):
                    if row["state"] == "OPEN":
                        yield "OFFICER", "ASSIGN_EXPERTS", row["id"], None, None
                    if row["state"] == "OPINIONS_IN":
                        held = self.all.rows["panel_sessions"][row["session_id"]]["held_on"]
                        yield "OFFICER", "CONCLUDE_CASE", row["id"], held, None
            case "EXPERT":
                said = {row["case_id"] for row in self.all.values("opinions") if row["expert_id"] == self.user}
                for row in self.cases():
                    if row["state"] == "IN_REVIEW" and row["id"] not in said and self.appointed():
                        held = self.all.rows["panel_sessions"][row["session_id"]]["held_on"]
                        yield "EXPERT", "SUBMIT_OPINION", row["id"], held, None

            case "ASSESSOR":
                for row in self.all.values("assessments"):
                    if row["body_id"] == home["id"] and row["state"] == "COMMISSIONED":
                        yield "ASSESSOR", "ACCEPT_ASSESSMENT", row["id"], None, None
                    if row["body_id"] == home["id"] and row["state"] in {"IN_PROGRESS", "RETURNED"}:
                        yield "ASSESSOR", "UPLOAD_ASSESSMENT_REPORT", row["id"], row["due_on"], None

    def _of_plan(self, plan: Row) -> Iterator[tuple[str, str, UUID, dt.date | None, UUID | None]]:
        measures = [row for row in self.all.values("rectification_measures") if row["plan_id"] == plan["id"]]
        if plan["state"] == "RETURNED" or (plan["state"] == "DRAFT" and plan["missing_items"]):
            yield "FILER", "SAVE_RECTIFICATION_PLAN", plan["id"], None, None
        if plan["state"] in {"DRAFT", "RETURNED"} and not plan["missing_items"]:
            yield "APPROVER", "SUBMIT_RECTIFICATION_PLAN", plan["id"], None, None
        if plan["state"] == "IN_PROGRESS" and all(row["progress"] == 100 for row in measures):
            yield "FILER", "COMPLETE_RECTIFICATION", plan["id"], None, None

    def appointed(self) -> bool:
        """Whether the viewer's term on the panel runs today."""
        today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
        return any(
            row["user_id"] == self.user
            and row["dismissed_at"] is None
            and row["valid_from"] <= today <= row["valid_until"]
            for row in self.all.values("expert_appointments")
        )

    def _of_unit(self, filing: Row) -> Iterator[tuple[str, str, UUID, dt.date | None, UUID | None]]:
        lacking = any(item["required"] for item in filing["missing_items"])
        key, saved_by = filing["id"], filing["saved_by_id"]
        match filing["state"]:
            case "DRAFT":
                yield (
                    ("FILER", "COMPLETE_FILING", key, None, None)
                    if lacking
                    else ("APPROVER", "SUBMIT_FILING", key, None, saved_by)
                )
            case "INCOMPLETE" if lacking:
                yield "FILER", "COMPLETE_FILING", key, None, None
            case "LEVEL_ADJUSTMENT" if self.level(filing) > 1:
                yield "FILER", "ADJUST_LEVEL", key, None, None
        if filing["state"] in {"INCOMPLETE", "LEVEL_ADJUSTMENT"}:
            if self.level(filing) == 1:
                yield "APPROVER", "WITHDRAW_FILING", key, None, None
            elif not lacking:
                yield "APPROVER", "RESUBMIT_FILING", key, None, saved_by

    def level(self, filing: Row) -> int:
        """The level of the filing's system now."""
        level: int = self.all.rows["systems"][filing["system_id"]]["level"]
        return level

    def _inspected(self) -> Iterator[tuple[str, str, UUID, dt.date | None, UUID | None]]:
        """What waits for a unit of its inspections, and of those it makes itself."""
        for row in self.all.values("inspections"):
            if row["state"] == "ORDER_ISSUED" and row["unit_id"] == self.home["id"]:
                yield "APPROVER", "RESPOND_TO_ORDER", row["id"], row["response_due_on"], None
        for row in self.all.values("self_inspections"):
            if row["state"] == "DRAFT" and row["unit_id"] == self.home["id"]:
                complete = row["answered"] == row["items"]
                step = ("APPROVER", "SUBMIT_SELF_INSPECTION") if complete else ("FILER", "SAVE_SELF_INSPECTION")
                yield *step, row["id"], row["due_on"], row["saved_by_id"] if complete else None

    def _inspecting(self) -> Iterator[tuple[str, str, UUID, dt.date | None, UUID | None]]:
        drafts = [row for row in self.all.values("rectification_orders") if row["state"] == "DRAFT"]
        for row in drafts:
            yield "LEADER", "ISSUE_ORDER", row["id"], None, row["drafted_by_id"]
        waiting = {row["inspection_id"] for row in drafts}
        for row in self.all.values("inspections"):
            match row["state"]:
                case "SCHEDULED":
                    step = "NOTIFY_INSPECTION" if row["notified_at"] is None else "START_INSPECTION"
                    yield "OFFICER", step, row["id"], row["planned_on"], None
                case "IN_PROGRESS" if row["id"] not in waiting:
                    yield "OFFICER", "DRAFT_ORDER", row["id"], None, None
                case "RESPONDED":
                    yield "OFFICER", "CLOSE_INSPECTION", row["id"], None, None

    def work_items(self) -> set[UUID]:
        """The keys of the items that wait for the viewer."""
        person = f"{self.user}" if self.role == "EXPERT" else ""
        keys = (f"{subject} {action} {person}" for action, subject, _ in self.waiting())
        return {UUID(hashlib.md5(key.encode()).hexdigest()) for key in keys}  # noqa: S324 - a name, not a secret

    def districts(self, _: Row) -> bool:
        return True

    def calendar_days(self, _: Row) -> bool:
        return True

    def visible(self, table: str) -> set[str]:
        """The global ids of what the viewer sees of a table."""
        keep: Callable[[Row], bool] = getattr(self, table)
        return self.all.ids(table, keep)
