"""Secrets that an installation makes for itself, kept in files that only its user can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from storage.settings import Settings, SetupError

KEY_BYTES = 32


def token_key(settings: Settings) -> bytes:
    """The key under which access tokens are signed: DENGBAO_TOKEN_KEY, or one made in the data directory.

    Raises: SetupError when the setting is no key, or the directory cannot be written.
    """
    if settings.token_key is None:
        return kept_secret(settings.data_dir / "token.key")
    try:
        key = base64.b64decode(settings.token_key, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SetupError(
            f"DENGBAO_TOKEN_KEY has to be {KEY_BYTES} bytes in base64: `openssl rand -base64 32` makes one."
        )
    return key


def kept_secret(path: Path) -> bytes:
    """The random bytes kept at ``path``, made there (mode 0600) the first time. Raises: SetupError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = secrets.token_bytes(KEY_BYTES)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, base64.b64encode(made))
        finally:
            os.close(descriptor)
        try:
            os.link(temporary, path)  # fails where another process was faster; theirs is then the secret
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        return base64.b64decode(path.read_bytes())
    except OSError as error:
        raise SetupError(
            f"The data directory {path.parent} cannot be used ({error.strerror}). "
            "Make it writable and make room, or set DENGBAO_DATA_DIR."
        ) from error
