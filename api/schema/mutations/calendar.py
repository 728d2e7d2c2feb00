"""What is ruled about working days (工作日调整)."""

import datetime as dt

import strawberry

from api.schema.city import CalendarDay
from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload, says
from domain.tenants import rulings


@strawberry.input(description="调整某日 / ruling on a day")
class SetCalendarDayInput:
    """Ruling on a day."""

    day: dt.date = says("日期", "the day")
    working: bool | None = may(
        "是否工作日;不给出时撤销本市的调整", "whether it is a working day; not given, the official calendar holds again"
    )
    reason: str | None = may("理由(调整时必填)", "why, required for a ruling")
    idempotency_key: str | None = key()


CalendarDayPayload = payload("CalendarDayPayload", "calendar_day", CalendarDay, "工作日调整", "the ruling")


@strawberry.type
class CalendarMutations:
    """What is ruled about working days."""

    set_calendar_day: CalendarDayPayload = mutation(
        Run(rulings.set_calendar_day, entity("calendarDay")),
        SetCalendarDayInput,
        "调整某日是否为工作日,进行中的审核期限随之重算(市管理员) / "
        "rule on a day; reviews that run are due anew (city admin)",
    )
