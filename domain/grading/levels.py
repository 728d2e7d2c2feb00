"""From harms to levels (Grading Guide; domain-facts: the matrix, the marks, the form's boxes).

The matrix is data with an edition: a later one is added beside it, and gradings keep the edition they were made by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.text import Term


class HarmObject(Term):
    """What is harmed (受侵害的客体)."""

    LEGITIMATE_RIGHTS = "LEGITIMATE_RIGHTS", "公民、法人和其他组织的合法权益", "rights of citizens and organisations"
    SOCIAL_ORDER_PUBLIC_INTEREST = (
        "SOCIAL_ORDER_PUBLIC_INTEREST",
        "社会秩序、公共利益",
        "social order, public interest",
    )
    NATIONAL_SECURITY = "NATIONAL_SECURITY", "国家安全", "national security"


class HarmDegree(Term):
    """How badly it is harmed (侵害程度)."""

    GENERAL = "GENERAL", "一般损害", "general harm"
    SERIOUS = "SERIOUS", "严重损害", "serious harm"
    ESPECIALLY_SERIOUS = "ESPECIALLY_SERIOUS", "特别严重损害", "especially serious harm"


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm that follows when information, or a service, is destroyed."""

    object: HarmObject
    degree: HarmDegree


Matrix = Mapping[Harm, int]

_RIGHTS, _ORDER, _NATION = HarmObject
_GENERAL, _SERIOUS, _ESPECIALLY = HarmDegree

DEFAULT_MATRIX = "GB/T 22240-2008"
MATRICES: Mapping[str, Matrix] = {
    DEFAULT_MATRIX: {
        Harm(_RIGHTS, _GENERAL): 1,
        Harm(_RIGHTS, _SERIOUS): 2,
        Harm(_RIGHTS, _ESPECIALLY): 2,
        Harm(_ORDER, _GENERAL): 2,
        Harm(_ORDER, _SERIOUS): 3,
        Harm(_ORDER, _ESPECIALLY): 4,
        Harm(_NATION, _GENERAL): 3,
        Harm(_NATION, _SERIOUS): 4,
        Harm(_NATION, _ESPECIALLY): 5,
    }
}

# Table 3 of the form has eight boxes for nine cells: especially serious harm to rights goes with serious harm.
BOXES: Mapping[Harm, str] = {
    Harm(_RIGHTS, _GENERAL): "1-1",
    Harm(_RIGHTS, _SERIOUS): "2-2",
    Harm(_RIGHTS, _ESPECIALLY): "2-2",
    Harm(_ORDER, _GENERAL): "3-2",
    Harm(_ORDER, _SERIOUS): "4-3",
    Harm(_NATION, _GENERAL): "5-3",
    Harm(_ORDER, _ESPECIALLY): "6-4",
    Harm(_NATION, _SERIOUS): "7-4",
    Harm(_NATION, _ESPECIALLY): "8-5",
}


def determine(harms: Collection[Harm], matrix: str = DEFAULT_MATRIX) -> int:
    """The level that follows from ``harms``: the highest of theirs. Raises: ValueError when there are none."""
    if not harms:
        raise ValueError("a determination rests on at least one harm")
    cells = MATRICES[matrix]
    return max(cells[harm] for harm in harms)


def final_level(business_information: int, system_service: int) -> int:
    """A system's level: the higher of its two."""
    return max(business_information, system_service)


def security_mark(business_information: int, system_service: int) -> str:
    """The mark of a system, such as ``S3A2G3``."""
    final = final_level(business_information, system_service)
    return f"S{business_information}A{system_service}G{final}"
