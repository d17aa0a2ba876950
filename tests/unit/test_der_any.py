"""Elements of unknown type are checked to their leaves."""

from __future__ import annotations

import pytest

from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509.der_any import MAX_DEPTH, read_any
from tests.certificate_der import NULL, TRUE, bits, integer, oid, reason, seq, tlv


def _read(data: bytes) -> int:
    return read_any(data, 0, len(data))


@pytest.mark.parametrize(
    "data",
    [
        NULL,
        seq(),
        seq(integer(5), TRUE, NULL, bits(b"a"), oid("1.2.3"), tlv(0x0A, b"\x01"), tlv(0x0C, b"x")),
        tlv(0x31, tlv(0xA0, seq()), tlv(0x80, b"anything"), integer(2**20000)),
    ],
)
def test_read_to_its_end(data: bytes) -> None:
    assert read_any(data + b"rest", 0, len(data) + 4) == len(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (tlv(0x24, tlv(0x04, b"a")), r.DER_STRING_CONSTRUCTED),
        (seq(tlv(0x2C, b"")), r.DER_STRING_CONSTRUCTED),
        (tlv(0x10, b""), r.DER_STRING_CONSTRUCTED),
        (seq(tlv(0x11, b"")), r.DER_STRING_CONSTRUCTED),
        (seq(b"\x00\x00"), r.DER_TAG_UNEXPECTED),
        (seq(tlv(0x01, b"\x01")), r.DER_BOOLEAN),
        (seq(tlv(0x02, b"")), r.DER_INTEGER_EMPTY),
        (seq(tlv(0x0A, b"\x00\x01")), r.DER_INTEGER_NOT_MINIMAL),
        (seq(tlv(0x03, b"\x09")), r.DER_BIT_STRING),
        (seq(tlv(0x05, b"\x00")), r.DER_NULL),
        (seq(tlv(0x06, b"\x80")), r.DER_OID),
        (seq(b"\x04\x05ab"), r.DER_TRUNCATED),
    ],
)
def test_refused(data: bytes, expected: Reason) -> None:
    assert reason(lambda: _read(data)) is expected


def test_depth_is_bounded() -> None:
    data = b""
    for _ in range(MAX_DEPTH):
        data = seq(data)
    assert _read(data) == len(data)
    assert reason(lambda: _read(seq(data))) is r.DER_DEPTH
