"""revokedCertificates as an index: one linear pass checks every entry, lookups never scan.

The common shapes of an entry are checked by one compiled pattern; anything else goes through
``parse_entry``. The index holds eight octets an entry: 31 bits of the serial number's hash over
32 bits of the entry's offset, sorted. Entries are decoded when found.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.reasons.format_status import CRL_ENTRIES_REPEATED, CRL_ENTRIES_TOO_COMPLEX
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.crl import RevokedEntry
from ca_bridge.core.x509.crl_entry import ParsedEntry, parse_entry
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.names import Name

MAX_UNUSUAL_ENTRIES = 100_000
"""Entries outside the common shapes cost 10 to 40 us each: bounds a hostile CRL to a few seconds."""

MAX_SAME_SERIAL = 256
"""Entries of one serial number: more serve no one but who wants lookups to be slow."""

_HASH_BITS = 0x7FFFFFFF_00000000
_OFFSET_BITS = 0xFFFFFFFF

_MONTH_AND_DAY = (
    rb"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])"
    rb"|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    rb"|02(?:0[1-9]|1\d|2[0-8]))"
)
_CLOCK = rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ"
_FOURTH_YEAR = rb"(?:[02468][048]|[13579][26])"
_UTC_TIME = rb"\x17\x0d(?:\d\d" + _MONTH_AND_DAY + rb"|" + _FOURTH_YEAR + rb"0229)" + _CLOCK
_GENERALIZED_TIME = (
    rb"\x18\x0f(?:(?:19|20)\d\d" + _MONTH_AND_DAY + rb"|(?:20|19(?!00))" + _FOURTH_YEAR + rb"0229)" + _CLOCK
)
_MINIMAL = rb"(?!\x00[\x00-\x7f]|\xff[\x80-\xff])"
_REASON_CODE = rb"\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01[\x00-\x06\x08-\x0a]"
_INVALIDITY_DATE = rb"\x30\x18\x06\x03\x55\x1d\x18\x04\x11" + _GENERALIZED_TIME


def _serial_number() -> bytes:
    """Pattern of an INTEGER of 1 to 20 octets, minimal; the lengths seen most come first."""
    lengths = sorted(range(1, 21), key=lambda n: (n not in {16, 20, 19, 8}, n))
    arms = (b"\\x%02x%s[\\x00-\\xff]{%d}" % (n, _MINIMAL if n > 1 else b"", n) for n in lengths)
    return rb"(\x02(?:" + b"|".join(arms) + b"))"


_COMMON_ENTRY = re.compile(
    rb"\x30[\x00-\x7f]"
    + _serial_number()
    + _UTC_TIME
    + rb"(?:\x30\x0c" + _REASON_CODE
    + rb"|\x30\x1a" + _INVALIDITY_DATE
    + rb"|\x30\x26(?:" + _REASON_CODE + _INVALIDITY_DATE + rb"|" + _INVALIDITY_DATE + _REASON_CODE + rb"))?"
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class RevokedList:
    """The index. ``keys`` are sorted; ``issuer_offsets``, too, are of the entries with certificateIssuer."""

    der: bytes
    end: int
    crl_issuer: Name
    start: int
    keys: array[int]
    issuer_offsets: array[int]
    has_unknown_critical_entry: bool = False
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        """How many entries."""
        return len(self.keys)

    def __iter__(self) -> Iterator[RevokedEntry]:
        """Every entry, decoded, in the order of the list."""
        issuer, pos = self.crl_issuer, self.start
        while pos < self.end:
            parsed = parse_entry(self.der, pos, self.end)
            issuer = parsed.certificate_issuer or issuer
            yield parsed.revoked(issuer)
            pos = parsed.end

    def find(self, serial_number: int) -> tuple[RevokedEntry, ...]:
        """All entries with this serial number, in the order of the list."""
        high = hash(_serial_tlv(serial_number)) & _HASH_BITS
        at = bisect_left(self.keys, high)
        found = []
        while at < len(self.keys) and self.keys[at] & _HASH_BITS == high:
            offset = self.keys[at] & _OFFSET_BITS
            parsed = parse_entry(self.der, offset, self.end)
            if parsed.serial_number == serial_number:
                found.append(parsed.revoked(self._issuer_at(offset)))
            at += 1
        return tuple(found)

    def _issuer_at(self, offset: int) -> Name:
        """Certificate issuer of the entry at ``offset`` (RFC 5280 §5.3.3).

        Its own, else that of the nearest entry before it that has one, else the CRL's.
        """
        at = bisect_right(self.issuer_offsets, offset)
        if at == 0:
            return self.crl_issuer
        named = parse_entry(self.der, self.issuer_offsets[at - 1], self.end).certificate_issuer
        return named or self.crl_issuer


def empty_revoked(crl_issuer: Name) -> RevokedList:
    """Return the index of a CRL without entries."""
    return RevokedList(b"", 0, crl_issuer, 0, array("Q"), array("L"))


def index_revoked(
    der: bytes, start: int, end: int, crl_issuer: Name, *, max_unusual: int = MAX_UNUSUAL_ENTRIES
) -> RevokedList:
    """Index the entries between ``start`` and ``end``, the content of revokedCertificates; each is checked.

    Raises Malformed. ``der`` must be shorter than 4 GiB.
    """
    keys: list[int] = []
    unusual = _Unusual(max_unusual)
    append, match, pos = keys.append, _COMMON_ENTRY.match, start
    while pos < end:
        common = match(der, pos, end)
        if common is not None and der[pos + 1] == common.end() - pos - 2:
            append(hash(common[1]) & _HASH_BITS | pos)
            pos = common.end()
        else:
            parsed = unusual.read(der, pos, end)
            append(hash(_serial_tlv(parsed.serial_number)) & _HASH_BITS | pos)
            pos = parsed.end
    keys.sort()
    _refuse_repetition(keys)
    return RevokedList(
        der,
        end,
        crl_issuer,
        start,
        array("Q", keys),
        unusual.issuer_offsets,
        unusual.has_unknown_critical,
        tuple(Note(code=code) for code in sorted(unusual.notes)),
    )


class _Unusual:
    """What the entries outside the common shapes say, and how many more may come."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.left = allowed
        self.issuer_offsets: array[int] = array("L")
        self.has_unknown_critical = False
        self.notes: set[str] = set()

    def read(self, der: bytes, pos: int, end: int) -> ParsedEntry:
        """Return the entry at ``pos``, its facts recorded."""
        if self.left == 0:
            raise Malformed(CRL_ENTRIES_TOO_COMPLEX, maximum=str(self.allowed))
        self.left -= 1
        parsed = parse_entry(der, pos, end)
        if parsed.certificate_issuer is not None:
            self.issuer_offsets.append(pos)
        self.has_unknown_critical |= bool(parsed.extensions.unknown_critical)
        self.notes |= parsed.notes
        return parsed


def _serial_tlv(serial_number: int) -> bytes:
    """Return the INTEGER in DER, with one length octet even where it takes more: it is only hashed."""
    length = ((serial_number if serial_number >= 0 else ~serial_number).bit_length() >> 3) + 1
    return bytes((0x02, length & 0xFF)) + serial_number.to_bytes(length, "big", signed=True)


def _refuse_repetition(keys: list[int]) -> None:
    """Refuse more than MAX_SAME_SERIAL entries of one serial number: so long a run holds a sampled one."""
    for at in range(0, len(keys), MAX_SAME_SERIAL):
        high = keys[at] & _HASH_BITS
        if bisect_right(keys, high | _OFFSET_BITS) - bisect_left(keys, high) > MAX_SAME_SERIAL:
            raise Malformed(CRL_ENTRIES_REPEATED, maximum=str(MAX_SAME_SERIAL))
