"""GeneralName: what each form carries, and what is refused in a name and in a constraint."""

from __future__ import annotations

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.general_names import MAX_NAMES, decode_general_names, decode_subtree_base
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from tests.certificate_der import NULL, integer, name, oid, reason, refusal, seq, tlv

_OTHER = oid("1.3.6.1.4.1.311.20.2.3") + tlv(0xA0, tlv(0x0C, b"upn"))


def _names(*encoded: bytes) -> tuple[GeneralName, ...]:
    data = b"".join(encoded)
    return decode_general_names(data, 0, len(data), [])


def _base(encoded: bytes) -> GeneralName:
    tag, start, stop = der.read_tlv(encoded, 0, len(encoded))
    return decode_subtree_base(encoded, tag, 0, start, stop, [])


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (tlv(0x81, b"a@example.cn"), GeneralName(GeneralNameType.RFC822_NAME, "a@example.cn")),
        (tlv(0x82, b"*.example.cn"), GeneralName(GeneralNameType.DNS_NAME, "*.example.cn")),
        (tlv(0x86, b"ldap://h/cn=a b"), GeneralName(GeneralNameType.URI, "ldap://h/cn=a b")),
        (tlv(0x88, b"\x2a\x03"), GeneralName(GeneralNameType.REGISTERED_ID, "1.2.3")),
        (
            tlv(0xA0, _OTHER),
            GeneralName(GeneralNameType.OTHER_NAME, octets=_OTHER, type_id="1.3.6.1.4.1.311.20.2.3"),
        ),
        (tlv(0xA3, seq()), GeneralName(GeneralNameType.X400_ADDRESS, octets=seq())),
        (tlv(0xA5, tlv(0xA1)), GeneralName(GeneralNameType.EDI_PARTY_NAME, octets=tlv(0xA1))),
    ],
)
def test_forms_that_are_alike_in_names_and_constraints(encoded: bytes, expected: GeneralName) -> None:
    assert _names(encoded) == (expected,)
    assert _base(encoded) == expected


def test_directory_name() -> None:
    (found,) = _names(tlv(0xA4, name("a", "b")))
    assert found.kind is GeneralNameType.DIRECTORY_NAME
    assert found.name is not None
    assert found.name.der == name("a", "b")


def test_addresses() -> None:
    v4, v6 = bytes(4), bytes(16)
    assert [n.octets for n in _names(tlv(0x87, v4), tlv(0x87, v6))] == [v4, v6]
    assert _base(tlv(0x87, b"\x0a\0\0\0\xff\0\0\0")).octets == b"\x0a\0\0\0\xff\0\0\0"
    assert _base(tlv(0x87, bytes(16) + b"\xff" * 16)).octets == bytes(16) + b"\xff" * 16
    assert _base(tlv(0x87, bytes(8))).octets == bytes(8)


@pytest.mark.parametrize("tag", [0x81, 0x82, 0x86])
def test_a_constraint_may_be_empty_and_a_name_may_not(tag: int) -> None:
    assert _base(tlv(tag)).text == ""
    for blank in (b"", b" ", b"  "):
        assert reason(lambda b=blank: _names(tlv(tag, b))) is f.GENERAL_NAME_EMPTY


@pytest.mark.parametrize("tag", [0x81, 0x82, 0x86])
@pytest.mark.parametrize("text", [b"a\x00b", b"a\nb", b"a\x7f", "例.cn".encode(), b"caf\xe9"])
def test_characters(tag: int, text: bytes) -> None:
    assert reason(lambda: _names(tlv(tag, text))) is f.GENERAL_NAME_CHARACTERS
    assert reason(lambda: _base(tlv(tag, text))) is f.GENERAL_NAME_CHARACTERS


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"", f.GENERAL_NAMES_EMPTY),
        (tlv(0x87, bytes(5)), f.GENERAL_NAME_IP_LENGTH),
        (tlv(0x87, bytes(8)), f.GENERAL_NAME_IP_LENGTH),
        (tlv(0x87), f.GENERAL_NAME_IP_LENGTH),
        (tlv(0x88), r.DER_OID),
        (tlv(0x89, b"x"), r.DER_TAG_UNEXPECTED),
        (tlv(0xA2, b"x"), r.DER_TAG_UNEXPECTED),
        (tlv(0xA4, name("a") + NULL), r.DER_TRAILING_BYTES),
        (tlv(0xA4, NULL), r.DER_TAG_UNEXPECTED),
        (tlv(0xA0, oid("1.2.3")), r.DER_TRUNCATED),
        (tlv(0xA0, oid("1.2.3") + tlv(0xA0)), r.DER_TRUNCATED),
        (tlv(0xA0, oid("1.2.3") + tlv(0xA0, NULL, NULL)), r.DER_TRAILING_BYTES),
        (tlv(0xA0, oid("1.2.3") + tlv(0xA0, NULL), NULL), r.DER_TRAILING_BYTES),
        (tlv(0xA3, b"\x01\x01\x02"), r.DER_BOOLEAN),
    ],
)
def test_refused_names(encoded: bytes, expected: Reason) -> None:
    assert reason(lambda: _names(encoded)) is expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (bytes(4), f.GENERAL_NAME_IP_LENGTH),
        (bytes(16), f.GENERAL_NAME_IP_LENGTH),
        (bytes(9), f.GENERAL_NAME_IP_LENGTH),
        (b"\x0a\0\0\0\xff\0\xff\0", f.NAME_CONSTRAINT_IP_MASK),
        (b"\x0a\0\0\0\x00\0\0\xff", f.NAME_CONSTRAINT_IP_MASK),
    ],
)
def test_refused_address_constraints(octets: bytes, expected: Reason) -> None:
    assert reason(lambda: _base(tlv(0x87, octets))) is expected


def test_lists_are_bounded() -> None:
    one = tlv(0x82, b"a")
    assert len(_names(*[one] * MAX_NAMES)) == MAX_NAMES
    error = refusal(lambda: _names(*[one] * (MAX_NAMES + 1)))
    assert error.reason is f.GENERAL_NAMES_TOO_MANY
    assert error.params == (("max_names", str(MAX_NAMES)),)


def test_integers_are_no_names() -> None:
    assert reason(lambda: _names(integer(1))) is r.DER_TAG_UNEXPECTED
