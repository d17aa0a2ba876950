"""A DER writer that says exactly what it is told, deviations included."""

from __future__ import annotations

from datetime import datetime

SEQUENCE, SET = 0x30, 0x31
_UTC_TIME_LAST_YEAR = 2049


def length(size: int) -> bytes:
    """Minimal definite length octets."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + length(len(content)) + content


def long_form(tag: int, content: bytes) -> bytes:
    """A deviation: length octets one longer than DER allows."""
    octets = len(content).to_bytes((max(len(content), 1).bit_length() + 7) // 8 + 1, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def indefinite(tag: int, content: bytes) -> bytes:
    """A deviation: BER indefinite length."""
    return bytes([tag, 0x80]) + content + b"\x00\x00"


def seq(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF in DER order."""
    return tlv(SET, b"".join(sorted(parts)))


def boolean(value: bool) -> bytes:  # noqa: FBT001 - the value is the whole call
    return tlv(0x01, b"\xff" if value else b"\x00")


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def enumerated(value: int) -> bytes:
    return tlv(0x0A, bytes([value]))


def bits(content: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]) + content)


def named_bits(*positions: int) -> bytes:
    """A named-bit list: trailing zero bits dropped, as DER asks."""
    if not positions:
        return bits(b"")
    last = max(positions)
    value = bytearray(last // 8 + 1)
    for position in positions:
        value[position // 8] |= 0x80 >> position % 8
    return bits(bytes(value), 7 - last % 8)


def octets(content: bytes) -> bytes:
    return tlv(0x04, content)


def null() -> bytes:
    return b"\x05\x00"


def _base128(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def oid_content(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_base128(arc) for arc in (first * 40 + second, *rest))


def oid(dotted: str) -> bytes:
    return tlv(0x06, oid_content(dotted))


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    return tlv(0x13, text.encode("ascii"))


def ia5(text: str) -> bytes:
    return tlv(0x16, text.encode("ascii"))


def bmp(text: str) -> bytes:
    return tlv(0x1E, text.encode("utf-16-be"))


def utc_time(moment: datetime) -> bytes:
    return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(moment: datetime) -> bytes:
    return tlv(0x18, f"{moment.year:04d}".encode() + moment.strftime("%m%d%H%M%SZ").encode())


def time(moment: datetime) -> bytes:
    """UTCTime through 2049, GeneralizedTime after (RFC 5280 §4.1.2.5)."""
    return utc_time(moment) if moment.year <= _UTC_TIME_LAST_YEAR else generalized_time(moment)


def implicit(number: int, content: bytes) -> bytes:
    """Context tag over primitive content."""
    return tlv(0x80 | number, content)


def explicit(number: int, *parts: bytes) -> bytes:
    """Context tag over whole values; also an IMPLICIT SEQUENCE of ``parts``."""
    return tlv(0xA0 | number, b"".join(parts))
