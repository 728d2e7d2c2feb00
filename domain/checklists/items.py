"""The checklists' editions: items by control area, each from a level on. Data, versioned: an edition is never changed.

An inspection keeps the edition that it was begun under. The items follow the Administrative Measures (art. 18: what
is inspected; art. 14: self-inspection), the inspection rules of 2008 (公信安[2008]736号, from general knowledge) and
the ten control areas of GB/T 22239-2019 (domain-facts.md, sections 2, 5.2 and 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.findings import ControlArea
from domain.text import Term, Text


class ItemResult(Term):
    """What was found of one item (检查结果)."""

    CONFORMING = "CONFORMING", "符合", "as it should be"
    PARTLY = "PARTLY", "部分符合", "in part as it should be"
    NON_CONFORMING = "NON_CONFORMING", "不符合", "not as it should be"
    NOT_APPLICABLE = "NOT_APPLICABLE", "不适用", "does not apply to this system"


# Results that ask for rectification.
WANTING = frozenset({ItemResult.PARTLY, ItemResult.NON_CONFORMING})


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to look at: its key within the edition, its control area, the requirement, from which level on."""

    key: str
    area: ControlArea
    requirement: Text
    from_level: int = 1


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the checklist, by its name (a year)."""

    name: str
    items: Sequence[ChecklistItem]

    def of_level(self, level: int) -> list[ChecklistItem]:
        """The items that apply to a system of ``level``."""
        return [item for item in self.items if item.from_level <= level]


A = ControlArea


def _item(key: str, area: ControlArea, zh: str, en: str, from_level: int = 1) -> ChecklistItem:
    return ChecklistItem(key, area, Text(zh, en), from_level)


_2008 = Edition(
    "2008",
    (
        _item(
            "SYS-1", A.MANAGEMENT_RULES, "等级保护实施方案和安全管理制度已制定并落实",
            "a plan for classified protection and security rules exist and are followed",
        ),
        _item("SYS-2", A.MANAGEMENT_RULES, "安全管理制度定期评审修订", "the rules are reviewed at regular times", 3),
        _item(
            "ORG-1", A.MANAGEMENT_ORGANISATION, "明确安全责任部门、责任人和岗位", "department, people, posts are named"
        ),
        _item(
            "ORG-2", A.MANAGEMENT_ORGANISATION, "按期开展安全状况自查并留有记录(三级每年、四级每半年)",
            "self-inspections are made when due, and recorded", 3,
        ),
        _item("PER-1", A.PERSONNEL, "开展安全知识和技能培训", "people are trained in security"),
        _item("PER-2", A.PERSONNEL, "关键岗位人员签订保密协议", "those in key posts are bound to secrecy", 2),
        _item(
            "CON-1", A.CONSTRUCTION_MANAGEMENT, "定级准确,系统变化后已重新定级、变更备案",
            "the level is right, and graded and filed anew after changes",
        ),
        _item(
            "CON-2", A.CONSTRUCTION_MANAGEMENT, "备案材料与单位、系统实际情况相符", "what was filed is what is there"
        ),
        _item(
            "CON-3", A.CONSTRUCTION_MANAGEMENT, "信息安全产品的选择和使用符合规定", "products are used as required", 2
        ),
        _item(
            "CON-4", A.CONSTRUCTION_MANAGEMENT, "按规定开展等级测评,并依据结果整改",
            "levels are assessed when due, and findings rectified", 2,
        ),
        _item("PHY-1", A.PHYSICAL_ENVIRONMENT, "机房出入受控,有记录", "entry to machine rooms is controlled"),
        _item(
            "PHY-2", A.PHYSICAL_ENVIRONMENT, "机房防火、防水、供电措施有效", "fire, water and power precautions work"
        ),
        _item("NET-1", A.COMMUNICATION_NETWORK, "网络结构合理,重要区域相互隔离", "the network is divided", 2),
        _item("NET-2", A.COMMUNICATION_NETWORK, "重要数据传输采取加密等保护措施", "transfers of data are protected", 3),
        _item("BND-1", A.AREA_BOUNDARY, "边界部署访问控制设备,策略最小化", "the boundary has least-privilege control"),
        _item("BND-2", A.AREA_BOUNDARY, "边界具备入侵防范和恶意代码防范能力", "intrusion and malware are met there", 2),
        _item("CMP-1", A.COMPUTING_ENVIRONMENT, "身份鉴别和口令策略有效", "people are authenticated"),
        _item("CMP-2", A.COMPUTING_ENVIRONMENT, "权限分离,无多余和共享账户", "rights are apart, no needless accounts"),
        _item("CMP-3", A.COMPUTING_ENVIRONMENT, "安全审计开启,日志留存不少于六个月", "logs are kept for six months", 2),
        _item("CMP-4", A.COMPUTING_ENVIRONMENT, "重要数据有备份并验证可恢复", "data can be restored", 2),
        _item("CMP-5", A.COMPUTING_ENVIRONMENT, "采用两种以上鉴别技术", "two factors authenticate", 3),
        _item("CEN-1", A.MANAGEMENT_CENTRE, "集中管理安全策略、日志和告警", "management is central", 3),
        _item("OPS-1", A.OPERATION_MANAGEMENT, "漏洞和补丁及时处置", "weaknesses are mended in time"),
        _item("OPS-2", A.OPERATION_MANAGEMENT, "有应急预案并定期演练", "there are emergency plans, and exercises", 2),
        _item("OPS-3", A.OPERATION_MANAGEMENT, "安全事件按规定报告和处置", "incidents are reported and handled"),
    ),
)  # fmt: skip
EDITIONS: Mapping[str, Edition] = {each.name: each for each in (_2008,)}
CURRENT = "2008"


def edition(name: str) -> Edition:
    """An edition by its name. Raises: KeyError."""
    return EDITIONS[name]


def items_of(name: str, level: int) -> dict[str, ChecklistItem]:
    """The items of an edition that apply to ``level``, by their keys."""
    return {item.key: item for item in edition(name).of_level(level)}
