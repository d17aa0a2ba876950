"""The parsed certificate revocation list of RFC 5280 §5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.core.x509.extensions import CrlEntryExtensions, CrlExtensions
from ca_bridge.core.x509.names import Name


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One revokedCertificates entry.

    ``certificate_issuer`` is resolved (RFC 5280 §5.3.3): the entry's own, else that of the nearest entry
    before it, else the CRL's issuer.
    """

    serial_number: int
    revocation_date: datetime
    extensions: CrlEntryExtensions
    certificate_issuer: Name


class RevokedIndex(Protocol):
    """revokedCertificates, looked up by serial number without scanning."""

    def __len__(self) -> int:
        """How many entries."""
        ...

    def find(self, serial_number: int) -> tuple[RevokedEntry, ...]:
        """All entries with this serial number, in the order of the list; usually none or one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CertificateList:
    """One CRL. ``next_update`` None = absent.

    ``has_unknown_critical_entry`` is true when any entry carries a critical entry extension this engine
    does not process (RFC 5280 §5.3).
    """

    der: bytes
    fingerprint: str
    version: int
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    extensions: CrlExtensions
    revoked: RevokedIndex
    signed: SignedBytes
    has_unknown_critical_entry: bool = False
    notes: tuple[Note, ...] = ()
