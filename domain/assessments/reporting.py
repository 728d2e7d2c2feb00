"""An assessment's report (测评报告): the body uploads it, the unit confirms it, the authority has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.assessments.accreditation import body_of
from domain.assessments.conclusions import Conclusion, ConclusionVocabulary
from domain.assessments.due import settle_due
from domain.assessments.entities import Assessment
from domain.assessments.findings import read_findings, reported, settle_findings, severities_of
from domain.assessments.life import DONE, LIFE, take
from domain.assessments.receipt import receipt_of
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.assessments.use_cases import filing_of, of_the_body
from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.codes import report_number
from domain.documents.entities import Document, DocumentState
from domain.documents.keeping import keep as keep_document
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.numbering import next_number
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.papers.issue import issue_paper
from domain.systems.entities import System
from domain.templates.forms import LetterKind
from domain.templates.use_cases import template_of
from domain.work import Work

PDF = "application/pdf"


async def upload_assessment_report(
    work: Work,
    *,
    assessment_id: UUID,
    document_id: UUID,
    reported_on: dt.date,
    conclusion: Conclusion,
    vocabulary: ConclusionVocabulary | None = None,
    score: float | None = None,
    conformity_rate: float | None = None,
    summary: str | None = None,
    findings: Sequence[Mapping[str, Any]] | None = None,
    version: int | None = None,
) -> Assessment:
    """The body hands in its report, a PDF with its figures: → REPORT_UPLOADED; the first one gets its number.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, NOT_ACCREDITED, CONFLICT), all problems at once.
    """
    work.require("uploadAssessmentReport")
    assessment = await of_the_body(work, assessment_id, version)
    LIFE.check(assessment, "uploadAssessmentReport")
    document = await work.load(Document, document_id, field="documentId")
    checks = Checks()
    _check_document(work, checks, document)
    said = reported(
        work,
        checks,
        reported_on=reported_on,
        vocabulary=vocabulary,
        conclusion=conclusion,
        score=score,
        conformity_rate=conformity_rate,
        severities=severities_of(findings or ()),
    )
    text = checks.text(summary, "summary", limit=LONG)
    found = await read_findings(work, checks, assessment, findings or ())
    checks.done()
    if assessment.number is None:
        assessment.number = await _number(work, assessment)
    report = AssessmentReport(
        tenant_id=assessment.tenant_id,
        created_at=work.now,
        assessment_id=assessment.id,
        system_id=assessment.system_id,
        unit_id=assessment.unit_id,
        number=assessment.number,
        summary=text,
        uploaded_by_id=work.caller.user_id,
        **said,
    )
    work.session.add(report)
    await work.session.flush()
    subject = {"report_id": report.id, "system_id": report.system_id, "unit_id": report.unit_id}
    of_city = {"tenant_id": report.tenant_id, "created_at": work.now, "open": False}
    work.session.add_all([AssessmentFinding(**of_city, **subject, **each) for each in found])
    document.assessment_report_id, document.attached_at = report.id, work.now
    assessment.report_id, assessment.progress = report.id, DONE
    told: dict[str, Any] = {
        "number": report.number,
        "conclusion": report.conclusion,
        "sha256": document.sha256,
        "findings": len(found),
    }
    take(work, assessment, "uploadAssessmentReport", **told)
    return assessment


async def confirm_assessment_report(work: Work, *, assessment_id: UUID, version: int | None = None) -> Assessment:
    """The unit's approver confirms the report, which goes to the authority of the unit's level: → CONFIRMED.

    The file is under object lock from then on. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("confirmAssessmentReport")
    assessment = await work.load(Assessment, assessment_id, field="assessmentId", version=version)
    work.require_own(assessment.unit_id)
    LIFE.check(assessment, "confirmAssessmentReport")
    report = await latest_report(work, assessment)
    report.confirmed_at, report.confirmed_by_id = work.now, work.caller.user_id
    for document in await _documents(work, report):
        await keep_document(work, document)
    take(work, assessment, "confirmAssessmentReport", number=report.number)
    return assessment


async def receive_assessment_report(work: Work, *, assessment_id: UUID, version: int | None = None) -> Assessment:
    """The authority has the report: → RECEIVED, with a receipt; the system's next assessment gets its day.

    What earlier reports found is closed, unless this one found it again.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("receiveAssessmentReport")
    assessment = await _of_the_authority(work, assessment_id, version)
    LIFE.check(assessment, "receiveAssessmentReport")
    report = await latest_report(work, assessment)
    report.received_at, report.received_by_id = work.now, work.caller.user_id
    system = await work.session.get_one(System, (assessment.tenant_id, assessment.system_id), with_for_update=True)
    await work.session.flush()
    await settle_due(work, system, assessment.level)
    system.version += 1
    await settle_findings(work, report)
    due = system.next_assessment_due_on
    take(work, assessment, "receiveAssessmentReport", nextAssessmentDueOn=due.isoformat() if due else None)
    office = await work.session.get_one(Organisation, (assessment.tenant_id, work.caller.organisation_id))
    chosen = await template_of(work.session, assessment.tenant_id, LetterKind.ASSESSMENT_RECEIPT)
    content = await receipt_of(work.session, assessment, report, office, chosen)
    await issue_paper(work, DocumentKind.ASSESSMENT_RECEIPT, office.id, content, assessment_report_id=report.id)
    return assessment


async def return_assessment_report(
    work: Work, *, assessment_id: UUID, reason: str | None = None, version: int | None = None
) -> Assessment:
    """The authority sends the report back to the body, with the reason: → RETURNED.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("returnAssessmentReport")
    assessment = await _of_the_authority(work, assessment_id, version)
    LIFE.check(assessment, "returnAssessmentReport")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    report = await latest_report(work, assessment)
    report.returned_at, report.return_reason = work.now, text
    take(work, assessment, "returnAssessmentReport", reason=text)
    return assessment


async def latest_report(work: Work, assessment: Assessment) -> AssessmentReport:
    """The report that counts: the last one uploaded."""
    return await work.session.get_one(
        AssessmentReport, (assessment.tenant_id, assessment.report_id), with_for_update=True
    )


async def _of_the_authority(work: Work, key: UUID, version: int | None) -> Assessment:
    """An assessment whose report goes to the caller's office. Raises: Refusal(FORBIDDEN, NOT_FOUND, CONFLICT)."""
    assessment = await work.load(Assessment, key, field="assessmentId", version=version)
    ours = AuthorityLevel.CITY if work.caller.role is Role.CITY_OFFICE else AuthorityLevel.DISTRICT
    if assessment.authority is not ours:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "该报告须由单位的同级主管机关接收或退回。",
            "The report is for the authority of its unit's own level to receive or return.",
            "assessmentId",
        )
    return assessment


def _check_document(work: Work, checks: Checks, document: Document) -> None:
    name = document.filename
    if document.owner_id != work.caller.organisation_id:
        checks.wrong("documentId", f"“{name}”不是本机构上传的文件。", f"{name} was not uploaded by your organisation.")
    elif document.state is not DocumentState.STORED:
        checks.wrong(
            "documentId",
            f"“{name}”尚未上传完成,请先调用 completeUpload。",
            f"{name} is not stored yet. Complete it first.",
        )
    elif document.kind is not DocumentKind.ASSESSMENT_REPORT or document.media_type != PDF:
        checks.wrong(
            "documentId",
            f"“{name}”须为 PDF,并以用途 ASSESSMENT_REPORT 上传。",
            f"Upload {name} as a PDF, with the purpose ASSESSMENT_REPORT.",
        )
    elif document.is_attached:
        checks.wrong("documentId", f"“{name}”已用于他处,请另行上传。", f"{name} is used elsewhere. Upload it again.")


async def _documents(work: Work, report: AssessmentReport) -> Sequence[Document]:
    found = await work.session.scalars(
        select(Document).where(Document.tenant_id == report.tenant_id, Document.assessment_report_id == report.id)
    )
    return found.all()


async def _number(work: Work, assessment: Assessment) -> str:
    """``<filing number>-<YY>-<body code>-<times>``: the times count the system's reports of the year (facts 5.1)."""
    system = await work.session.get_one(System, (assessment.tenant_id, assessment.system_id), with_for_update=True)
    filing, body = await filing_of(work, system), await body_of(work, assessment.body_id)
    if filing is None or filing.number is None or body is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统的备案已不再有效,报告无法编号。请联系单位。",
            "The system's filing is no longer in force, so that the report has no number. Ask the unit.",
            "assessmentId",
        )
    year = local_date(work.now).year
    times = await next_number(work, f"assessment:{system.id}:{year}")
    return report_number(filing.number, year, body.body_code, times)
