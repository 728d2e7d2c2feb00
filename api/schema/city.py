"""The city and who is in it: tenants (市), districts (区县), organisations (机构), users and memberships (人员)."""

import datetime as dt

import strawberry

from api.reads.sources import column, connection, entity, expression, global_id, to_one, to_one_on
from api.schema import lists
from api.schema.common import BigInt, Connection, Node, lazy, vocabulary
from domain.access import Duty, Role
from domain.grading.levels import MatrixEdition
from domain.organisations.entities import AuthorityLevel as AuthorityLevelTerm
from domain.organisations.entities import Organisation as OrganisationRow
from domain.organisations.entities import OrganisationKind
from domain.panels.voting import Majority, TieRule
from domain.people.entities import Membership as MembershipRow
from domain.people.entities import User as UserRow
from domain.people.entities import UserKind
from domain.tenants.entities import CalendarDay as CalendarDayRow
from domain.tenants.entities import District as DistrictRow
from domain.tenants.entities import Tenant as TenantRow
from domain.tenants.entities import TenantSettings as TenantSettingsRow

for _term in (Duty, Majority, TieRule, MatrixEdition):
    vocabulary(_term)


@entity(TenantSettingsRow, "set")
@strawberry.type(description="租户设置 / what a city decides for itself")
class TenantSettings(Node):
    """What a city decides for itself."""

    id: strawberry.ID = global_id("set")
    panel_quorum: int = column("panel_quorum", "专家评审法定人数 / how many opinions a conclusion needs")
    panel_majority: Majority = column("panel_majority", "表决多数 / how many of them have to agree")
    panel_tie_rule: TieRule = column("panel_tie_rule", "未达多数时的规则 / what holds where no level has the majority")
    grading_matrix: MatrixEdition = column("grading_matrix", "定级矩阵版本 / the matrix that gradings are made by")
    storage_quota: BigInt = column("storage_quota", "全市存储配额(字节) / how many bytes the city may upload")
    person_storage_quota: BigInt = column("person_storage_quota", "每人存储配额(字节) / how many one person may")
    retention_years: int = column("retention_years", "文件保存年限 / for how many years files are kept unchangeable")
    version: int = column("version", "版本 / counts its changes")


@entity(TenantRow, "ten")
@strawberry.type(description="租户:一个市及其下属一切 / a city and all under it")
class Tenant(Node):
    """A city."""

    id: strawberry.ID = global_id("ten")
    name: str = column("name", "名称 / name")
    slug: str = column("slug", "代号,用于登录名 / short name, as in user names")
    division_code: str = column("division_code", "行政区划代码 / code of GB/T 2260")
    settings: TenantSettings | None = to_one_on(
        lambda mine, other: other.c.tenant_id == mine.c.id, "租户设置 / what it decides for itself"
    )


@entity(DistrictRow, "dis")
@strawberry.type(description="区县 / a jurisdiction")
class District(Node):
    """A jurisdiction."""

    id: strawberry.ID = global_id("dis")
    name: str = column("name", "名称 / name")
    division_code: str = column("division_code", "行政区划代码 / code of GB/T 2260")
    mailbox: str | None = column("mailbox", "备案邮箱 / mailbox for filings")


@entity(CalendarDayRow, "cal")
@strawberry.type(description="本市对某日的工作日调整 / the city's own ruling on a day")
class CalendarDay(Node):
    """The city's own ruling on a day."""

    id: strawberry.ID = global_id("cal")
    day: dt.date = column("day", "日期 / the day")
    working: bool = column("working", "是否工作日 / whether it is a working day")
    reason: str | None = column("reason", "理由 / why")
    decided_by: lazy("User", "city") | None = to_one("decided_by_id", "决定人 / who ruled it")


@entity(OrganisationRow, "org")
@strawberry.type(description="机构 / an organisation")
class Organisation(Node):
    """An organisation."""

    id: strawberry.ID = global_id("org")
    kind: OrganisationKind = column("kind", "类别 / kind")
    name: str = column("name", "名称 / name")
    credit_code: str | None = column("credit_code", "统一社会信用代码 / unified social credit code")
    authority_level: AuthorityLevelTerm | None = column("authority_level", "备案层级 / with which authority it files")
    district: District | None = to_one("district_id", "所属区县 / its district")
    supervising_unit: lazy("Organisation", "city") | None = to_one(
        "supervising_unit_id", "主管部门 / the unit that supervises it"
    )
    province: str | None = column("province", "省(自治区、直辖市) / province")
    city: str | None = column("city", "地(区、市、州、盟) / prefecture")
    county: str | None = column("county", "县(区、市、旗) / county")
    address: str | None = column("address", "详细地址 / address")
    postcode: str | None = column("postcode", "邮政编码 / postcode")
    unit_type: str | None = column("unit_type", "单位类型 / type of unit")
    subordination: str | None = column("subordination", "隶属关系 / subordination")
    industry: str | None = column("industry", "行业类别 / industry")
    responsible_department: str | None = column("responsible_department", "责任部门 / responsible department")
    leader_name: str | None = column("leader_name", "单位负责人 / leader in charge")
    leader_title: str | None = column("leader_title", "负责人职务 / the leader's title")
    leader_phone: str | None = column("leader_phone", "负责人电话 / the leader's telephone")
    leader_email: str | None = column("leader_email", "负责人电子邮件 / the leader's e-mail")
    contact_name: str | None = column("contact_name", "责任部门联系人 / contact person")
    contact_title: str | None = column("contact_title", "联系人职务 / the contact's title")
    contact_phone: str | None = column("contact_phone", "联系人电话 / the contact's telephone")
    contact_mobile: str | None = column("contact_mobile", "联系人移动电话 / the contact's mobile")
    contact_email: str | None = column("contact_email", "联系人电子邮件 / the contact's e-mail")
    systems: Connection[lazy("System", "systems")] = connection(
        lists.SYSTEMS, "其信息系统 / its systems", key="unit_id"
    )
    filings: Connection[lazy("Filing", "filings")] = connection(lists.FILINGS, "其备案 / its filings", key="unit_id")
    provider: lazy("Provider", "providers") | None = to_one_on(
        lambda mine, other: other.c.organisation_id == mine.c.id, "在推荐机构名录中的记载 / its entry in the directory"
    )
    supervised_units: Connection[lazy("Organisation", "city")] = connection(
        lists.ORGANISATIONS, "其主管的单位 / the units that it supervises", key="supervising_unit_id"
    )
    memberships: Connection[lazy("Membership", "city")] = connection(
        lists.MEMBERSHIPS, "其成员 / memberships in it", key="organisation_id"
    )
    version: int = column("version", "版本 / counts its changes")


@entity(UserRow, "usr")
@strawberry.type(description="用户 / a person with an account")
class User(Node):
    """A person with an account."""

    id: strawberry.ID = global_id("usr")
    kind: UserKind = column("kind", "人员或程序 / a person or a program")
    login: str = column("username", "用户名 / user name")
    display_name: str = column("display_name", "姓名 / name")
    email: str | None = column("email", "电子邮件 / e-mail")
    memberships: Connection[lazy("Membership", "city")] = connection(
        lists.MEMBERSHIPS, "其身份 / what the person may act as", key="user_id"
    )


@entity(MembershipRow, "mem")
@strawberry.type(description="身份:某人在某机构的角色与职责 / a person's role and duties in an organisation")
class Membership(Node):
    """A person's role and duties in an organisation."""

    id: strawberry.ID = global_id("mem")
    role: Role = column("role", "角色 / role")
    duties: list[Duty] = column("duties", "职责 / duties")
    user: User | None = to_one("user_id", "人员 / the person")
    organisation: Organisation | None = to_one("organisation_id", "机构 / the organisation")
    created_at: dt.datetime = column("created_at", "授予时间 / when it was granted")
    revoked_at: dt.datetime | None = column("revoked_at", "撤销时间 / when it was revoked")
    in_force: bool = expression(lambda t: t.c.revoked_at.is_(None), "是否有效 / whether it is in force", "revoked_at")
