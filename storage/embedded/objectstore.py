"""SeaweedFS's S3 server from its wheel (``weed mini``), on loopback, its other ports closed as far as it allows.

The S3 port asks for identities; the filer's and volumes' ports for tokens signed with keys that nobody has, all gRPC
ports for a certificate that the store alone has. What the host's own administrator can do beside that is said in
docs/FILES.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from storage.embedded.certificates import make_identity
from storage.embedded.processes import Owner, is_free, make_home, reason
from storage.settings import SetupError

READY_SECONDS = 60
STOP_SECONDS = 15
GRPC_OFFSET = 10_000
KEYS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
# Who of the store's parts speaks gRPC to the others.
PEERS = ("master", "volume", "filer", "s3", "client", "admin", "worker", "msg_broker")
# The first is the one that is remembered: links that were given out name it.
PORTS = ("s3", "filer", "master", "volume", "admin")
# With gRPC's above them they lie below those that systems give to outgoing connections.
BELOW_OUTGOING = range(10_000, 22_000)
MOST_LOOKS, ATTEMPTS, LAST_PORT = 500, 4, 65_535
TAKEN = re.compile(r"address already in use|Port allocation failed")


@dataclass(slots=True)
class EmbeddedObjectStore:
    """A running server."""

    endpoint: str
    access_key: str
    secret_key: str
    _process: subprocess.Popen[bytes]

    @classmethod
    async def start(cls, data_dir: Path, progress: Callable[[str], None]) -> EmbeddedObjectStore:
        """Start it, making its keys the first time. Raises: SetupError."""
        home = make_home(data_dir, "objects", Owner())
        kept = _kept(home)
        _end_orphan(home)
        _write(home / "identities.json", json.dumps(_identities(kept)))
        _write(home / "security.toml", _security(home, kept))
        (home / "data").mkdir(exist_ok=True)
        for attempt in range(ATTEMPTS):
            ports = _ports(kept.get("port"))
            kept["port"] = ports["s3"]
            _write(home / "server.json", json.dumps(kept))
            process = _run(home, ports)
            store = cls(f"http://127.0.0.1:{ports['s3']}", kept["access_key"], kept["secret_key"], process)
            try:
                await store._ready(home, progress)
            except SetupError:
                # Somebody else took a port between our look and its start.
                log = (home / "weed.log").read_text(errors="replace")
                if attempt == ATTEMPTS - 1 or not TAKEN.search(log):
                    raise
                kept.pop("port")
            else:
                break
        return store

    @staticmethod
    def running(data_dir: Path) -> tuple[str, str, str]:
        """Endpoint and keys of the server that another process runs there."""
        kept = _kept(make_home(data_dir, "objects", Owner()))
        return f"http://127.0.0.1:{kept.get('port')}", kept["access_key"], kept["secret_key"]

    async def stop(self) -> None:
        """Stop it; what was acknowledged is on disk."""
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            await self.kill()

    async def kill(self) -> None:
        """End it at once; what was acknowledged is on disk."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    @property
    def process_id(self) -> int:
        """The server's process."""
        return self._process.pid

    async def _ready(self, home: Path, progress: Callable[[str], None]) -> None:
        """Wait until it answers as an S3 server does: 403 for whoever has no key."""
        started = time.monotonic()
        told = False
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while time.monotonic() - started < READY_SECONDS:
                if self._process.poll() is not None:
                    log = (home / "weed.log").read_text(errors="replace")
                    raise SetupError(f"The object store did not start: {reason(log)} (see {home / 'weed.log'}).")
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.endpoint}/")).status_code == 403:
                        return
                if not told and time.monotonic() - started > 2:
                    progress("正在等待对象存储 / waiting for the object store")
                    told = True
                await asyncio.sleep(0.1)
        await self.stop()
        raise SetupError(f"The object store did not get ready in {READY_SECONDS} s (see {home / 'weed.log'}).")


def _ports(remembered: int | None) -> dict[str, int]:
    """A port for each of the store's parts, free together with the one that its gRPC has above it."""
    found: dict[str, int] = {}
    candidates = itertools.chain([remembered] if remembered else [], iter(lambda: secrets.choice(BELOW_OUTGOING), None))
    for port in itertools.islice(candidates, MOST_LOOKS):
        above = port + GRPC_OFFSET
        if port not in found.values() and above <= LAST_PORT and is_free(port) and is_free(above):
            found[PORTS[len(found)]] = port
            if len(found) == len(PORTS):
                return found
    raise SetupError("There are no free ports on the loopback interface for the object store.")


def _kept(home: Path) -> dict[str, Any]:
    path = home / "server.json"
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept
    return {
        "access_key": secrets.token_hex(10),
        "secret_key": secrets.token_urlsafe(30),
        **{name: secrets.token_urlsafe(30) for name in KEYS},
    }


def _identities(kept: dict[str, Any]) -> dict[str, Any]:
    credentials = {"accessKey": kept["access_key"], "secretKey": kept["secret_key"]}
    return {"identities": [{"name": "dengbao", "credentials": [credentials], "actions": ["Admin"]}]}


def _security(home: Path, kept: dict[str, Any]) -> str:
    """Keys for tokens, and certificates, made the first time, for gRPC."""
    files = {name: home / f"{name}.pem" for name in ("authority", "certificate", "key")}
    if not all(path.exists() for path in files.values()):
        made = make_identity("dengbao object store")
        for name, path in files.items():
            _write(path, getattr(made, name).decode())
    tokens = [f'[{name}]\nkey = "{kept[name]}"\n' for name in KEYS]
    pair = f'cert = "{files["certificate"]}"\nkey = "{files["key"]}"\n'
    peers = [f"[grpc.{name}]\n{pair}" for name in PEERS]
    return "".join([*tokens, f'[grpc]\nca = "{files["authority"]}"\n', *peers])


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _run(home: Path, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sys.executable).parent / "weed"),
        "mini",
        f"-dir={home / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={ports['s3']}",
        f"-s3.config={home / 'identities.json'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        f"-filer.port={ports['filer']}",
        f"-master.port={ports['master']}",
        f"-volume.port={ports['volume']}",
        f"-admin.port={ports['admin']}",
        "-admin.ui=false",
        "-webdav=false",
        "-master.telemetry=false",
    ]
    # A limit that the idle server reaches (120 MB resident, more reserved) has it collect garbage without end: at 200
    # MiB it took a tenth of a core doing nothing, from 256 MiB on nothing to speak of.
    limits = {"GOMEMLIMIT": "384MiB"}
    with (home / "weed.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            command,
            cwd=home,  # security.toml is looked for here
            env={**os.environ, **limits, "HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _write(home / "weed.pid", str(process.pid))
    return process


def _end_orphan(home: Path) -> None:
    """End a server that outlived its starter."""
    with contextlib.suppress(OSError, ValueError):
        process = int((home / "weed.pid").read_text())
        if Path(f"/proc/{process}/comm").read_text().strip() == "weed":
            os.kill(process, signal.SIGTERM)
            for _ in range(STOP_SECONDS * 10):
                os.kill(process, 0)
                if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
                    return
                time.sleep(0.1)
            os.kill(process, signal.SIGKILL)
            time.sleep(0.2)
