"""One entry of revokedCertificates (RFC 5280 §5.1.2.6, §5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.crl import RevokedEntry
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import CrlEntryExtensions
from ca_bridge.core.x509.general_names import decode_general_names
from ca_bridge.core.x509.names import GeneralName, Name
from ca_bridge.core.x509.structure import STRUCTURAL, read_extensions
from ca_bridge.core.x509.times import read_time

MAX_SERIAL_OCTETS = 64
"""RFC 5280 §4.1.2.2 says 20; longer ones match no certificate, but must not hide the rest of the list."""

MAX_ENTRY_EXTENSIONS = 8

_REASON_CODE = "2.5.29.21"
_HOLD_INSTRUCTION = "2.5.29.23"
_INVALIDITY_DATE = "2.5.29.24"
_CERTIFICATE_ISSUER = "2.5.29.29"
_PROCESSED = frozenset({_REASON_CODE, _HOLD_INSTRUCTION, _INVALIDITY_DATE, _CERTIFICATE_ISSUER})

REASON_NAMES = {
    0: "unspecified",
    1: "key_compromise",
    2: "ca_compromise",
    3: "affiliation_changed",
    4: "superseded",
    5: "cessation_of_operation",
    6: "certificate_hold",
    8: "remove_from_crl",
    9: "privilege_withdrawn",
    10: "aa_compromise",
}
"""CRLReason of RFC 5280 §5.3.1 by its number; 7 is not used."""


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """An entry before inheritance: ``certificate_issuer`` is its own or None; ``end`` is where it ends."""

    serial_number: int
    revocation_date: datetime
    extensions: CrlEntryExtensions
    certificate_issuer: Name | None
    end: int
    notes: frozenset[str]

    def revoked(self, certificate_issuer: Name) -> RevokedEntry:
        """Return the entry with the issuer that applies to it."""
        return RevokedEntry(self.serial_number, self.revocation_date, self.extensions, certificate_issuer)


def parse_entry(buf: bytes, pos: int, end: int) -> ParsedEntry:
    """Return the entry at ``pos``, which must end by ``end``. Raises only Malformed."""
    try:
        return _parse_entry(buf, pos, end)
    except Malformed as error:
        if error.reason in STRUCTURAL:
            raise Malformed(reasons.CRL_ENTRY_MALFORMED, offset=str(pos)) from None
        raise


def _parse_entry(buf: bytes, pos: int, end: int) -> ParsedEntry:
    start, stop = der.expect(buf, pos, end, der.SEQUENCE)
    serial_start, serial_end = der.expect(buf, start, stop, der.INTEGER)
    if serial_end - serial_start > MAX_SERIAL_OCTETS:
        raise Malformed(reasons.CRL_ENTRY_SERIAL_TOO_LONG, offset=str(pos), max_octets=str(MAX_SERIAL_OCTETS))
    notes: list[Note] = []
    date, pos_after = read_time(buf, serial_end, stop, notes)
    values, issuer = CrlEntryExtensions(), None
    if pos_after != stop:
        values, issuer = _extensions(buf, pos_after, stop, notes, pos)
    serial = der.decode_integer(buf, serial_start, serial_end)
    return ParsedEntry(serial, date, values, issuer, stop, frozenset(note.code for note in notes))


def _extensions(
    buf: bytes, start: int, end: int, notes: list[Note], pos: int
) -> tuple[CrlEntryExtensions, Name | None]:
    """Values of the extensions of the entry at ``pos``, and the certificate issuer they name."""
    raw = read_extensions(
        buf,
        start,
        end,
        notes,
        duplicate=reasons.CRL_EXTENSION_DUPLICATE,
        too_many=Malformed(reasons.CRL_EXTENSIONS_TOO_MANY, maximum=str(MAX_ENTRY_EXTENSIONS)),
        maximum=MAX_ENTRY_EXTENSIONS,
    )
    values = {extension.oid: extension.value for extension in raw}
    issuer: Name | None = None
    names: tuple[GeneralName, ...] = ()
    if _CERTIFICATE_ISSUER in values:
        issuer, names = _certificate_issuer(values[_CERTIFICATE_ISSUER], pos, notes)
    if _HOLD_INSTRUCTION in values:
        hold = values[_HOLD_INSTRUCTION]
        der.decode_oid(hold, *der.expect_whole(hold, 0, len(hold), der.OID))
    return (
        CrlEntryExtensions(
            reason=_reason(values[_REASON_CODE], pos) if _REASON_CODE in values else "unspecified",
            invalidity_date=_invalidity_date(values[_INVALIDITY_DATE])
            if _INVALIDITY_DATE in values
            else None,
            certificate_issuer=names,
            unknown_critical=tuple(e.oid for e in raw if e.critical and e.oid not in _PROCESSED),
        ),
        issuer,
    )


def reason_name(buf: bytes, start: int, end: int) -> str | None:
    """Return the name of the CRLReason with this ENUMERATED content; None = not defined (RFC 5280 §5.3.1)."""
    return REASON_NAMES.get(der.decode_integer(buf, start, end))


def _reason(value: bytes, pos: int) -> str:
    name = reason_name(value, *der.expect_whole(value, 0, len(value), der.ENUMERATED))
    if name is None:
        raise Malformed(reasons.CRL_ENTRY_REASON, offset=str(pos))
    return name


def _invalidity_date(value: bytes) -> str:
    """Return the time as ISO 8601 in UTC; GeneralizedTime only (RFC 5280 §5.3.2)."""
    start, stop = der.expect_whole(value, 0, len(value), der.GENERALIZED_TIME)
    return der.decode_time(der.GENERALIZED_TIME, value, start, stop).isoformat().replace("+00:00", "Z")


def _certificate_issuer(value: bytes, pos: int, notes: list[Note]) -> tuple[Name, tuple[GeneralName, ...]]:
    """Return the one directoryName and all the names; none or several distinct ones are refused."""
    try:
        names = decode_general_names(value, *der.expect_whole(value, 0, len(value), der.SEQUENCE), notes)
    except Malformed:
        raise Malformed(reasons.CRL_ENTRY_CERTIFICATE_ISSUER, offset=str(pos)) from None
    distinct = {name.name for name in names if name.name is not None}
    if len(distinct) != 1:
        raise Malformed(reasons.CRL_ENTRY_CERTIFICATE_ISSUER, offset=str(pos))
    return distinct.pop(), names
