"""What both embedded servers need: a home of their own, ports, an owner who is not root, one start at a time."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.settings import SetupError

# Where the servers' files go when the unprivileged user cannot reach the data directory.
SYSTEM_HOME = Path("/var/lib/dengbao")
TELLING = re.compile("error|fatal|panic|could not|no space", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who runs a server that refuses to run as root; None: whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def unprivileged(cls) -> Owner:
        """Ourselves, or the system's nobody when we are root."""
        if os.geteuid() != 0:
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def options(self) -> dict[str, Any]:
        """For ``subprocess``: become the owner."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give ``path`` itself to the owner."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_reach(self, path: Path) -> bool:
        """Whether the owner can enter every directory above ``path``, and read it."""
        if self.uid is None:
            return True
        return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def make_home(data_dir: Path, name: str, owner: Owner) -> Path:
    """The directory ``name`` of a server, which its owner can reach and nobody else can read. Raises: SetupError."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        home = data_dir.resolve() / name
        if not owner.can_reach(home):
            # A checkout in root's own home, say: the server's files go where its user can reach them.
            home = SYSTEM_HOME / str(home).strip("/").replace("/", "-")
            home.parent.mkdir(parents=True, exist_ok=True)
            home.parent.chmod(0o755)
        home.mkdir(exist_ok=True)
        home.chmod(0o700)
        owner.own(home)
        probe = home / ".probe"
        probe.write_bytes(b"x" * 65536)
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"The data directory {data_dir} cannot be used ({error.strerror}). Make it writable and make room, "
            "or set DENGBAO_DATA_DIR to another one."
        ) from error
    return home


def reachable_copy(path: Path, companions: tuple[str, ...], owner: Owner) -> Path:
    """``path`` (a directory of a wheel), or a copy of it and its companions where the owner can reach it."""
    if owner.can_reach(path / "x"):
        return path
    target = SYSTEM_HOME / "programs" / f"{path.name}-{int(path.stat().st_mtime)}"
    if not target.exists():
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        for name in (path.name, *companions):
            if (path.parent / name).exists():
                shutil.copytree(path.parent / name, partial / name)
        for each in (SYSTEM_HOME, SYSTEM_HOME / "programs", partial):
            each.chmod(0o755)
        partial.rename(target)
    return target / path.name


class Occupied(SetupError):  # noqa: N818 - the state of things rather than a fault
    """Another process runs the servers of this data directory."""


class Lock:
    """Held while the servers of a data directory run; the system lets go of it however the process ends."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+")
        except OSError as error:
            raise SetupError(
                f"The data directory {path.parent} cannot be used ({error.strerror}). Make it writable, "
                "or set DENGBAO_DATA_DIR to another one."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise Occupied(
                f"Dengbao runs already in {path.parent} (process {holder}). Stop it first, "
                "or set DENGBAO_DATA_DIR to another directory."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let others start."""
        self._file.close()


def free_port(remembered: int | None = None) -> int:
    """A free loopback port: the remembered one if nobody has taken it meanwhile."""
    for wanted in ([remembered] if remembered else []) + [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SetupError("There is no free port on the loopback interface.")


def is_free(port: int) -> bool:
    """Whether a loopback port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def reason(text: str) -> str:
    """The line of a program's output that says why it failed: the last that sounds like it, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if TELLING.search(line)]
    return (telling or lines or ["no message"])[-1]
