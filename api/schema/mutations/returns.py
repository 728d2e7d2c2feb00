"""What is done with monthly returns (月报)."""

import datetime as dt

import strawberry

from api.schema.filings import MonthlyReturn
from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload, ref, version
from domain.returns import use_cases as returns


@strawberry.input(description="月报的一步 / a step of a monthly return")
class MonthlyReturnStepInput:
    """A step of a monthly return."""

    monthly_return_id: strawberry.ID = ref("ret", "月报", "the monthly return")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="开立月报 / opening a monthly return")
class OpenMonthlyReturnInput:
    """Opening a monthly return."""

    month: dt.date | None = may("月份中任一日,默认本月", "any day of the month, this one by default")
    idempotency_key: str | None = key()


MonthlyReturnPayload = payload("MonthlyReturnPayload", "monthly_return", MonthlyReturn, "月报", "the monthly return")


@strawberry.type
class MonthlyReturnMutations:
    """What is done with monthly returns."""

    open_monthly_return: MonthlyReturnPayload = mutation(
        Run(returns.open_monthly_return, entity("monthlyReturn")),
        OpenMonthlyReturnInput,
        "开立月报,无备案时据以零报(区县经办人) / open a return, to be handed in as nil (district officer)",
    )
    submit_monthly_return: MonthlyReturnPayload = mutation(
        Run(returns.submit_monthly_return, entity("monthlyReturn")),
        MonthlyReturnStepInput,
        "报送月报(区县经办人) / hand in a monthly return (district officer)",
    )
