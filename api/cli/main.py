"""The commands. Each is a few lines: what they do is elsewhere, how it is shown is in ``api.cli.show``."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from sqlalchemy.exc import ArgumentError, DBAPIError

from api import operator
from api.cli.audit import audit
from api.cli.authz import authz
from api.cli.files import files
from api.cli.jobs import jobs
from api.cli.packages import packages
from api.cli.servers import open_database, with_stack
from api.cli.show import Progress, console, fail, running
from api.cli.tenants import tenants
from api.http import server
from domain.access import Duty, Role
from migrations.revision import head
from storage.database import Database
from storage.embedded.stack import embedded_stack
from storage.files import ObjectStore
from storage.settings import Settings, SetupError, read_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="等保 Dengbao:电子政务等级保护平台 / the platform",
)
users = typer.Typer(no_args_is_help=True, help="用户 / users")
app.add_typer(tenants, name="tenant")
app.add_typer(users, name="user")
app.add_typer(jobs, name="jobs")
app.add_typer(audit, name="audit")
app.add_typer(files, name="files")
app.add_typer(authz, name="authz")
app.add_typer(packages, name="package")


def main() -> None:
    """Run the command; what is set up wrongly is one line and exit code 2."""
    try:
        app()
    except SetupError as error:
        fail(str(error))
        sys.exit(2)
    except (asyncpg.PostgresError, DBAPIError, ArgumentError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fail(f"The database did not do what it was asked to ({reason}). Check its address, rights and log.")
        sys.exit(2)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="填入演示数据 / with the demo cities")] = True,
) -> None:
    """启动数据库、对象存储与服务 / start database, object store and server; Ctrl-C stops them all."""
    settings = read_settings()
    # The application is loaded while the servers start.
    threading.Thread(target=importlib.import_module, args=("api.app",), daemon=True).start()
    if settings.log_format == "json" and sys.stderr.isatty():
        settings = settings.model_copy(update={"log_format": "console"})
    if "introspection" not in settings.model_fields_set:
        # Whoever tries the platform out reads its schema; `dengbao serve` shows it only where it is told to.
        settings = settings.model_copy(update={"introspection": True})
    signal.signal(signal.SIGTERM, _interrupt)
    with asyncio.Runner() as loop, Progress() as progress:
        stack = embedded_stack(settings, progress.say)
        try:
            # Occupied ports are told before anything is started.
            server.require_free(settings.host, settings.port)
            filled = loop.run(stack.__aenter__())
        except KeyboardInterrupt:
            sys.exit(130)
        try:
            administrator = loop.run(_prepare(filled, progress.say, demo=demo))
            progress.done()
            from api.app import create_app

            server.run(filled, create_app, lambda: running(filled, administrator, demo=demo))
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            console.print("正在停止 / stopping")
            loop.run(stack.__aexit__(None, None, None))


@app.command()
def serve() -> None:
    """在给定的数据库与对象存储上提供服务 / serve on the database and object store that the settings name."""
    from api.app import create_app

    server.run(read_settings(), create_app)


@app.command()
def work(
    once: Annotated[bool, typer.Option(help="办完到期的即止 / end when nothing is due")] = False,
) -> None:
    """只办后台任务 / do background work only, on the database and object store that the settings name."""
    from api.jobs.process import work as run

    try:
        asyncio.run(run(read_settings(), once=once))
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def migrate() -> None:
    """升级数据库结构 / bring the database's schema up to date."""

    from migrations import runner

    async def run(settings: Settings) -> tuple[str | None, str | None]:
        url = _migration_url(settings)
        before, _ = await runner.current_and_head(url)
        _require_known(before)
        await runner.upgrade(url)
        await ObjectStore(settings).ensure_bucket()
        if settings.database_url is not None:
            async with open_database(settings) as database:
                await operator.complete_policies(database)
        return before, (await runner.current_and_head(url))[0]

    before, after = with_stack(run)
    console.print(f"数据库结构 / schema: {before or '∅'} → {after}")


@app.command()
def seed(
    migrated: Annotated[bool, typer.Option("--migrate", help="先升级数据库结构 / migrate first")] = False,
) -> None:
    """填入演示数据(仅限空库) / fill an empty database with the demo cities."""
    from api.demo.seed import seed_demo
    from migrations import runner

    async def run(settings: Settings) -> bool:
        if migrated:
            await runner.upgrade(_migration_url(settings))
        async with open_database(settings) as database:
            store = ObjectStore(settings)
            await store.ensure_bucket()
            return await seed_demo(database, store, console.print)

    if not with_stack(run):
        raise SetupError("There are cities already: the demo data goes into an empty database only.")


@app.command()
def check() -> None:
    """检查各部分是否可用、是否一致 / check that everything is reachable and in step."""
    findings = with_stack(operator.check)
    for finding in findings:
        console.print(f"[{'green' if finding.holds else 'red'}]{'✓' if finding.holds else '✗'}[/] {finding.what}")
        if not finding.holds:
            console.print(f"  → {finding.advice}")
    if not all(finding.holds for finding in findings):
        sys.exit(1)


@app.command()
def schema(
    check: Annotated[Path | None, typer.Option(help="与此文件比较 / compare with this file")] = None,
) -> None:
    """输出接口定义 / print the schema definition language."""
    from api.schema.build import sdl

    text = sdl()
    if check is None:
        sys.stdout.write(text)
    elif not check.exists() or check.read_text(encoding="utf-8") != text:
        raise SetupError(f"{check} is not the schema: write it anew with `dengbao schema > {check}`.")


@app.command()
def demo(
    url: Annotated[str, typer.Option(help="服务地址 / where the platform is")] = "http://127.0.0.1:8000",
) -> None:
    """经 HTTP 演示备案全程 / play filings through all five roles' hands, through HTTP only."""
    from clients.play import PlayError, play

    try:
        asyncio.run(play(url, console.print))
    except PlayError as error:
        raise SetupError(str(error)) from None


@users.command("create")
def create_user(
    username: Annotated[str, typer.Argument(help="用户名,可带 @城市 / user name, with @city if wanted")],
    role: Annotated[Role, typer.Option(help="角色 / role")],
    duty: Annotated[list[Duty], typer.Option(help="职责,可多次给出 / duty, may be repeated")],
    name: Annotated[str, typer.Option(help="姓名 / name")] = "",
    organisation: Annotated[str | None, typer.Option(help="机构名称 / name of the organisation")] = None,
) -> None:
    """新建用户,密码随机 / make a user with a random password."""
    local, _, city = username.partition("@")

    async def run(settings: Settings) -> operator.NewUser:
        async with open_database(settings) as database:
            key = await operator.tenant_called(database, city or None)
            return await operator.create_user(database, key, local, name or local, role, frozenset(duty), organisation)

    made = with_stack(run)
    console.print(f"{username}  {made.password}")


async def _prepare(settings: Settings, progress: Callable[[str], None], *, demo: bool) -> operator.NewUser | None:
    """Migrate, and put in what an empty database starts with.

    Both are done by processes of their own: the worker that serves afterwards does not carry what they needed.
    """
    await ObjectStore(settings).ensure_bucket()
    revision = await _revision(settings)
    if revision is None and demo:
        progress("正在生成演示数据 / making the demo data")
        await _command(settings, "seed", "--migrate")
        return None
    _require_known(revision)
    if revision != head():
        progress("正在升级数据库结构 / migrating")
        await _command(settings, "migrate")
    async with open_database(settings) as database:
        if await database.directory.list_tenants():
            return None
        if not demo:
            return await operator.ensure_administrator(database)
    progress("正在生成演示数据 / making the demo data")
    await _command(settings, "seed")
    return None


def _require_known(revision: str | None) -> None:
    """Raises: SetupError for a database that a later program has migrated."""
    if revision is not None and revision > head():
        raise SetupError(
            f"The database is at {revision}, and this program knows {head()} at most. "
            "Use the program that migrated it, or a database of its own."
        )


async def _revision(settings: Settings) -> str | None:
    database = await Database.open(settings)
    try:
        return await database.revision()
    finally:
        await database.close()


async def _command(settings: Settings, *words: str) -> None:
    """Run one of the commands on the servers that are running. Raises: SetupError when it fails."""
    given = {f"DENGBAO_{field.upper()}": str(value) for field, value in settings if value is not None}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", *words, env={**os.environ, **given}, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait() != 0:
        raise SetupError(f"`dengbao {' '.join(words)}` did not succeed, for the reason given above.")


def _migration_url(settings: Settings) -> str:
    url = settings.migration_database_url or settings.database_url
    if url is None:
        raise SetupError("DENGBAO_DATABASE_URL is not set. Name a database, or start with `dengbao up`.")
    return url


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
