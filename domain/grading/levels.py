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


class HarmConsequence(Term):
    """What follows when information or a service is destroyed (危害后果; Grading Guide)."""

    WORK = "WORK", "影响行使工作职能", "functions of the office are impaired"
    BUSINESS_CAPACITY = "BUSINESS_CAPACITY", "导致业务能力下降", "business capacity falls"
    LEGAL_DISPUTE = "LEGAL_DISPUTE", "引起法律纠纷", "legal disputes"
    PROPERTY = "PROPERTY", "导致财产损失", "loss of property"
    SOCIAL_IMPACT = "SOCIAL_IMPACT", "造成社会不良影响", "bad effect on society"
    OTHERS_HARMED = "OTHERS_HARMED", "对其他组织和个人造成损失", "loss to other organisations and people"
    OTHER = "OTHER", "其他影响", "other effects"


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm that follows when information, or a service, is destroyed."""

    object: HarmObject
    degree: HarmDegree


Matrix = Mapping[Harm, int]

_RIGHTS, _ORDER, _NATION = HarmObject
_GENERAL, _SERIOUS, _ESPECIALLY = HarmDegree

_RIGHTS_ESPECIALLY = Harm(_RIGHTS, _ESPECIALLY)


class MatrixEdition(Term):
    """Editions of the level matrix (定级矩阵版本); the code is how a grading names the one that it was made by."""

    GB_T_22240_2008 = (
        "GB_T_22240_2008",
        "《定级指南》2008 版,2020 版矩阵与之相同",
        "the Grading Guide of 2008, unchanged in 2020",
        "GB/T 22240-2008",
    )
    GA_T_1389_2017 = (
        "GA_T_1389_2017",
        "《网络安全等级保护定级指南》2017 行业标准,对合法权益的特别严重损害定为第三级",
        "the sector standard of 2017: especially serious harm to rights is level 3",
        "GA/T 1389-2017",
    )
    REPORT_TEMPLATE_2025 = (
        "REPORT_TEMPLATE_2025",
        "2025 版定级报告模板,保护等级适度调高",
        "the report template of 2025, which raises the same cell",
        "定级报告模板 2025",
    )


# domain-facts.md 1.1: the editions differ in one cell. An edition is added here and in the vocabulary, never changed.
_OF_2008: Matrix = {
    Harm(_RIGHTS, _GENERAL): 1,
    Harm(_RIGHTS, _SERIOUS): 2,
    _RIGHTS_ESPECIALLY: 2,
    Harm(_ORDER, _GENERAL): 2,
    Harm(_ORDER, _SERIOUS): 3,
    Harm(_ORDER, _ESPECIALLY): 4,
    Harm(_NATION, _GENERAL): 3,
    Harm(_NATION, _SERIOUS): 4,
    Harm(_NATION, _ESPECIALLY): 5,
}
DEFAULT_MATRIX = MatrixEdition.GB_T_22240_2008.code
MATRICES: Mapping[str, Matrix] = {
    MatrixEdition.GB_T_22240_2008.code: _OF_2008,
    MatrixEdition.GA_T_1389_2017.code: {**_OF_2008, _RIGHTS_ESPECIALLY: 3},
    MatrixEdition.REPORT_TEMPLATE_2025.code: {**_OF_2008, _RIGHTS_ESPECIALLY: 3},
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


class HarmChoice(Term):
    """The cells of the matrix in words, with the boxes that table 3 of the form has for them (损害选项)."""

    RIGHTS_GENERAL = "RIGHTS_GENERAL", "对合法权益造成损害", "general harm to rights", "1-1"
    RIGHTS_SERIOUS = "RIGHTS_SERIOUS", "对合法权益造成严重损害", "serious harm to rights", "2-2"
    RIGHTS_ESPECIALLY = "RIGHTS_ESPECIALLY", "对合法权益造成特别严重损害", "especially serious harm to rights"
    ORDER_GENERAL = "ORDER_GENERAL", "对社会秩序和公共利益造成损害", "general harm to order", "3-2"
    ORDER_SERIOUS = "ORDER_SERIOUS", "对社会秩序和公共利益造成严重损害", "serious harm to order", "4-3"
    ORDER_ESPECIALLY = (
        "ORDER_ESPECIALLY",
        "对社会秩序和公共利益造成特别严重损害",
        "especially serious harm to order",
        "6-4",
    )
    NATION_GENERAL = "NATION_GENERAL", "对国家安全造成损害", "general harm to the nation's security", "5-3"
    NATION_SERIOUS = "NATION_SERIOUS", "对国家安全造成严重损害", "serious harm to the nation's security", "7-4"
    NATION_ESPECIALLY = (
        "NATION_ESPECIALLY",
        "对国家安全造成特别严重损害",
        "especially serious harm to the nation's security",
        "8-5",
    )


CHOSEN: Mapping[HarmChoice, Harm] = dict(
    zip(HarmChoice, (Harm(each, degree) for each in HarmObject for degree in HarmDegree), strict=True)
)


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
