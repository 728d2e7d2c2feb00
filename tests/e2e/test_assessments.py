"""Level assessments through everybody's hands: commissioned or organised, taken, reported, confirmed, received."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from clients.papers import archive
from tests.e2e.assessment_flows import (
    APPROVER,
    ASSESSOR,
    DISTRICT,
    FILER,
    FINDING,
    OFFICER,
    STATE,
    body_of,
    commissioned,
    filed_system,
    received,
    report_given,
    taken,
    today,
    uploaded,
)
from tests.e2e.flows import codes, done, node, stored
from tests.e2e.test_verification import prove_genuine
from tests.support import Api, BackgroundWork

REPORT = """number conclusion vocabulary conformityRate confirmedAt receivedAt returnReason
  document{filename sha256} receipt{id filename} findings{id area severity title open closedAt repeats{id}}"""


@pytest.fixture(scope="module")
async def system(api: Api) -> str:
    """A level 2 system; its tests run one after the other, each leaving no assessment of it under way."""
    return await filed_system(api)


async def test_a_level_2_system_is_assessed_from_the_commission_to_the_receipt(
    api: Api, jobs: BackgroundWork, system: str
) -> None:
    assessment = await commissioned(api, system=system)
    funded = "assessment{funding{amount source securedOn}}"
    secured = {"amount": 120_000, "source": "部门预算", "securedOn": today().isoformat()}
    given = await done(api, FILER, "recordFunding", funded, assessmentId=assessment, **secured)
    assert given["funding"] == secured
    assert (await done(api, ASSESSOR, "acceptAssessment", STATE, assessmentId=assessment))["state"] == "IN_PROGRESS"
    progress = []
    for milestone in ("ON_SITE_STARTED", "PREPARED", "REPORT_DRAFTED"):
        step = {"assessmentId": assessment, "milestone": milestone}
        progress.append((await done(api, ASSESSOR, "recordMilestone", STATE, **step))["progress"])
    assert progress == [40, 40, 90], "it never goes back"
    filing = (await node(api, FILER, system, "System", "currentFiling{number}"))["currentFiling"]["number"]
    handed_in = await uploaded(api, assessment, findings=[FINDING, {**FINDING, "severity": "MEDIUM"}])
    year = today().year % 100
    assert handed_in["number"] == f"{filing}-{year:02d}-1101-01"
    assert (handed_in["state"], handed_in["progress"]) == ("REPORT_UPLOADED", 100)
    for office in (OFFICER, DISTRICT):  # not before the unit has confirmed it
        assert await node(api, office, assessment, "Assessment", "report{id} reports{id}") == {
            "report": None,
            "reports": [],
        }
    await done(api, APPROVER, "confirmAssessmentReport", STATE, assessmentId=assessment)
    for office in (OFFICER, DISTRICT):
        seen = (await node(api, office, assessment, "Assessment", f"report{{{REPORT}}}"))["report"]
        assert [finding["open"] for finding in seen["findings"]] == [False, False]
    refused = await api.do(OFFICER, "receiveAssessmentReport", STATE, assessmentId=assessment)
    assert codes(refused) == ["FORBIDDEN"], "a district-level unit's report is its district office's"
    await done(api, DISTRICT, "receiveAssessmentReport", STATE, assessmentId=assessment)
    await jobs.run()
    seen = await node(api, ASSESSOR, assessment, "Assessment", f"report{{{REPORT}}} history{{action from to}}")
    assert seen["report"]["vocabulary"] == "TEMPLATE_2025"
    assert seen["report"]["conformityRate"] == 95.5
    assert "接收回执" in seen["report"]["receipt"]["filename"]
    await prove_genuine(api, FILER, seen["report"]["receipt"])
    assert [finding["open"] for finding in seen["report"]["findings"]] == [True, True]
    assert [step["to"] for step in seen["history"] if step["from"] != step["to"]] == [
        "COMMISSIONED", "IN_PROGRESS", "REPORT_UPLOADED", "CONFIRMED", "RECEIVED",
    ]  # fmt: skip
    due = (await node(api, FILER, system, "System", "nextAssessmentDueOn"))["nextAssessmentDueOn"]
    assert dt.date.fromisoformat(due) == today().replace(year=today().year + 2)


async def test_a_returned_report_is_handed_in_again_under_its_number(api: Api, system: str) -> None:
    assessment = await taken(api, system=system)
    first = await uploaded(api, assessment)
    assert first["number"].endswith("-02"), "the system's second assessment of the year"
    again = await uploaded(api, assessment, conformityRate=91)
    assert again["number"] == first["number"]
    await done(api, APPROVER, "confirmAssessmentReport", STATE, assessmentId=assessment)
    late = await api.do(ASSESSOR, "uploadAssessmentReport", STATE, **await report_given(api, assessment))
    assert codes(late) == ["INVALID_STATE"], "what was confirmed stays"
    given = {"assessmentId": assessment, "reason": "未说明抽样范围"}
    assert (await done(api, DISTRICT, "returnAssessmentReport", STATE, **given))["state"] == "RETURNED"
    await uploaded(api, assessment, conformityRate=92)
    for office in (OFFICER, DISTRICT):
        seen = await node(api, office, assessment, "Assessment", "report{id} reports{conformityRate returnReason}")
        assert seen == {"report": None, "reports": [{"conformityRate": 91, "returnReason": "未说明抽样范围"}]}
    seen = await node(api, APPROVER, assessment, "Assessment", "report{conformityRate} reports{id}")
    assert (seen["report"]["conformityRate"], len(seen["reports"])) == (92, 3)
    await done(api, APPROVER, "confirmAssessmentReport", STATE, assessmentId=assessment)
    await done(api, DISTRICT, "receiveAssessmentReport", STATE, assessmentId=assessment)


async def test_the_next_assessment_closes_what_it_does_not_find_again(api: Api, system: str) -> None:
    first = await taken(api, system=system)
    await received(api, first, findings=[{**FINDING, "title": "甲"}, {**FINDING, "title": "乙"}])
    asked = "assessmentFindings(first:20,filter:{open:true}){nodes{id title}}"
    standing = (await node(api, FILER, system, "System", asked))["assessmentFindings"]["nodes"]
    assert {each["title"] for each in standing} == {"甲", "乙"}, "what was open before is closed"
    again = next(each["id"] for each in standing if each["title"] == "甲")
    second = await taken(api, system=system)
    stranger = (await node(api, FILER, second, "Assessment", "id"))["id"].replace("asm_", "asf_")
    given = await report_given(api, second, findings=[{**FINDING, "repeatsId": stranger}])
    wrong = await api.do(ASSESSOR, "uploadAssessmentReport", STATE, **given)
    assert [error["field"] for error in wrong["userErrors"]] == ["findings.0.repeatsId"]
    await received(api, second, findings=[{**FINDING, "title": "甲", "repeatsId": again}, {**FINDING, "title": "丙"}])
    closed = (await node(api, FILER, first, "Assessment", "report{findings{title open closedBy{id}}}"))["report"]
    assert all(not each["open"] and each["closedBy"] for each in closed["findings"])
    standing = (await node(api, FILER, system, "System", asked))["assessmentFindings"]["nodes"]
    assert {each["title"] for each in standing} == {"甲", "丙"}


async def test_a_report_that_contradicts_itself_is_told_all_at_once(api: Api, system: str) -> None:
    assessment = await taken(api, system=system)
    tomorrow = (today() + dt.timedelta(days=1)).isoformat()
    given = await report_given(
        api,
        assessment,
        reportedOn=tomorrow,
        conclusion="NON_CONFORMING",
        score=80,
        findings=[{**FINDING, "title": " "}, {**FINDING, "severity": "HIGH"}],
    )
    wrong = await api.do(ASSESSOR, "uploadAssessmentReport", STATE, **given)
    assert {error["field"] for error in wrong["userErrors"]} == {
        "reportedOn", "conclusion", "score", "findings.0.title",
    }  # fmt: skip
    assert set(codes(wrong)) == {"INVALID_INPUT"}
    for edition, figures, fields in (
        ("TEMPLATE_2007", {"conclusion": "CONFORMING"}, set()),
        ("TEMPLATE_2007", {"conclusion": "GOOD"}, {"conclusion"}),
        ("TEMPLATE_2015", {"conclusion": "BASICALLY_CONFORMING"}, {"score"}),
        ("TEMPLATE_2019", {"conclusion": "GOOD", "score": 80.5}, set()),
        ("TEMPLATE_2019", {"conclusion": "GOOD", "score": 80.555}, {"score"}),
    ):
        said = {"conformityRate": None, **figures}
        given = await report_given(api, assessment, vocabulary=edition, **said)
        payload = await api.do(ASSESSOR, "uploadAssessmentReport", STATE, **given)
        assert {error["field"] for error in payload["userErrors"]} == fields, (edition, figures)
    await done(api, APPROVER, "confirmAssessmentReport", STATE, assessmentId=assessment)
    await done(api, DISTRICT, "receiveAssessmentReport", STATE, assessmentId=assessment)


async def test_who_has_a_system_assessed_depends_on_its_level(api: Api, system: str) -> None:
    body = (await body_of(api))["id"]
    grave = await filed_system(api, 3)
    for who, name, wrong in (
        (APPROVER, "commissionAssessment", grave),
        (OFFICER, "organiseAssessment", system),
    ):
        refused = await api.do(who, name, STATE, systemId=wrong, assessmentBodyId=body)
        assert codes(refused) == ["INVALID_STATE"]
    made = await done(
        api, OFFICER, "organiseAssessment", "assessment{id organisedBy level}", systemId=grave, assessmentBodyId=body
    )
    assert (made["organisedBy"], made["level"]) == ("CITY_OFFICE", 3)
    twice = await api.do(OFFICER, "organiseAssessment", STATE, systemId=grave, assessmentBodyId=body)
    assert codes(twice) == ["INVALID_STATE"]
    step = {"assessmentId": made["id"], "reason": "另行安排"}
    assert codes(await api.do(APPROVER, "cancelAssessment", STATE, **step)) == ["FORBIDDEN"]
    busy = await api.do(FILER, "retireSystem", "system{id}", systemId=grave)
    assert codes(busy) == ["INVALID_STATE"]
    assert (await done(api, OFFICER, "cancelAssessment", STATE, **step))["state"] == "CANCELLED"


async def test_what_a_body_declines_is_out_of_its_sight(api: Api, system: str) -> None:
    assessment = await commissioned(api, system=system)
    assert await node(api, ASSESSOR, system, "System", "id")
    unsaid = await api.do(ASSESSOR, "declineAssessment", STATE, assessmentId=assessment)
    assert codes(unsaid) == ["INVALID_INPUT"]
    declined = await api.do(ASSESSOR, "declineAssessment", STATE, assessmentId=assessment, reason="任务已满")
    assert declined == {"assessment": None, "userErrors": []}
    assert await node(api, ASSESSOR, assessment, "Assessment", "id") is None
    assert (await node(api, APPROVER, assessment, "Assessment", "state closedReason")) == {
        "state": "DECLINED",
        "closedReason": "任务已满",
    }


async def test_only_a_pdf_of_the_bodys_own_is_a_report(api: Api, system: str) -> None:
    assessment = await taken(api, system=system)
    figures = {"conclusion": "CONFORMING", "conformityRate": 95, "reportedOn": today().isoformat()}
    cases: list[tuple[str, str, str, bytes, list[str]]] = [
        (ASSESSOR, "OTHER", "报告.pdf", b"%PDF-1.4 a", ["INVALID_INPUT"]),
        (ASSESSOR, "ASSESSMENT_REPORT", "报告.zip", archive("b"), ["INVALID_INPUT"]),
        (FILER, "ASSESSMENT_REPORT", "报告.pdf", b"%PDF-1.4 c", ["NOT_FOUND"]),
    ]
    for who, kind, name, content, expected in cases:
        document = await stored(api, who, kind, content, name)
        given: dict[str, Any] = {"assessmentId": assessment, "documentId": document, **figures}
        assert codes(await api.do(ASSESSOR, "uploadAssessmentReport", STATE, **given)) == expected
    await done(api, APPROVER, "cancelAssessment", STATE, assessmentId=assessment, reason="改造后再测")


async def test_a_list_by_what_it_offers(api: Api) -> None:
    everything = await api.all(
        OFFICER, "assessments", "id state level important underWay overdue body{id} system{name}"
    )
    for filter_, keep in (
        ("state:RECEIVED", lambda each: each["state"] == "RECEIVED"),
        ("level:3", lambda each: each["level"] == 3),
        ("important:true,underWay:true", lambda each: each["important"] and each["underWay"]),
        ('body:{text:"1102"}', lambda each: each["body"] is not None),
    ):
        found = await api.all(OFFICER, "assessments", "id body{bodyCode}", f",filter:{{{filter_}}}")
        expected = {each["id"] for each in everything if keep(each)}
        if "body" in filter_:
            assert {each["body"]["bodyCode"] for each in found} == {"1102"}
            assert {each["id"] for each in found} < expected
        else:
            assert {each["id"] for each in found} == expected
    counted = await api.ask(OFFICER, "{a:assessments(first:1,filter:{important:true,state:IN_PROGRESS}){totalCount}}")
    assert counted["a"]["totalCount"] == sum(
        each["important"] and each["state"] == "IN_PROGRESS" for each in everything
    )
