"""The demo's accounts, the same in every city."""

from typing import NamedTuple

from domain.access import Duty, Role

PASSWORD = "dengbao-demo"  # noqa: S105 - only the demo seed makes accounts with it
SECOND_CITY = "tianjin"


class Account(NamedTuple):
    """An account: its name, whose it is, what it may do."""

    username: str
    zh: str
    role: Role
    duty: Duty


ACCOUNTS = (
    Account("city.officer", "市信息办 经办人", Role.CITY_OFFICE, Duty.OFFICER),
    Account("city.leader", "市信息办 签发领导", Role.CITY_OFFICE, Duty.LEADER),
    Account("city.advisor", "市信息办安全中心 咨询员", Role.CITY_OFFICE, Duty.ADVISOR),
    Account("city.admin", "市信息办 管理员", Role.CITY_OFFICE, Duty.ADMIN),
    Account("district.officer", "区县信息办 经办人", Role.DISTRICT_OFFICE, Duty.OFFICER),
    Account("unit.filer", "运营使用单位 填报人", Role.UNIT, Duty.FILER),
    Account("unit.approver", "运营使用单位 审批人", Role.UNIT, Duty.APPROVER),
    Account("expert", "专家组 专家", Role.EXPERT, Duty.EXPERT),
    Account("expert2", "专家组 专家", Role.EXPERT, Duty.EXPERT),
    Account("expert3", "专家组 专家", Role.EXPERT, Duty.EXPERT),
    Account("assessor", "测评机构 测评师", Role.ASSESSOR, Duty.ASSESSOR),
    Account("district.admin", "区县信息办 管理员", Role.DISTRICT_OFFICE, Duty.ADMIN),
    Account("unit.admin", "运营使用单位 管理员", Role.UNIT, Duty.ADMIN),
    Account("assessor.admin", "测评机构 管理员", Role.ASSESSOR, Duty.ADMIN),
)
