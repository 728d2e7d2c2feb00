"""The body's program: hands in a folder, is killed in the middle, goes on, and uploads nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import httpx
import pytest

from clients.papers import paper
from clients.reports import MANIFEST, ManifestError, read_manifest
from tests.e2e.flows import done
from tests.support import Api

WHO = "assessor@tianjin"
STANDING = """query($ids:[ID!]!){nodes(ids:$ids){...on Assessment{id state number
  reports{id number documents{kind sha256}}}}}"""


@pytest.fixture(scope="module")
async def under_way(api: Api) -> list[str]:
    """Assessments of the second city's first body that are under way; one that still waits is taken."""
    waiting = await api.all(WHO, "assessments", "id state", ",filter:{state:COMMISSIONED}")
    for each in waiting[:2]:
        await done(api, WHO, "acceptAssessment", "assessment{id}", assessmentId=each["id"])
    found = [each["id"] for each in await api.all(WHO, "assessments", "id", ",filter:{state:IN_PROGRESS}")]
    assert len(found) >= 2
    return found


@pytest.fixture(scope="module")
async def key(api: Api) -> str:
    """The key of a service account of that body, good for what the program does and for nothing else."""
    home = (await api.ask(WHO, "{viewer{membership{organisation{id}}}}"))["viewer"]["membership"]["organisation"]
    given = {
        "name": "测评报告批量上传",
        "duties": ["ASSESSOR"],
        "organisationId": home["id"],
        "operations": ["requestUpload", "completeUpload", "uploadAssessmentReport"],
    }
    payload = await api.do("city.admin@tianjin", "createServiceAccount", "serviceAccount{id} key", **given)
    assert payload["userErrors"] == []
    return str(payload["key"])


def folder_of(folder: Path, assessments: list[str], **more: Any) -> Path:
    """A folder with a report for each."""
    reports = []
    for place, key in enumerate(assessments):
        (folder / f"{place}.pdf").write_bytes(paper(f"report of {key}"))
        figures = {"reportedOn": "2026-11-20", "conclusion": "BASICALLY_CONFORMING", "conformityRate": 80, **more}
        reports.append({"file": f"{place}.pdf", "assessmentId": key, **figures})
    (folder / MANIFEST).write_text(json.dumps({"reports": reports}), "utf-8")
    return folder


async def program(url: str, folder: Path, token: str) -> Process:
    """The program, started as its user would."""
    command = [sys.executable, "-m", "clients.reports", str(folder), "--url", url]
    environment = {**os.environ, "DENGBAO_TOKEN": token}
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environment)


async def told(running: Process) -> list[str]:
    """What it says to its end."""
    assert running.stdout
    return (await running.stdout.read()).decode().splitlines()


async def test_killed_in_the_middle_it_goes_on_and_uploads_nothing_twice(
    api: Api, url: str, tmp_path: Path, under_way: list[str], key: str
) -> None:
    folder = folder_of(tmp_path, under_way)
    first = await program(url, folder, key)
    assert first.stdout
    line = (await first.stdout.readline()).decode()
    assert line.startswith(f"[1/{len(under_way)}] 0.pdf 已上传,报告编号 ")
    first.kill()
    await first.wait()
    second = await program(url, folder, key)
    lines = await told(second)
    assert await second.wait() == 0
    assert lines[0] == f"[1/{len(under_way)}] 0.pdf 此前已上传"
    third = await program(url, folder, key)
    assert all(each.endswith("此前已上传") for each in (await told(third))[:-1])
    assert await third.wait() == 0
    found = (await api.ask(WHO, STANDING, ids=under_way))["nodes"]
    for each in found:
        assert each["state"] == "REPORT_UPLOADED"
        (report,) = each["reports"]
        assert len(report["documents"]) == 1
    assert len({each["number"] for each in found}) == len(under_way)


async def test_an_upload_that_was_broken_off_is_taken_up(api: Api, url: str, tmp_path: Path, key: str) -> None:
    """Stored and not handed in: the same document is used, not another one."""
    from clients.graphql import Person
    from clients.reports import hand_in

    (waiting,) = (await api.all(WHO, "assessments", "id", ",filter:{state:REPORT_UPLOADED}"))[:1]
    folder = folder_of(tmp_path, [waiting["id"]], conformityRate=81)
    (entry,) = read_manifest(folder)
    said: list[str] = []
    async with httpx.AsyncClient(trust_env=False) as http:
        body = await Person.with_token(http, url, key)
        content = paper("another")
        entry.path.write_bytes(content)
        before = await body.upload(entry.path.name, content, "ASSESSMENT_REPORT", key=entry.key())
        outcome = await hand_in(body, folder, said.append)
    assert (outcome.handed_in, outcome.there, outcome.refused) == (1, 0, 0)
    asked = "query($i:ID!){node(id:$i){...on Assessment{report{document{id}}}}}"
    assert (await api.ask(WHO, asked, i=waiting["id"]))["node"]["report"]["document"]["id"] == before["id"]


async def test_what_is_refused_is_told_and_the_rest_goes_on(api: Api, url: str, tmp_path: Path, key: str) -> None:
    (waiting,) = (await api.all(WHO, "assessments", "id", ",filter:{state:REPORT_UPLOADED}"))[:1]
    folder = folder_of(tmp_path, [waiting["id"].replace("asm_0", "asm_f"), waiting["id"]], score=3)
    running = await program(url, folder, key)
    lines = await told(running)
    assert await running.wait() == 1
    assert "没有找到测评" in lines[0]
    assert "未能上传:score" in lines[1]
    assert lines[-1] == "完成:新上传 0 份,此前已上传 0 份,未能上传 2 份"
    stranger = await program(url, folder, "x.y.z")
    assert await stranger.wait() == 2


async def test_a_report_that_was_returned_is_not_taken_for_handed_in(
    api: Api, url: str, tmp_path: Path, key: str
) -> None:
    asked = "id report{returnReason document{id}}"
    returned = (await api.all(WHO, "assessments", asked, ",filter:{state:RETURNED}"))[0]
    folder = folder_of(tmp_path, [returned["id"]])
    document = returned["report"]["document"]["id"]
    granted = await done(api, WHO, "requestDownload", "download{url}", documentId=document)
    async with httpx.AsyncClient(trust_env=False) as http:
        (folder / "0.pdf").write_bytes((await http.get(granted["url"])).content)
    running = await program(url, folder, key)
    (line, _) = await told(running)
    assert await running.wait() == 1
    assert "已被退回" in line
    assert returned["report"]["returnReason"] in line


def test_a_manifest_is_checked_as_a_whole_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="不能使用"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps({"reports": [{"file": "a.pdf"}, {"assessmentId": "asm_1"}]}))
    with pytest.raises(ManifestError) as refused:
        read_manifest(tmp_path)
    assert str(refused.value) == "第 1 项没有 assessmentId;第 1 项的文件不在;第 2 项的文件不在"
    for reports in ({}, ["a.pdf"]):
        (tmp_path / MANIFEST).write_text(json.dumps({"reports": reports}))
        with pytest.raises(ManifestError, match="不能使用"):
            read_manifest(tmp_path)
    with pytest.raises(ManifestError, match="第 2 项与第 1 项为同一测评"):
        read_manifest(folder_of(tmp_path, ["asm_1", "asm_1"]))
