"""What the city office does with its directory of providers (推荐机构名录; workflow.md stage 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checks import LONG, Checks, require_version
from domain.organisations.entities import Organisation, OrganisationKind
from domain.organisations.use_cases import entered_organisation
from domain.providers.entities import Provider, ProviderService, RecommendationState
from domain.providers.life import LIFE
from domain.work import Work

MOST_QUALIFICATIONS = 30
# A recommendation for longer is none that anybody looks after.
LONGEST = dt.timedelta(days=5 * 366)


async def register_provider(
    work: Work,
    *,
    services: Sequence[ProviderService],
    valid_from: dt.date,
    valid_until: dt.date,
    qualifications: Sequence[Mapping[str, Any]] | None = None,
    description: str | None = None,
    organisation_id: UUID | None = None,
    name: str | None = None,
    credit_code: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Provider:
    """Put a provider into the directory, recommended from ``valid_from`` to ``valid_until``, both included.

    Either an organisation that is there already (``organisation_id``), or a new one by name and credit code.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("registerProvider")
    checks = Checks()
    entry = {
        "services": _services(checks, services),
        "qualifications": _qualifications(checks, qualifications or ()),
        "description": checks.text(description, "description", limit=LONG),
    }
    _validity(checks, work, valid_from, valid_until)
    if organisation_id is not None:
        organisation = await _registrable(work, checks, organisation_id, given=name or credit_code or details)
        checks.done()
    else:
        given = {"kind": OrganisationKind.PROVIDER, "name": name, "credit_code": credit_code}
        organisation = await entered_organisation(work, checks, "registerProvider", given, details)
    provider = Provider(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        organisation_id=organisation.id,
        **entry,
        state=RecommendationState.RECOMMENDED,
        valid_from=valid_from,
        valid_until=valid_until,
        recommended_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(provider)
    await work.session.flush()
    work.record("registerProvider", provider, after={"name": organisation.name, "services": entry["services"]})
    return provider


async def update_provider(
    work: Work,
    *,
    provider_id: UUID,
    version: int | None = None,
    services: Sequence[ProviderService] | None = None,
    qualifications: Sequence[Mapping[str, Any]] | None = None,
    description: str | None = None,
) -> Provider:
    """Change what is given; a list that is given replaces the former one, an empty text takes the description out.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT, CONFLICT).
    """
    work.require("updateProvider")
    provider = await work.load(Provider, provider_id, field="providerId", version=require_version(version))
    checks = Checks()
    changes: dict[str, Any] = {}
    if services is not None:
        changes["services"] = _services(checks, services)
    if qualifications is not None:
        changes["qualifications"] = _qualifications(checks, qualifications)
    if description is not None:
        changes["description"] = checks.text(description, "description", limit=LONG)
    checks.done()
    for field, value in changes.items():
        setattr(provider, field, value)
    LIFE.take(work, provider, "updateProvider", changed=sorted(changes))
    return provider


async def recommend_provider(
    work: Work, *, provider_id: UUID, valid_from: dt.date, valid_until: dt.date, version: int | None = None
) -> Provider:
    """Recommend a provider anew, or for longer. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT, CONFLICT)."""
    work.require("recommendProvider")
    provider = await work.load(Provider, provider_id, field="providerId", version=version)
    checks = Checks()
    _validity(checks, work, valid_from, valid_until)
    checks.done()
    provider.valid_from, provider.valid_until = valid_from, valid_until
    provider.withdraw_reason, provider.recommended_by_id = None, work.caller.user_id
    LIFE.take(work, provider, "recommendProvider", validUntil=valid_until.isoformat())
    return provider


async def withdraw_recommendation(
    work: Work, *, provider_id: UUID, reason: str | None = None, version: int | None = None
) -> Provider:
    """RECOMMENDED → WITHDRAWN, with the reason, which everybody in the city can read.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("withdrawRecommendation")
    provider = await work.load(Provider, provider_id, field="providerId", version=version)
    LIFE.check(provider, "withdrawRecommendation")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    provider.withdraw_reason = text
    LIFE.take(work, provider, "withdrawRecommendation", reason=text)
    return provider


async def _registrable(work: Work, checks: Checks, key: UUID, *, given: object) -> Organisation:
    """The organisation of ``key``, if it is a provider that is not in the directory yet."""
    organisation = await work.load(Organisation, key, field="organisationId")
    there = await work.session.scalar(
        select(Provider.id).where(Provider.tenant_id == work.caller.tenant_id, Provider.organisation_id == key)
    )
    if organisation.kind is not OrganisationKind.PROVIDER:
        checks.wrong(
            "organisationId",
            f"该机构为“{organisation.kind.zh}”,不是服务机构。",
            f"That organisation is of kind {organisation.kind.value}, and no provider.",
        )
    elif there is not None:
        checks.wrong(
            "organisationId",
            "该机构已在名录中,请用 updateProvider 或 recommendProvider 办理。",
            "It is in the directory already; use updateProvider or recommendProvider.",
        )
    if given:
        checks.wrong(
            "organisationId",
            "已给出登记过的机构,请勿再填名称、代码和联系信息。",
            "With an organisation that is there already, leave out name, code and details.",
        )
    return organisation


def _services(checks: Checks, services: Sequence[ProviderService]) -> list[str]:
    if not services:
        checks.wrong("services", "请至少选择一类服务。", "Name at least one service.")
    return [ProviderService[each].value for each in dict.fromkeys(services)]


def _qualifications(checks: Checks, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(given) > MOST_QUALIFICATIONS:
        checks.wrong(
            "qualifications", f"最多 {MOST_QUALIFICATIONS} 项资质。", f"At most {MOST_QUALIFICATIONS} of them."
        )
        return []
    return [_qualification(checks, f"qualifications.{place}", each) for place, each in enumerate(given)]


def _qualification(checks: Checks, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    begins, ends = given.get("validFrom"), given.get("validUntil")
    if begins is not None and ends is not None and ends < begins:
        checks.wrong(f"{path}.validUntil", "有效期止不得早于有效期起。", "It cannot end before it begins.")
    return {
        "name": checks.text(given.get("name"), f"{path}.name", required=True),
        "number": checks.text(given.get("number"), f"{path}.number"),
        "issuedBy": checks.text(given.get("issuedBy"), f"{path}.issuedBy"),
        "validFrom": begins and begins.isoformat(),
        "validUntil": ends and ends.isoformat(),
    }


def _validity(checks: Checks, work: Work, begins: dt.date, ends: dt.date) -> None:
    if ends < begins:
        checks.wrong("validUntil", "有效期止不得早于有效期起。", "It cannot end before it begins.")
    elif ends < local_date(work.now):
        checks.wrong("validUntil", "推荐有效期已过。", "The recommendation would be over already.")
    elif ends - begins > LONGEST:
        checks.wrong("validUntil", "推荐有效期最长五年,请缩短。", "A recommendation is for five years at most.")
