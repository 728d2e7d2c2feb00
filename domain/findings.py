"""What findings have in common, whoever made them: a risk assessment, a level assessment or an inspection (发现的问题).

Each subject keeps its findings in a table of its own; these two vocabularies are the same for all.
"""

from __future__ import annotations

from domain.text import Term


class Severity(Term):
    """How grave a finding is (风险等级)."""

    HIGH = "HIGH", "高", "high risk"
    MEDIUM = "MEDIUM", "中", "medium risk"
    LOW = "LOW", "低", "low risk"


class ControlArea(Term):
    """Which of the ten control areas a finding belongs to (安全控制类; GB/T 22239-2019): five are technical.

    The areas of the 2008 edition have no members of their own: what was found of its hosts, applications and data
    belongs to the computing environment, of its networks to communication networks or boundaries.
    """

    PHYSICAL_ENVIRONMENT = "PHYSICAL_ENVIRONMENT", "安全物理环境", "physical environment"
    COMMUNICATION_NETWORK = "COMMUNICATION_NETWORK", "安全通信网络", "communication network"
    AREA_BOUNDARY = "AREA_BOUNDARY", "安全区域边界", "area boundary"
    COMPUTING_ENVIRONMENT = "COMPUTING_ENVIRONMENT", "安全计算环境", "computing environment"
    MANAGEMENT_CENTRE = "MANAGEMENT_CENTRE", "安全管理中心", "security management centre"
    MANAGEMENT_RULES = "MANAGEMENT_RULES", "安全管理制度", "management rules"
    MANAGEMENT_ORGANISATION = "MANAGEMENT_ORGANISATION", "安全管理机构", "management organisation"
    PERSONNEL = "PERSONNEL", "安全管理人员", "personnel"
    CONSTRUCTION_MANAGEMENT = "CONSTRUCTION_MANAGEMENT", "安全建设管理", "construction management"
    OPERATION_MANAGEMENT = "OPERATION_MANAGEMENT", "安全运维管理", "operation and maintenance management"
