"""What the city's administrator does with the words of its papers (公文模板)."""

import strawberry

from api.schema.mutations.adapter import Answer, Run, key, mutation, payload, says
from api.schema.templates import LetterTemplate, LetterTemplateInput, shown
from domain.templates import use_cases as templates
from domain.templates.entities import LetterTemplate as LetterTemplateRow
from domain.templates.forms import LetterKind


@strawberry.input(description="替换公文模板 / replacing a template")
class SetLetterTemplateInput:
    """Replacing a template."""

    kind: LetterKind = says("公文种类", "the kind of paper")
    version: int = says("读取时的版本,未替换过为 0", "the version that was read, 0 where it was never replaced")
    template: LetterTemplateInput = says("新的文字", "the new words")
    reason: str = says("理由", "why")
    idempotency_key: str | None = key()


@strawberry.input(description="恢复平台默认模板 / going back to the platform's own template")
class ResetLetterTemplateInput:
    """Going back to the platform's own template."""

    kind: LetterKind = says("公文种类", "the kind of paper")
    version: int = says("读取时的版本", "the version that was read")
    reason: str = says("理由", "why")
    idempotency_key: str | None = key()


LetterTemplatePayload = payload(
    "LetterTemplatePayload", "letter_template", LetterTemplate, "公文模板", "the template that holds from now on"
)


def _answer(made: LetterTemplateRow) -> Answer:
    return Answer({}, {"letterTemplate": shown(made.kind, made)})


@strawberry.type
class TemplateMutations:
    """What the city's administrator does with the words of its papers."""

    set_letter_template: LetterTemplatePayload = mutation(
        Run(templates.set_letter_template, _answer),
        SetLetterTemplateInput,
        "替换某种公文的模板,用于此后签发的公文(市管理员) / "
        "replace a kind's template, for what is issued from now on (city admin)",
    )
    reset_letter_template: LetterTemplatePayload = mutation(
        Run(templates.reset_letter_template, _answer),
        ResetLetterTemplateInput,
        "恢复平台默认的模板(市管理员) / go back to the platform's own template (city admin)",
    )
