"""The parsed certificate of RFC 5280 §4.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.extensions import CertificateExtensions
from ca_bridge.core.x509.names import Name


@dataclass(frozen=True, slots=True)
class AlgorithmIdentifier:
    """RFC 5280 §4.1.1.2: dotted OID; ``parameters`` is the DER of the parameters, None = absent."""

    oid: str
    parameters: bytes | None


@dataclass(frozen=True, slots=True)
class SubjectPublicKeyInfo:
    """RFC 5280 §4.1.2.7: whole DER, algorithm, and the key's octets (BIT STRING content)."""

    der: bytes
    algorithm: AlgorithmIdentifier
    key: bytes


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """What a signature covers and the signature itself, bound once and never taken apart."""

    tbs: bytes
    algorithm: AlgorithmIdentifier
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """One certificate. Identity is ``fingerprint``: SHA-256, lower-case hex, of the bytes received.

    ``signed.tbs`` are the TBSCertificate bytes as received; ``self_issued`` is
    issuer == subject (RFC 5280 §3.2), never "self-signed".
    """

    der: bytes
    fingerprint: str
    version: int
    serial_number: int
    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    spki: SubjectPublicKeyInfo
    extensions: CertificateExtensions
    signed: SignedBytes
    self_issued: bool
    notes: tuple[Note, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Same bytes received."""
        return isinstance(other, Certificate) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        """By fingerprint."""
        return hash(self.fingerprint)
