"""What the register of the bridge CA holds: certificates, revocations and CRLs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ca_bridge.services.issue_cross_certificate.errors import ALREADY_REVOKED, NOT_ON_HOLD, BridgeRefused

SERIAL_OCTETS = 20
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far clocks of the hosts that issue CRLs may differ."""


class RevocationReason(StrEnum):
    """CRLReason (RFC 5280 §5.3.1) of those that a CA gives for a CA's certificate."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    CA_COMPROMISE = "ca_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"
    CERTIFICATE_HOLD = "certificate_hold"
    REMOVE_FROM_CRL = "remove_from_crl"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A certificate about to be signed: written before the key is used, so that none is unknown.

    ``serial``: 40 lower-case hexadecimal digits. ``release``: number and SHA-256 of the policy in force.
    ``subject`` and ``tbs``: DER.
    """

    issuer: str
    serial: str
    agreement: str
    subject_domain: str
    release_number: int
    release_sha256: str
    subject: bytes
    key_sha256: str
    not_before: datetime
    not_after: datetime
    created: datetime
    tbs: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationEvent:
    """One change of a certificate's status; ``sequence`` counts all of one issuer from 1."""

    sequence: int
    serial: str
    reason: RevocationReason
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate of the register; ``certificate`` (DER) is None when its signing never ended well.

    ``revocation``: its last event, None when there was none; REMOVE_FROM_CRL means that a hold was lifted.
    """

    reservation: Reservation
    certificate: bytes | None
    revocation: RevocationEvent | None = None

    @property
    def is_revoked(self) -> bool:
        """Whether CRLs list it, on hold included."""
        return self.revocation is not None and self.revocation.reason is not RevocationReason.REMOVE_FROM_CRL


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCrl:
    """A CRL: ``base`` None = complete, else the number of the complete one that the delta starts from.

    ``upto``: sequence of the last event that it knows. A complete one and the delta issued with it share
    their number (RFC 5280 §5.2.3).
    """

    issuer: str
    number: int
    base: int | None
    upto: int
    this_update: datetime
    next_update: datetime
    der: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlWork:
    """What new CRLs are made of: a number nobody else gets, and the events so far.

    ``events`` are in order. ``complete``: whether a complete CRL is to be issued with the delta. ``base`` and
    ``base_upto``: what the delta starts from; ``number`` itself where there was no complete CRL before.
    """

    number: int
    complete: bool
    base: int
    base_upto: int
    this_update: datetime
    events: tuple[RevocationEvent, ...]

    @property
    def upto(self) -> int:
        """Sequence of the last event; 0 = none."""
        return self.events[-1].sequence if self.events else 0


def check_transition(serial: str, last: RevocationEvent | None, reason: RevocationReason) -> None:
    """A revocation does not end; a hold can be lifted or made permanent. ALREADY_REVOKED, NOT_ON_HOLD."""
    on_hold = last is not None and last.reason is RevocationReason.CERTIFICATE_HOLD
    if reason is RevocationReason.REMOVE_FROM_CRL:
        if not on_hold:
            raise BridgeRefused(NOT_ON_HOLD, serial=serial)
        return
    free = last is None or last.reason is RevocationReason.REMOVE_FROM_CRL
    made_permanent = on_hold and reason is not RevocationReason.CERTIFICATE_HOLD
    if not free and not made_permanent:
        raise BridgeRefused(ALREADY_REVOKED, serial=serial, reason=last.reason.value if last else "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a CRL says of one certificate."""

    serial: str
    reason: RevocationReason
    since: datetime


def listed_in_complete(events: Sequence[RevocationEvent]) -> tuple[Listed, ...]:
    """Everything revoked or on hold after ``events``, by serial number; also of expired certificates."""
    return tuple(row for row in _states(events) if row.reason is not RevocationReason.REMOVE_FROM_CRL)


def listed_in_delta(events: Sequence[RevocationEvent], base_upto: int) -> tuple[Listed, ...]:
    """What changed after event ``base_upto`` (RFC 5280 §5.2.4).

    A lifted hold is told as removeFromCRL also when the base never had it: an earlier delta may have.
    """
    changed = {event.serial for event in events if event.sequence > base_upto}
    return tuple(row for row in _states(events) if row.serial in changed)


def _states(events: Sequence[RevocationEvent]) -> list[Listed]:
    """The last state of each serial number; what was on hold before counts as revoked since the hold."""
    states: dict[str, Listed] = {}
    for event in events:
        before = states.get(event.serial)
        held = before is not None and before.reason is RevocationReason.CERTIFICATE_HOLD
        keeps = held and event.reason is not RevocationReason.REMOVE_FROM_CRL
        since = before.since if before is not None and keeps else event.time
        states[event.serial] = Listed(serial=event.serial, reason=event.reason, since=since)
    return [states[serial] for serial in sorted(states)]
