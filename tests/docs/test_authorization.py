"""docs/AUTHORIZATION.md lets an auditor follow a decision: its commands are run as they stand there."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest

from storage.settings import Settings
from tests.support import serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "AUTHORIZATION.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE.partition("## Following one decision")[2], re.DOTALL)


@pytest.mark.usefixtures("api")  # the demo's people are there
@pytest.mark.skipif(not shutil.which("curl"), reason="the page's commands need curl")
async def test_the_commands_say_what_the_page_says(settings: Settings) -> None:
    # A server of its own: others' attempts on the shared one are only counted by now, and not recorded one by one.
    async with serving(settings) as url:
        await _follow(url, settings)


async def _follow(url: str, settings: Settings) -> None:
    (kind, commands), (_, said) = BLOCKS[0], BLOCKS[1]
    assert kind == "sh"
    given = {
        "URL": url,
        "DENGBAO_DATABASE_URL": settings.database_url or "",
        "DENGBAO_S3_ENDPOINT": settings.s3_endpoint or "",
        "DENGBAO_S3_ACCESS_KEY": settings.s3_access_key or "",
        "DENGBAO_S3_SECRET_KEY": settings.s3_secret_key or "",
        "DENGBAO_DATA_DIR": str(settings.data_dir),
        "COLUMNS": "1000",
        "no_proxy": "127.0.0.1",
    }
    run = await asyncio.create_subprocess_exec(
        "bash", "-c", commands, cwd=ROOT, env={**os.environ, **given},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await run.communicate()
    lines = output.decode().splitlines()
    expected = said.splitlines()
    assert len(lines) == len(expected), output.decode()
    for line, example in zip(lines[:-1], expected[:-1], strict=True):
        # What differs from run to run is left out of the page by an ellipsis; the rest stands there word for word.
        start = example.partition("…")[0]
        assert line.startswith(start) or _plain(line).startswith(_plain(start)), (line, example)
    assert lines[-1].startswith('{"data":{"policyChanges":{"nodes":[')


def _plain(line: str) -> str:
    """A line without what the demo gives anew each day."""
    return re.sub(r"@ \S+ \(mem_\S*|granted \S+", "", line)
