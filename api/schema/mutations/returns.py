"""What is done with monthly returns (月报)."""

import strawberry

from api.schema.filings import MonthlyReturn
from api.schema.mutations.adapter import Run, entity, key, mutation, payload, ref, version
from domain.returns import use_cases as returns


@strawberry.input(description="月报的一步 / a step of a monthly return")
class MonthlyReturnStepInput:
    """A step of a monthly return."""

    monthly_return_id: strawberry.ID = ref("ret", "月报", "the monthly return")
    version: int | None = version()
    idempotency_key: str | None = key()


MonthlyReturnPayload = payload("MonthlyReturnPayload", "monthly_return", MonthlyReturn, "月报", "the monthly return")


@strawberry.type
class MonthlyReturnMutations:
    """What is done with monthly returns."""

    submit_monthly_return: MonthlyReturnPayload = mutation(
        Run(returns.submit_monthly_return, entity("monthlyReturn")),
        MonthlyReturnStepInput,
        "报送月报(区县经办人) / hand in a monthly return (district officer)",
    )
