"""Checks an exported audit trail offline: ``python audit_verifier.py FOLDER --key HEX [--checkpoint FILE …]``.

For an outsider: it needs the files that ``dengbao audit export`` wrote, the platform's public key as it was handed
over by another way, and whatever checkpoints somebody has kept elsewhere; no database, no platform, and of libraries
``cryptography`` alone. It states the arithmetic of the seals a second time, on purpose.

- ``events.jsonl``: one event a line, in the order in which they were sealed; a line's bytes are what is digested.
- ``seals.jsonl``: the chain, one seal a line.
- ``checkpoints.jsonl``: signed statements of where the chain stood.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTHING = "0" * 64


@dataclass
class Result:
    """What was read, and what is wrong."""

    events: int = 0
    seals: int = 0
    checkpoints: int = 0
    newest: str = "none"
    unsealed: int = 0
    wrong: list[str] = field(default_factory=list)


def verify(folder: Path, key: str, kept: Sequence[Path] = ()) -> Result:
    """Go through an export; ``key`` in hex, ``kept`` are files of checkpoints from elsewhere."""
    result = Result()
    roots: dict[int, dict[str, Any]] = {}
    former = {"number": 0, "root": NOTHING, "total": 0}
    with (folder / "events.jsonl").open("rb") as events:
        for seal in _lines(folder / "seals.jsonl"):
            _check_events(events, seal, result)
            _check_seal(former, seal, result)
            roots[seal["number"]] = former = seal
            result.seals += 1
        result.unsealed = sum(1 for _ in events)
    for path in (folder / "checkpoints.jsonl", *kept):
        for checkpoint in _lines(path):
            _check_checkpoint(checkpoint, roots, key, result)
    return result


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _check_events(events: Iterator[bytes], seal: dict[str, Any], result: Result) -> None:
    parts: list[bytes] = []
    count = 0
    while count < seal["events"]:
        line = next(events, None)
        if line is None:
            result.wrong.append(f"seal {seal['number']} is of {seal['events']} events and {count} are left: some miss")
            return
        node, size = hashlib.sha256(b"\0" + line.rstrip(b"\n")).digest(), count
        while size & 1:
            node = hashlib.sha256(b"\1" + parts.pop() + node).digest()
            size >>= 1
        parts.append(node)
        count += 1
    result.events += count
    root = parts.pop()
    while parts:
        root = hashlib.sha256(b"\1" + parts.pop() + root).digest()
    if root.hex() != seal["tree"]:
        result.wrong.append(f"the events of seal {seal['number']} are not those that were sealed, or not in that order")


def _check_seal(former: dict[str, Any], seal: dict[str, Any], result: Result) -> None:
    names = ("tenant", "number", "former_root", "tree", "events", "total", "at")
    said = "\n".join(["dengbao audit seal 1", *(str(seal[name]) for name in names)])
    if hashlib.sha256(said.encode()).hexdigest() != seal["root"]:
        result.wrong.append(f"seal {seal['number']} was changed: what it says does not give its root")
    if (
        seal["number"] != former["number"] + 1
        or seal["former_root"] != former["root"]
        or seal["total"] != former["total"] + seal["events"]
    ):
        result.wrong.append(f"seal {seal['number']} does not follow from seal {former['number']}")


def _check_checkpoint(checkpoint: dict[str, Any], roots: dict[int, dict[str, Any]], key: str, result: Result) -> None:
    result.checkpoints += 1
    result.newest = max(checkpoint["at"], "" if result.newest == "none" else result.newest)
    what = f"checkpoint {checkpoint['number']} of {checkpoint['at']}"
    names = ("tenant", "number", "root", "total", "at")
    said = "\n".join(["dengbao audit checkpoint 1", *(str(checkpoint[name]) for name in names)])
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(checkpoint["signature"]), said.encode())
    except (InvalidSignature, ValueError):
        result.wrong.append(f"{what} is not signed with this key")
        return
    seal = roots.get(checkpoint["number"])
    if seal is None:
        result.wrong.append(f"{what} names a seal that is not there: the end of the trail was cut off")
    elif (seal["tenant"], seal["root"], seal["total"]) != tuple(
        checkpoint[name] for name in ("tenant", "root", "total")
    ):
        result.wrong.append(f"{what} has another root than its seal: the trail was written anew")


def main() -> None:
    """The command; exit status 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="dengbao-verify-audit", description="Checks an exported audit trail offline.")
    parser.add_argument("folder", type=Path, help="what `dengbao audit export` wrote")
    parser.add_argument("--key", required=True, help="the platform's public key in hex (`dengbao audit key`)")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="one kept elsewhere; repeatable")
    given = parser.parse_args()
    result = verify(given.folder, given.key, given.checkpoint)
    for finding in result.wrong:
        print(f"✗ {finding}")
    print(
        f"{result.events} events in {result.seals} seals, {result.checkpoints} checkpoints (the newest of "
        f"{result.newest}), {result.unsealed} events not sealed yet: {'WRONG' if result.wrong else 'all holds'}"
    )
    sys.exit(1 if result.wrong else 0)


if __name__ == "__main__":
    main()
