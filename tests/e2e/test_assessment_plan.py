"""The yearly plan: what is due is proposed, and adopted in bulk, all or nothing."""

from __future__ import annotations

from tests.e2e.assessment_flows import OFFICER, STATE, body_of, filed_system, today
from tests.e2e.flows import codes, done, node
from tests.support import Api

PROPOSAL = """query($y:Int!,$n:Int){assessmentPlanProposal(year:$y,first:$n){year total items{
  systemId systemName level nextAssessmentDueOn assessmentBodyId assessmentBodyName dueOn}}}"""
PLAN = "assessmentPlan{id year version assessments(first:100){totalCount nodes{id state level body{id} dueOn}}}"


async def test_what_is_due_is_proposed_and_adopted_in_bulk(api: Api) -> None:
    year = today().year
    fresh = await filed_system(api, 3)
    found = (await api.ask(OFFICER, PROPOSAL, y=year, n=1000))["assessmentPlanProposal"]
    assert found["total"] == len(found["items"])
    mine = next(each for each in found["items"] if each["systemId"] == fresh)
    assert mine["level"] == 3
    assert mine["nextAssessmentDueOn"] is None
    assert mine["assessmentBodyId"] is not None
    assert mine["dueOn"] == f"{year}-12-31"
    assert all(each["level"] >= 3 for each in found["items"])
    dues = [each["nextAssessmentDueOn"] for each in found["items"]]
    assert dues == sorted(dues, key=lambda due: due or ""), "never assessed first, then by the day"
    assert all(due is None or due <= f"{year}-12-31" for due in dues)
    few = (await api.ask(OFFICER, PROPOSAL, y=year, n=2))["assessmentPlanProposal"]
    assert (few["total"], len(few["items"])) == (found["total"], min(2, found["total"]))
    assert (await api.ask("unit.filer", PROPOSAL, y=year))["assessmentPlanProposal"]["items"] == []

    body = (await body_of(api))["id"]
    items = [{"systemId": fresh, "assessmentBodyId": body, "dueOn": f"{year}-12-30"}]
    adopted = await done(api, OFFICER, "adoptAssessmentPlan", PLAN, year=year, items=items)
    seen = next(each for each in adopted["assessments"]["nodes"] if each["dueOn"] == f"{year}-12-30")
    assert (seen["state"], seen["body"]) == ("COMMISSIONED", {"id": body})
    left = (await api.ask(OFFICER, PROPOSAL, y=year, n=1000))["assessmentPlanProposal"]
    assert left["total"] == found["total"] - 1
    if left["total"]:
        whole = await done(api, OFFICER, "adoptAssessmentPlan", PLAN, year=year)
        assert whole["assessments"]["totalCount"] == adopted["assessments"]["totalCount"] + left["total"]
        assert whole["version"] == adopted["version"] + 1
    nothing = await api.do(OFFICER, "adoptAssessmentPlan", PLAN, year=year)
    assert codes(nothing) == ["INVALID_STATE"]


async def test_one_wrong_item_is_told_with_the_others_and_nothing_is_adopted(api: Api) -> None:
    year, body = today().year, await body_of(api, "1103")
    grave, light = await filed_system(api, 3), await filed_system(api, 2)
    nowhere = grave.replace("sys_0", "sys_f")
    items = [
        {"systemId": grave, "assessmentBodyId": body["id"], "dueOn": f"{year + 2}-01-01"},
        {"systemId": light},
        {"systemId": nowhere},
        {"systemId": grave},
    ]
    refused = await api.do(OFFICER, "adoptAssessmentPlan", PLAN, year=year, items=items)
    assert {(error["code"], error["field"]) for error in refused["userErrors"]} == {
        ("NOT_ACCREDITED", "items.0.assessmentBodyId"),
        ("INVALID_INPUT", "items.0.dueOn"),
        ("INVALID_STATE", "items.1.systemId"),
        ("NOT_FOUND", "items.2.systemId"),
        ("INVALID_INPUT", "items.3.systemId"),
    }
    assert (await node(api, OFFICER, grave, "System", "assessments{totalCount}"))["assessments"]["totalCount"] == 0


async def test_a_planned_one_is_given_to_a_body_later(api: Api) -> None:
    system = await filed_system(api, 3)
    await done(api, OFFICER, "adoptAssessmentPlan", PLAN, year=today().year, items=[{"systemId": system}])
    found = await node(api, OFFICER, system, "System", "assessments{nodes{id state body{id}}}")
    (planned,) = found["assessments"]["nodes"]
    assert (planned["state"], planned["body"]) == ("PLANNED", None)
    asked = "{viewer{workQueue(first:100,filter:{action:ORGANISE_ASSESSMENT}){nodes{subject{id}}}}}"
    waiting = (await api.ask(OFFICER, asked))["viewer"]["workQueue"]["nodes"]
    assert planned["id"] in {each["subject"]["id"] for each in waiting}
    given = {"assessmentId": planned["id"], "assessmentBodyId": (await body_of(api))["id"]}
    assert (await done(api, OFFICER, "organiseAssessment", STATE, **given))["state"] == "COMMISSIONED"
    both = await api.do(OFFICER, "organiseAssessment", STATE, systemId=system, **given)
    assert codes(both) == ["INVALID_INPUT"]


async def test_a_plan_is_for_this_year_or_the_next(api: Api) -> None:
    for year in (today().year - 1, today().year + 2):
        assert codes(await api.do(OFFICER, "adoptAssessmentPlan", PLAN, year=year)) == ["INVALID_INPUT"]
        answer = await api.answer(OFFICER, PROPOSAL, y=year)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
