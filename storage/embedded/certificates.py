"""The embedded store's own certificate authority: its parts know each other by it, and nobody else is let in."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = dt.timedelta(days=365 * 30)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key, and the authority's that signed it; PEM."""

    authority: bytes
    certificate: bytes
    key: bytes


def make_identity(name: str) -> Identity:
    """A new authority and the one certificate that it will ever sign: its key is not kept."""
    now = dt.datetime.now(dt.UTC)
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + YEARS)
    )
    authority = (
        signed.subject_name(issuer)
        .public_key(root.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root, hashes.SHA256())
    )
    local = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        signed.subject_name(subject)
        .public_key(leaf.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(local, critical=False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Identity(authority.public_bytes(pem), certificate.public_bytes(pem), key)
