"""The command line: what is set up wrongly is one clear line and exit code 2, and nothing is half made."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.settings import Settings
from tests.support import reachable


def dengbao(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with these settings only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DENGBAO_")}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "api.cli", *words],
        env={**inherited, **{f"DENGBAO_{name.upper()}": value for name, value in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def occupied() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert all(word in line for word in words), line


def test_a_wrong_setting(tmp_path: Path) -> None:
    refused(dengbao("up", data_dir=str(tmp_path), port="x", workers="0"), "DENGBAO_PORT", "DENGBAO_WORKERS")


def test_half_an_object_store(tmp_path: Path) -> None:
    refused(dengbao("up", data_dir=str(tmp_path), s3_endpoint="http://x"), "DENGBAO_S3_SECRET_KEY")


def test_an_occupied_port(tmp_path: Path, occupied: int) -> None:
    refused(dengbao("up", data_dir=str(tmp_path / "data"), port=str(occupied)), str(occupied), "DENGBAO_PORT")
    assert not (tmp_path / "data").exists()


def test_a_file_where_the_data_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused(dengbao("up", data_dir=str(tmp_path / "data"), port="18999"), "DENGBAO_DATA_DIR")


def test_a_database_of_another_version(tmp_path: Path) -> None:
    reachable(tmp_path)
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("15\n")
    refused(dengbao("check", data_dir=str(tmp_path)), "PostgreSQL 15", "DENGBAO_DATA_DIR")


GIVEN = {
    "database_url": "postgresql://a:secret-word@127.0.0.1:1/x",  # pragma: allowlist secret
    "s3_endpoint": "http://127.0.0.1:1",
    "s3_access_key": "a",
    "s3_secret_key": "b" * 20,
}


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_does_not_answer(tmp_path: Path, command: str) -> None:
    done = dengbao(command, **GIVEN, data_dir=str(tmp_path), port="18998")
    assert done.returncode == 2
    assert "127.0.0.1" in done.stderr
    assert "secret-word" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_check_says_what_to_do(tmp_path: Path, settings: Settings) -> None:
    done = dengbao("check", **GIVEN, data_dir=str(tmp_path))
    assert done.returncode == 1
    assert "DENGBAO_DATABASE_URL" in done.stdout
    assert "DENGBAO_S3_ENDPOINT" in done.stdout
    good = dengbao(
        "check",
        data_dir=str(tmp_path),
        database_url=settings.database_url or "",
        s3_endpoint=settings.s3_endpoint or "",
        s3_access_key=settings.s3_access_key or "",
        s3_secret_key=settings.s3_secret_key or "",
    )
    assert good.returncode == 0, good.stdout
    assert "✗" not in good.stdout


def test_the_schema_is_the_committed_one() -> None:
    committed = Path(__file__).parent.parent / "docs" / "schema.graphql"
    assert dengbao("schema").stdout == committed.read_text(encoding="utf-8")
