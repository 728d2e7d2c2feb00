"""What a filing still lacks, item by item and all at once (Measures art. 16; the form's own notes).

Every path names something that can be entered by itself: a field of the form, or a kind of document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from domain.documents.kinds import DocumentKind
from domain.filings.dependent import called_for
from domain.filings.form import FilingForm, SystemTable, Table, UnitTable
from domain.filings.form_terms import DomesticUse, ServiceKind
from domain.text import Text

TABLE_4_FROM_LEVEL = 3  # "第三级以上" includes the third


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing that is missing, or (``required`` false) that is merely expected."""

    path: str
    message: Text
    required: bool = True

    def stored(self) -> dict[str, Any]:
        """The item as it is kept with the filing."""
        return {"path": self.path, "zh": self.message.zh, "en": self.message.en, "required": self.required}


TABLES = {
    "unit": Text("表一 ", "table 1, "),
    "system": Text("表二 ", "table 2, "),
    "grading": Text("表三 ", "table 3, "),
}
OPTIONAL = frozenset(
    {
        "unit.leader.email",
        "unit.leader.title",
        "unit.contact.email",
        "unit.contact.title",
        "unit.contact.mobile",
        "system.assessor_name",
    }
)
Needed = Callable[[Any], bool]
# What follows from the grading is not the unit's to enter.
DERIVED = frozenset(
    f"grading.{name}"
    for name in (
        "business_information_level",
        "business_information_boxes",
        "system_service_level",
        "system_service_boxes",
        "level",
        "graded_on",
        "has_grading_report",
    )
)
FROM_LEVEL_3 = (
    DocumentKind.TOPOLOGY,
    DocumentKind.ORGANISATION_AND_RULES,
    DocumentKind.PROTECTION_PLAN,
    DocumentKind.PRODUCT_LIST,
    DocumentKind.EXPERT_OPINION,
)


def missing_items(form: FilingForm, level: int, documents: Collection[DocumentKind]) -> list[MissingItem]:
    """All that a filing of ``level`` with these documents lacks: the form's fields, then documents."""
    found: list[MissingItem] = []
    for name, printed in TABLES.items():
        found += _of_table(getattr(form, name), name, printed)
    found += _of_rows(form.system)
    found += _pointed_out(form, level)
    wanted = dict.fromkeys(_required_documents(form, level), True)
    wanted |= dict.fromkeys((kind for kind in _expected_documents(form, level) if kind not in wanted), False)
    for kind, required in wanted.items():
        if kind not in documents:
            message = Text(f"请上传:{kind.zh}。", f"Attach: {kind.en}.")
            found.append(MissingItem(kind.value, message, required))
    return found


def table_4(level: int) -> tuple[DocumentKind, ...]:
    """The materials that table 4 lists, for a filing of ``level``."""
    if level < TABLE_4_FROM_LEVEL:
        return ()
    return (*FROM_LEVEL_3[:4], DocumentKind.ASSESSMENT_REPORT, FROM_LEVEL_3[4], DocumentKind.SUPERIOR_APPROVAL)


def _required_documents(form: FilingForm, level: int) -> Iterator[DocumentKind]:
    yield DocumentKind.FILING_ARCHIVE
    if level >= TABLE_4_FROM_LEVEL:
        yield from FROM_LEVEL_3
        if form.grading.has_competent_department:
            yield DocumentKind.SUPERIOR_APPROVAL


def _expected_documents(form: FilingForm, level: int) -> Iterator[DocumentKind]:
    """Owed later, or made elsewhere: table 4's assessment report follows within 30 days (Measures art. 16)."""
    yield DocumentKind.GRADING_REPORT
    if form.grading.expert_reviewed:
        yield DocumentKind.EXPERT_OPINION
    if level >= TABLE_4_FROM_LEVEL:
        yield DocumentKind.ASSESSMENT_REPORT


def _of_table(table: Table, path: str, within: Text) -> Iterator[MissingItem]:
    for name, field in type(table).model_fields.items():
        place = f"{path}.{name}"
        value = getattr(table, name)
        if place in DERIVED or not called_for(table, name):
            continue
        zh, _, en = (field.description or name).partition(" / ")
        part = PARTS.get(place)
        if part is not None:
            yield from _of_table(value or part(), place, Text(f"{within.zh}{zh}的", f"{within.en}{en}: "))
        elif (value is None or value == []) and place not in OPTIONAL:
            shown = ".".join(to_camel(step) for step in place.split("."))
            yield MissingItem(shown, Text(f"请填写:{within.zh}{zh}。", f"Fill in: {within.en}{en}."))


def _pointed_out(form: FilingForm, level: int) -> Iterator[MissingItem]:
    """What the form leads one to expect elsewhere in it; a reviewer can still work without."""
    counted = getattr(form.unit, f"level_{level}_count")
    if counted == 0:
        zh, en = f"本系统为第 {level} 级", f"this system is of level {level}"
        message = Text(f"请核对:{zh},该级系统数至少为 1。", f"Check: {en}, so there is at least one of it.")
        yield MissingItem(f"unit.level{level}Count", message, required=False)
    assessed = any(row.kind is ServiceKind.LEVEL_ASSESSMENT and row.used for row in form.system.services or ())
    if assessed and form.system.assessor_name is None:
        message = Text("请填写:表二 09 等级测评单位名称。", "Fill in: table 2, 09 name of the assessment body.")
        yield MissingItem("system.assessorName", message, required=False)


def _of_rows(system: SystemTable) -> Iterator[MissingItem]:
    """Rows that lack something, told once a list: which rows, and what they lack."""
    for name, rules in ROWS.items():
        for rule in rules:
            rows = [row for row in getattr(system, name) or () if rule.lacking(row)]
            if rows:
                zh, en = ("、".join(row.kind.zh for row in rows), ", ".join(row.kind.en for row in rows))
                yield MissingItem(f"system.{to_camel(name)}", rule.message.format(zh=zh, en=en), rule.required)


@dataclass(frozen=True, slots=True)
class RowRule:
    """What a row of a list needs because of its other columns."""

    lacking: Needed
    message: Text
    required: bool = True


ROWS: dict[str, tuple[RowRule, ...]] = {
    "key_products": (
        RowRule(
            lambda row: row.domestic_use == DomesticUse.PARTIAL and row.domestic_percent is None,
            Text("请填写国产品使用率(%):{zh}。", "Give the domestic share in percent: {en}."),
        ),
        RowRule(
            lambda row: row.kind == "OTHER" and row.other is None,
            Text("请填写其他产品的名称。", "Say which other product it is."),
        ),
    ),
    "services": (
        RowRule(
            lambda row: row.kind == "OTHER" and row.used and row.other is None,
            Text("请填写其他服务的名称。", "Say which other service it is."),
        ),
        # The form asks for it; a reviewer can still work without it.
        RowRule(
            lambda row: row.used and row.provider is None,
            Text("请填写服务责任方类型:{zh}。", "Say who provides it: {en}."),
            required=False,
        ),
    ),
}


PARTS: dict[str, type[Table]] = {
    f"unit.{name}": part
    for name, field in UnitTable.model_fields.items()
    for part in (getattr(field.annotation, "__args__", None) or (field.annotation,))
    if isinstance(part, type) and issubclass(part, Table)
}
