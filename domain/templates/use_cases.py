"""A city replaces the words of its papers (公文模板), and goes back to the platform's; papers issued before stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, inspect, select

from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.templates.checking import check_template
from domain.templates.content import Chosen, Part, PartStyle, Template, read, stored
from domain.templates.entities import LetterTemplate
from domain.templates.forms import FORMS, LetterKind
from domain.tenants.entities import TenantSettings
from domain.transaction import Transaction
from domain.work import TENANT, Work

_IN_FORCE = (
    select(*inspect(LetterTemplate).columns)
    .where(LetterTemplate.tenant_id == TENANT, LetterTemplate.kind == bindparam("kind"))
    .order_by(LetterTemplate.version.desc())
    .limit(1)
)


async def template_of(session: Transaction, tenant_id: UUID, kind: LetterKind) -> Chosen:
    """The template of a kind that holds in a city now."""
    found = await session.fetch(_IN_FORCE, {TENANT.key: tenant_id, "kind": kind})
    return chosen(kind, session.loaded(LetterTemplate, found[0], anew=False) if found else None)


def chosen(kind: LetterKind, row: LetterTemplate | None) -> Chosen:
    """What a version says; None: the platform's own, never replaced."""
    if row is None:
        return Chosen(FORMS[kind].template)
    return Chosen(read(row.content) if row.content is not None else FORMS[kind].template, row.version)


def given_template(given: Mapping[str, Any]) -> Template:
    """A template as an input holds it, by the input's names."""
    return Template(
        title=given["title"],
        signer=given["signer"],
        head=given.get("head"),
        number_prefix=given.get("numberPrefix"),
        seal_text=given.get("sealText"),
        parts=tuple(Part(each["text"], PartStyle[each["style"]]) for each in given["parts"]),
    )


async def set_letter_template(
    work: Work, *, kind: LetterKind, version: int, template: Mapping[str, Any], reason: str
) -> LetterTemplate:
    """Replace the words of a kind for what is issued from now on; ``version`` is the one that was read, 0 at first.

    Raises: Refusal(FORBIDDEN, INVALID_INPUT, CONFLICT), with everything that is wrong.
    """
    work.require("setLetterTemplate")
    kind = LetterKind[kind]
    checks = Checks()
    checked = check_template(checks, kind, given_template(template))
    return await _next(work, checks, "setLetterTemplate", kind, version, stored(checked), reason)


async def reset_letter_template(work: Work, *, kind: LetterKind, version: int, reason: str) -> LetterTemplate:
    """Go back to the platform's own words. Raises: Refusal(FORBIDDEN, INVALID_INPUT, INVALID_STATE, CONFLICT)."""
    work.require("resetLetterTemplate")
    return await _next(work, Checks(), "resetLetterTemplate", LetterKind[kind], version, None, reason)


async def _next(
    work: Work,
    checks: Checks,
    action: str,
    kind: LetterKind,
    version: int,
    content: dict[str, Any] | None,
    reason: str,
) -> LetterTemplate:
    """Keep another version. Two at once come one after the other: the city's settings are locked meanwhile."""
    why = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    tenant = work.caller.tenant_id
    await work.session.get_one(TenantSettings, (tenant, tenant), with_for_update=True)
    now = await template_of(work.session, tenant, kind)
    if now.version != version:
        raise refuse(
            ErrorCode.CONFLICT,
            f"该模板现为第 {now.version} 版,已被他人修改。请重新载入后再试。",
            f"The template is at version {now.version}: somebody changed it. Load it again and repeat your change.",
            "version",
        )
    if content is None and now.template == FORMS[kind].template:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "现用的就是平台默认模板,无须恢复。",
            "The platform's own template is in use already.",
            "kind",
        )
    made = LetterTemplate(
        tenant_id=tenant,
        created_at=work.now,
        kind=kind,
        version=version + 1,
        content=content,
        reason=why or "",
        changed_by_id=work.caller.user_id,
    )
    work.session.add(made)
    await work.session.flush()
    work.record(action, made, before={"version": version}, after={"kind": kind, "version": made.version, "reason": why})
    return made
