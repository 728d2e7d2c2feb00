"""How the commands speak: progress while something takes longer than two seconds, and what runs where."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table

from api.demo.accounts import ACCOUNTS, PASSWORD, SECOND_CITY
from api.operator import NewUser
from storage.settings import Settings

console = Console(highlight=False, soft_wrap=True)
PATIENCE_SECONDS = 2.0


def fail(message: str) -> None:
    """One line that says what is wrong and what to do."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]dengbao:[/] {message}", markup=True)


class Progress:
    """Says what is going on: each new step, and that it still goes on while it takes longer than two seconds."""

    def __init__(self) -> None:
        self._text = ""
        self._since = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.done()

    def say(self, text: str) -> None:
        """A step begins."""
        self._text, self._since = text, time.monotonic()
        console.print(f"· {text}")

    def step(self, text: str) -> None:
        """A part of something long begins: told only once it has been going on for a while."""
        self._text = text

    def done(self) -> None:
        """All steps are over."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(PATIENCE_SECONDS):
            seconds = int(time.monotonic() - self._since)
            if self._text and seconds >= PATIENCE_SECONDS:
                console.print(f"  … {self._text} ({seconds} s)")


def running(settings: Settings, administrator: NewUser | None, *, demo: bool) -> None:
    """What is running, where, and who can sign in."""
    base = f"http://{settings.host}:{settings.port}"
    table = Table.grid(padding=(0, 2))
    table.add_row("接口 / GraphQL", f"{base}/graphql")
    page = f"{base}/graphql" if settings.graphiql else "DENGBAO_GRAPHIQL=1 make run"
    table.add_row("网页查询 / GraphiQL", page)
    table.add_row("健康检查 / health", f"{base}/healthz  {base}/readyz")
    table.add_row("数据库 / database", _without_password(settings.database_url))
    table.add_row("对象存储 / objects", settings.s3_endpoint or "")
    table.add_row("数据目录 / data", str(settings.data_dir.resolve()))
    console.print("\n[bold]等保 Dengbao 已就绪 / ready[/bold]")
    console.print(table)
    if administrator is not None:
        console.print(f"\n管理员 / administrator: [bold]{administrator.username}[/]  {administrator.password}")
        console.print("此密码只显示一次 / shown this once")
    elif demo:
        console.print(f"\n演示账号,密码均为 [bold]{PASSWORD}[/] / demo accounts, all with this password")
        accounts = Table.grid(padding=(0, 2))
        for account in ACCOUNTS:
            accounts.add_row(account.username, f"{account.username}@{SECOND_CITY}", account.zh)
        console.print(accounts)
    console.print("\n按 Ctrl-C 停止 / Ctrl-C stops everything", style="dim")


def _without_password(url: str | None) -> str:
    return (url or "").rpartition("@")[2]
