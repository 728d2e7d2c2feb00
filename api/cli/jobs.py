"""``dengbao jobs``: what waits, runs and has failed, and what the operator does about the latter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from api.cli.servers import open_database, with_stack
from api.cli.show import console
from domain.calendar import SHANGHAI
from storage import queue
from storage.database import Database
from storage.settings import Settings, SetupError

jobs = typer.Typer(invoke_without_command=True, help="后台任务 / background work")
Ids = Annotated[list[int], typer.Argument(help="任务编号 / ids of jobs")]


@jobs.callback()
def list_jobs(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help="只列失败的 / the failed ones only")] = False,
) -> None:
    """列出等候、进行中和失败的后台任务 / list what waits, runs and has failed."""
    if context.invoked_subcommand is not None:
        return

    async def run(settings: Settings) -> tuple[list[queue.Listed], dict[queue.State, int]]:
        async with open_database(settings) as database:
            listed = await queue.list_jobs(database, *(("failed",) if failed else ()))
            return listed, await queue.count_jobs(database)

    listed, counts = with_stack(run)
    for job in listed:
        due = f"{job.due_at.astimezone(SHANGHAI):%m-%d %H:%M:%S}"
        line = f"{job.id:>8}  {job.state:<7}  {job.task:<28}  {due}  {job.tries}×  {job.reason or ''}"
        console.print(line.rstrip(), markup=False)
    counted = "  ".join(f"{state} {count}" for state, count in counts.items())
    console.print(f"合计 / in all: {counted}")


@jobs.command()
def retry(ids: Ids) -> None:
    """重新办理失败的任务 / have failed jobs run again."""
    _decide(ids, queue.retry_failed)


@jobs.command()
def drop(ids: Ids) -> None:
    """放弃失败的任务 / give failed jobs up."""
    _decide(ids, queue.drop_failed)


def _decide(ids: list[int], step: Callable[..., Awaitable[bool]]) -> None:
    async def run(settings: Settings) -> bool:
        async with open_database(settings) as database:
            return await _step(database)

    async def _step(database: Database) -> bool:
        return await step(database, *ids)

    if not with_stack(run):
        named = ", ".join(map(str, ids))
        raise SetupError(f"Not all of these jobs have failed: {named}. `dengbao jobs --failed` lists those that have.")
