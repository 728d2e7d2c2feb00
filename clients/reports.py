"""An assessment body's own program: hands in a folder of reports (测评报告批量上传), and can be stopped at any time.

The folder holds PDFs and ``manifest.json``: ``{"reports": [{"file", "assessmentId", "reportedOn", "conclusion", …}]}``,
each entry as the input of ``uploadAssessmentReport`` has it, with ``file`` for the document. What has been handed in is
asked of the platform and kept nowhere else, and every step carries a key by which it is done once: started again, the
program goes on where it was, and uploads nothing twice.

    DENGBAO_TOKEN=<a service account's key> python -m clients.reports FOLDER --url https://dengbao.example.gov.cn
    DENGBAO_PASSWORD=… python -m clients.reports FOLDER --url … --username assessor
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from clients.graphql import Person, Refused

Say = Callable[[str], None]
MANIFEST = "manifest.json"
ERRORS = "userErrors { code field message }"
STANDING = """query Standing($id: ID!) { node(id: $id) { ... on Assessment {
  state report { returnReason document { sha256 } } } } }"""
HAND_IN = f"""mutation HandIn($input: UploadAssessmentReportInput!) {{ uploadAssessmentReport(input: $input) {{
  assessment {{ state number }} {ERRORS} }} }}"""


class ManifestError(Exception):
    """The folder's manifest cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One report of the manifest: the assessment, its PDF, and its figures as the mutation takes them."""

    assessment: str
    path: Path
    figures: dict[str, Any]

    def digest(self) -> str:
        """The PDF's SHA-256."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def key(self) -> str:
        """What makes this hand-in this one: assessment, file and figures."""
        said = json.dumps([self.assessment, self.digest(), self.figures], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(slots=True)
class Outcome:
    """How many reports were handed in, were there already, or were refused."""

    handed_in: int = 0
    there: int = 0
    refused: int = 0


def read_manifest(folder: Path) -> list[Entry]:
    """The reports that a folder holds. Raises: ManifestError, with everything that is wrong."""
    try:
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))["reports"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{folder / MANIFEST} 不能使用:{type(error).__name__} / cannot be used") from error
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ManifestError(f"{folder / MANIFEST} 不能使用:reports 须为列表 / reports is no list of entries")
    entries = [
        Entry(str(each.pop("assessmentId", "")), folder / str(each.pop("file", "")), each) for each in map(dict, listed)
    ]
    places: dict[str, int] = {}
    wrong = [
        f"第 {place} 项与第 {first} 项为同一测评"
        for place, each in enumerate(entries, 1)
        if each.assessment and (first := places.setdefault(each.assessment, place)) != place
    ]
    wrong += [f"第 {place} 项没有 assessmentId" for place, each in enumerate(entries, 1) if not each.assessment]
    wrong += [f"第 {place} 项的文件不在" for place, each in enumerate(entries, 1) if not each.path.is_file()]
    if wrong:
        raise ManifestError(";".join(wrong))
    return entries


async def hand_in(body: Person, folder: Path, say: Say) -> Outcome:
    """Hand in what of the folder has not been; ``say`` tells of each as it is done. Raises: ManifestError."""
    entries, outcome = read_manifest(folder), Outcome()
    for place, entry in enumerate(entries, 1):
        where = f"[{place}/{len(entries)}] {entry.path.name}"
        try:
            number = await _hand_in_one(body, entry)
        except Refused as refused:
            outcome.refused += 1
            say(f"{where} 未能上传:{refused}")
            continue
        if number is None:
            outcome.there += 1
            say(f"{where} 此前已上传")
        else:
            outcome.handed_in += 1
            say(f"{where} 已上传,报告编号 {number}")
    say(f"完成:新上传 {outcome.handed_in} 份,此前已上传 {outcome.there} 份,未能上传 {outcome.refused} 份")
    return outcome


async def _hand_in_one(body: Person, entry: Entry) -> str | None:
    """The report's number; None where this very file is with the assessment already.

    Raises: Refused, also when it is there and was returned: another one is wanted.
    """
    found = (await body.ask(STANDING, id=entry.assessment))["node"]
    if found is None:
        raise Refused([{"message": f"没有找到测评 {entry.assessment} / no such assessment"}])
    report = found["report"] or {}
    if (report.get("document") or {}).get("sha256") == entry.digest():
        if found["state"] == "RETURNED":
            why = report["returnReason"]
            raise Refused([{"message": f"该报告已被退回({why}),请放入修改后的报告 / it was returned; put in another"}])
        return None
    document = await body.upload(entry.path.name, entry.path.read_bytes(), "ASSESSMENT_REPORT", key=entry.key())
    given = {"assessmentId": entry.assessment, "documentId": document["id"], **entry.figures}
    done = (await body.do(HAND_IN, **given, idempotencyKey=entry.key()))["assessment"]
    number: str = done["number"]
    return number


async def sign_in(http: httpx.AsyncClient, url: str, username: str | None) -> Person:
    """As a service account with its key (``DENGBAO_TOKEN``), or as a person with a password. Raises: Refused."""
    token = os.environ.get("DENGBAO_TOKEN")
    if token:
        return await Person.with_token(http, url, token)
    return await Person.sign_in(http, url, username or "", os.environ.get("DENGBAO_PASSWORD", ""))


async def run(folder: Path, url: str, username: str | None, say: Say) -> int:
    """The program: 0 when all is handed in, 1 when some were refused, 2 when nothing could be done."""
    try:
        async with httpx.AsyncClient(timeout=120, trust_env=False) as http:
            outcome = await hand_in(await sign_in(http, url.rstrip("/"), username), folder, say)
    except (ManifestError, Refused) as error:
        say(str(error))
        return 2
    except httpx.HTTPError as error:
        say(f"{url} 暂不可用({type(error).__name__}),请稍后重新运行,已上传的不会重复。")
        return 2
    return 1 if outcome.refused else 0


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="clients.reports", description="批量上传测评报告 / hands in a folder of reports"
    )
    parser.add_argument("folder", type=Path, help=f"报告所在文件夹,内有 {MANIFEST} / the folder with its manifest")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="平台地址 / the platform")
    parser.add_argument("--username", help="用户名;密码取自 DENGBAO_PASSWORD / unless DENGBAO_TOKEN is set")
    given = parser.parse_args()
    sys.exit(asyncio.run(run(given.folder, given.url, given.username, lambda line: print(line, flush=True))))


if __name__ == "__main__":
    main()
