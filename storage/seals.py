"""Secrets kept in the database, encrypted (AES-256-GCM) under a key derived from the installation's own."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class KeySeals:
    """See ``domain.ports.Seals``; ``purpose`` keeps what is sealed for one thing from being read as another."""

    def __init__(self, key: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=f"dengbao {purpose}".encode()).derive(key)
        self._cipher = AESGCM(derived)

    def seal(self, content: bytes) -> str:
        """``content``, sealed."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, content, None)).decode()

    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises: ValueError."""
        whole = base64.urlsafe_b64decode(sealed)
        try:
            return self._cipher.decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], None)
        except InvalidTag:
            raise ValueError("not sealed by us") from None
