"""What administrators do with programs' accounts (服务账户)."""

import strawberry

from api.schema.mutations.adapter import Answer, Run, entity, key, may, may_ref, mutation, payload, ref, says
from api.schema.people import ServiceAccount
from domain.access import Duty
from domain.people import service_accounts
from domain.people.service_accounts import Keyed

DAYS = ("密钥有效天数(1 至 366,默认 90)", "for how many days the key is good: 1 to 366, 90 by default")


@strawberry.input(description="新建服务账户 / making a program's account")
class CreateServiceAccountInput:
    """Making a program's account."""

    name: str = says("名称,如对接的系统", "what it is for")
    duties: list[Duty] = says("职责(经办人、填报人或测评师)", "duties: OFFICER, FILER or ASSESSOR")
    organisation_id: strawberry.ID | None = may_ref("org", "所属机构,默认本机构", "for whom it acts; one's own without")
    operations: list[str] | None = may(
        "可办理的变更操作名;不填则只读", "the mutations that its keys are good for; reading only without"
    )
    expires_in_days: int | None = may(*DAYS)
    idempotency_key: str | None = key()


@strawberry.input(description="更换密钥 / exchanging the key")
class RotateServiceAccountKeyInput:
    """Exchanging the key."""

    service_account_id: strawberry.ID = ref("sva", "服务账户", "the service account")
    overlap_hours: int | None = may(
        "原密钥再有效几小时(0 至 336,默认 24;0 为立即失效)", "how long former keys go on: 0 to 336 hours, 24 by default"
    )
    expires_in_days: int | None = may(*DAYS)
    idempotency_key: str | None = key()


@strawberry.input(description="撤销服务账户 / revoking a program's account")
class RevokeServiceAccountInput:
    """Revoking a program's account."""

    service_account_id: strawberry.ID = ref("sva", "服务账户", "the service account")
    idempotency_key: str | None = key()


ServiceAccountPayload = payload(
    "ServiceAccountPayload", "service_account", ServiceAccount, "服务账户", "the service account"
)
# The key is in the first answer alone: it is kept nowhere, also not under an idempotency key.
ServiceAccountKeyPayload = payload(
    "ServiceAccountKeyPayload",
    "service_account",
    ServiceAccount,
    "服务账户与密钥;密钥只在首次答复中给出",
    "the service account, with its key in the first answer only",
    key=str,
)


def _keyed(made: Keyed) -> Answer:
    return Answer({"serviceAccount": made.account.id}, {}, once={"key": made.key})


@strawberry.type
class ServiceAccountMutations:
    """What administrators do with programs' accounts."""

    create_service_account: ServiceAccountKeyPayload = mutation(
        Run(service_accounts.create_service_account, _keyed),
        CreateServiceAccountInput,
        "新建服务账户及其密钥(市管理员;其他管理员限本机构) / make a program's account with its key "
        "(city admin; other admins in their organisation)",
    )
    rotate_service_account_key: ServiceAccountKeyPayload = mutation(
        Run(service_accounts.rotate_service_account_key, _keyed, changes_access=True),
        RotateServiceAccountKeyInput,
        "更换服务账户的密钥 / make the next key of a program's account",
    )
    revoke_service_account: ServiceAccountPayload = mutation(
        Run(service_accounts.revoke_service_account, entity("serviceAccount"), changes_access=True),
        RevokeServiceAccountInput,
        "撤销服务账户,即时生效,不可恢复 / end a program's account, at once and for good",
    )
