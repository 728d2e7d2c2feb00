"""``dengbao package`` as its page says, word by word; and sent to a running server, broken off and run again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shlex
import sys
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from api.cli.main import app
from api.demo.accounts import PASSWORD
from api.demo.rar import rar_archive
from clients.papers import paper
from domain.documents import uploads
from domain.documents.uploads import MIB
from tests.e2e.flows import LEVEL_2, LEVEL_3, graded_system, node
from tests.e2e.test_packages import form_of
from tests.packages import answers, package, unzipped
from tests.support import Api

PAGE = (Path(__file__).parents[2] / "docs" / "PACKAGE.md").read_text(encoding="utf-8")
RUN = CliRunner()


def commands() -> dict[str, list[str]]:
    """The page's commands by what they do, as words."""
    (block,) = (each for each in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "dengbao package" in each)
    lines = (shlex.split(line, comments=True) for line in block.replace("\\\n", " ").splitlines())
    return {words[words.index("package") + 1]: words[words.index("dengbao") + 1 :] for words in lines}


def example(name: str) -> str:
    """The page's example of a file."""
    (found,) = re.findall(rf"`{re.escape(name)}`:\n```json\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_a_new_user_follows_the_page_word_by_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = commands()
    form, redirected, target = given["form"][:-2], *given["form"][-2:]
    assert redirected == ">"
    blank = RUN.invoke(app, form)
    assert blank.exit_code == 0
    Path(target).write_text(blank.stdout, encoding="utf-8")
    Path("grading.json").write_text(example("grading.json"), encoding="utf-8")
    Path("拓扑图.pdf").write_bytes(paper("拓扑图"))
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    Path("key.pem").write_bytes(key)
    # Left blank it is a package as well, and all that it lacks is told.
    made = RUN.invoke(app, given["create"])
    assert made.exit_code == 0, made.stdout
    assert "unit.unitName" in made.stdout
    filled = answers()
    assert json.loads(blank.stdout)["unit"].keys() >= filled["unit"].keys()
    Path(target).write_text(json.dumps(filled, ensure_ascii=False), encoding="utf-8")
    assert RUN.invoke(app, given["create"]).exit_code == 0
    checked = RUN.invoke(app, given["check"])
    assert checked.exit_code == 0
    assert "公钥" in checked.stdout
    assert "unit.unitName" not in checked.stdout
    assert "EXPERT_OPINION" in checked.stdout


def test_a_rar_is_checked_alike_and_what_is_wrong_is_told_by_place(tmp_path: Path) -> None:
    files = unzipped(package(tmp_path, answers()))
    for name, changed, status, word in (
        ("whole.rar", {}, 0, "EXPERT_OPINION"),
        ("changed.rar", {"grading.json": b"{}"}, 1, "grading.json"),
    ):
        (tmp_path / name).write_bytes(rar_archive({**files, **changed}))
        checked = RUN.invoke(app, ["package", "check", str(tmp_path / name)])
        assert (checked.exit_code, word in checked.stdout) == (status, True), checked.stdout


async def send(api: Api, archive: Path, *words: str, until: str | None = None) -> tuple[int, str]:
    """The command in a process of its own, killed once its output has ``until``: how it ended, what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "package", "send", str(archive), "--url", api.url, *words,
        env={**os.environ, "DENGBAO_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout
    said = ""
    try:
        async with asyncio.timeout(90):
            async for line in process.stdout:
                said += line.decode()
                if until is not None and until in said:
                    break
            else:
                await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    return await process.wait(), said


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, files are looked into while the client waits: nobody does background work here."""
    monkeypatch.setattr(uploads, "PATIENCE", 60)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads come in parts of 5 MiB from 6 MiB on."""
    monkeypatch.setattr(uploads, "WHOLE_BYTES", 6 * MIB)
    monkeypatch.setattr(uploads, "PART_BYTES", 5 * MIB)


@pytest.mark.usefixtures("small_parts")
async def test_a_unit_sends_a_package_is_broken_off_and_sends_it_again(api: Api, tmp_path: Path) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_2)
    code = (await node(api, "unit.filer", system, "System", "code"))["code"]
    drawing = b"%PDF-1.7\n" + os.urandom(13 * MIB // 2)
    content = package(tmp_path, await form_of(api, code), topology=drawing)
    given = (api, tmp_path / "package.zip", "--user", "unit.filer")
    status, said = await send(*given, until=f"/{len(content)} B")
    assert status < 0, said
    status, said = await send(*given)
    assert status == 0, said
    assert "DRAFT" in said
    filings = await node(api, "unit.filer", system, "System", "filings(first:9){nodes{id documents{kind sha256}}}")
    (filing,) = filings["filings"]["nodes"]
    assert sorted((each["kind"], each["sha256"]) for each in filing["documents"]) == [
        ("FILING_ARCHIVE", hashlib.sha256(content).hexdigest()),
        ("TOPOLOGY", hashlib.sha256(drawing).hexdigest()),
    ]


async def test_an_office_sends_one_and_is_told_what_is_missing(api: Api, tmp_path: Path) -> None:
    package(tmp_path, await form_of(api, uuid.uuid4().hex[:12]))
    given = (api, tmp_path / "package.zip", "--user", "district.officer", "--channel", "EMAIL")
    status, said = await send(*given)
    assert status == 0, said
    assert all(word in said for word in ("RECEIVED", "EXPERT_OPINION"))
