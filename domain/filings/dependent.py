"""Answers that hang on another answer of the same table: called for by it, or out of place beside it (其他须填文字)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.filings.form import GradingEntry, GradingTable, KeyProduct, ServiceUse, SystemTable, Table, UnitTable
from domain.filings.form_terms import DomesticUse, ServiceScope
from domain.text import Text


@dataclass(frozen=True, slots=True)
class Dependent:
    """An answer that is wanted where the field ``on`` has one of some answers, which ``shown`` names."""

    on: str
    calls: Callable[[Any], bool]
    shown: Text


def _other(on: str) -> Dependent:
    return Dependent(on, lambda answer: answer == "OTHER" or (isinstance(answer, list) and "OTHER" in answer), OTHER)


OTHER = Text("其他", "OTHER")
YES = Text("是", "true")
_scopes = frozenset({ServiceScope.CROSS_PROVINCE, ServiceScope.CROSS_CITY})
_department = Dependent("has_competent_department", lambda answer: answer is True, YES)
_grading = {"competent_department": _department, "department_approved": _department}

# By table, the fields that hang on another.
DEPENDENT: Mapping[type[Table], Mapping[str, Dependent]] = {
    UnitTable: {f"{name}_other": _other(name) for name in ("subordination", "unit_type", "industry")},
    SystemTable: {
        "business_other": _other("business_types"),
        "service_scope_count": Dependent("service_scope", _scopes.__contains__, Text("跨省或跨地", "CROSS_…")),
        **{
            f"{name}_other": _other(name)
            for name in ("service_scope", "service_audience", "network_coverage", "network_nature")
        },
        "interconnection_other": _other("interconnections"),
        "parent_system": Dependent("is_subsystem", lambda answer: answer is True, YES),
        "parent_unit": Dependent("is_subsystem", lambda answer: answer is True, YES),
    },
    GradingEntry: _grading,
    GradingTable: _grading,
    KeyProduct: {
        "domestic_percent": Dependent(
            "domestic_use", lambda answer: answer == DomesticUse.PARTIAL, Text("部分使用", "PARTIAL")
        ),
        "other": _other("kind"),
    },
    ServiceUse: {
        "provider": Dependent("used", lambda answer: answer is True, YES),
        "other": _other("kind"),
    },
}


def called_for(table: Table, name: str) -> bool:
    """Whether the field is to be answered: it hangs on nothing, or on an answer that calls for it."""
    dependent = DEPENDENT.get(type(table), {}).get(name)
    return dependent is None or bool(dependent.calls(getattr(table, dependent.on)))


def out_of_place(table: Table) -> Iterator[tuple[str, Text]]:
    """The fields that are answered although the answer they hang on says otherwise, and what to do."""
    fields = type(table).model_fields
    for name, dependent in DEPENDENT.get(type(table), {}).items():
        governing = getattr(table, dependent.on)
        if getattr(table, name) is None or governing is None or dependent.calls(governing):
            continue
        zh, _, en = (fields[dependent.on].description or "").partition(" / ")
        yield (
            name,
            Text(
                f"仅当“{zh}”为“{dependent.shown.zh}”时填写:请删除此项,或改选“{dependent.shown.zh}”。",
                f"Belongs here only where “{en}” is {dependent.shown.en}: leave it out, or choose that.",
            ),
        )
