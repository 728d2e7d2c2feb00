"""``dengbao tenant``: cities, from their making to their end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.table import Table

from api import operator
from api.cli.servers import open_database, with_stack
from api.cli.show import Progress, console
from api.tenants import standing
from api.tenants.erasing import Erased, erase_tenant
from api.tenants.export import Counted, export_tenant
from api.tenants.restore import import_tenant
from domain.access import Duty, Role
from domain.calendar import SHANGHAI
from storage.database import Database
from storage.files import ObjectStore
from storage.settings import Settings

tenants = typer.Typer(no_args_is_help=True, help="城市(租户) / cities")
City = Annotated[str, typer.Argument(help="城市代号 / short name of the city")]
Result = TypeVar("Result")


def _with_city(city: str, step: Callable[[Database, Settings, UUID], Awaitable[Result]]) -> Result:
    async def run(settings: Settings) -> Result:
        async with open_database(settings) as database:
            return await step(database, settings, await operator.tenant_called(database, city))

    return with_stack(run)


@tenants.command("list")
def list_tenants() -> None:
    """列出城市 / list the cities."""

    async def run(settings: Settings) -> list[Any]:
        async with open_database(settings) as database:
            return await database.directory.list_tenants(erased=True)

    table = Table("slug", "名称 / name", "代码 / code", "默认 / default", "状态 / state")
    for row in with_stack(run):
        until = f" → {row['erase_after'].astimezone(SHANGHAI):%Y-%m-%d}" if row["state"] == "DELETING" else ""
        default = "✓" if row["is_default"] else ""
        table.add_row(row["slug"], row["name"], row["division_code"], default, row["state"] + until)
    console.print(table)


@tenants.command("create")
def create_tenant(
    slug: Annotated[str, typer.Argument(help="代号 / short name")],
    name: Annotated[str, typer.Argument(help="名称 / name")],
    division_code: Annotated[str, typer.Argument(help="行政区划代码 / division code")],
    default: Annotated[bool, typer.Option(help="登录名不带 @ 时所指的城市 / meant by user names without @")] = False,
) -> None:
    """新建城市及其管理员 / make a city and its administrator."""

    async def run(settings: Settings) -> operator.NewUser:
        async with open_database(settings) as database:
            key = await operator.create_tenant(database, slug, name, division_code, default=default)
            duties = frozenset({Duty.ADMIN})
            return await operator.create_user(database, key, "admin", "管理员", Role.CITY_OFFICE, duties)

    made = with_stack(run)
    console.print(f"{made.username}@{slug}  {made.password}")


@tenants.command()
def suspend(city: City) -> None:
    """暂停服务,立即生效 / refuse everybody of the city, at once."""
    _with_city(city, lambda database, _, tenant: standing.suspend(database, tenant))
    console.print(f"{city}: 已暂停 / suspended")


@tenants.command()
def resume(city: City) -> None:
    """恢复服务,或撤销删除 / serve it again, or take its deletion back."""
    _with_city(city, lambda database, _, tenant: standing.resume(database, tenant))
    console.print(f"{city}: 已恢复 / active")


@tenants.command()
def limit(
    city: City,
    users: Annotated[int | None, typer.Option(min=1, help="账户数 / accounts")] = None,
    storage_mib: Annotated[int | None, typer.Option(min=1, help="文件存储(MiB) / files, in MiB")] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="每分钟请求数 / requests a minute")] = None,
) -> None:
    """设定限额,未给出的不限 / set what the city may use; what is not given has no limit."""
    limits = standing.Limits(users, storage_mib and storage_mib << 20, requests)
    _with_city(city, lambda database, _, tenant: standing.limit(database, tenant, limits))
    shown = (("users", users), ("storage MiB", storage_mib), ("requests/min", requests))
    console.print(f"{city}: " + ", ".join(f"{name} {'∞' if value is None else value}" for name, value in shown))


@tenants.command()
def export(
    city: City, path: Annotated[Path, typer.Argument(help="归档文件(含密码摘要,须妥善保管) / the file")]
) -> None:
    """将一个城市的全部数据写入一个归档文件 / write everything of a city to one archive."""

    with Progress() as progress:
        counted: Counted = _with_city(
            city, lambda database, settings, tenant: export_tenant(database, settings, tenant, path, progress.step)
        )
    console.print(f"{path}: {counted.rows} rows, {counted.objects} objects ({counted.bytes >> 20} MiB)")


@tenants.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="归档文件 / the archive")],
    slug: Annotated[str | None, typer.Option(help="换用此代号 / under another short name")] = None,
) -> None:
    """从归档恢复一个城市 / restore a city from its archive."""

    async def run(settings: Settings) -> tuple[UUID, Counted]:
        async with open_database(settings) as database:
            await ObjectStore(settings).ensure_bucket()
            return await import_tenant(database, settings, path, slug, progress.step)

    with Progress() as progress:
        _, counted = with_stack(run)
    console.print(f"{counted.rows} rows, {counted.objects} objects ({counted.bytes >> 20} MiB)")


@tenants.command()
def delete(
    city: City,
    grace_days: Annotated[int, typer.Option(min=1, help="宽限期(天) / grace, in days")] = standing.GRACE.days,
) -> None:
    """停止服务,宽限期后可清除;期内可用 resume 撤销 / suspend it for good; resume takes that back."""
    grace = dt.timedelta(days=grace_days)
    after = _with_city(city, lambda database, _, tenant: standing.delete(database, tenant, grace))
    console.print(f"{city}: dengbao tenant erase {city}, {after.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")


@tenants.command()
def erase(city: City) -> None:
    """清除宽限期已满的城市,锁定的文件保留到期 / erase a city whose grace is over, but what is locked."""
    gone: Erased = _with_city(city, erase_tenant)
    until = f"{gone.until.astimezone(SHANGHAI):%Y-%m-%d}" if gone.until else "-"
    console.print(f"{city}: {gone.rows} rows, {gone.objects} objects; 锁定 / locked: {gone.locked}, → {until}")
