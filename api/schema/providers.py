"""The directory of providers that the city office recommends (推荐机构名录)."""

import datetime as dt

import strawberry

from api.reads.sources import column, embedded, entity, expression, global_id, json, to_one
from api.schema.city import Organisation, User
from api.schema.common import Node
from api.schema.lists.providers import VALIDITY, in_force
from domain.providers.entities import Provider as ProviderRow
from domain.providers.entities import ProviderService, RecommendationState


@strawberry.type(description="一项资质 / a qualification")
class Qualification:
    """A qualification."""

    name: str = json("名称 / name", "name")
    number: str | None = json("证书编号 / number of the certificate", "number")
    issued_by: str | None = json("发证机关 / who issued it", "issuedBy")
    valid_from: dt.date | None = json("有效期起(含) / from this day on", "validFrom")
    valid_until: dt.date | None = json("有效期止(含) / up to this day", "validUntil")


@entity(ProviderRow, "prv")
@strawberry.type(description="推荐机构名录中的机构 / a provider in the city's directory")
class Provider(Node):
    """A provider in the city's directory."""

    id: strawberry.ID = global_id("prv")
    organisation: Organisation | None = to_one("organisation_id", "机构 / the organisation")
    services: list[ProviderService] = column("services", "服务类别 / what it is recommended for")
    qualifications: list[Qualification] = embedded(
        lambda t: t.c.qualifications, "资质 / its qualifications", "qualifications"
    )
    description: str | None = column("description", "服务说明 / what it offers")
    state: RecommendationState = column("state", "推荐状态 / whether the city stands by its recommendation")
    valid_from: dt.date = column("valid_from", "推荐有效期起(含) / recommended from this day on")
    valid_until: dt.date = column("valid_until", "推荐有效期止(含) / recommended up to this day")
    in_force: bool = expression(in_force, "推荐今日是否有效 / whether it is recommended today", *VALIDITY)
    recommended_by: User | None = to_one("recommended_by_id", "推荐经办人 / who recommended it")
    withdrawn_at: dt.datetime | None = column("withdrawn_at", "撤回推荐时间 / when it was withdrawn")
    withdraw_reason: str | None = column("withdraw_reason", "撤回推荐理由 / why it was withdrawn")
    created_at: dt.datetime = column("created_at", "列入名录时间 / when it came into the directory")
    version: int = column("version", "版本 / counts its changes")
