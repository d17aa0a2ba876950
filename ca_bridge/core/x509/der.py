"""A strict reader of DER (ITU-T X.690 §8, §10, §11) over one buffer with positions.

Every function takes the whole buffer and a range in it, so nothing is copied to be read and
an error can name its byte. Nothing but Malformed is raised, whatever the bytes are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from ca_bridge.core.reasons import format_der as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509.errors import Malformed

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
ENUMERATED = 0x0A
UTF8_STRING = 0x0C
NUMERIC_STRING = 0x12
PRINTABLE_STRING = 0x13
TELETEX_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
VISIBLE_STRING = 0x1A
UNIVERSAL_STRING = 0x1C
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

# An RSA modulus of 16,384 bits and its sign byte: larger keys are refused by their size anyway.
_INTEGER_MAX_BYTES = 2049
# 2.25.<UUID> takes 20 bytes; CVE-2023-2650 is what unbounded arcs cost.
_OID_MAX_BYTES = 128
_ARC_MAX_BYTES = 20
_UTC_SECONDS, _UTC_NO_SECONDS, _GENERALIZED = 13, 11, 15
_CENTURY_PIVOT = 50


def malformed(reason: Reason, offset: int) -> Malformed:
    """The error for a format_der ``reason`` at byte ``offset``; to be raised by the caller."""
    return Malformed(reason, offset=str(offset))


def read_tlv(buf: bytes, pos: int, end: int) -> tuple[int, int, int]:
    """(tag byte, content start, content end) of the element at ``pos``, wholly before ``end``."""
    start = pos + 2
    if start > end:
        raise malformed(reasons.DER_TRUNCATED, pos)
    tag = buf[pos]
    if tag & 0x1F == 0x1F:  # noqa: PLR2004 - the mark of the long form
        raise malformed(reasons.DER_TAG_LONG_FORM, pos)
    stop = start + buf[pos + 1]
    if stop >= start + 0x80:
        start, stop = _long_length(buf, pos + 1, end)
    if stop > end:
        raise malformed(reasons.DER_TRUNCATED, pos)
    return tag, start, stop


def _long_length(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """Content start and end for the length of several bytes at ``pos`` (X.690 §8.1.3.5, §10.1)."""
    count = buf[pos] & 0x7F
    if count == 0:
        raise malformed(reasons.DER_LENGTH_INDEFINITE, pos)
    if count > 4:  # noqa: PLR2004 - four bytes already say 4 GiB
        raise malformed(reasons.DER_LENGTH_TOO_LARGE, pos)
    start = pos + 1 + count
    if start > end:
        raise malformed(reasons.DER_TRUNCATED, pos)
    length = int.from_bytes(buf[pos + 1 : start], "big")
    if length < 0x80 or buf[pos + 1] == 0:  # noqa: PLR2004 - what one byte can say
        raise malformed(reasons.DER_LENGTH_NOT_MINIMAL, pos)
    return start, start + length


def expect(buf: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Content start and end of the element at ``pos``, which must have ``tag``."""
    found, start, stop = read_tlv(buf, pos, end)
    if found != tag:
        raise malformed(reasons.DER_TAG_UNEXPECTED, pos)
    return start, stop


def expect_whole(buf: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Content start and end of the element with ``tag`` that fills the range exactly."""
    start, stop = expect(buf, pos, end, tag)
    finish(stop, end)
    return start, stop


def peek(buf: bytes, pos: int, end: int) -> int:
    """Tag byte at ``pos``, or -1 at the end of the range."""
    return buf[pos] if pos < end else -1


def finish(pos: int, end: int) -> None:
    """Refuse anything between ``pos`` and ``end``."""
    if pos != end:
        raise malformed(reasons.DER_TRAILING_BYTES, pos)


def children(buf: bytes, pos: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(element start, tag byte, content start, content end) of each element in the range."""
    while pos < end:
        tag, start, stop = read_tlv(buf, pos, end)
        yield pos, tag, start, stop
        pos = stop


def decode_boolean(buf: bytes, start: int, end: int) -> bool:
    """A BOOLEAN's content: 00 or FF only (X.690 §11.1)."""
    content = buf[start:end]
    if content == b"\xff":
        return True
    if content == b"\x00":
        return False
    raise malformed(reasons.DER_BOOLEAN, start)


def decode_integer(buf: bytes, start: int, end: int, *, max_bytes: int = _INTEGER_MAX_BYTES) -> int:
    """An INTEGER's content, minimal (X.690 §8.3.2) and at most ``max_bytes`` long."""
    length = end - start
    if length == 0:
        raise malformed(reasons.DER_INTEGER_EMPTY, start)
    if length > max_bytes:
        raise malformed(reasons.DER_INTEGER_TOO_LARGE, start)
    if length > 1:
        first_nine_bits = buf[start] << 1 | buf[start + 1] >> 7
        if first_nine_bits in (0, 0x1FF):
            raise malformed(reasons.DER_INTEGER_NOT_MINIMAL, start)
    return int.from_bytes(buf[start:end], "big", signed=True)


def decode_null(start: int, end: int) -> None:
    """A NULL's content: nothing."""
    if start != end:
        raise malformed(reasons.DER_NULL, start)


def decode_bit_string(buf: bytes, start: int, end: int) -> tuple[int, bytes]:
    """(number of unused bits 0..7, octets) of a BIT STRING; unused bits are zero (X.690 §11.2.1)."""
    if start == end:
        raise malformed(reasons.DER_BIT_STRING, start)
    unused = buf[start]
    if unused:
        if unused > 7 or end - start == 1:  # noqa: PLR2004 - bits of a byte
            raise malformed(reasons.DER_BIT_STRING, start)
        if buf[end - 1] & ((1 << unused) - 1):
            raise malformed(reasons.DER_BIT_STRING, end - 1)
    return unused, buf[start + 1 : end]


def decode_octet_aligned(buf: bytes, start: int, end: int) -> bytes:
    """Octets of a BIT STRING that must be whole octets (keys, signatures)."""
    unused, octets = decode_bit_string(buf, start, end)
    if unused:
        raise malformed(reasons.DER_BIT_STRING_NOT_OCTETS, start)
    return octets


def decode_named_bits(buf: bytes, start: int, end: int) -> frozenset[int]:
    """Numbers of the bits set in a named bit list; no trailing zero bits (X.690 §11.2.2).

    Of bits beyond the first 32 only the last is told: no list read here names so many.
    """
    unused, octets = decode_bit_string(buf, start, end)
    if not octets:
        return frozenset()
    if not octets[-1] >> unused & 1:
        raise malformed(reasons.DER_NAMED_BITS_NOT_MINIMAL, start)
    last = 8 * len(octets) - 1 - unused
    return frozenset(bit for bit in (*range(min(last, 32)), last) if octets[bit >> 3] & 0x80 >> (bit & 7))


def decode_oid(buf: bytes, start: int, end: int) -> str:
    """Dotted form of an OBJECT IDENTIFIER's content (X.690 §8.19), bounded in size."""
    if end - start > _OID_MAX_BYTES:
        raise malformed(reasons.DER_OID_TOO_LARGE, start)
    dotted = _dotted(buf[start:end])
    if isinstance(dotted, Reason):
        raise malformed(dotted, start)
    return dotted


@lru_cache(maxsize=4096)
def _dotted(content: bytes) -> str | Reason:
    """Dotted form, or why there is none. The same few hundred identifiers come again and again."""
    if not content or content[-1] & 0x80:
        return reasons.DER_OID
    arcs: list[int] = []
    value = size = 0
    for octet in content:
        if size == 0 and octet == 0x80:  # noqa: PLR2004 - a leading zero group
            return reasons.DER_OID
        size += 1
        if size > _ARC_MAX_BYTES:
            return reasons.DER_OID_TOO_LARGE
        value = value << 7 | octet & 0x7F
        if octet < 0x80:  # noqa: PLR2004 - the last group of an arc
            arcs.append(value)
            value = size = 0
    root = min(arcs[0] // 40, 2)
    return ".".join(map(str, (root, arcs[0] - 40 * root, *arcs[1:])))


def decode_time(tag: int, buf: bytes, start: int, end: int) -> datetime:
    """An aware UTC time to the second, of UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5).

    A UTCTime without seconds is read as second 0; ``lacks_seconds`` tells the caller, who notes
    it. No fractions, no offsets. The choice between the two types by year is the caller's to judge.
    """
    digits = buf[start : end - 1]
    length = end - start
    if tag == UTC_TIME:
        known = length in (_UTC_SECONDS, _UTC_NO_SECONDS)
    else:
        known = tag == GENERALIZED_TIME and length == _GENERALIZED
    if not known or buf[end - 1] != 0x5A or not digits.isdigit():  # noqa: PLR2004 - "Z"
        raise malformed(reasons.DER_TIME, start)
    if tag == UTC_TIME:
        digits = (b"20" if int(digits[:2]) < _CENTURY_PIVOT else b"19") + digits
    try:
        return datetime(
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:8]),
            int(digits[8:10]),
            int(digits[10:12]),
            int(digits[12:14] or b"0"),
            tzinfo=UTC,
        )
    except ValueError:
        raise malformed(reasons.DER_TIME, start) from None


def lacks_seconds(tag: int, start: int, end: int) -> bool:
    """Whether a time that ``decode_time`` read is a UTCTime without seconds."""
    return tag == UTC_TIME and end - start == _UTC_NO_SECONDS
