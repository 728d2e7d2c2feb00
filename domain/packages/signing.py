"""``manifest.sig``: a detached Ed25519 signature of the manifest's bytes (签名), which is optional."""

from __future__ import annotations

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError

from domain.packages.layout import Part

ALGORITHM = "Ed25519"


class Signature(Part):
    """A signature and the key that verifies it, in hex."""

    algorithm: str = Field(pattern=f"^{ALGORITHM}$")
    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str = Field(pattern="^[0-9a-f]{128}$")


def signed(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """The content of ``manifest.sig``."""
    made = {
        "algorithm": ALGORITHM,
        "publicKey": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(manifest).hex(),
    }
    return json.dumps(made, indent=1).encode() + b"\n"


def signer(manifest: bytes, given: bytes) -> str | None:
    """The public key, in hex, by which ``given`` is a signature of the manifest; None where it is not one.

    Whose key that is, the reader has to know from elsewhere.
    """
    try:
        signature = Signature.model_validate_json(given)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        key.verify(bytes.fromhex(signature.signature), manifest)
    except (ValidationError, ValueError, InvalidSignature):
        return None
    return signature.public_key
