"""The strict reader: what DER says is read, everything else has its own reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509 import der
from tests.certificate_der import oid, reason, refusal


def test_short_and_long_lengths() -> None:
    assert der.read_tlv(b"\x04\x02ab", 0, 4) == (0x04, 2, 4)
    long = b"\x04\x81\x80" + bytes(128)
    assert der.read_tlv(b"--" + long, 2, 2 + len(long)) == (0x04, 5, 133)
    longer = b"\x04\x82\x01\x00" + bytes(256)
    assert der.read_tlv(longer, 0, len(longer)) == (0x04, 4, 260)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", r.DER_TRUNCATED),
        (b"\x04", r.DER_TRUNCATED),
        (b"\x04\x03ab", r.DER_TRUNCATED),
        (b"\x04\x82\x01", r.DER_TRUNCATED),
        (b"\x04\x81\x80" + bytes(127), r.DER_TRUNCATED),
        (b"\x1f\x22\x00", r.DER_TAG_LONG_FORM),
        (b"\x30\x80\x00\x00", r.DER_LENGTH_INDEFINITE),
        (b"\x04\x81\x7f" + bytes(127), r.DER_LENGTH_NOT_MINIMAL),
        (b"\x04\x82\x00\x80" + bytes(128), r.DER_LENGTH_NOT_MINIMAL),
        (b"\x04\x85\x01\x00\x00\x00\x00", r.DER_LENGTH_TOO_LARGE),
        (b"\x04\xff" + bytes(127), r.DER_LENGTH_TOO_LARGE),
    ],
)
def test_refused_elements(data: bytes, expected: Reason) -> None:
    assert reason(lambda: der.read_tlv(data, 0, len(data))) is expected


def test_the_enclosing_end_bounds_an_element() -> None:
    assert reason(lambda: der.read_tlv(b"\x04\x02abcd", 0, 3)) is r.DER_TRUNCATED


def test_an_error_names_its_byte() -> None:
    assert dict(refusal(lambda: der.expect(b"\x30\x02\x02\x00", 2, 4, 0x30)).params) == {"offset": "2"}


def test_expect_whole_and_finish() -> None:
    assert der.expect_whole(b"\x05\x00", 0, 2, der.NULL) == (2, 2)
    assert reason(lambda: der.expect_whole(b"\x05\x00\x00", 0, 3, der.NULL)) is r.DER_TRAILING_BYTES
    assert reason(lambda: der.expect(b"\x05\x00", 0, 2, der.OID)) is r.DER_TAG_UNEXPECTED


def test_peek_and_children() -> None:
    data = b"\x05\x00\x04\x01x"
    assert der.peek(data, 2, 5) == 0x04
    assert der.peek(data, 5, 5) == -1
    assert list(der.children(data, 0, 5)) == [(0, 0x05, 2, 2), (2, 0x04, 4, 5)]


def test_booleans() -> None:
    assert der.decode_boolean(b"\xff", 0, 1) is True
    assert der.decode_boolean(b"\x00", 0, 1) is False
    for content in (b"\x01", b"", b"\xff\xff"):
        assert reason(lambda c=content: der.decode_boolean(c, 0, len(c))) is r.DER_BOOLEAN


@pytest.mark.parametrize("value", [0, 1, -1, 127, 128, -128, -129, 255, 256, 2**159, -(2**159)])
def test_integers_round_trip(value: int) -> None:
    length = (value if value >= 0 else ~value).bit_length() // 8 + 1
    content = value.to_bytes(length, "big", signed=True)
    assert der.decode_integer(content, 0, length) == value


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", r.DER_INTEGER_EMPTY),
        (b"\x00\x7f", r.DER_INTEGER_NOT_MINIMAL),
        (b"\xff\x80", r.DER_INTEGER_NOT_MINIMAL),
        (b"\x01" * 2050, r.DER_INTEGER_TOO_LARGE),
    ],
)
def test_refused_integers(content: bytes, expected: Reason) -> None:
    assert reason(lambda: der.decode_integer(content, 0, len(content))) is expected


def test_null_has_no_content() -> None:
    der.decode_null(3, 3)
    assert reason(lambda: der.decode_null(3, 4)) is r.DER_NULL


def test_bit_strings() -> None:
    assert der.decode_bit_string(b"\x00", 0, 1) == (0, b"")
    assert der.decode_bit_string(b"\x03\xf8", 0, 2) == (3, b"\xf8")
    assert der.decode_octet_aligned(b"\x00ab", 0, 3) == b"ab"
    assert reason(lambda: der.decode_octet_aligned(b"\x01\xfe", 0, 2)) is r.DER_BIT_STRING_NOT_OCTETS


@pytest.mark.parametrize("content", [b"", b"\x08\x00", b"\x01", b"\x01\x01"])
def test_refused_bit_strings(content: bytes) -> None:
    assert reason(lambda: der.decode_bit_string(content, 0, len(content))) is r.DER_BIT_STRING


def test_named_bits() -> None:
    assert der.decode_named_bits(b"\x00", 0, 1) == frozenset()
    assert der.decode_named_bits(b"\x06\xc0", 0, 2) == {0, 1}
    assert der.decode_named_bits(b"\x07\x00\x80", 0, 3) == {8}
    assert der.decode_named_bits(b"\x00\x80" + bytes(9) + b"\x01", 0, 12) == {0, 87}
    for content in (b"\x00\xc0", b"\x00\x80\x00", b"\x07\x00"):
        assert reason(lambda c=content: der.decode_named_bits(c, 0, len(c))) is r.DER_NAMED_BITS_NOT_MINIMAL


@pytest.mark.parametrize(
    "dotted", ["0.0", "0.39", "1.2.156.10197.1.501", "2.5.29.32.0", "2.999.3", "2.25." + str(2**128 - 1)]
)
def test_identifiers(dotted: str) -> None:
    encoded = oid(dotted)
    assert der.decode_oid(encoded, 2, len(encoded)) == dotted


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", r.DER_OID),
        (b"\x2a\x86", r.DER_OID),
        (b"\x80\x01", r.DER_OID),
        (b"\x2a\x80\x01", r.DER_OID),
        (b"\x2a" + b"\xff" * 20 + b"\x01", r.DER_OID_TOO_LARGE),
        (b"\x2a" * 129, r.DER_OID_TOO_LARGE),
    ],
)
def test_refused_identifiers(content: bytes, expected: Reason) -> None:
    assert reason(lambda: der.decode_oid(content, 0, len(content))) is expected


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, b"0002291200Z", datetime(2000, 2, 29, 12, tzinfo=UTC)),
        (0x18, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (0x18, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times(tag: int, text: bytes, expected: datetime) -> None:
    assert der.decode_time(tag, text, 0, len(text)) == expected
    assert der.lacks_seconds(tag, 0, len(text)) is (len(text) == 11)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x17, b""),
        (0x17, b"240230000000Z"),
        (0x17, b"240101000060Z"),
        (0x17, b"240101000000+"),
        (0x17, b"2401010000+0800"),
        (0x17, b"24010100 000Z"),
        (0x17, b"20240101000000Z"),
        (0x18, b"240101000000Z"),
        (0x18, b"202401010000Z"),
        (0x18, b"20240101000000.5Z"),
        (0x18, b"00000101000000Z"),
        (0x16, b"20240101000000Z"),
    ],
)
def test_refused_times(tag: int, text: bytes) -> None:
    assert reason(lambda: der.decode_time(tag, text, 0, len(text))) is r.DER_TIME
