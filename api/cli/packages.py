"""``dengbao package``: filing packages, made and checked without any server, and sent to one (docs/PACKAGE.md)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.cli.show import console, fail
from clients.graphql import Heard, Person, Refused
from clients.package import Sending, role_of, send_as_office, send_as_unit
from domain.calendar import local_date
from domain.documents.kinds import DocumentKind
from domain.filings.entities import FilingChannel
from domain.filings.form import Contact, FilingFormEntry, GradingEntry, Leader, SystemTable, UnitTable
from domain.packages.layout import PACKED, Unreadable
from domain.packages.reading import Package
from storage.packages import Parts, make_package, open_package
from storage.settings import SetupError

packages = typer.Typer(no_args_is_help=True, help="备案材料包 / filing packages")
PackageFile = Annotated[Path, typer.Argument(help="材料包(zip 或 rar) / the package, zip or rar", exists=True)]
SECONDS = 120


@packages.command()
def form() -> None:
    """输出空白备案表 form.json / print an empty form.json to fill in."""
    unit = UnitTable(leader=Leader(), contact=Contact())
    blank = FilingFormEntry(unit=unit, system=SystemTable(), grading=GradingEntry())
    typer.echo(json.dumps(blank.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1))


@packages.command()
def create(
    form: Annotated[Path, typer.Argument(help="备案表 form.json / the form as data", exists=True)],
    output: Annotated[Path, typer.Option("--output", "-o", help="写入的材料包(zip) / where to write it")],
    grading: Annotated[Path | None, typer.Option(help="定级 grading.json / the grading as data", exists=True)] = None,
    attach: Annotated[
        list[str] | None, typer.Option(help="附件:种类=文件,可多次给出 / KIND=FILE, may be repeated")
    ] = None,
    sign: Annotated[Path | None, typer.Option(help="签名用 Ed25519 私钥(PEM) / private key to sign with")] = None,
    created_at: Annotated[dt.datetime | None, typer.Option(help="制作时间,默认现在 / when it is made")] = None,
) -> None:
    """制作材料包并检查 / make a package, and check it."""
    parts = Parts(form, grading, [_attachment(each) for each in attach or ()], _key(sign) if sign else None)
    at = (created_at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
    made = make_package(parts, output, at)
    _tell(made)
    console.print(f"{output}  {output.stat().st_size} B", markup=False)


@packages.command()
def check(package: PackageFile) -> None:
    """检查材料包,列出全部问题与所缺 / say all that is wrong with a package, and what the filing lacks."""
    with tempfile.TemporaryDirectory(prefix="dengbao-package-") as folder:
        _tell(_opened(package, Path(folder)))


@packages.command()
def send(
    package: PackageFile,
    user: Annotated[str | None, typer.Option(help="用户名 / user name")] = None,
    url: Annotated[str, typer.Option(help="服务地址 / where the platform is")] = "http://127.0.0.1:8000",
    channel: Annotated[FilingChannel, typer.Option(help="机关:收到的渠道 / an office: how it came")] = (
        FilingChannel.COURIER
    ),
    received_on: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="机关:收到日期 / an office: when it came")
    ] = None,
) -> None:
    """发送材料包:单位存入草稿,机关代录 / send it: into the unit's draft, or entered by an office.

    密码取自 DENGBAO_PASSWORD 或提示输入;服务账号的令牌取自 DENGBAO_TOKEN。
    """
    with tempfile.TemporaryDirectory(prefix="dengbao-package-") as folder:
        opened = _opened(package, Path(folder))
        _tell(opened)
        attachments = [(each.kind.value, each.filename, each.file.path.read_bytes()) for each in opened.attachments]
    sending = Sending(package.name, package.read_bytes(), opened.form, attachments)
    day = (received_on.date() if received_on else local_date(dt.datetime.now(dt.UTC))).isoformat()
    try:
        filing = asyncio.run(_send(sending, url.rstrip("/"), user, channel.value, day))
    except Refused as refused:
        for each in refused.errors:
            fail(f"{each.get('field') or ''} {each['message']}".strip())
        raise typer.Exit(1) from None
    except httpx.HTTPError as error:
        raise SetupError(
            f"{url} cannot be used ({type(error).__name__}). Send it again: what has come is not sent twice."
        ) from None
    console.print(f"[green]✓[/] {filing['id']}  {filing['state']}")
    for item in filing["missingItems"]:
        console.print(f"  [yellow]![/] {item['path']}  {item['message']}")


async def _send(sending: Sending, url: str, user: str | None, channel: str, day: str) -> dict[str, Any]:
    heard = _progress()
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
        person = await _person(http, url, user)
        if await role_of(person) in {"CITY_OFFICE", "DISTRICT_OFFICE"}:
            return await send_as_office(person, sending, channel, day, heard)
        return await send_as_unit(person, sending, heard)


async def _person(http: httpx.AsyncClient, url: str, user: str | None) -> Person:
    token = os.environ.get("DENGBAO_TOKEN")
    if user is None:
        if token is None:
            raise SetupError("Name the user with --user, or set DENGBAO_TOKEN to a service account's token.")
        return await Person.with_token(http, url, token)
    password = os.environ.get("DENGBAO_PASSWORD") or typer.prompt("密码 / password", hide_input=True)
    return await Person.sign_in(http, url, user, password)


def _progress() -> Heard:
    """Says every tenth of a file that is sent."""
    told = -1

    def heard(done: int, size: int) -> None:
        nonlocal told
        tenth = done * 10 // size
        if tenth != told:
            told = tenth
            console.print(f"  {done}/{size} B  {tenth * 10} %")

    return heard


def _tell(package: Package) -> None:
    """What was read; ends with 1 where something is wrong."""
    for problem in package.problems:
        console.print(f"[red]✗[/] {problem.field}", end="  ")
        console.print(f"{problem.message.zh} / {problem.message.en}", markup=False)
    if package.problems:
        raise typer.Exit(1)
    signed = f"已签名,公钥 / signed, public key {package.signer}" if package.signer else "未签名 / not signed"
    console.print(f"[green]✓[/] {signed}; 附件 / attachments: {len(package.attachments)}")
    for item in package.missing():
        mark = "[yellow]![/]" if item.required else "·"
        console.print(f"  {mark} {item.path}  {item.message.zh} / {item.message.en}")


def _opened(package: Path, folder: Path) -> Package:
    try:
        return open_package(package, folder)
    except Unreadable as unreadable:
        fail(f"{package.name}: {unreadable.reason.zh} / {unreadable.reason.en}")
        raise typer.Exit(1) from None


def _attachment(given: str) -> tuple[DocumentKind, Path]:
    kind, _, path = given.partition("=")
    if kind not in PACKED or not Path(path).is_file():
        raise SetupError(f"--attach {given}: give KIND=FILE, KIND one of {' '.join(PACKED)}, FILE one that is there.")
    return DocumentKind[kind], Path(path)


def _key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupError(f"{path} is no Ed25519 private key: `openssl genpkey -algorithm ed25519` makes one.")
    return key
