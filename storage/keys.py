"""Secrets that an installation makes for itself, kept in files that only its user can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.settings import Settings, SetupError

KEY_BYTES = 32


def token_key(settings: Settings) -> bytes:
    """The key under which access tokens are signed: DENGBAO_TOKEN_KEY, or one made in the data directory.

    Raises: SetupError when the setting is no key, or the directory cannot be written.
    """
    return _key(settings, "DENGBAO_TOKEN_KEY", settings.token_key, "token.key")


class AuditKey:
    """Signs the audit trail's checkpoints: DENGBAO_AUDIT_KEY, or a key made in the data directory.

    Raises: SetupError as ``token_key``.
    """

    def __init__(self, settings: Settings) -> None:
        key = _key(settings, "DENGBAO_AUDIT_KEY", settings.audit_key, "audit.key")
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self.public_key = self._private.public_key().public_bytes_raw().hex()

    def sign(self, statement: bytes) -> str:
        """The signature in hex."""
        return self._private.sign(statement).hex()


def trusted_keys(settings: Settings) -> list[str]:
    """The public keys whose checkpoints count: our own, and those of deployments that cities were restored from."""
    more = (key.strip().lower() for key in settings.audit_trusted_keys.split(","))
    return [AuditKey(settings).public_key, *filter(None, more)]


def _key(settings: Settings, name: str, given: str | None, kept: str) -> bytes:
    if given is None:
        return kept_secret(settings.data_dir / kept)
    try:
        key = base64.b64decode(given, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SetupError(f"{name} has to be {KEY_BYTES} bytes in base64: `openssl rand -base64 32` makes one.")
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
