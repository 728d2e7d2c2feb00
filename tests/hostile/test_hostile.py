"""Hostile files are refused, each for the reason that it gives, in both languages; good ones are taken."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from api.demo.files import docx, pdf, zip_archive
from api.demo.rar import rar_archive
from domain.documents.entities import ScanState
from domain.documents.examination import Limits
from storage.archives.looking import look_into
from storage.archives.outcome import decoded
from tests.hostile.collection import GOOD, JPEG, OLE, PNG, Hostile, _seven, collection
from tests.hostile.rar5 import rar5_archive

HOSTILE = collection()


def test_the_collection_is_large() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(tmp_path: Path, what: str) -> None:
    hostile: Hostile = HOSTILE[what]
    path = tmp_path / hostile.filename
    path.write_bytes(hostile.content)
    started = time.process_time()
    found = look_into(path, hostile.filename)
    assert found.rejection is not None, found
    for said, expected in zip(found.rejection, hostile.reason, strict=True):
        assert said.startswith(expected.partition("{")[0])
        assert "{" not in said
    assert found.entries == ()
    assert time.process_time() - started < 5
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("好.zip", zip_archive(GOOD)),
        ("好.rar", rar_archive(GOOD)),
        ("好5.rar", rar5_archive(GOOD)),
        ("好.7z", _seven(GOOD)),
    ],
)
def test_a_good_archive_is_listed(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = look_into(tmp_path / name, name)
    listed = {entry.name.removeprefix("./"): (entry.size, entry.sha256) for entry in found.entries}
    assert (found.rejection, found.scan) == (None, ScanState.SKIPPED)
    assert listed == {n: (len(each), hashlib.sha256(each).hexdigest()) for n, each in GOOD.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", pdf("题", ["行"])), ("a.docx", docx("题", ["行"])), ("a.png", PNG), ("a.jpg", JPEG), ("a.xls", OLE)],
)
def test_a_good_file_is_taken_and_holds_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = look_into(tmp_path / name, name)
    assert (found.rejection, found.entries) == (None, ())


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_of_old_and_new_programs_are_read(tmp_path: Path, encoding: str) -> None:
    """A name that is not marked as UTF-8 is what it can be: Chinese programs of their time wrote GBK."""
    name = "备案材料/系统拓扑图.txt"
    plain = zip_archive({"0" * len(name.encode(encoding)): b"x"})
    path = tmp_path / "x.zip"
    path.write_bytes(plain.replace(b"0" * len(name.encode(encoding)), name.encode(encoding)))
    assert [entry.name for entry in look_into(path, "x.zip").entries] == [name]


def test_limits_are_over_all_archives_within(tmp_path: Path) -> None:
    inner = zip_archive({f"{n}": b"x" for n in range(6)})
    path = tmp_path / "x.zip"
    path.write_bytes(zip_archive({"a.zip": inner, "b.zip": inner}))
    assert look_into(path, "x.zip", limits=Limits(entries=14)).rejection is None
    refused = look_into(path, "x.zip", limits=Limits(entries=13)).rejection
    assert refused
    assert "13" in refused.zh


def test_a_process_of_its_own_finds_the_same(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in GOOD.items():
            file.writestr(name, content)
    path = tmp_path / "x.zip"
    path.write_bytes(made.getvalue())
    ran = subprocess.run(  # noqa: S603 - a module of ours
        [sys.executable, "-m", "storage.archives", str(path), "x.zip"], capture_output=True, check=True
    )
    assert decoded(ran.stdout) == look_into(path, "x.zip")
