"""Certificates of every kind that a TLS handshake may meet, made here and now."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)

# The kinds of key, and by which hash, in which padding, an authority signs that has such a key.
KEYS: dict[str, Callable[[], Any]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA-PSS": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
HASHES: dict[str, Any] = {
    "P-256": hashes.SHA256(),
    "P-384": hashes.SHA384(),
    "RSA-PSS": hashes.SHA256(),
    "Ed25519": None,
}


class Certificate:
    """One with its key, both in PEM."""

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self._key = key

    def key_pem(self, password: str | None = None) -> bytes:
        lock: Any = serialization.NoEncryption()
        if password is not None:
            lock = serialization.BestAvailableEncryption(password.encode())
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)

    def write(self, folder: Path, name: str, *, mode: int = 0o600, password: str | None = None) -> dict[str, str]:
        """Both as files; as the parameters of a connection URI that name them."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(self.key_pem(password))
        key.chmod(mode)
        return {"sslcert": str(certificate), "sslkey": str(key)}


class Authority:
    """Signs certificates, its own first. What it is made of is what it signs with."""

    def __init__(self, name: str, kind: str = "P-256") -> None:
        self._kind = kind
        self._key = KEYS[kind]()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._serial = 1
        extension = x509.BasicConstraints(ca=True, path_length=None)
        self.own = Certificate(self._signed(self._name, self._key, extension, DAY), self._key)

    def issue(self, common_name: str, *names: str, expired: bool = False) -> Certificate:
        """For a client called so, or a server with these host names or addresses."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        key = KEYS[self._kind]()
        extension = x509.SubjectAlternativeName([alternative(name) for name in names]) if names else None
        return Certificate(self._signed(subject, key, extension, -DAY if expired else DAY), key)

    def _signed(self, subject: x509.Name, key: Any, extension: Any, good_for: timedelta) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), self._serial)
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + good_for)
        )
        self._serial += 1
        if extension is not None:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return builder.sign(self._key, HASHES[self._kind], rsa_padding=pss if self._kind == "RSA-PSS" else None)


def alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
