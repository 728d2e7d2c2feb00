"""``dengbao files``: whether the store has what the database says, and how much a city may have in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Annotated

import typer
from sqlalchemy import update

from api import operator
from api.cli.servers import open_database, with_stack
from api.cli.show import console
from domain.documents.verifying import Fault, verify
from domain.tenants.entities import TenantSettings
from storage.files import ObjectStore
from storage.settings import Settings

files = typer.Typer(no_args_is_help=True, help="文件 / files")
City = Annotated[str | None, typer.Option(help="只查此城市 / this city only")]


@files.command("verify")
def verify_files(city: City = None) -> None:
    """逐一读取文件,与库中摘要核对 / read every file and compare its digest; exit code 1 if anything is wrong."""

    async def run(settings: Settings) -> Counter[str]:
        counts: Counter[str] = Counter()
        store, now = ObjectStore(settings), dt.datetime.now(dt.UTC)
        async with open_database(settings) as database:
            for row in await database.directory.list_tenants():
                if city not in {None, row["slug"]}:
                    continue
                async with database.transaction(row["id"]) as session:
                    async for each in verify(session, store, row["id"], now):
                        counts[each.fault or "OK"] += 1
                        if each.fault is not None:
                            said = f"{each.fault.zh} / {each.fault.value}  {each.key}  {each.documents}×"
                            console.print(said, markup=False)
        return counts

    counts = with_stack(run)
    told = "  ".join(f"{fault.zh} {counts[fault]}" for fault in Fault)
    console.print(f"已核对 / verified: {counts.total()}  {told}")
    if counts.total() > counts["OK"]:
        raise typer.Exit(1)


@files.command("quota")
def set_quota(
    city: Annotated[str, typer.Argument(help="城市代号 / the city's short name")],
    gib: Annotated[int, typer.Argument(help="全市配额(GiB) / for the whole city", min=1)],
    person: Annotated[int | None, typer.Option(help="每人配额(GiB) / for each person", min=1)] = None,
) -> None:
    """设定城市的存储配额 / set how much a city may upload."""

    async def run(settings: Settings) -> None:
        async with open_database(settings) as database:
            key = await operator.tenant_called(database, city)
            given = {"storage_quota": gib << 30} | ({"person_storage_quota": person << 30} if person else {})
            async with database.transaction(key) as session:
                await session.execute(update(TenantSettings).where(TenantSettings.tenant_id == key).values(**given))

    with_stack(run)
    console.print(f"{city}: {gib} GiB")
