"""What a grading says, section by section as the grading report prints it (定级报告; domain-facts.md 1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.checks import LONG, Checks
from domain.grading.entities import Grading
from domain.grading.levels import (
    Harm,
    HarmConsequence,
    HarmDegree,
    HarmObject,
    determine,
    final_level,
    security_mark,
)

DeterminationInput = Mapping[str, Any]
SystemDescriptionInput = Mapping[str, Any]

# Of business information and of system service: what it is, what is harmed and why, how badly and why, and in all.
DETERMINATION_TEXTS = ("description", "objectReasoning", "degreeReasoning", "reasoning")
# Section one: responsible unit; elements and network structure; boundary and its devices; business carried.
SYSTEM_TEXTS = ("responsibility", "elements", "boundary", "business")


@dataclass(frozen=True, slots=True)
class Content:
    """A grading's input, checked: the harms, and what is kept of the texts."""

    information_harms: Sequence[Harm]
    service_harms: Sequence[Harm]
    business_information: dict[str, Any]
    system_service: dict[str, Any]
    system_description: dict[str, Any] | None


def content_of(
    checks: Checks,
    business_information: DeterminationInput,
    system_service: DeterminationInput,
    system_description: SystemDescriptionInput | None,
) -> Content:
    """The content of the three inputs; ``checks`` gathers what is wrong with them."""
    s_harms = _harms(checks, business_information, "businessInformation")
    a_harms = _harms(checks, system_service, "systemService")
    return Content(
        s_harms,
        a_harms,
        _determination(checks, s_harms, business_information, "businessInformation"),
        _determination(checks, a_harms, system_service, "systemService"),
        None if system_description is None else _texts(checks, SYSTEM_TEXTS, system_description, "systemDescription"),
    )


def determine_levels(grading: Grading, content: Content, matrix: str) -> None:
    """Put the content into the grading, with the levels that follow by this edition of the matrix, which it keeps."""
    s, a = (determine(harms, matrix) for harms in (content.information_harms, content.service_harms))
    grading.matrix = matrix
    grading.business_information, grading.business_information_level = content.business_information, s
    grading.system_service, grading.system_service_level = content.system_service, a
    grading.level, grading.security_mark = final_level(s, a), security_mark(s, a)


def _harms(checks: Checks, determination: DeterminationInput, field: str) -> list[Harm]:
    given: Sequence[Mapping[str, str]] = determination["harms"]
    if not given:
        checks.wrong(f"{field}.harms", "请至少选择一项侵害。", "Choose at least one harm.")
    if len(given) > len(HarmObject) * len(HarmDegree):
        checks.wrong(f"{field}.harms", "侵害项过多。", "There are more harms than kinds of them.")
    found = (Harm(HarmObject[harm["object"]], HarmDegree[harm["degree"]]) for harm in given)
    return list(dict.fromkeys(found))


def _determination(
    checks: Checks, harms: Sequence[Harm], determination: DeterminationInput, field: str
) -> dict[str, Any]:
    consequences = [HarmConsequence[each] for each in determination.get("consequences") or ()]
    return {
        "harms": [{"object": harm.object.value, "degree": harm.degree.value} for harm in harms],
        "consequences": [each.value for each in dict.fromkeys(consequences)],
        **_texts(checks, DETERMINATION_TEXTS, determination, field),
    }


def _texts(checks: Checks, names: Sequence[str], given: Mapping[str, Any], field: str) -> dict[str, str | None]:
    return {name: checks.text(given.get(name), f"{field}.{name}", limit=LONG) for name in names}
