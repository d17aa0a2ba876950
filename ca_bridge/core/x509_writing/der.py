"""A writer of DER (ITU-T X.690 §8, §10, §11): each function returns one whole encoded element."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ca_bridge.core.x509 import der

_SHORT_FORM = 0x80
_LONG_FORM = 0x80
_PRIMITIVE, _CONSTRUCTED = 0x80, 0xA0
_GENERALIZED_FROM, _UTC_FROM = 2050, 1950
_ARCS_OF_A_ROOT = 40

NULL = b"\x05\x00"


def tlv(tag: int, *contents: bytes) -> bytes:
    """An element with ``tag`` over all of ``contents``, its length in the minimal form (§10.1)."""
    content = b"".join(contents)
    length = len(content)
    if length < _SHORT_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of ``parts``."""
    return tlv(der.SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF ``parts`` in the order of their encodings (§11.6)."""
    return tlv(der.SET, *sorted(parts))


def boolean_true() -> bytes:
    """BOOLEAN TRUE; FALSE is a default wherever this writer would need it, and DER leaves defaults out."""
    return tlv(der.BOOLEAN, b"\xff")


def integer(value: int) -> bytes:
    """INTEGER, minimal; ``value`` is not negative."""
    return tlv(der.INTEGER, _magnitude(value))


def implicit_integer(number: int, value: int) -> bytes:
    """An INTEGER under the context tag ``number``, IMPLICIT."""
    return tlv(_PRIMITIVE | number, _magnitude(value))


def _magnitude(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def enumerated(value: int) -> bytes:
    """ENUMERATED of 0..127."""
    return tlv(der.ENUMERATED, bytes((value,)))


def object_identifier(dotted: str) -> bytes:
    """OBJECT IDENTIFIER of a dotted form with at least two arcs (§8.19)."""
    root, second, *rest = map(int, dotted.split("."))
    return tlv(der.OID, *map(_base128, (root * _ARCS_OF_A_ROOT + second, *rest)))


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | value & 0x7F)
    return bytes(reversed(octets))


def bit_string(octets: bytes) -> bytes:
    """BIT STRING of whole octets."""
    return tlv(der.BIT_STRING, b"\x00", octets)


def named_bits(bits: Iterable[int]) -> bytes:
    """BIT STRING with the bits of these numbers (at least one) set, and no trailing zero bit (§11.2.2)."""
    numbers = frozenset(bits)
    last = max(numbers)
    value = bytearray(last // 8 + 1)
    for number in numbers:
        value[number // 8] |= 0x80 >> number % 8
    return tlv(der.BIT_STRING, bytes((7 - last % 8,)), bytes(value))


def octet_string(octets: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(der.OCTET_STRING, octets)


def utf8_string(text: str) -> bytes:
    """UTF8String."""
    return tlv(der.UTF8_STRING, text.encode())


def time(moment: datetime) -> bytes:
    """UTCTime through 2049, GeneralizedTime else (RFC 5280 §4.1.2.5); whole seconds of an aware time."""
    utc = moment.astimezone(UTC)
    digits = f"{utc:%m%d%H%M%S}Z"
    if _UTC_FROM <= utc.year < _GENERALIZED_FROM:
        return tlv(der.UTC_TIME, f"{utc.year % 100:02}{digits}".encode())
    return tlv(der.GENERALIZED_TIME, f"{utc.year:04}{digits}".encode())


def primitive(number: int, content: bytes) -> bytes:
    """The context tag ``number`` over primitive content: an IMPLICIT string and the like."""
    return tlv(_PRIMITIVE | number, content)


def constructed(number: int, *parts: bytes) -> bytes:
    """The context tag ``number`` over whole elements: EXPLICIT, or an IMPLICIT SEQUENCE or SET of them."""
    return tlv(_CONSTRUCTED | number, *parts)
