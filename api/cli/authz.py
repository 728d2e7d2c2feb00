"""``dengbao authz``: why somebody may or may not do something, and what each duty may."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from sqlalchemy import select

from api import operator
from api.cli.servers import open_database, with_stack
from api.cli.show import console
from authz.permissions import shipped_lines
from authz.policy import Line
from domain.policy.entities import PolicyRule
from storage.settings import Settings

# What stands before a duty: nothing where it is as shipped.
MARKS = {"✓": "", "+": "+", "−": "−"}
authz = typer.Typer(no_args_is_help=True, help="权限 / who may do what")


@authz.command()
def explain(
    user: Annotated[str, typer.Argument(help="用户名,可带 @城市 / user name, with @city if wanted")],
    operation: Annotated[str, typer.Argument(help="操作,如 submitFiling / mutation, or a list such as filings")],
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="对象标识 / id of its subject")] = None,
) -> None:
    """逐层说明为何允许或拒绝 / say, layer by layer, why it is allowed or refused; exit code 1 where it is refused."""
    from api.explanation import Explained
    from api.explanation import explain as explained
    from api.schema.build import schema

    schema()  # what the ids' prefixes mean
    name, _, city = user.partition("@")

    async def run(settings: Settings) -> list[Explained]:
        async with open_database(settings) as database:
            key = await operator.tenant_called(database, city or None)
            async with database.transaction(key) as session:
                return await explained(session, key, name, operation, identifier)

    found = with_stack(run)
    for each in found:
        console.print(f"[bold]{each.membership}[/]: {'允许 / may' if each.may else '拒绝 / may not'}")
        for layer in each.layers:
            mark = "[green]✓[/]" if layer.passes else "[red]✗[/]"
            console.print(f"  {mark} {layer.name}:", end=" ")
            console.print(layer.why, markup=False, highlight=False, soft_wrap=True)
    if not any(each.may for each in found):
        sys.exit(1)


@authz.command()
def matrix(
    city: Annotated[str | None, typer.Option(help="城市代号;不填为出厂策略 / city; the shipped policy without")] = None,
) -> None:
    """列出每项操作允许哪些职责 / print which duties may do each operation."""
    from api.explanation import matrix as rows

    async def run(settings: Settings) -> frozenset[Line]:
        async with open_database(settings) as database:
            key = await operator.tenant_called(database, city)
            async with database.transaction(key) as session:
                found = await session.execute(
                    select(PolicyRule.subject, PolicyRule.action).where(PolicyRule.tenant_id == key)
                )
                return frozenset((row.subject, row.action) for row in found)

    lines = with_stack(run) if city else frozenset(shipped_lines())
    for operation, cells, fixed in rows(lines):
        who = (f"{MARKS[mark]}{role}.{duty}" for (role, duty), mark in cells.items() if mark)
        console.print(f"{operation}: {' '.join(who)}{' (固定 / fixed)' if fixed else ''}", markup=False)
    console.print("+ 本市增加 / the city's   − 本市撤回 / taken back by the city")
