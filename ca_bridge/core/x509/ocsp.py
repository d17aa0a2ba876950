"""The parsed OCSP response of RFC 6960 §4.2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.verdict import Note, RevocationStatus
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SignedBytes
from ca_bridge.core.x509.names import Name


@dataclass(frozen=True, slots=True)
class CertId:
    """RFC 6960 §4.1.1."""

    hash_algorithm: AlgorithmIdentifier
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleResponse:
    """RFC 6960 §4.2.1. ``unknown_critical``: critical singleExtensions not processed."""

    cert_id: CertId
    status: RevocationStatus
    this_update: datetime
    next_update: datetime | None
    revocation_time: datetime | None = None
    revocation_reason: str | None = None
    unknown_critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OcspResponse:
    """One OCSPResponse. ``response_status`` other than "successful" leaves the rest empty.

    Exactly one of ``responder_name`` and ``responder_key_hash`` is set when successful.
    ``certificates`` holds the DER of each certificate sent along.
    """

    der: bytes
    fingerprint: str
    response_status: str
    responder_name: Name | None = None
    responder_key_hash: bytes | None = None
    produced_at: datetime | None = None
    responses: tuple[SingleResponse, ...] = ()
    nonce: bytes | None = None
    certificates: tuple[bytes, ...] = ()
    signed: SignedBytes | None = None
    unknown_critical: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
