"""The lab's own certificate authority (实验室 CA) and the good and bad certificates it signs."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from taxops.engines.base import later

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
else:
    x509 = later("cryptography.x509")
    hashes = later("cryptography.hazmat.primitives.hashes")
    serialization = later("cryptography.hazmat.primitives.serialization")
    ec = later("cryptography.hazmat.primitives.asymmetric.ec")

NAME = "access.lab.test"
KINDS = ("ok", "expired", "expiring", "wrong_name", "untrusted")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _authority(title: str, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(title))
        .issuer_name(_name(title))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _signed(
    name: str,
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    begins: datetime,
    ends: datetime,
) -> bytes:
    """Return certificate and key of one server, as PEM."""
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == NAME:
        names += [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def make(folder: Path, now: datetime) -> Path:
    """Write the authority and every kind of certificate, valid around `now`; return the authority's file.

    They are made anew at each start, so that "expires in five days" stays true in a demo kept for months.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours, strangers = _authority("TaxOps 实验室 CA", now), _authority("未受信任的 CA", now)
    day = timedelta(days=1)
    made = {
        "ok": _signed(NAME, ours, now - day, now + 200 * day),
        "expired": _signed(NAME, ours, now - 400 * day, now - 2 * day),
        "expiring": _signed(NAME, ours, now - 300 * day, now + 5 * day + timedelta(hours=1)),
        "wrong_name": _signed("other.lab.test", ours, now - day, now + 200 * day),
        "untrusted": _signed(NAME, strangers, now - day, now + 200 * day),
    }
    for kind, content in made.items():
        path = folder / f"{kind}.pem"
        path.touch(mode=0o600)
        path.write_bytes(content)
    authority = folder / "ca.pem"
    authority.write_bytes(ours[0].public_bytes(serialization.Encoding.PEM))
    return authority
