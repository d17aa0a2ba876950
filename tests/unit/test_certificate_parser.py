"""The fields of a certificate, its named deviations, and everything refused outside extensions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509 import deviations
from ca_bridge.core.x509.certificate_parser import MAX_BYTES, parse_certificate
from ca_bridge.core.x509.times import time_text
from tests.certificate_der import (
    ALGORITHM,
    FALSE,
    NULL,
    SIGNATURE,
    SPKI,
    VALIDITY,
    bits,
    certificate,
    extension,
    integer,
    name,
    oid,
    reason,
    refusal,
    seq,
    time,
    tlv,
)

PLAIN = extension("2.5.29.19", seq(), critical=b"\x01\x01\xff")


def _codes(**fields: Any) -> list[str]:
    return [note.code for note in parse_certificate(certificate(PLAIN, **fields)).notes]


def test_every_field() -> None:
    data = certificate(PLAIN)
    parsed = parse_certificate(data)
    assert parsed.der == data
    assert parsed.fingerprint == sha256(data).hexdigest()
    assert (parsed.version, parsed.serial_number) == (3, 7)
    assert (parsed.issuer.der, parsed.subject.der) == (name("Issuer"), name("Subject"))
    assert parsed.not_before == datetime(2024, 1, 1, tzinfo=UTC)
    assert parsed.not_after == datetime(2034, 1, 1, tzinfo=UTC)
    assert parsed.spki.der == SPKI
    assert parsed.spki.algorithm.oid == "1.2.840.10045.2.1"
    assert parsed.spki.algorithm.parameters == oid("1.2.156.10197.1.301")
    assert parsed.spki.key == b"\x04" + bytes(64)
    assert parsed.signed.algorithm.parameters is None
    assert parsed.signed.signature == seq(integer(1), integer(1))
    assert data[3:].startswith(parsed.signed.tbs)
    assert parsed.signed.tbs.endswith(PLAIN)
    assert parsed.extensions.basic_constraints is not None
    assert parsed.self_issued is False
    assert parsed.notes == ()


def test_equality_is_of_bytes() -> None:
    one, same, other = (parse_certificate(certificate(serial=integer(n))) for n in (1, 1, 2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != one.der


def test_self_issued_compares_names_not_bytes() -> None:
    assert parse_certificate(certificate(issuer=name("CA  One"), subject=name("ca one"))).self_issued


@pytest.mark.parametrize(
    ("version", "unique", "number"),
    [
        (b"", b"", 1),
        (tlv(0xA0, integer(1)), bits(b"a", 0, 0x81), 2),
        (tlv(0xA0, integer(2)), bits(b"a", 0, 0x81) + bits(b"\xf0", 4, 0x82), 3),
    ],
)
def test_versions(version: bytes, unique: bytes, number: int) -> None:
    parsed = parse_certificate(certificate(version=version, unique=unique))
    assert parsed.version == number
    assert parsed.extensions.raw == ()


def test_reversed_validity_and_empty_subject_are_not_judged_here() -> None:
    parsed = parse_certificate(
        certificate(validity=seq(time("340101000000Z"), time("240101000000Z")), subject=seq())
    )
    assert parsed.not_before > parsed.not_after
    assert parsed.subject.rdns == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"serial": integer(0)}, [deviations.SERIAL_NUMBER_ZERO]),
        ({"serial": integer(-5)}, [deviations.SERIAL_NUMBER_NEGATIVE]),
        ({"serial": integer(2**159 - 1)}, []),
        ({"serial": integer(2**160 - 1)}, [deviations.SERIAL_NUMBER_21_OCTETS]),
        (
            {"validity": seq(time("2401010000Z"), time("340101000000Z"))},
            [deviations.UTC_TIME_WITHOUT_SECONDS],
        ),
        (
            {"validity": seq(time("20020101000000Z", 0x18), time("20990101000000Z", 0x18))},
            [deviations.GENERALIZED_TIME_BEFORE_2050],
        ),
    ],
)
def test_noted_deviations(fields: dict[str, bytes], expected: list[str]) -> None:
    assert _codes(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"version": tlv(0xA0, integer(0))}, r.DER_DEFAULT_ENCODED),
        ({"version": tlv(0xA0, integer(3))}, f.VERSION_UNKNOWN),
        ({"version": tlv(0xA0, integer(-1))}, f.VERSION_UNKNOWN),
        ({"version": tlv(0xA0, integer(2), NULL)}, r.DER_TRAILING_BYTES),
        ({"serial": integer(2**160)}, f.SERIAL_NUMBER_TOO_LONG),
        ({"serial": integer(-(2**160))}, f.SERIAL_NUMBER_TOO_LONG),
        ({"serial": tlv(0x02, bytes(22))}, f.SERIAL_NUMBER_TOO_LONG),
        ({"serial": tlv(0x02, b"\x00\x07")}, r.DER_INTEGER_NOT_MINIMAL),
        ({"serial": tlv(0x02)}, r.DER_INTEGER_EMPTY),
        ({"inner": seq(oid("1.2.156.10197.1.501"), NULL)}, f.ALGORITHM_MISMATCH),
        ({"outer": seq(oid("1.2.156.10197.1.501"), NULL)}, f.ALGORITHM_MISMATCH),
        ({"inner": seq(oid("1.2.3"), NULL, NULL)}, r.DER_TRAILING_BYTES),
        ({"issuer": seq()}, f.NAME_ISSUER_EMPTY),
        ({"validity": seq(time("240101000000Z"))}, r.DER_TRUNCATED),
        ({"validity": VALIDITY[:1] + b"\x20" + VALIDITY[2:] + NULL}, r.DER_TRAILING_BYTES),
        ({"validity": seq(time("240101000000Z"), time("20240101000000.0Z", 0x18))}, r.DER_TIME),
        ({"spki": seq(seq(oid("1.2.3")), bits(b"\xf0", 4))}, r.DER_BIT_STRING_NOT_OCTETS),
        ({"spki": seq(seq(oid("1.2.3")), bits(b"a"), NULL)}, r.DER_TRAILING_BYTES),
        ({"unique": bits(b"\x01", 1, 0x81)}, r.DER_BIT_STRING),
        ({"unique": bits(b"a", 0, 0x82) + bits(b"a", 0, 0x81)}, r.DER_TAG_UNEXPECTED),
        ({"after": NULL}, r.DER_TRAILING_BYTES),
        ({"signature": bits(b"\xf0", 4)}, r.DER_BIT_STRING_NOT_OCTETS),
        ({"signature": tlv(0x23, SIGNATURE)}, r.DER_TAG_UNEXPECTED),
        ({"end": NULL}, r.DER_TRAILING_BYTES),
    ],
)
def test_refused(fields: dict[str, bytes], expected: Reason) -> None:
    assert reason(lambda: parse_certificate(certificate(PLAIN, **fields))) is expected


def test_refused_by_version() -> None:
    for version in (b"", tlv(0xA0, integer(1))):
        assert (
            reason(lambda v=version: parse_certificate(certificate(PLAIN, version=v)))
            is f.VERSION_WITHOUT_EXTENSIONS
        )
    with_id = certificate(version=b"", unique=bits(b"a", 0, 0x81))
    assert reason(lambda: parse_certificate(with_id)) is f.VERSION_WITHOUT_UNIQUE_IDENTIFIERS


@pytest.mark.parametrize("data", [b"", b"MIIB", b"\x02\x01\x00", "证书".encode()])
def test_not_a_certificate(data: bytes) -> None:
    assert reason(lambda: parse_certificate(data)) is f.NOT_A_CERTIFICATE


def test_trailing_bytes_and_size() -> None:
    data = certificate(PLAIN)
    error = refusal(lambda: parse_certificate(data + b"\r\n"))
    assert (error.reason, error.params) == (f.CERTIFICATE_TRAILING_BYTES, (("count", "2"),))
    assert reason(lambda: parse_certificate(bytes(MAX_BYTES + 1))) is f.CERTIFICATE_TOO_LARGE
    assert reason(lambda: parse_certificate(seq(bytes(MAX_BYTES - 5)))) is r.DER_TAG_UNEXPECTED


@pytest.mark.parametrize(
    "key",
    [
        seq(integer(0), ALGORITHM, tlv(0x04, b"key")),
        seq(integer(1), ALGORITHM, tlv(0x04, b"key"), tlv(0xA0)),
        seq(integer(0), *[integer(5)] * 8),
        seq(integer(1), tlv(0x04, b"key"), tlv(0xA0, oid("1.2.3"))),
        seq(seq(oid("1.2.840.113549.1.5.13"), NULL), tlv(0x04, b"key")),
        seq(integer(3), seq(oid("1.2.840.113549.1.7.1")), seq()),
    ],
)
def test_a_private_key_is_told_as_such(key: bytes) -> None:
    assert reason(lambda: parse_certificate(key)) is f.PRIVATE_KEY_IN_INPUT


@pytest.mark.parametrize(
    "data",
    [seq(), seq(integer(5), integer(3)), seq(integer(3)), seq(integer(2), seq(), NULL), seq(b"\x02\x00")],
)
def test_other_structures_are_no_private_keys(data: bytes) -> None:
    assert reason(lambda: parse_certificate(data)) is not f.PRIVATE_KEY_IN_INPUT


def test_explicit_critical_false_keeps_its_note_beside_others() -> None:
    data = certificate(extension("2.5.29.19", seq(FALSE), critical=FALSE))
    assert [n.code for n in parse_certificate(data).notes] == [
        deviations.EXPLICIT_CRITICAL_FALSE,
        deviations.EXPLICIT_CA_FALSE,
    ]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(987, 6, 5, 4, 3, 2, tzinfo=UTC), "0987-06-05T04:03:02Z"),
        (
            datetime(2026, 1, 1, 7, 59, 59, 999, tzinfo=timezone(timedelta(hours=8))),
            "2025-12-31T23:59:59Z",
        ),
    ],
)
def test_times_in_words_are_utc_with_four_digits_of_the_year(time: datetime, text: str) -> None:
    assert time_text(time) == text
