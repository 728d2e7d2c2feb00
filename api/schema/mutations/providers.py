"""What is done with the directory of providers (推荐机构名录)."""

import datetime as dt

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.mutations.organisations import OrganisationDetailsInput
from api.schema.providers import Provider
from domain.providers import use_cases as providers
from domain.providers.entities import ProviderService


@strawberry.input(description="一项资质 / a qualification")
class QualificationInput:
    """A qualification."""

    name: str = says("名称", "name")
    number: str | None = may("证书编号", "number of the certificate")
    issued_by: str | None = may("发证机关", "who issued it")
    valid_from: dt.date | None = may("有效期起(含)", "from this day on")
    valid_until: dt.date | None = may("有效期止(含)", "up to this day")


@strawberry.input(
    description="列入推荐机构名录:已登记的机构,或新机构 / into the directory: an organisation there, or a new one"
)
class RegisterProviderInput:
    """Putting a provider into the directory."""

    organisation_id: strawberry.ID | None = may_ref("org", "已登记的服务机构", "a provider that is entered already")
    name: str | None = may("新机构的名称", "a new one's name")
    credit_code: str | None = may("新机构的统一社会信用代码", "a new one's unified social credit code")
    details: OrganisationDetailsInput | None = may("新机构的地址与联系信息", "a new one's address and contacts")
    services: list[ProviderService] = says("服务类别", "what it is recommended for")
    qualifications: list[QualificationInput] | None = may("资质", "its qualifications")
    description: str | None = may("服务说明", "what it offers")
    valid_from: dt.date = says("推荐有效期起(含)", "recommended from this day on")
    valid_until: dt.date = says("推荐有效期止(含),最长五年", "up to this day, five years at most")
    idempotency_key: str | None = key()


@strawberry.input(description="更新名录;未给出的项不变 / changing an entry; what is not given stays")
class UpdateProviderInput:
    """Changing an entry of the directory."""

    provider_id: strawberry.ID = ref("prv", "名录中的机构", "the provider")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    services: list[ProviderService] | None = may("服务类别", "what it is recommended for")
    qualifications: list[QualificationInput] | None = may("资质,替换原有各项", "qualifications, in place of the former")
    description: str | None = may("服务说明;空文本表示清除", "what it offers; an empty text takes it out")
    idempotency_key: str | None = key()


@strawberry.input(description="推荐或续期 / recommending anew, or for longer")
class RecommendProviderInput:
    """Recommending anew, or for longer."""

    provider_id: strawberry.ID = ref("prv", "名录中的机构", "the provider")
    valid_from: dt.date = says("推荐有效期起(含)", "recommended from this day on")
    valid_until: dt.date = says("推荐有效期止(含),最长五年", "up to this day, five years at most")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="撤回推荐 / withdrawing a recommendation")
class WithdrawRecommendationInput:
    """Withdrawing a recommendation."""

    provider_id: strawberry.ID = ref("prv", "名录中的机构", "the provider")
    reason: str | None = may("必填:理由,全市可见", "required: why, for everybody in the city to read")
    version: int | None = version()
    idempotency_key: str | None = key()


ProviderPayload = payload("ProviderPayload", "provider", Provider, "名录中的机构", "the provider")

_provider = entity("provider")


@strawberry.type
class ProviderMutations:
    """What is done with the directory of providers."""

    register_provider: ProviderPayload = mutation(
        Run(providers.register_provider, _provider),
        RegisterProviderInput,
        "列入推荐机构名录(市经办人) / put a provider into the directory (city officer)",
    )
    update_provider: ProviderPayload = mutation(
        Run(providers.update_provider, _provider),
        UpdateProviderInput,
        "更新名录(市经办人) / change an entry (city officer)",
    )
    recommend_provider: ProviderPayload = mutation(
        Run(providers.recommend_provider, _provider),
        RecommendProviderInput,
        "推荐或续期(市经办人) / recommend anew, or for longer (city officer)",
    )
    withdraw_recommendation: ProviderPayload = mutation(
        Run(providers.withdraw_recommendation, _provider),
        WithdrawRecommendationInput,
        "撤回推荐(市经办人) / withdraw a recommendation (city officer)",
    )
