"""What a filing still lacks, item by item and all at once (Measures art. 16; the form's own notes).

Every path names something that can be entered by itself: a field of the form, or a kind of document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm, SystemTable, Table, UnitTable
from domain.filings.form_terms import DomesticUse, ServiceScope
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
# Needed only where another answer calls for it.
Needed = Callable[[Any], bool]
CONDITIONAL: dict[str, Needed] = {
    "unit.subordination_other": lambda t: t.subordination == "OTHER",
    "unit.unit_type_other": lambda t: t.unit_type == "OTHER",
    "unit.industry_other": lambda t: t.industry == "OTHER",
    "system.business_other": lambda t: "OTHER" in (t.business_types or ()),
    "system.service_scope_count": lambda t: t.service_scope in {ServiceScope.CROSS_PROVINCE, ServiceScope.CROSS_CITY},
    "system.service_scope_other": lambda t: t.service_scope == "OTHER",
    "system.service_audience_other": lambda t: t.service_audience == "OTHER",
    "system.network_coverage_other": lambda t: t.network_coverage == "OTHER",
    "system.network_nature_other": lambda t: t.network_nature == "OTHER",
    "system.interconnection_other": lambda t: "OTHER" in (t.interconnections or ()),
    "system.parent_system": lambda t: t.is_subsystem is True,
    "system.parent_unit": lambda t: t.is_subsystem is True,
    "grading.competent_department": lambda t: t.has_competent_department is True,
    "grading.department_approved": lambda t: t.has_competent_department is True,
}
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
    wanted = dict.fromkeys(_required_documents(form, level), True)
    wanted |= dict.fromkeys(_expected_documents(level), False)
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


def _expected_documents(level: int) -> Iterator[DocumentKind]:
    """Owed later, or made elsewhere: table 4's assessment report follows within 30 days (Measures art. 16)."""
    yield DocumentKind.GRADING_REPORT
    if level >= TABLE_4_FROM_LEVEL:
        yield DocumentKind.ASSESSMENT_REPORT


def _of_table(table: Table, path: str, within: Text) -> Iterator[MissingItem]:
    for name, field in type(table).model_fields.items():
        place = f"{path}.{name}"
        value = getattr(table, name)
        if place in DERIVED or (place in CONDITIONAL and not CONDITIONAL[place](table)):
            continue
        zh, _, en = (field.description or name).partition(" / ")
        part = PARTS.get(place)
        if part is not None:
            yield from _of_table(value or part(), place, Text(f"{within.zh}{zh}的", f"{within.en}{en}: "))
        elif (value is None or value == []) and place not in OPTIONAL:
            shown = ".".join(to_camel(step) for step in place.split("."))
            yield MissingItem(shown, Text(f"请填写:{within.zh}{zh}。", f"Fill in: {within.en}{en}."))


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
