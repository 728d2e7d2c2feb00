"""Monthly returns: nil returns, lateness in China's time, all or none, and who has handed in."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from domain.calendar import SHANGHAI
from domain.returns.months import month_after, month_of
from tests.e2e.flows import codes, done, node, submitted
from tests.support import Api


def this_month() -> dt.date:
    return month_of(dt.datetime.now(SHANGHAI).date())


async def opened(api: Api, month: str, who: str = "district.officer") -> dict[str, Any]:
    return await done(
        api, who, "openMonthlyReturn", "monthlyReturn{id month state late filings{totalCount}}", month=month
    )


OVERVIEW = """query($m:Date!){monthlyReturnOverview(month:$m){
  districtId districtName month state late submittedAt filingCount monthlyReturnId}}"""


async def standings(api: Api, who: str, month: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.ask(who, OVERVIEW, m=month))["monthlyReturnOverview"]
    return found


async def test_a_month_without_filings_is_handed_in_as_a_nil_return(api: Api) -> None:
    made = await opened(api, "2025-02-14")
    assert made == {**made, "month": "2025-02-01", "state": "OPEN", "late": False, "filings": {"totalCount": 0}}
    assert (await opened(api, "2025-02-01"))["id"] == made["id"]
    given = {"monthlyReturnId": made["id"]}
    handed = await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{state late}", **given)
    assert handed == {"state": "SUBMITTED", "late": True}
    payload = await api.do("district.officer", "openMonthlyReturn", "monthlyReturn{id}", month="2025-02-28")
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_STATE", "month")]


async def test_a_month_that_has_not_begun_is_not_opened(api: Api) -> None:
    after = month_after(this_month()).isoformat()
    payload = await api.do("district.officer", "openMonthlyReturn", "monthlyReturn{id}", month=after)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", "month")]


async def test_the_city_sees_who_has_handed_in_and_who_has_not(api: Api) -> None:
    month = "2025-04-01"
    made = await opened(api, month)
    (mine,) = await standings(api, "district.officer", "2025-04-30")
    assert (mine["state"], mine["late"], mine["monthlyReturnId"]) == ("OPEN", True, None)
    before = await standings(api, "city.officer", month)
    assert len(before) == 16
    assert [each for each in before if each["state"] is not None] == [mine]
    assert all(each["late"] and each["filingCount"] == 0 for each in before)
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", monthlyReturnId=made["id"])
    (after,) = [each for each in await standings(api, "city.leader", month) if each["state"]]
    assert after == {**mine, "state": "SUBMITTED", "monthlyReturnId": made["id"], "submittedAt": after["submittedAt"]}
    assert after["submittedAt"]
    future = await standings(api, "city.officer", month_after(month_after(this_month())).isoformat())
    assert not any(each["late"] for each in future)
    for person in ("unit.filer", "expert", "assessor"):
        assert await standings(api, person, month) == []


async def test_what_is_received_after_the_hand_in_goes_to_the_next_month(api: Api) -> None:
    selection = "filing{monthlyReturn{id month state}}"
    first = await done(api, "district.officer", "receiveFiling", selection, filingId=await submitted(api))
    given = {"monthlyReturnId": first["monthlyReturn"]["id"]}
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", **given)
    later = await done(api, "district.officer", "receiveFiling", selection, filingId=await submitted(api))
    month = dt.date.fromisoformat(first["monthlyReturn"]["month"])
    assert later["monthlyReturn"]["month"] == month_after(month).isoformat()
    assert later["monthlyReturn"]["state"] == "OPEN"


async def test_a_withdrawal_racing_a_receipt_one_wins_and_the_other_is_told(api: Api) -> None:
    filing = await submitted(api)
    withdrawn, received = await asyncio.gather(
        api.do("unit.approver", "withdrawFiling", "filing{state}", filingId=filing),
        api.do("district.officer", "receiveFiling", "filing{state}", filingId=filing),
    )
    assert sorted([codes(withdrawn), codes(received)]) == [[], ["INVALID_STATE"]]
    found = await node(api, "unit.filer", filing, "Filing", "state history{action}")
    assert found["state"] == ("WITHDRAWN" if codes(withdrawn) == [] else "RECEIVED")
    assert len(found["history"]) == 3


async def test_a_receipt_racing_the_hand_in_is_in_one_return_or_the_next(api: Api) -> None:
    first, second = await submitted(api), await submitted(api)
    received = await done(api, "district.officer", "receiveFiling", "filing{monthlyReturn{id}}", filingId=first)
    given = {"monthlyReturnId": received["monthlyReturn"]["id"]}
    handed, late = await asyncio.gather(
        api.do("district.officer", "submitMonthlyReturn", "monthlyReturn{id}", **given),
        api.do("district.officer", "receiveFiling", "filing{id}", filingId=second),
    )
    assert codes(handed) == codes(late) == []
    found = await node(api, "district.officer", second, "Filing", "state monthlyReturn{id state}")
    handed_in = found["monthlyReturn"]["state"] == "SUBMITTED"
    assert found["state"] == ("UNDER_REVIEW" if handed_in else "RECEIVED")
    assert (found["monthlyReturn"]["id"] == received["monthlyReturn"]["id"]) is handed_in


async def test_two_who_hand_in_at_once_hand_in_once(api: Api) -> None:
    given = {"monthlyReturnId": (await opened(api, "2025-06-01"))["id"]}
    both = await asyncio.gather(
        *(api.do("district.officer", "submitMonthlyReturn", "monthlyReturn{id}", **given) for _ in range(2))
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]


async def test_two_districts_hand_in_side_by_side(api: Api) -> None:
    """In two cities, as the demo has one district's account in each: neither waits for, nor sees, the other."""
    people = ("district.officer", "district.officer@tianjin")
    opened_ = [(await opened(api, "2025-08-01", who))["id"] for who in people]
    both = await asyncio.gather(
        *(
            api.do(who, "submitMonthlyReturn", "monthlyReturn{state}", monthlyReturnId=key)
            for who, key in zip(people, opened_, strict=True)
        )
    )
    assert [codes(payload) for payload in both] == [[], []]
    payload = await api.do("district.officer", "submitMonthlyReturn", "monthlyReturn{id}", monthlyReturnId=opened_[1])
    assert codes(payload) == ["NOT_FOUND"]
