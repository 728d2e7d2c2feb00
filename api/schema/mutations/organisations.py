"""What is done with organisations (机构)."""

import strawberry

from api.schema.city import Organisation
from api.schema.form import types_of
from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says
from domain.organisations import use_cases as organisations
from domain.organisations.entities import AuthorityLevel, OrganisationKind
from domain.organisations.record import OrganisationDetails

OrganisationDetailsInput = types_of([OrganisationDetails], entered=True)[OrganisationDetails]


@strawberry.input(description="登记机构 / entering an organisation")
class CreateOrganisationInput:
    """Entering an organisation."""

    kind: OrganisationKind = says("机构类别", "kind")
    name: str = says("名称", "name")
    credit_code: str | None = may(
        "统一社会信用代码;信息办以外必填", "unified social credit code; required of all but offices"
    )
    authority_level: AuthorityLevel | None = may("备案层级;单位必填", "with which authority it files; of units")
    district_id: strawberry.ID | None = may_ref("dis", "所属区县", "its district")
    supervising_unit_id: strawberry.ID | None = may_ref("org", "主管部门", "the unit that supervises it")
    details: OrganisationDetailsInput | None = may("地址与联系信息", "address and contacts")
    idempotency_key: str | None = key()


@strawberry.input(description="变更机构;未给出的项不变 / changing an organisation; what is not given stays")
class UpdateOrganisationInput:
    """Changing an organisation."""

    organisation_id: strawberry.ID = ref("org", "机构", "the organisation")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    name: str | None = may("名称(市管理员)", "name (city admin)")
    credit_code: str | None = may("统一社会信用代码(市管理员)", "unified social credit code (city admin)")
    authority_level: AuthorityLevel | None = may("备案层级(市管理员)", "with which authority it files (city admin)")
    district_id: strawberry.ID | None = may_ref("dis", "所属区县(市管理员)", "its district (city admin)")
    supervising_unit_id: strawberry.ID | None = may_ref("org", "主管部门(市管理员)", "its supervisor (city admin)")
    without_supervising_unit: bool | None = may("不再有主管部门(市管理员)", "it is no longer supervised (city admin)")
    details: OrganisationDetailsInput | None = may(
        "地址与联系信息;空文本表示清除", "address and contacts; an empty text takes one out"
    )
    idempotency_key: str | None = key()


OrganisationPayload = payload("OrganisationPayload", "organisation", Organisation, "机构", "the organisation")

_organisation = entity("organisation")


@strawberry.type
class OrganisationMutations:
    """What is done with organisations."""

    create_organisation: OrganisationPayload = mutation(
        Run(organisations.create_organisation, _organisation),
        CreateOrganisationInput,
        "登记机构(市管理员) / enter an organisation (city admin)",
    )
    update_organisation: OrganisationPayload = mutation(
        Run(organisations.update_organisation, _organisation),
        UpdateOrganisationInput,
        "变更机构(市管理员;其他管理员限本机构的地址与联系信息) / change an organisation "
        "(city admin; other admins their own one's address and contacts)",
    )
