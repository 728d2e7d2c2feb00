"""Every role sees exactly the rows of the contract's table: in lists, in counts, and through relations.

By id: ``tests/matrix``."""

from __future__ import annotations

import pytest

from tests.e2e.oracle import PREFIXES, Viewer, Worlds
from tests.support import Api

LISTS = {
    "districts": "districts",
    "organisations": "organisations",
    "users": "users",
    "memberships": "memberships",
    "service_accounts": "serviceAccounts",
    "policy_changes": "policyChanges",
    "systems": "systems",
    "gradings": "gradings",
    "filings": "filings",
    "calendar_days": "calendarDays",
    "monthly_returns": "monthlyReturns",
    "panel_sessions": "panelSessions",
    "panel_cases": "panelCases",
    "expert_appointments": "expertAppointments",
    "assessment_bodies": "assessmentBodies",
    "assessment_plans": "assessmentPlans",
    "assessments": "assessments",
    "assessment_findings": "assessmentFindings",
    "providers": "providers",
    "risk_assessments": "riskAssessments",
    "risk_findings": "riskFindings",
    "rectification_plans": "rectificationPlans",
    "rectification_measures": "rectificationMeasures",
    "inquiries": "inquiries",
    "import_runs": "importRuns",
    "import_problems": "importProblems",
    "mailed_packages": "mailedPackages",
    "knowledge_articles": "knowledgeArticles",
    "inspection_campaigns": "campaigns",
    "inspection_batches": "inspectionBatches",
    "inspections": "inspections",
    "overdue_notices": "overdueNotices",
    "self_inspections": "selfInspections",
    "review_periods": "reviewPeriods",
}
PEOPLE = ("city.officer", "city.leader", "district.officer", "unit.filer", "unit.approver", "expert", "assessor")
CITIES = {"beijing": "", "tianjin": "@tianjin"}


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("table", LISTS)
async def test_a_list_holds_the_rows_of_the_table(api: Api, worlds: Worlds, city: str, person: str, table: str) -> None:
    expected = Viewer.called(worlds[city], person).visible(table)
    found = await api.all(person + CITIES[city], LISTS[table], "id")
    assert {node["id"] for node in found} == expected
    assert len(found) == len(expected)
    counted = await api.ask(person + CITIES[city], f"{{{LISTS[table]}(first:1){{totalCount totalCountIsExact}}}}")
    assert counted[LISTS[table]] == {"totalCount": len(expected), "totalCountIsExact": True}


@pytest.mark.parametrize("person", PEOPLE)
async def test_relations_lead_to_nothing_else(api: Api, worlds: Worlds, person: str) -> None:
    viewer = Viewer.called(worlds["beijing"], person)
    seen = {table: viewer.visible(table) for table in PREFIXES}
    filings = await api.all(
        person,
        "filings",
        "id unit{id systems(first:5){nodes{id filings(first:5){nodes{id}}}}} system{id} grading{id} "
        "documents{id} replies{id} submissions{by{id}} monthlyReturn{id filings(first:5){nodes{id}}} "
        "savedBy{id} history{by{id}}",
    )
    found: set[str] = set()
    _gather(filings, found)
    transitions_aside = {each for each in found if not each.startswith("trn_")}
    assert transitions_aside <= set().union(*seen.values())
    for filing in filings:
        shown = {document["id"] for document in filing["documents"]}
        assert shown <= seen["documents"]


@pytest.mark.parametrize("person", ["expert", "assessor"])
async def test_hidden_columns_read_as_nothing(api: Api, person: str) -> None:
    units = await api.all(
        person, "organisations", "name creditCode leaderPhone contactPhone district{name}", ",filter:{kind:UNIT}"
    )
    assert units
    assert all(unit["name"] for unit in units)
    assert all(unit["creditCode"] is unit["leaderPhone"] is unit["district"] is None for unit in units)
    if person == "assessor":
        assert all(unit["contactPhone"] for unit in units)
    else:
        assert all(unit["contactPhone"] is None for unit in units)


def _gather(value: object, into: set[str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "id":
                into.add(inner)
            _gather(inner, into)
    elif isinstance(value, list):
        for inner in value:
            _gather(inner, into)
