"""How tests speak to the server: as a client would, through HTTP; and how they have background work done."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import math
import os
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.demo.accounts import PASSWORD, SECOND_CITY
from api.execution.platform import Platform
from api.http.server import PROTOCOLS
from api.jobs.worker import Worker
from authz.tokens import LIFE
from domain.background import Tasks
from domain.tasks import TASKS
from storage.database import Database
from storage.settings import Settings

DEMO_CITIES = ("beijing", SECOND_CITY)
# For tests about the embedded store itself: the others run against whatever store the environment names.
EMBEDDED_STORE = pytest.mark.skipif(
    "DENGBAO_S3_ENDPOINT" in os.environ, reason="about the embedded store; DENGBAO_S3_ENDPOINT names another"
)
SIGN_IN = "mutation($i:SignInInput!){signIn(input:$i){accessToken refreshToken userErrors{code}}}"


def reachable(folder: Path) -> Path:
    """A temporary folder that the database's user can enter: pytest makes them for ourselves alone."""
    for each in (folder, *folder.parents):
        if each.name.startswith(("pytest", "popen")) or each == folder:
            each.chmod(0o755)
    return folder


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """A server with these settings, in this process; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(create_app(settings), port=port, log_config=None, lifespan="on", **PROTOCOLS)
    server = uvicorn.Server(config)
    with contextlib.suppress(asyncio.CancelledError):
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
            assert not task.done(), "the server did not start"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await task


async def demo_cities(database: Database) -> dict[str, UUID]:
    """The demo's two cities by their names; other tests may have made more of their own."""
    return {row["slug"]: row["id"] for row in await database.directory.list_tenants() if row["slug"] in DEMO_CITIES}


@dataclass
class Api:
    """A server, and the tokens of whoever has signed in."""

    client: httpx.AsyncClient
    url: str
    tokens: dict[str, str] = field(default_factory=dict)
    _aged: dict[str, float] = field(default_factory=dict)

    async def post(
        self, document: str, token: str | None = None, headers: dict[str, str] | None = None, **variables: Any
    ) -> httpx.Response:
        """The response to an operation."""
        given = {"accept": "application/graphql-response+json", **(headers or {})}
        if token:
            given["authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": variables}
        return await self.client.post(f"{self.url}/graphql", json=body, headers=given)

    async def token(self, username: str) -> str:
        """The access token of one of the demo's people, a new one before it ends: slow machines outlast it."""
        if username not in self.tokens or time.monotonic() > self._aged.get(username, math.inf):
            given = {"username": username, "password": PASSWORD}
            answer = (await self.post(SIGN_IN, i=given)).json()
            self.tokens[username] = answer["data"]["signIn"]["accessToken"]
            self._aged[username] = time.monotonic() + LIFE.total_seconds() / 2
        return self.tokens[username]

    async def answer(self, username: str | None, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors and all; ``username`` None: of nobody."""
        token = await self.token(username) if username else None
        answer: dict[str, Any] = (await self.post(document, token, **variables)).json()
        return answer

    async def ask(self, username: str, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an operation that has no errors."""
        answer = await self.answer(username, document, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, username: str, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """The payload of a mutation by its name, with its user errors."""
        input_type = INPUTS.get(name, name[0].upper() + name[1:] + "Input")
        document = f"mutation($i:{input_type}!){{{name}(input:$i){{{selection} userErrors{{code field message}}}}}}"
        data = await self.ask(username, document, i=given)
        payload: dict[str, Any] = data[name]
        return payload

    async def all(self, username: str, field_: str, selection: str, arguments: str = "") -> list[dict[str, Any]]:
        """Every node of a paged list, page by page."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = (
                await self.ask(
                    username,
                    f"query($a:String){{{field_}(first:40,after:$a{arguments})"
                    f"{{nodes{{{selection}}} pageInfo{{hasNextPage endCursor}}}}}}",
                    a=after,
                )
            )[field_]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


@dataclass
class BackgroundWork:
    """Does all the background work that is due, here and now, one job after the other."""

    database: Database
    platform: Platform

    async def run(self, *, now: dt.datetime | None = None, tasks: Tasks = TASKS) -> list[str]:
        """Run what is due, and what comes of it, to the end; the tasks' names. Tasks take it to be ``now``."""
        done = await self.outcomes(now=now, tasks=tasks)
        assert not [each for each in done if each[1]], done
        return [task for task, _ in done]

    async def outcomes(self, *, now: dt.datetime | None = None, tasks: Tasks = TASKS) -> list[tuple[str, str | None]]:
        """The same, failures and all: each task's name with the reason why it failed."""
        clock = (lambda: now) if now else (lambda: dt.datetime.now(dt.UTC))
        return await Worker(self.platform, tasks, lease=30).run_due(clock)

    async def make_due(self) -> None:
        """Let the time pass for which jobs wait."""
        async with self.database.connection() as connection:
            await connection.execute("UPDATE jobs.queue SET execute_after = now() - interval '1 second'")


INPUTS = {
    **dict.fromkeys(("resumeUpload", "abortUpload"), "UploadStepInput"),
    **dict.fromkeys(("submitGrading", "confirmGrading", "requestGradingAdvice", "discardGrading"), "GradingStepInput"),
    **dict.fromkeys(
        ("submitFiling", "withdrawFiling", "resubmitFiling", "receiveFiling", "amendFiling", "discardFiling"),
        "FilingStepInput",
    ),
    **dict.fromkeys(("issueReply", "returnReply"), "ReplyStepInput"),
    **dict.fromkeys(("acceptAssessment", "confirmAssessmentReport", "receiveAssessmentReport"), "AssessmentStepInput"),
    **dict.fromkeys(("declineAssessment", "returnAssessmentReport", "cancelAssessment"), "AssessmentReasonInput"),
    **dict.fromkeys(("issueOrder", "returnOrder"), "OrderStepInput"),
    "submitMonthlyReturn": "MonthlyReturnStepInput",
    **dict.fromkeys(("submitRectificationPlan", "discardRectificationPlan"), "RectificationPlanStepInput"),
}
