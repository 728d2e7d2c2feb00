"""The arithmetic of the seals: digests of events, Merkle trees over them (RFC 6962, 2.1), and the chain of roots.

``clients/audit_verifier.py`` states the same a second time, for who has nothing but files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

# The root that comes before the first.
NOTHING = "0" * 64


def leaf(content: str) -> str:
    """An event's digest in hex, of its content as ``domain/audit/content.py`` writes it."""
    return hashlib.sha256(b"\0" + content.encode()).hexdigest()


class Tree:
    """A Merkle tree that grows leaf by leaf and keeps one digest for each of its full parts."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []

    def add(self, digest: str) -> None:
        """Add a leaf's digest."""
        node, size = bytes.fromhex(digest), self.size
        while size & 1:
            node = _node(self._parts.pop(), node)
            size >>= 1
        self._parts.append(node)
        self.size += 1

    def root(self) -> str:
        """The root in hex; of no leaves, the digest of nothing."""
        if not self._parts:
            return hashlib.sha256(b"").hexdigest()
        node = self._parts[-1]
        for part in reversed(self._parts[:-1]):
            node = _node(part, node)
        return node.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def seal_root(
    tenant_id: UUID, number: int, former_root: str, tree: str, events: int, total: int, at: dt.datetime
) -> str:
    """The root of a seal, over everything that it says, line by line."""
    lines = ["dengbao audit seal 1", tenant_id, number, former_root, tree, events, total, moment(at)]
    return hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()


def checkpoint_statement(tenant_id: UUID, number: int, root: str, total: int, at: dt.datetime) -> bytes:
    """What a checkpoint signs: that at a moment the chain stood at this root."""
    return "\n".join(map(str, ["dengbao audit checkpoint 1", tenant_id, number, root, total, moment(at)])).encode()


def moment(at: dt.datetime) -> str:
    """A moment as it enters a digest: UTC, to the microsecond."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
