"""Filing packages, offline: what is made reads again, and whatever is wrong with one is told with its place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.rar import rar_archive
from domain.packages.layout import LIMITS, Digests, Unreadable
from domain.packages.reading import Package
from storage.packages import digests_of, open_package
from tests.packages import GRADING, TOPOLOGY, answers, package, unzipped, zipped

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A signed package."""
    return package(tmp_path_factory.mktemp("made"), answers(), key=KEY)


def opened(folder: Path, content: bytes) -> Package:
    """What the archive says."""
    (folder / "given").write_bytes(content)
    (folder / "unpacked").mkdir(exist_ok=True)
    for each in (folder / "unpacked").iterdir():
        each.unlink()
    return open_package(folder / "given", folder / "unpacked")


def test_the_digests_are_the_standards(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert digests_of(tmp_path / "abc") == Digests(
        3,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        # GB/T 32905-2016, A.1
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    )


def test_what_is_made_reads_again_and_is_the_same_each_time(tmp_path: Path, sound: bytes) -> None:
    found = opened(tmp_path, sound)
    assert found.problems == []
    assert found.form == answers()
    assert found.signer == KEY.public_key().public_bytes_raw().hex()
    assert [(each.kind, each.filename) for each in found.attachments] == [("TOPOLOGY", "拓扑图.pdf")]
    (tmp_path / "again").mkdir()
    assert package(tmp_path / "again", answers(), key=KEY) == sound
    assert {item.path for item in found.missing() if item.required} == {
        "ORGANISATION_AND_RULES",
        "PROTECTION_PLAN",
        "PRODUCT_LIST",
        "EXPERT_OPINION",
    }


def test_a_rar_of_the_same_files_is_the_same_package(tmp_path: Path, sound: bytes) -> None:
    found = opened(tmp_path, rar_archive(unzipped(sound)))
    assert (found.problems, len(found.attachments)) == ([], 1)


def _without(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


def _with(name: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(name, content)


def _manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[Files], None]:
    def changed(files: Files) -> None:
        manifest = json.loads(files["manifest.json"])
        change(manifest)
        files["manifest.json"] = json.dumps(manifest, ensure_ascii=False).encode()
        del files["manifest.sig"]

    return changed


def _longer(files: Files) -> Files:
    return {"manifest.json": files["manifest.json"] + b" "}


def _form(**changes: Any) -> Callable[[Files], None]:
    def changed(files: Files) -> None:
        files["form.json"] = json.dumps({**json.loads(files["form.json"]), **changes}).encode()

    return changed


BROKEN: list[tuple[str, Callable[[Files], None], set[str]]] = [
    ("no manifest", _without("manifest.json"), {"manifest.json"}),
    ("no form", _without("form.json"), {"form.json", "manifest.json.subject.*"}),
    ("nothing printed", _without("form.pdf"), {"form.pdf"}),
    ("no JSON", _with("manifest.json", b"{"), {"manifest.json", "manifest.sig"}),
    ("a list", _with("manifest.json", b"[]"), {"manifest.json*", "manifest.sig"}),
    ("JSON as deep as it is long", _with("form.json", b"[" * 500_000), {"form.json", "manifest.json.subject.*"}),
    ("JSON without end", _with("form.json", b" " * (1 << 20) + b"{}"), {"form.json", "manifest.json.subject.*"}),
    ("no UTF-8", _with("form.json", b"\xff\xfe{}"), {"form.json", "manifest.json.subject.*"}),
    ("a file more", _with("attachments/OTHER/x.pdf", b"%PDF-1.4 x"), {"attachments/OTHER/x.pdf"}),
    ("an attachment nowhere", _with("attachments/x.pdf", b"%PDF-1.4 x"), {"attachments/x.pdf"}),
    ("of no kind", _with("attachments/REPLY_LETTER/x.pdf", b"%PDF-"), {"attachments/REPLY_LETTER/x.pdf"}),
    ("of no type", _with("attachments/OTHER/x.exe", b"MZ"), {"attachments/OTHER/x.exe"}),
    ("not of its type", _with(TOPOLOGY, b"MZ"), {TOPOLOGY}),
    ("empty", _with(TOPOLOGY, b""), {TOPOLOGY}),
    ("no PDF", _with("form.pdf", b"PK\x03\x04"), {"form.pdf"}),
    ("not there", _without(TOPOLOGY), {TOPOLOGY}),
    ("another signature", _with("manifest.sig", b"{}"), {"manifest.sig"}),
    ("changed after it was signed", lambda files: files.update(_longer(files)), {"manifest.sig"}),
    ("another format", _manifest(lambda m: m.update(format="zip")), {"manifest.json.format"}),
    ("a later version", _manifest(lambda m: m.update(version=2)), {"manifest.json.version"}),
    ("listed twice", _manifest(lambda m: m["files"].append(m["files"][0])), {TOPOLOGY}),
    ("a digest that is none", _manifest(lambda m: m["files"][0].update(sm3="0")), {"manifest.json.files.0.sm3"}),
    ("another size", _manifest(lambda m: m["files"][0].update(size=1)), {TOPOLOGY}),
    ("another SHA-256", _manifest(lambda m: m["files"][0].update(sha256="0" * 64)), {TOPOLOGY}),
    ("another SM3", _manifest(lambda m: m["files"][0].update(sm3="0" * 64)), {TOPOLOGY}),
    ("listed outside", _manifest(lambda m: m["files"][0].update(path="../../x")), {TOPOLOGY, "../../x"}),
    (
        "of another unit",
        _manifest(lambda m: m["subject"].update(unitName="别的单位", systemNumber="X")),
        {"manifest.json.subject.unitName", "manifest.json.subject.systemNumber"},
    ),
    (
        "a form that contradicts itself",
        _form(unit={"postcode": "1", "systemTotal": 1, "level3Count": 2}),
        {"form.json", "form.json.unit.postcode", "form.json.unit.systemTotal", "manifest.json.subject.unitName"},
    ),
    (
        "a grading that is none",
        _with("grading.json", json.dumps({**GRADING, "systemService": {"harms": []}}).encode()),
        {"grading.json", "grading.json.systemService.harms"},
    ),
]


@pytest.mark.parametrize(("change", "places"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, sound: bytes, change: Callable[[Files], None], places: set[str]
) -> None:
    files = unzipped(sound)
    change(files)
    found = opened(tmp_path, zipped(files))
    told = {problem.field or "" for problem in found.problems}
    assert told
    for place in places:
        stem = place.removesuffix("*")
        assert any(each == place or (stem != place and each.startswith(stem)) for each in told), (place, told)
    allowed = {place.removesuffix("*") for place in places} | {"manifest.json", "manifest.sig"}
    assert all(any(each.startswith(place) for place in allowed) for each in told), told
    assert all(problem.message.zh and problem.message.en for problem in found.problems)


HOSTILE = {
    "a name that leads out": zipped({"../form.json": b"{}"}),
    "no archive": b"%PDF-1.4",
    "cut off": zipped({"form.json": b"{}" * 1000})[:-30],
    "too many files": zipped({f"{number}.txt": b"" for number in range(201)}),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_cannot_be_unpacked_is_refused_with_the_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        opened(tmp_path, content)
    assert all(caught.value.reason)


def test_what_unpacks_to_too_much_is_refused_before_it_is(
    tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.packages.LIMITS", dataclasses.replace(LIMITS, unpacked=100_000))
    with pytest.raises(Unreadable) as caught:
        opened(tmp_path, sound)
    assert "MiB" in caught.value.reason.en


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_file_can_be_changed_unseen(tmp_path: Path, sound: bytes, data: st.DataObject) -> None:
    files = unzipped(sound)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytearray(files[name])
    changed[at] ^= data.draw(st.integers(1, 255))
    found = opened(tmp_path, zipped({**files, name: bytes(changed)}))
    assert found.problems, (name, at)
