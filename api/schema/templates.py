"""Templates of papers (公文模板): what holds in the city, what it may name, how it has changed, how it looks."""

import base64
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import strawberry
from sqlalchemy import select

from api.http.errors import Code, request_error, unauthenticated
from api.schema.common import UserError, vocabulary
from domain.access import Role
from domain.checks import Checks
from domain.papers.content import Content, Layout
from domain.people.entities import User
from domain.templates.checking import check_template
from domain.templates.compose import compose, sample_facts
from domain.templates.content import Chosen, PartStyle
from domain.templates.entities import LetterTemplate as LetterTemplateRow
from domain.templates.forms import FORMS, LetterKind
from domain.templates.numbers import prefix_of, written
from domain.templates.use_cases import chosen, given_template, template_of
from domain.tenants.entities import Tenant

if TYPE_CHECKING:
    from api.execution.platform import Platform
    from api.http.operations import Context

for _term in (LetterKind, PartStyle, Layout):
    vocabulary(_term)

# Of a template's versions, the latest are shown.
MOST_VERSIONS = 50


@strawberry.input(description="模板正文的一段 / one part of a template's text")
class TemplatePartInput:
    """One part of a template's text."""

    style: PartStyle = strawberry.field(description="样式 / how it is set")
    text: str = strawberry.field(description="文字,可含占位符 / its words, with placeholders")


@strawberry.input(description="模板的文字;占位符写作 {名称} / a template's words; placeholders are written {name}")
class LetterTemplateInput:
    """A template's words."""

    title: str = strawberry.field(description="标题 / title")
    parts: list[TemplatePartInput] = strawberry.field(description="正文各段 / the text, part by part")
    signer: str = strawberry.field(description="落款 / who signs")
    head: str | None = strawberry.field(default=None, description="红头,仅信函格式 / the red head, of letters only")
    number_prefix: str | None = strawberry.field(
        default=None, description="机关代字:文号中年份之前的文字 / what stands before the year in its number"
    )
    seal_text: str | None = strawberry.field(
        default=None, description="日期之下关于用印的一行,可空 / a line about the seal, below the day"
    )


@strawberry.type(description="模板正文的一段 / one part of a template's text")
class TemplatePart:
    """One part of a template's text."""

    style: PartStyle = strawberry.field(description="样式 / how it is set")
    text: str = strawberry.field(description="文字 / its words")


@strawberry.type(description="公文模板的一个版本 / one version of a paper's template")
class LetterTemplate:
    """One version of a paper's template."""

    kind: LetterKind = strawberry.field(description="公文种类 / of which kind of paper")
    version: int = strawberry.field(description="版本,0 为平台默认 / its version; 0: the platform's, never replaced")
    is_default: bool = strawberry.field(description="是否平台默认的文字 / whether its words are the platform's own")
    title: str = strawberry.field(description="标题 / title")
    parts: list[TemplatePart] = strawberry.field(description="正文各段 / the text, part by part")
    signer: str = strawberry.field(description="落款 / who signs")
    head: str | None = strawberry.field(description="红头 / the red head")
    number_prefix: str | None = strawberry.field(description="机关代字 / what stands before the year in its number")
    seal_text: str | None = strawberry.field(description="关于用印的一行 / a line about the seal")
    reason: str | None = strawberry.field(description="变更理由 / why it was changed")
    changed_at: dt.datetime | None = strawberry.field(description="变更时间 / when it was changed")
    changed_by: str | None = strawberry.field(description="变更人姓名 / the name of who changed it")


@strawberry.type(description="模板可用的占位符 / what a template may name")
class TemplatePlaceholder:
    """What a template may name."""

    name: str = strawberry.field(description="名称,写作 {名称} / its name, written {name}")
    description: str = strawberry.field(description="含义 / what it stands for")
    required: bool = strawberry.field(description="正文必须包含 / whether the text has to contain it")
    optional: bool = strawberry.field(description="可能为空,为空时所在段不印 / its part is left out where it is empty")
    block: bool = strawberry.field(
        description="图表或多段,须独占一段 / tables or several paragraphs, by itself in a part"
    )


@strawberry.type(description="一种公文的模板 / the template of a kind of paper")
class LetterForm:
    """The template of a kind of paper."""

    kind: LetterKind = strawberry.field(description="公文种类 / the kind")
    layout: Layout = strawberry.field(description="版式 / how it is laid out")
    current: LetterTemplate = strawberry.field(description="现用的模板 / the template that holds")
    default: LetterTemplate = strawberry.field(description="平台默认的模板 / the platform's own")
    placeholders: list[TemplatePlaceholder] = strawberry.field(description="可用的占位符 / what it may name")
    versions: list[LetterTemplate] = strawberry.field(
        description="本市的各版,新者在前,至多 50 / the city's versions, the latest first, 50 at most"
    )


@strawberry.type(description="公文预览 / how a paper would look")
class LetterPreview:
    """How a paper would look."""

    filename: str | None = strawberry.field(description="文件名 / file name")
    media_type: str | None = strawberry.field(description="媒体类型 / media type")
    base64: str | None = strawberry.field(description="PDF,base64 编码;模板有误时为空 / the PDF; null when it is wrong")
    user_errors: list[UserError] = strawberry.field(
        description="模板的错误,可用时为空 / what is wrong with the template"
    )


def shown(kind: LetterKind, row: LetterTemplateRow | None, changed_by: str | None = None) -> dict[str, Any]:
    """A version by GraphQL's names; without a row the platform's own."""
    made = chosen(kind, row)
    template = made.template
    return {
        "kind": kind.value,
        "version": made.version,
        "isDefault": row is None or row.content is None,
        "title": template.title,
        "parts": [{"style": part.style.value, "text": part.text} for part in template.parts],
        "signer": template.signer,
        "head": template.head,
        "numberPrefix": template.number_prefix,
        "sealText": template.seal_text,
        "reason": row.reason if row else None,
        "changedAt": row.created_at.isoformat() if row else None,
        "changedBy": changed_by,
    }


async def letter_templates(platform: "Platform", context: "Context", given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every kind with its template, for the city office; none for others."""
    caller = context.caller
    if caller is None:
        raise unauthenticated()
    if caller.role is not Role.CITY_OFFICE:
        return []
    async with platform.database.transaction(caller.tenant_id) as session:
        found = await session.execute(
            select(LetterTemplateRow, User.display_name)
            .join(User, (User.tenant_id == LetterTemplateRow.tenant_id) & (User.id == LetterTemplateRow.changed_by_id))
            .where(LetterTemplateRow.tenant_id == caller.tenant_id)
            .order_by(LetterTemplateRow.kind, LetterTemplateRow.version.desc())
        )
        versions = defaultdict(list)
        for row, name in found:
            versions[row.kind].append(shown(row.kind, row, name))
    wanted = given.get("kind")
    return [
        _form(kind, versions[kind], context.language) for kind in LetterKind if wanted is None or wanted == kind.value
    ]


def _form(kind: LetterKind, versions: list[dict[str, Any]], language: str) -> dict[str, Any]:
    default = shown(kind, None)
    return {
        "kind": kind.value,
        "layout": FORMS[kind].layout.value,
        "current": versions[0] if versions else default,
        "default": default,
        "versions": versions[:MOST_VERSIONS],
        "placeholders": [
            {
                "name": name,
                "description": each.says.in_language(language),
                "required": each.required,
                "optional": each.drops,
                "block": each.block,
            }
            for name, each in FORMS[kind].placeholders.items()
        ],
    }


async def letter_preview(platform: "Platform", context: "Context", given: Mapping[str, Any]) -> LetterPreview:
    """A kind's paper with facts of nobody, as the given template, or the one that holds, would have it.

    Raises: RequestError(FORBIDDEN) for who may not change templates.
    """
    caller = context.caller
    if caller is None:
        raise unauthenticated()
    if not platform.authority.may(caller, "setLetterTemplate"):
        raise request_error(Code.FORBIDDEN, "预览模板是市管理员的事。", "Previews are for the city's administrator.")
    kind, checks = LetterKind[given["kind"]], Checks()
    async with platform.database.transaction(caller.tenant_id) as session:
        city = (await session.get_one(Tenant, caller.tenant_id)).name
        used = await template_of(session, caller.tenant_id, kind)
    if given.get("template") is not None:
        used = Chosen(check_template(checks, kind, given_template(given["template"])), used.version + 1)
    if checks.problems:
        errors = [UserError(code=each.code, field=each.field, message=each.message.in_language(context.language))
                  for each in checks.problems]  # fmt: skip
        return LetterPreview(filename=None, media_type=None, base64=None, user_errors=errors)
    made = await platform.papers.pdf(_sample(kind, used, city))
    return LetterPreview(
        filename=f"{kind.zh}样例.pdf",
        media_type="application/pdf",
        base64=base64.b64encode(made).decode(),
        user_errors=[],
    )


def _sample(kind: LetterKind, used: Chosen, city: str) -> Content:
    """A paper of nobody: its number is nought, so that nobody takes it for one that was issued."""
    now = dt.datetime.now(dt.UTC)
    number = written(prefix_of(used.template, city), now.year, 0) if used.template.number_prefix else None
    return compose(kind, used, sample_facts(kind, now, number))
