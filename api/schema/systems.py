"""Systems (信息系统) and their gradings (定级)."""

import datetime as dt

import strawberry
from sqlalchemy import cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from api.reads.sources import column, connection, embedded, entity, global_id, json, to_one
from api.schema import lists
from api.schema.city import Organisation, User
from api.schema.common import Connection, Node, lazy, vocabulary
from domain.grading.entities import Grading as GradingRow
from domain.grading.entities import GradingState
from domain.grading.levels import HarmDegree, HarmObject
from domain.systems.entities import System as SystemRow

vocabulary(HarmObject)
vocabulary(HarmDegree)


@strawberry.type(description="一项侵害:客体与程度 / one harm: what is harmed, and how badly")
class Harm:
    """One harm."""

    object: HarmObject = json("受侵害的客体 / what is harmed", "object")
    degree: HarmDegree = json("侵害程度 / how badly", "degree")


@strawberry.type(description="业务信息或系统服务的定级 / the determination for business information, or system service")
class Determination:
    """The determination for one of the two."""

    harms: list[Harm] = json("侵害 / the harms", "harms")
    level: int = json("等级,由侵害得出 / the level that follows", "level")
    description: str | None = json("描述 / description", "description")
    reasoning: str | None = json("确定理由 / reasoning", "reasoning")


@entity(SystemRow, "sys")
@strawberry.type(description="信息系统 / an information system")
class System(Node):
    """An information system."""

    id: strawberry.ID = global_id("sys")
    name: str = column("name", "名称 / name")
    code: str = column("code", "单位自编编号 / the unit's own number for it")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit that runs it")
    important: bool = column("important", "是否重要信息系统 / whether marked important")
    level: int | None = column("level", "安全保护等级 / security level")
    security_mark: str | None = column("security_mark", "等级标识,如 S3A2G3 / mark such as S3A2G3")
    current_grading: lazy("Grading", "systems") | None = to_one("current_grading_id", "现行定级 / the grading in force")
    current_filing: lazy("Filing", "filings") | None = to_one("current_filing_id", "现行备案 / the filing in force")
    next_assessment_due_on: dt.date | None = column("next_assessment_due_on", "下次测评期限 / next assessment due")
    parent_system: lazy("System", "systems") | None = to_one("parent_system_id", "上级系统 / the system it is part of")
    in_service_on: dt.date | None = column("in_service_on", "投入运行日期 / in service since")
    retired_on: dt.date | None = column("retired_on", "停用日期 / retired on")
    gradings: Connection[lazy("Grading", "systems")] = connection(
        lists.GRADINGS, "其定级 / its gradings", key="system_id"
    )
    filings: Connection[lazy("Filing", "filings")] = connection(lists.FILINGS, "其备案 / its filings", key="system_id")
    subsystems: Connection[lazy("System", "systems")] = connection(
        lists.SYSTEMS, "其分系统 / its parts", key="parent_system_id"
    )
    created_at: dt.datetime = column("created_at", "登记时间 / when it was entered")
    version: int = column("version", "版本 / counts its changes")


def _determination(name: str):  # type: ignore[no-untyped-def]  # a source's builder
    return lambda t: t.c[name].op("||")(
        cast(func.jsonb_build_object(literal_column("'level'"), t.c[f"{name}_level"]), JSONB)
    )


@entity(GradingRow, "grd")
@strawberry.type(description="定级 / how a system's level was determined")
class Grading(Node):
    """How a system's level was determined."""

    id: strawberry.ID = global_id("grd")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    state: GradingState = column("state", "状态 / state")
    matrix: str = column("matrix", "所用矩阵的版本 / the edition of the matrix that was applied")
    business_information: Determination = embedded(
        _determination("business_information"), "业务信息安全 / business information", "business_information"
    )
    system_service: Determination = embedded(
        _determination("system_service"), "系统服务安全 / system service", "system_service"
    )
    level: int = column("level", "安全保护等级,取较高者 / the higher of the two levels")
    security_mark: str = column("security_mark", "等级标识 / mark such as S3A2G3")
    description: str | None = column("description", "系统描述 / description of the system")
    reason_against_opinion: str | None = column(
        "reason_against_opinion", "未采纳专家意见的理由 / why the experts' opinion was not followed"
    )
    saved_by: User | None = to_one("saved_by_id", "填报人 / who saved it last")
    confirmed_by: User | None = to_one("confirmed_by_id", "确认人 / who confirmed it")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was begun")
    submitted_at: dt.datetime | None = column("submitted_at", "提交时间 / when it was submitted")
    confirmed_at: dt.datetime | None = column("confirmed_at", "确认时间 / when it was confirmed")
    version: int = column("version", "版本 / counts its changes")
