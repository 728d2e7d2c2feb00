"""Whom a token means is worked out once, and again after whatever is heard of people, policies or cities."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from api.execution.authenticator import PlatformAuthenticator
from api.execution.platform import Platform
from api.http.errors import RequestError
from authz.tokens import Tokens
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey, token_key
from storage.settings import Settings
from tests.support import PASSWORD, SIGN_IN, Api


class Worker:
    """A worker of its own beside the server, which counts how often it asks the layers behind its memory."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.asked = 0
        self._authenticator = PlatformAuthenticator(platform)
        layers = self._authenticator._admitted

        async def counted(*given: Any, **more: Any) -> Any:
            self.asked += 1
            return await layers(*given, **more)

        self._authenticator._admitted = counted  # type: ignore[method-assign]

    async def who(self, token: str, acting_as: str | None = None, language: str = "zh") -> Any:
        return await self._authenticator.authenticate(token, acting_as, language)


@pytest.fixture
async def worker(settings: Settings, database: Database, store: ObjectStore, api: Api) -> AsyncIterator[Worker]:
    own = await Database.open(settings)
    platform = Platform.start(own, store, Tokens(token_key(settings)), AuditKey(settings))
    for _ in range(200):
        if platform.listener.live:
            break
        await asyncio.sleep(0.01)
    yield Worker(platform)
    await own.close()


async def test_the_layers_are_asked_once_for_each_way_of_coming(worker: Worker, api: Api) -> None:
    token = await api.token("city.officer")
    first = await worker.who(token)
    assert await worker.who(token) is first
    assert worker.asked == 1
    mine = await worker.who(token, f"mem_{first.membership_id}")
    assert (mine.membership_id, worker.asked) == (first.membership_id, 2)
    assert ((await worker.who(token, language="en")).language, worker.asked) == ("en", 3)
    with pytest.raises(RequestError):
        await worker.who(token, f"mem_{first.user_id}")


NOTICES: dict[str, Callable[[Platform], None]] = {
    "people": lambda platform: platform.principals.invalidate(),
    "a policy": lambda platform: platform.authority.invalidate(),
    "a city": lambda platform: platform.tenancies.invalidate(),
    "nothing any more": lambda platform: setattr(platform.listener, "live", False),
}


@pytest.mark.parametrize("notice", NOTICES)
async def test_after_a_notice_they_are_asked_again(worker: Worker, api: Api, notice: str) -> None:
    token = await api.token("city.officer")
    await worker.who(token)
    NOTICES[notice](worker.platform)
    await worker.who(token)
    assert worker.asked == 2


async def test_a_session_that_ends_elsewhere_ends_here(worker: Worker, api: Api) -> None:
    signed = await api.post(SIGN_IN, i={"username": "expert3", "password": PASSWORD})
    token = signed.json()["data"]["signIn"]["accessToken"]
    await worker.who(token)
    await api.post("mutation{signOut(input:{}){signedOut}}", token)
    with pytest.raises(RequestError) as refused:
        await asyncio.wait_for(_ask_on(worker, token), 1)
    assert refused.value.code == "UNAUTHENTICATED"


async def _ask_on(worker: Worker, token: str) -> None:
    while True:
        await worker.who(token)
        await asyncio.sleep(0.01)
