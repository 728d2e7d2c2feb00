"""What cannot be right in a form whose answers are each well formed: sums, shares, rows, codes that do not fit.

What is merely absent is ``missing``; what contradicts itself is refused when it is entered, all of it at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from domain.errors import ErrorCode, Problem
from domain.filings.dependent import out_of_place
from domain.filings.form import FilingFormEntry, Table, problems_of
from domain.filings.form_terms import DomesticUse
from domain.text import Text

LISTS = ("key_products", "services")


@dataclass(frozen=True, slots=True)
class Places:
    """The codes of GB/T 2260 that a city knows: its own, and its districts'."""

    city: str
    districts: frozenset[str]

    def could_be(self, code: str) -> bool:
        """Whether ``code`` is outside the city's territory, or one of its own codes."""
        municipality = self.city.endswith("0000")
        if not self.districts or not code.startswith(self.city[:2] if municipality else self.city[:4]):
            return True
        # A municipality's own two prefectures: 市辖区 and 县.
        prefectures = {f"{self.city[:2]}0100", f"{self.city[:2]}0200"} if municipality else set()
        return code in self.districts | {self.city} | prefectures


@dataclass(frozen=True, slots=True)
class Rule:
    """What no table may say: where it is told, when it is broken, and the remedy."""

    path: str
    broken: Callable[[Any], bool]
    message: Text


def levels_counted(unit: Any) -> int:
    """The systems that a unit counts by level."""
    return sum(getattr(unit, f"level_{level}_count") or 0 for level in range(2, 6))


RULES: tuple[Rule, ...] = (
    # Systems of level 1 are in the total and are not filed, so the others may add up to less.
    Rule(
        "unit.system_total",
        lambda t: t.system_total is not None and levels_counted(t) > t.system_total,
        Text(
            "信息系统总数不得小于第二级至第五级系统数之和,请核对各项数量。",
            "The total may not be less than the systems of levels 2 to 5 together; check the counts.",
        ),
    ),
    Rule(
        "system.service_scope_count",
        lambda t: t.service_scope_count == 0,
        Text("跨省或跨地的个数至少为 1。", "At least one province or city is reached."),
    ),
)


def read_entry(given: Mapping[str, Any], prefix: str = "form") -> tuple[FilingFormEntry, list[Problem]]:
    """What of an entered form can be read, and what is wrong with each answer that cannot."""
    try:
        return FilingFormEntry.model_validate(given), []
    except ValidationError as error:
        return FilingFormEntry.model_validate(_readable(given, error)), problems_of(error, prefix)


def contradictions(entry: FilingFormEntry, places: Places | None, prefix: str = "form") -> list[Problem]:
    """Every contradiction within the tables that ``entry`` gives."""
    return [
        Problem(ErrorCode.INVALID_INPUT, message, ".".join((prefix, *(to_camel(step) for step in path.split(".")))))
        for path, message in _contradictions(entry, places)
    ]


def _contradictions(entry: FilingFormEntry, places: Places | None) -> Iterator[tuple[str, Text]]:
    for name in ("unit", "system", "grading"):
        table: Table | None = getattr(entry, name)
        if table is None:
            continue
        yield from ((f"{name}.{field}", message) for field, message in out_of_place(table))
        yield from ((rule.path, rule.message) for rule in RULES if rule.path.startswith(name) and rule.broken(table))
    if entry.system is not None:
        for field in LISTS:
            yield from _of_rows(getattr(entry.system, field) or [], f"system.{field}")
    code = entry.unit.division_code if entry.unit else None
    if code is not None and places is not None and not places.could_be(code):
        yield (
            "unit.division_code",
            Text(
                f"本市没有此行政区划代码。请填本市代码 {places.city},或所在区县的代码。",
                f"The city has no such division. Give the city's code {places.city}, or the district's.",
            ),
        )


def _of_rows(rows: list[Any], path: str) -> Iterator[tuple[str, Text]]:
    """Rows that contradict themselves, or that say one thing twice; rows count from zero."""
    seen: set[tuple[Any, Any]] = set()
    for number, row in enumerate(rows):
        yield from ((f"{path}.{number}.{field}", message) for field, message in out_of_place(row))
        if (row.kind, row.other) in seen:
            yield f"{path}.{number}.kind", Text("此类已填过一行,请合并。", "There is a row of this kind; make it one.")
        seen.add((row.kind, row.other))
        if getattr(row, "domestic_use", None) == DomesticUse.PARTIAL and row.domestic_percent in {0, 100}:
            yield (
                f"{path}.{number}.domestic_percent",
                Text(
                    "部分使用时使用率须在 1 至 99 之间;全部使用或全部未使用请改选该项。",
                    "A partial share runs from 1 to 99; for none or all of them choose that instead.",
                ),
            )


def _readable(given: Mapping[str, Any], error: ValidationError) -> dict[str, Any]:
    """``given`` without the answers that ``error`` is about; of a list with a wrong row nothing is left."""
    left: dict[str, Any] = copy.deepcopy(dict(given))
    for each in error.errors():
        place: Any = left
        steps = [str(step) for step in each["loc"] if not isinstance(step, int)]
        rows = next((number for number, step in enumerate(each["loc"]) if isinstance(step, int)), len(steps))
        *parents, last = steps[:rows]
        for parent in parents:
            place = place.get(parent, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict):
            # By whichever of its names it was given.
            for name in {last, to_camel(last)} & place.keys():
                del place[name]
    return left
