"""What hangs on a large city's systems: a row of each subject for half of them, rare values among common ones.

For each table the columns that its list filters and orders by, as expressions over a system ``s`` and its number ``n``.
"""

# ruff: noqa: S608 - statements are made of our own names and numbers

from __future__ import annotations

from collections.abc import Callable, Iterator

# The first kind of their ids; `large.py` has those before.
KINDS = 20
OWN = {"system_id": "s.id", "unit_id": "s.unit_id"}
PLACED = {**OWN, "district_id": "s.district_id", "level": "s.level"}
DAY = "date '2025-06-01' + (n % 700)::int"


def _rare(value: str, common: str, every: int = 79) -> str:
    return f"CASE WHEN n % {every} = 0 THEN '{value}' ELSE '{common}' END"


SUBJECTS = {
    "inquiries": {
        "unit_id": "s.unit_id",
        "title": "'咨询:' || s.name",
        "topic": _rare("REPLY", "FILING"),
        "state": _rare("OPEN", "CLOSED"),
        "last_message_at": "s.created_at + interval '1 hour'",
    },
    "knowledge_articles": {
        "topic": _rare("REPLY", "FILING"),
        "title": "'问答:' || s.name",
        "state": _rare("WITHDRAWN", "PUBLISHED"),
    },
    "assessment_reports": {**OWN, "assessment_id": "{key:assessments:n}", "confirmed_at": "s.created_at"},
    "assessment_findings": {
        **OWN,
        "report_id": "{key:assessment_reports:1 + n / 10}",
        "area": _rare("PERSONNEL", "AREA_BOUNDARY"),
        "severity": _rare("HIGH", "LOW"),
        "title": "'发现:' || s.name",
        "open": "n % 79 = 0",
    },
    "inspections": {
        **PLACED,
        "campaign_id": "{key:campaigns:n % 20}",
        "batch_id": "{key:batches:n % 200}",
        "state": _rare("IN_PROGRESS", "CLOSED"),
        "planned_on": DAY,
        "notified_at": "s.created_at",
        "response_due_on": f"CASE WHEN n % 4 = 0 THEN {DAY} + 30 END",
    },
    "overdue_notices": {**OWN, "inspection_id": "{key:inspections:n}", "due_on": DAY},
    "self_inspections": {**PLACED, "state": _rare("DRAFT", "SUBMITTED"), "late": "n % 79 = 0", "due_on": DAY},
    "review_periods": {
        "filing_id": "{key:filings:n}",
        "due_on": DAY,
        "ended_on": f"CASE WHEN n % 40 > 0 THEN {DAY} + CASE WHEN n % 50 = 0 THEN 5 ELSE -5 END END",
    },
    "risk_assessments": {
        **OWN,
        "provider_id": "{key:providers:n % 100}",
        "state": _rare("SUBMITTED", "RECORDED", 2),
        "title": "'风险评估:' || s.name",
        "severity": _rare("HIGH", "LOW"),
        "assessed_on": DAY,
    },
    "risk_findings": {
        "risk_assessment_id": "{key:risk_assessments:n}",
        "title": "'风险:' || s.name",
        "area": _rare("PERSONNEL", "AREA_BOUNDARY"),
        "severity": _rare("HIGH", "LOW"),
        "treatment": _rare("AVOID", "MITIGATE"),
        "closed_at": "CASE WHEN n % 79 > 0 THEN s.created_at END",
    },
    "rectification_plans": {
        **OWN,
        "risk_assessment_id": "{key:risk_assessments:n}",
        "state": "CASE n % 79 WHEN 0 THEN 'SUBMITTED' WHEN 1 THEN 'IN_PROGRESS' ELSE 'COMPLETED' END",
        "title": "'整改方案:' || s.name",
        "important": "s.important",
        "level": "s.level",
        "submitted_at": "s.created_at + interval '1 day'",
        "next_due_on": f"CASE WHEN n % 79 = 1 THEN {DAY} END",
    },
    "rectification_measures": {
        **OWN,
        "plan_id": "{key:rectification_plans:n}",
        "title": "'措施:' || s.name",
        "under_way": "n % 79 = 0",
        "due_on": DAY,
        "risk_finding_id": "{key:risk_findings:n}",
        "assessment_finding_id": "{key:assessment_findings:n}",
        "inspection_finding_id": "{key:inspection_findings:n}",
    },
    "import_problems": {"run_id": "{key:import_runs:n % 4}", "row_number": "n"},
}
# Others that rows point to, without being there themselves.
POINTED_TO = ("campaigns", "batches", "providers", "inspection_findings", "import_runs")
KIND = {name: number for number, name in enumerate((*SUBJECTS, *POINTED_TO), KINDS)}


def statements(key: Callable[[int, str], str], **others: int) -> Iterator[str]:
    """An INSERT for each table; ``key`` is the SQL of a row's id by kind and number, ``others`` are more kinds."""
    kinds = KIND | others
    for table, columns in SUBJECTS.items():
        values = [_resolved(value, key, kinds) for value in columns.values()]
        yield f"""
            INSERT INTO {table} (tenant_id, id, created_at, {", ".join(columns)})
            SELECT s.tenant_id, {key(KIND[table], "n")}, s.created_at, {", ".join(values)}
            FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM systems WHERE tenant_id = $t) s
            WHERE n <= $systems / 2
        """


def _resolved(value: str, key: Callable[[int, str], str], kinds: dict[str, int]) -> str:
    if not value.startswith("{key:"):
        return value
    _, kind, number = value.strip("{}").split(":")
    return key(kinds[kind], number)
