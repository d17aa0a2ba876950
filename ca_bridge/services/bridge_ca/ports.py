"""What the bridge CA needs from outside: a register, a linter, and a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ca_bridge.services.bridge_ca.model import (
    CrlWork,
    IssuedCertificate,
    Reservation,
    RevocationEvent,
    RevocationReason,
    StoredCrl,
)

ADMINISTRATION, KEY_USE = "administration", "key_use"


class Log(Protocol):
    """An append-only log; what it raises keeps the step from being taken."""

    def __call__(self, kind: str, fields: Mapping[str, str]) -> None:
        """Append an entry, durable when it returns; ``kind`` is ADMINISTRATION or KEY_USE."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One error that a linter found: its code, and where."""

    code: str
    where: str
    detail: str = ""

    def __str__(self) -> str:
        """As refusals tell it."""
        return " ".join(part for part in (self.code, self.where, self.detail) if part)


class Lint(Protocol):
    """A linter after RFC 5280; only errors that refuse are told."""

    def certificate(self, der: bytes) -> tuple[LintFinding, ...]:
        """Errors of a certificate, whatever its signature."""
        ...

    def crl(self, der: bytes) -> tuple[LintFinding, ...]:
        """Errors of a CRL, whatever its signature."""
        ...


class BridgeStore(Protocol):
    """The register; every method may raise StoreUnavailable and StoreDamaged."""

    def enrol(self, issuer: str, key_sha256: str) -> None:
        """Make ``issuer`` known, once; LABEL_OF_ANOTHER_KEY when it is known with another key."""
        ...

    def reserve(self, reservation: Reservation) -> bool:
        """Write what is about to be signed; False when the issuer has given the serial number before."""
        ...

    def complete(self, issuer: str, serial: str, certificate: bytes) -> None:
        """Write the signed certificate beside its reservation."""
        ...

    def certificate(self, issuer: str, serial: str) -> IssuedCertificate | None:
        """The certificate of this serial number."""
        ...

    def certificates(self, issuer: str) -> tuple[IssuedCertificate, ...]:
        """All of one issuer, by time of creation and serial number."""
        ...

    def revoke(self, issuer: str, serial: str, reason: RevocationReason, at: datetime) -> RevocationEvent:
        """Write an event; CERTIFICATE_UNKNOWN, ALREADY_REVOKED, NOT_ON_HOLD."""
        ...

    def begin_crls(self, issuer: str, at: datetime, *, complete: bool) -> CrlWork:
        """A number for a delta, and for a complete CRL with it, with the events they tell.

        A higher number never knows fewer events and is never of an earlier time. Numbers are not given
        again, whatever becomes of the work. NO_COMPLETE_CRL; CLOCK_BEHIND when ``at`` lies more than
        CLOCK_TOLERANCE before the last CRL.
        """
        ...

    def save_crls(self, crls: tuple[StoredCrl, ...]) -> None:
        """Write signed CRLs, all of them or none."""
        ...

    def newest_crl(self, issuer: str, *, delta: bool) -> StoredCrl | None:
        """The complete or delta CRL of the highest number."""
        ...

    def last_event(self, issuer: str) -> int:
        """Sequence of the issuer's last event; 0 = none."""
        ...
