"""CertificateSerialNumber from DER (RFC 5280 §4.1.2.2)."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.deviations import (
    SERIAL_NUMBER_21_OCTETS,
    SERIAL_NUMBER_NEGATIVE,
    SERIAL_NUMBER_ZERO,
)
from ca_bridge.core.x509.errors import Malformed

MAX_OCTETS = 20


def decode_serial_number(buf: bytes, start: int, end: int, notes: list[Note]) -> int:
    """The serial number of an INTEGER's content, at most 20 octets as an unsigned number.

    Zero, negative, and 160-bit numbers whose sign octet makes them 21 octets are noted.
    """
    if end - start > MAX_OCTETS and (end - start > MAX_OCTETS + 1 or buf[start] != 0):
        raise Malformed(reasons.SERIAL_NUMBER_TOO_LONG)
    serial_number = der.decode_integer(buf, start, end)
    if end - start > MAX_OCTETS:
        notes.append(Note(code=SERIAL_NUMBER_21_OCTETS))
    if serial_number <= 0:
        notes.append(Note(code=SERIAL_NUMBER_NEGATIVE if serial_number else SERIAL_NUMBER_ZERO))
    return serial_number
