"""Each extension of RFC 5280 §4.2: its value, and every way of getting it wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import deviations
from ca_bridge.core.x509.distribution_points import MAX_POINTS
from ca_bridge.core.x509.extension_list import MAX_EXTENSIONS
from ca_bridge.core.x509.extension_parser import decode_certificate_extensions
from ca_bridge.core.x509.extensions import (
    BasicConstraints,
    CertificateExtensions,
    PolicyConstraints,
    PolicyInformation,
    PolicyMapping,
)
from ca_bridge.core.x509.name_extensions import MAX_DESCRIPTIONS
from ca_bridge.core.x509.policy_extensions import MAX_COUNT, MAX_POLICIES, MAX_QUALIFIERS
from tests.certificate_der import (
    FALSE,
    NULL,
    TRUE,
    attribute,
    bits,
    extension,
    integer,
    name,
    oid,
    rdn,
    reason,
    refusal,
    seq,
    tlv,
)

BASIC, USAGE, EKU, SKI, AKI = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.35"
SAN, IAN, NC, DP, FRESHEST = "2.5.29.17", "2.5.29.18", "2.5.29.30", "2.5.29.31", "2.5.29.46"
POLICIES, MAPPINGS, CONSTRAINTS, INHIBIT = "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"
AIA, SIA, SDA = "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11", "2.5.29.9"
NOCHECK, NO_REV_AVAIL = "1.3.6.1.5.5.7.48.1.5", "2.5.29.56"
ANY = oid("2.5.29.32.0")
P1, P2 = oid("1.2.156.1"), oid("1.2.156.2")
URI = tlv(0x86, b"http://ca.example/a")
DNS = tlv(0x82, b"example.cn")


def _read(*extensions: bytes, notes: list[Note] | None = None) -> CertificateExtensions:
    data = seq(*extensions)
    return decode_certificate_extensions(data, 0, len(data), [] if notes is None else notes)


def _value(dotted: str, value: bytes, field: str) -> Any:
    return getattr(_read(extension(dotted, value)), field)


def _why(dotted: str, value: bytes) -> Reason | str:
    """The reason; for faults of structure the cause inside, the extension's OID checked."""
    error = refusal(lambda: _read(extension(dotted, value)))
    if error.reason is f.EXTENSION_MALFORMED:
        assert dict(error.params)["oid"] == dotted
        return dict(error.params)["cause"]
    return error.reason


def _notes(dotted: str, value: bytes) -> list[str]:
    notes: list[Note] = []
    _read(extension(dotted, value), notes=notes)
    return [note.code for note in notes]


def test_raw_critical_and_unknown() -> None:
    read = _read(
        extension(BASIC, seq(), critical=TRUE),
        extension("1.2.3.4", b"anything"),
        extension("1.2.3.5", b"", critical=TRUE),
        extension("1.2.156.10260.4.1.4", tlv(0x13, b"9144"), critical=TRUE),
    )
    assert [(e.oid, e.critical, e.value) for e in read.raw][1] == ("1.2.3.4", False, b"anything")
    assert read.critical == {BASIC, "1.2.3.5", "1.2.156.10260.4.1.4"}
    assert read.unknown_critical == ("1.2.3.5", "1.2.156.10260.4.1.4")


def test_absent_is_none_or_empty() -> None:
    read = _read(extension("1.2.3", b""))
    assert (read.basic_constraints, read.key_usage, read.certificate_policies) == (None, None, None)
    assert (read.subject_alt_name, read.no_rev_avail) == ((), False)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (seq(), f.EXTENSIONS_EMPTY),
        (seq(extension("1.2.3", b"a"), extension("1.2.3", b"b")), f.EXTENSION_DUPLICATE),
        (seq(*(extension(f"1.2.{i}", b"") for i in range(MAX_EXTENSIONS + 1))), f.EXTENSIONS_TOO_MANY),
        (seq(extension("1.2.3", b"")) + NULL, r.DER_TRAILING_BYTES),
        (seq(seq(oid("1.2.3"), tlv(0x04), NULL)), r.DER_TRAILING_BYTES),
        (seq(seq(oid("1.2.3"), b"\x01\x01\x01", tlv(0x04))), r.DER_BOOLEAN),
        (seq(seq(oid("1.2.3"), tlv(0x24))), r.DER_TAG_UNEXPECTED),
        (NULL, r.DER_TAG_UNEXPECTED),
    ],
)
def test_refused_lists(data: bytes, expected: Reason) -> None:
    assert reason(lambda: decode_certificate_extensions(data, 0, len(data), [])) is expected


def test_explicit_critical_false_is_noted() -> None:
    notes: list[Note] = []
    read = _read(extension(EKU, seq(oid("1.2.3")), critical=FALSE), notes=notes)
    assert notes == [Note(code=deviations.EXPLICIT_CRITICAL_FALSE, detail=EKU)]
    assert read.critical == frozenset()


@pytest.mark.parametrize(
    ("value", "expected", "noted"),
    [
        (seq(), BasicConstraints(ca=False, path_length=None), []),
        (seq(TRUE), BasicConstraints(ca=True, path_length=None), []),
        (seq(TRUE, integer(0)), BasicConstraints(ca=True, path_length=0), []),
        (seq(TRUE, integer(MAX_COUNT)), BasicConstraints(ca=True, path_length=MAX_COUNT), []),
        (seq(FALSE), BasicConstraints(ca=False, path_length=None), [deviations.EXPLICIT_CA_FALSE]),
        (seq(integer(3)), BasicConstraints(ca=False, path_length=3), [deviations.PATH_LENGTH_WITHOUT_CA]),
    ],
)
def test_basic_constraints(value: bytes, expected: BasicConstraints, noted: list[str]) -> None:
    assert _value(BASIC, value, "basic_constraints") == expected
    assert _notes(BASIC, value) == noted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(TRUE, integer(-1)), f.EXTENSION_COUNT_OUT_OF_RANGE),
        (seq(TRUE, integer(2**31)), f.EXTENSION_COUNT_OUT_OF_RANGE),
        (seq(TRUE, tlv(0x02, b"\x00\x01")), r.DER_INTEGER_NOT_MINIMAL),
        (seq(TRUE, integer(1), integer(1)), "DER_TRAILING_BYTES"),
        (seq(TRUE, NULL), "DER_TAG_UNEXPECTED"),
        (seq(b"\x01\x01\x01"), r.DER_BOOLEAN),
        (seq(TRUE) + NULL, "DER_TRAILING_BYTES"),
        (b"", "DER_TRUNCATED"),
    ],
)
def test_refused_basic_constraints(value: bytes, expected: Reason | str) -> None:
    assert _why(BASIC, value) == expected


def test_key_usage() -> None:
    assert _value(USAGE, bits(b"\x06", 1), "key_usage") == {KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN}
    assert _value(USAGE, bits(b"\x00\x80", 7), "key_usage") == {KeyUsageBit.DECIPHER_ONLY}
    assert _value(USAGE, bits(b"\x80\x40", 6), "key_usage") == {KeyUsageBit.DIGITAL_SIGNATURE}
    assert _why(USAGE, bits(b"")) is f.KEY_USAGE_NO_BIT
    assert _why(USAGE, bits(b"\x00\x40", 6)) is f.KEY_USAGE_NO_BIT
    assert _why(USAGE, bits(b"\x80")) is r.DER_NAMED_BITS_NOT_MINIMAL
    assert _why(USAGE, NULL) == "DER_TAG_UNEXPECTED"


def test_extended_key_usage() -> None:
    assert _value(EKU, seq(oid("1.2.3"), oid("1.2.4")), "extended_key_usage") == {"1.2.3", "1.2.4"}
    assert _why(EKU, seq()) is f.EXTENSION_EMPTY
    assert _why(EKU, seq(NULL)) == "DER_TAG_UNEXPECTED"


def test_key_identifiers() -> None:
    assert _value(SKI, tlv(0x04, b"id"), "subject_key_identifier") == b"id"
    aki = _value(AKI, seq(tlv(0x80, b"id")), "authority_key_identifier")
    assert (aki.key_identifier, aki.issuer, aki.serial_number) == (b"id", (), None)
    aki = _value(AKI, seq(tlv(0xA1, tlv(0xA4, name("CA"))), integer(-5, 0x82)), "authority_key_identifier")
    assert (aki.key_identifier, aki.issuer[0].name.der, aki.serial_number) == (None, name("CA"), -5)
    assert _value(AKI, seq(), "authority_key_identifier").key_identifier is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(tlv(0xA1, DNS)), f.AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE),
        (seq(integer(1, 0x82)), f.AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE),
        (seq(tlv(0xA1), integer(1, 0x82)), f.GENERAL_NAMES_EMPTY),
        (seq(tlv(0xA1, DNS), integer(2**168, 0x82)), f.SERIAL_NUMBER_TOO_LONG),
        (seq(tlv(0x80, b"a"), tlv(0x80, b"a")), "DER_TAG_UNEXPECTED"),
    ],
)
def test_refused_authority_key_identifiers(value: bytes, expected: Reason | str) -> None:
    assert _why(AKI, value) == expected


@pytest.mark.parametrize(("dotted", "field"), [(SAN, "subject_alt_name"), (IAN, "issuer_alt_name")])
def test_alternative_names(dotted: str, field: str) -> None:
    assert [n.text for n in _value(dotted, seq(DNS, URI), field)] == ["example.cn", "http://ca.example/a"]
    assert _why(dotted, seq()) is f.GENERAL_NAMES_EMPTY
    assert _why(dotted, DNS) == "DER_TAG_UNEXPECTED"


def test_policies() -> None:
    cps = seq(oid("1.3.6.1.5.5.7.2.1"), tlv(0x16, b"http://cps"))
    found = _value(POLICIES, seq(seq(P1, seq(cps)), seq(ANY)), "certificate_policies")
    assert found == (
        PolicyInformation("1.2.156.1", (("1.3.6.1.5.5.7.2.1", tlv(0x16, b"http://cps")),)),
        PolicyInformation("2.5.29.32.0"),
    )


_QUALIFIER = seq(oid("1.2.3"), NULL)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(), f.EXTENSION_EMPTY),
        (seq(seq(P1), seq(P1)), f.POLICY_DUPLICATE),
        (seq(seq(P1, seq())), f.EXTENSION_EMPTY),
        (seq(seq(P1, seq(_QUALIFIER), NULL)), "DER_TRAILING_BYTES"),
        (seq(seq(P1, seq(seq(oid("1.2.3"))))), "DER_TRUNCATED"),
        (seq(seq(P1, seq(seq(oid("1.2.3"), NULL, NULL)))), "DER_TRAILING_BYTES"),
        (seq(seq(P1, seq(seq(oid("1.2.3"), b"\x01\x01\x07")))), r.DER_BOOLEAN),
        (seq(seq(P1, seq(*[_QUALIFIER] * (MAX_QUALIFIERS + 1)))), f.EXTENSION_TOO_MANY_VALUES),
        (seq(*(seq(oid(f"1.2.{i}")) for i in range(MAX_POLICIES + 1))), f.EXTENSION_TOO_MANY_VALUES),
        (seq(P1), "DER_TAG_UNEXPECTED"),
    ],
)
def test_refused_policies(value: bytes, expected: Reason | str) -> None:
    assert _why(POLICIES, value) == expected


def test_policy_mappings() -> None:
    found = _value(MAPPINGS, seq(seq(P1, P2), seq(ANY, P1)), "policy_mappings")
    assert found == (PolicyMapping("1.2.156.1", "1.2.156.2"), PolicyMapping("2.5.29.32.0", "1.2.156.1"))
    assert _why(MAPPINGS, seq()) is f.EXTENSION_EMPTY
    assert _why(MAPPINGS, seq(seq(P1))) == "DER_TRUNCATED"
    assert _why(MAPPINGS, seq(seq(P1, P2, P2))) == "DER_TRAILING_BYTES"
    assert _why(MAPPINGS, seq(*[seq(P1, P2)] * (MAX_POLICIES + 1))) is f.EXTENSION_TOO_MANY_VALUES


def test_policy_constraints() -> None:
    both = seq(integer(0, 0x80), integer(2, 0x81))
    assert _value(CONSTRAINTS, both, "policy_constraints") == PolicyConstraints(0, 2)
    assert _value(CONSTRAINTS, seq(integer(1, 0x80)), "policy_constraints") == PolicyConstraints(1, None)
    assert _value(CONSTRAINTS, seq(integer(1, 0x81)), "policy_constraints") == PolicyConstraints(None, 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(), f.EXTENSION_EMPTY),
        (seq(integer(-1, 0x80)), f.EXTENSION_COUNT_OUT_OF_RANGE),
        (seq(integer(2**40, 0x81)), f.EXTENSION_COUNT_OUT_OF_RANGE),
        (seq(integer(1, 0x81), integer(1, 0x80)), "DER_TRAILING_BYTES"),
        (seq(integer(1)), "DER_TAG_UNEXPECTED"),
    ],
)
def test_refused_policy_constraints(value: bytes, expected: Reason | str) -> None:
    assert _why(CONSTRAINTS, value) == expected


def test_inhibit_any_policy() -> None:
    assert _value(INHIBIT, integer(0), "inhibit_any_policy") == 0
    assert _why(INHIBIT, integer(-1)) is f.EXTENSION_COUNT_OUT_OF_RANGE
    assert _why(INHIBIT, tlv(0x02)) is r.DER_INTEGER_EMPTY
    assert _why(INHIBIT, seq()) == "DER_TAG_UNEXPECTED"


def test_name_constraints() -> None:
    both = _value(NC, seq(tlv(0xA0, seq(DNS)), tlv(0xA1, seq(tlv(0x82)), seq(URI))), "name_constraints")
    assert [n.text for n in both.permitted] == ["example.cn"]
    assert [n.text for n in both.excluded] == ["", "http://ca.example/a"]
    assert _value(NC, seq(tlv(0xA0, seq(DNS))), "name_constraints").excluded == ()
    assert _value(NC, seq(tlv(0xA1, seq(DNS))), "name_constraints").permitted == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(), f.EXTENSION_EMPTY),
        (seq(tlv(0xA0)), f.EXTENSION_EMPTY),
        (seq(tlv(0xA1)), f.EXTENSION_EMPTY),
        (seq(tlv(0xA0, seq(DNS, integer(1, 0x80)))), f.NAME_CONSTRAINT_RANGE),
        (seq(tlv(0xA0, seq(DNS, integer(1, 0x81)))), f.NAME_CONSTRAINT_RANGE),
        (seq(tlv(0xA0, seq(DNS, integer(0, 0x80)))), r.DER_DEFAULT_ENCODED),
        (seq(tlv(0xA0, seq(DNS, NULL))), "DER_TAG_UNEXPECTED"),
        (seq(tlv(0xA1, seq(DNS)), tlv(0xA0, seq(DNS))), "DER_TRAILING_BYTES"),
        (seq(tlv(0xA0, DNS)), "DER_TAG_UNEXPECTED"),
        (seq(tlv(0xA0, seq())), "DER_TRUNCATED"),
    ],
)
def test_refused_name_constraints(value: bytes, expected: Reason | str) -> None:
    assert _why(NC, value) == expected


@pytest.mark.parametrize(("dotted", "field"), [(DP, "crl_distribution_points"), (FRESHEST, "freshest_crl")])
def test_distribution_points(dotted: str, field: str) -> None:
    full = seq(tlv(0xA0, tlv(0xA0, URI)), bits(b"\x60", 5, 0x81), tlv(0xA2, tlv(0xA4, name("CRL"))))
    relative = seq(tlv(0xA0, tlv(0xA1, attribute("CRL1"))))
    one, two = _value(dotted, seq(full, relative), field)
    assert [n.text for n in one.full_name] == ["http://ca.example/a"]
    assert one.reasons == {"key_compromise", "ca_compromise"}
    assert one.crl_issuer[0].name.der == name("CRL")
    assert (two.full_name, two.reasons, two.crl_issuer) == ((), None, ())
    issuer = _read(extension(SAN, seq(tlv(0xA4, seq(rdn(attribute("crl1"))))))).subject_alt_name[0].name
    assert issuer is not None
    assert two.relative_name == issuer.normalized[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seq(), f.EXTENSION_EMPTY),
        (seq(seq()), f.DISTRIBUTION_POINT_EMPTY),
        (seq(seq(bits(b"\x40", 6, 0x81))), f.DISTRIBUTION_POINT_EMPTY),
        (seq(seq(tlv(0xA0, tlv(0xA0, URI)), bits(b"", 0, 0x81))), f.REASON_FLAGS_UNKNOWN),
        (seq(seq(tlv(0xA0, tlv(0xA0, URI)), bits(b"\x00\x40", 6, 0x81))), f.REASON_FLAGS_UNKNOWN),
        (seq(seq(tlv(0xA0, tlv(0xA0)))), f.GENERAL_NAMES_EMPTY),
        (seq(seq(tlv(0xA0, tlv(0xA2, URI)))), "DER_TAG_UNEXPECTED"),
        (seq(seq(tlv(0xA0, tlv(0xA0, URI), NULL))), "DER_TRAILING_BYTES"),
        (seq(seq(tlv(0xA0, tlv(0xA0, URI)), NULL)), "DER_TRAILING_BYTES"),
        (seq(seq(tlv(0xA0))), "DER_TRUNCATED"),
        (seq(*[seq(tlv(0xA2, URI))] * (MAX_POINTS + 1)), f.DISTRIBUTION_POINTS_TOO_MANY),
    ],
)
def test_refused_distribution_points(value: bytes, expected: Reason | str) -> None:
    assert _why(DP, value) == expected


def test_the_unused_reason_bit_means_nothing() -> None:
    point = seq(tlv(0xA0, tlv(0xA0, URI)), bits(b"\xc0", 6, 0x81))
    assert _value(DP, seq(point), "crl_distribution_points")[0].reasons == {"key_compromise"}


@pytest.mark.parametrize(("dotted", "field"), [(AIA, "authority_info_access"), (SIA, "subject_info_access")])
def test_access(dotted: str, field: str) -> None:
    (found,) = _value(dotted, seq(seq(oid("1.3.6.1.5.5.7.48.2"), URI)), field)
    assert (found.method, found.location.text) == ("1.3.6.1.5.5.7.48.2", "http://ca.example/a")
    assert _why(dotted, seq()) is f.EXTENSION_EMPTY
    assert _why(dotted, seq(seq(oid("1.2.3")))) == "DER_TRUNCATED"
    assert _why(dotted, seq(seq(oid("1.2.3"), URI, URI))) == "DER_TRAILING_BYTES"
    many = [seq(oid("1.2.3"), URI)] * (MAX_DESCRIPTIONS + 1)
    assert _why(dotted, seq(*many)) is f.EXTENSION_TOO_MANY_VALUES


def test_subject_directory_attributes() -> None:
    value = seq(seq(oid("1.3.6.1.5.5.7.9.4"), tlv(0x31, tlv(0x13, b"CN"))))
    assert _value(SDA, value, "subject_directory_attributes") == value
    assert _why(SDA, seq()) is f.EXTENSION_EMPTY
    assert _why(SDA, seq(b"\x02\x00")) is r.DER_INTEGER_EMPTY


@pytest.mark.parametrize(("dotted", "field"), [(NOCHECK, "ocsp_nocheck"), (NO_REV_AVAIL, "no_rev_avail")])
def test_flags(dotted: str, field: str) -> None:
    assert _value(dotted, NULL, field) is True
    assert _why(dotted, b"\x05\x01\x00") is r.DER_NULL
    assert _why(dotted, b"") == "DER_TRUNCATED"
    assert _why(dotted, NULL + NULL) == "DER_TRAILING_BYTES"
