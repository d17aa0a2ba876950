"""Distinguished names: parts, comparison form, and what is refused."""

from __future__ import annotations

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.deviations import NAME_PRINTABLE_CHARACTERS, NAME_TEXT_UNDECODABLE
from ca_bridge.core.x509.name_parser import MAX_ATTRIBUTES, decode_name
from ca_bridge.core.x509.names import Attribute, Name
from tests.certificate_der import attribute, bits, name, oid, rdn, reason, refusal, seq, tlv


def _name(data: bytes) -> Name:
    return decode_name(data, 0, len(data))[0]


def _notes(data: bytes) -> list[Note]:
    notes: list[Note] = []
    decode_name(data, 0, len(data), notes)
    return notes


def test_parts_and_bytes() -> None:
    data = seq(rdn(attribute("CN", 0x13, "2.5.4.6")), rdn(attribute("证书")))
    parsed, end = decode_name(b"\x00" + data + b"rest", 1, 1 + len(data) + 4)
    assert end == 1 + len(data)
    assert parsed.der == data
    assert parsed.rdns == (
        (Attribute("2.5.4.6", 0x13, "CN", b"\x13\x02CN"),),
        (Attribute("2.5.4.3", 0x0C, "证书", tlv(0x0C, "证书".encode())),),
    )
    assert len(parsed.normalized) == 2


def test_the_same_bytes_are_the_same_object() -> None:
    assert _name(name("interned")) is _name(name("interned"))


def test_an_empty_name() -> None:
    assert _name(seq()).rdns == ()
    assert _name(seq()).normalized == ()


@pytest.mark.parametrize("tag", [0x0C, 0x13, 0x14, 0x16, 0x12, 0x1A])
def test_string_types_compare_alike(tag: int) -> None:
    assert _name(seq(rdn(attribute("GUANGDONG  ca", tag)))) == _name(name("Guangdong CA"))


def test_wide_string_types_compare_alike() -> None:
    wide = [
        seq(rdn(attribute("证书 CA".encode("utf-16-be"), 0x1E))),
        seq(rdn(attribute("证书 ca".encode("utf-32-be"), 0x1C))),
    ]
    assert {_name(each) for each in wide} == {_name(name("证书 Ca"))}


def test_type_and_text_can_not_be_shifted_into_each_other() -> None:
    one = _name(seq(rdn(attribute("c", kind="2.5.4.10"), attribute("ab", kind="2.5.4.3"))))
    other = _name(seq(rdn(attribute("a", kind="2.5.4.3"), attribute("bc", kind="2.5.4.10"))))
    assert one != other
    assert _name(name("a", "b")) != _name(name("b", "a"))


def test_undecodable_text_compares_by_its_bytes() -> None:
    gbk = "证书".encode("gb18030")
    data = seq(rdn(attribute(gbk, 0x14)))
    assert _notes(data) == [Note(code=NAME_TEXT_UNDECODABLE, detail="2.5.4.3")]
    assert _notes(data) == _notes(data)
    assert _name(data) != _name(seq(rdn(attribute(gbk, 0x0C))))
    assert "\ufffd" in _name(data).rdns[0][0].text


def test_printable_string_beyond_its_set_is_noted() -> None:
    data = seq(rdn(attribute("a@b", 0x13)))
    assert _notes(data) == [Note(code=NAME_PRINTABLE_CHARACTERS, detail="2.5.4.3")]
    assert _name(data) == _name(seq(rdn(attribute("A@B", 0x16))))


def test_long_text_outside_ascii_compares_by_its_bytes() -> None:
    long = "é" * 1025
    assert _name(name(long)) == _name(name(long))
    assert _name(name(long)) != _name(name(long.upper()))


def test_values_that_are_not_text_compare_by_their_bytes() -> None:
    data = seq(rdn(seq(oid("2.5.4.45"), bits(b"id"))))
    assert _name(data).rdns[0][0] == Attribute("2.5.4.45", 0x03, "", bits(b"id"))
    assert _name(data) != _name(seq(rdn(seq(oid("2.5.4.45"), bits(b"ID")))))


def test_values_of_one_set_compare_in_any_case_that_keeps_their_order() -> None:
    one = seq(rdn(attribute("ORG", kind="2.5.4.10"), attribute("unit x", kind="2.5.4.11")))
    other = seq(rdn(attribute("org", 0x13, "2.5.4.10"), attribute("UNIT  X", 0x14, "2.5.4.11")))
    assert _name(one) == _name(other)


def test_set_order_of_encodings_is_forgotten() -> None:
    shorter_second = seq(rdn(attribute("b", kind="2.5.4.11"), attribute("aa", kind="2.5.4.10")))
    shorter_first = seq(rdn(attribute("a a", kind="2.5.4.10"), attribute("b  ", kind="2.5.4.11")))
    spaced = seq(rdn(attribute("a  a", kind="2.5.4.10"), attribute(" b  ", kind="2.5.4.11")))
    assert _name(shorter_first) == _name(spaced)
    assert _name(shorter_second) != _name(shorter_first)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (seq(rdn()), f.NAME_RDN_EMPTY),
        (seq(seq()), r.DER_TAG_UNEXPECTED),
        (seq(rdn(seq(oid("2.5.4.3")))), r.DER_TRUNCATED),
        (seq(rdn(seq(oid("2.5.4.3"), tlv(0x0C, b"a"), tlv(0x0C, b"b")))), r.DER_TRAILING_BYTES),
        (seq(rdn(seq(oid("2.5.4.3"), tlv(0x01, b"\x02")))), r.DER_BOOLEAN),
        (seq(rdn(seq(oid("2.5.4.3"), tlv(0x8C, b"a")))), r.DER_TAG_UNEXPECTED),
        (seq(rdn(attribute("b"), attribute("a"))), r.DER_SET_ORDER),
        (seq(rdn(attribute("a"), attribute("a"))), r.DER_SET_ORDER),
        (seq(rdn(attribute("aa"), attribute("b"))), r.DER_SET_ORDER),
        (seq(*[rdn(attribute("x"))] * (MAX_ATTRIBUTES + 1)), f.NAME_TOO_LARGE),
    ],
)
def test_refused(data: bytes, expected: Reason) -> None:
    assert reason(lambda: _name(data)) is expected


def test_the_byte_of_an_error_counts_from_the_whole_input() -> None:
    bad = seq(rdn(seq(oid("2.5.4.3"), tlv(0x01, b"\x02"))))
    error = refusal(lambda: decode_name(bytes(100) + bad, 100, 100 + len(bad)))
    assert dict(error.params)["offset"] == str(100 + bad.index(b"\x01\x01\x02") + 2)
