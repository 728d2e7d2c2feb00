"""What the city office does with assessment bodies (测评机构): registering them, deciding on their accreditation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.assessments.accreditation import (
    ACCREDITATION,
    DECIDED,
    AccreditationChange,
    AccreditationStatus,
    AssessmentBody,
    body_of,
)
from domain.checks import LONG, Checks, require_version
from domain.organisations.entities import Organisation, OrganisationKind
from domain.organisations.use_cases import entered_organisation
from domain.work import Work

# Two digits of the province or sector, two of the body (domain facts 5.1).
BODY_CODE = re.compile("[0-9]{4}")
LEVELS = frozenset({2, 3, 4, 5})
LONGEST_TERM = dt.timedelta(days=5 * 366)
MOST_STAFF = 100_000


async def register_assessment_body(
    work: Work,
    *,
    body_code: str,
    organisation_id: UUID | None = None,
    name: str | None = None,
    credit_code: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> AssessmentBody:
    """Enter an assessment body, or give an organisation that is one already its code.

    It has no accreditation yet, and until then can be given nothing.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("registerAssessmentBody")
    checks = Checks()
    code = (body_code or "").strip()
    if not BODY_CODE.fullmatch(code):
        checks.wrong("bodyCode", "机构代码须为 4 位数字,例如 1101。", "A body code has 4 digits, such as 1101.")
    await _is_free(work, checks, "bodyCode", AssessmentBody.body_code == code)
    if organisation_id is not None:
        organisation = await _present(work, checks, organisation_id, {"name": name, "creditCode": credit_code})
    else:
        given = {"kind": OrganisationKind.ASSESSMENT_BODY, "name": name, "credit_code": credit_code}
        organisation = await entered_organisation(work, checks, "registerAssessmentBody", given, details)
    checks.done()
    body = AssessmentBody(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        id=organisation.id,
        body_code=code,
        levels=[],
        senior_assessors=0,
        intermediate_assessors=0,
        junior_assessors=0,
        version=1,
    )
    work.session.add(body)
    await work.session.flush()
    work.record("registerAssessmentBody", body, after={"organisationId": str(organisation.id), "bodyCode": code})
    return body


async def set_accreditation(
    work: Work,
    *,
    assessment_body_id: UUID,
    version: int | None = None,
    number: str | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    levels: Sequence[int] | None = None,
    status: AccreditationStatus | None = None,
    staff: Mapping[str, int | None] | None = None,
    reason: str | None = None,
) -> AssessmentBody:
    """Decide on a body's accreditation: what is given changes, the rest stays; it has effect at once, and is kept.

    ``staff`` counts ``{"senior", "intermediate", "junior"}``. Another status than ACTIVE takes a reason.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT, CONFLICT).
    """
    work.require("setAccreditation")
    body = await work.load(
        AssessmentBody, assessment_body_id, field="assessmentBodyId", version=require_version(version)
    )
    given: dict[str, Any] = {
        "accreditation_number": (number or "").strip() or None,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "levels": sorted(set(levels)) if levels is not None else None,
        "status": AccreditationStatus[status] if status is not None else None,
        **{f"{grade}_assessors": count for grade, count in (staff or {}).items()},
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if body.status is None:
        changes.setdefault("status", AccreditationStatus.ACTIVE)
    wanted = {name: changes.get(name, getattr(body, name)) for name in ACCREDITATION}
    checks = Checks()
    why = checks.text(reason, "reason", required=_needs_reason(body, wanted), limit=LONG)
    _check(checks, wanted)
    if wanted["accreditation_number"] is not None:
        held = AssessmentBody.accreditation_number == wanted["accreditation_number"]
        await _is_free(work, checks, "number", held, body)
    checks.done()
    before = {name: _shown(getattr(body, name)) for name in changes}
    for name, value in changes.items():
        setattr(body, name, value)
    body.version += 1
    work.session.add(
        AccreditationChange(
            tenant_id=body.tenant_id,
            created_at=work.now,
            body_id=body.id,
            reason=why,
            by_id=work.caller.user_id,
            **wanted,
        )
    )
    after = {name: _shown(value) for name, value in changes.items()}
    work.record("setAccreditation", body, before=before, after={**after, "reason": why})
    return body


async def _present(work: Work, checks: Checks, key: UUID, superfluous: Mapping[str, Any]) -> Organisation:
    """The organisation that is to be registered as a body."""
    organisation = await work.load(Organisation, key, field="organisationId", lock=False)
    if organisation.kind is not OrganisationKind.ASSESSMENT_BODY:
        checks.wrong("organisationId", "该机构不是测评机构。", "The organisation is no assessment body.")
    if await body_of(work, organisation.id) is not None:
        checks.wrong("organisationId", "该测评机构已登记代码。", "The body is registered already.")
    for field in (name for name, value in superfluous.items() if value is not None):
        checks.wrong(field, "机构已在平台上,此项请留空。", "The organisation is there already; leave this out.")
    return organisation


async def _is_free(work: Work, checks: Checks, field: str, held: Any, body: AssessmentBody | None = None) -> None:
    holder = await work.session.scalar(
        select(AssessmentBody.id).where(AssessmentBody.tenant_id == work.caller.tenant_id, held)
    )
    if holder is not None and (body is None or holder != body.id):
        checks.wrong(field, "此号已属另一测评机构,请核对。", "Another body has this one; check it.")


def _needs_reason(body: AssessmentBody, wanted: Mapping[str, Any]) -> bool:
    return wanted["status"] is not AccreditationStatus.ACTIVE or body.status not in {None, AccreditationStatus.ACTIVE}


def _check(checks: Checks, wanted: Mapping[str, Any]) -> None:
    """An accreditation is whole, and does not contradict itself."""
    number, begins, ends, levels = (wanted[name] for name in ACCREDITATION[:4])
    for field, value in (("number", number), ("validFrom", begins), ("validTo", ends)):
        if value is None:
            checks.wrong(field, "请填写此项。", "Fill this in.")
    if number is not None:
        checks.text(number, "number")
    if begins is not None and ends is not None and not begins <= ends <= begins + LONGEST_TERM:
        checks.wrong("validTo", "有效期止须晚于起,且最长五年。", "The term ends after it begins, within five years.")
    if not levels or not set(levels) <= LEVELS:
        checks.wrong("levels", "请列出可测评的等级(2 至 5)。", "Say which levels it may assess, from 2 to 5.")
    if wanted["status"] not in DECIDED:
        checks.wrong("status", "“已过期”由有效期得出,不能设定。", "EXPIRED follows from the term; it cannot be set.")
    for grade in ("senior", "intermediate", "junior"):
        if not 0 <= wanted[f"{grade}_assessors"] <= MOST_STAFF:
            checks.wrong(f"staff.{grade}", "人数须为非负整数。", "A number of people, from 0 on.")


def _shown(value: Any) -> Any:
    """A value as the audit trail keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value
