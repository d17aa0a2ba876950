"""Identity fields of certificates: what is read, what is shown, and who the holder seems to be."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from ca_bridge.core.x509.certificate import (
    AlgorithmIdentifier,
    Certificate,
    SignedBytes,
    SubjectPublicKeyInfo,
)
from ca_bridge.core.x509.extensions import CertificateExtensions, Extension
from ca_bridge.core.x509.identity import HolderKind, unified_identity
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityDecoding, IdentityKind, IdentityRule
from ca_bridge.core.x509.identity_value import CheckResult, IdentityProblem, mask
from ca_bridge.core.x509.names import Attribute, Name

USCC = "91350100M000100Y43"
ORGANIZATION = "M000100Y4"
RESIDENT = "11010519491231002X"
MASKED_RESIDENT = "1****************X"
_ALGORITHM = AlgorithmIdentifier("1.2.156.10197.1.501", None)
_WHEN = datetime(2024, 1, 1, tzinfo=UTC)


def _utf8(text):
    octets = text.encode()
    return bytes((0x0C, len(octets))) + octets


def _certificate(*extensions, subject=()):
    """A certificate with (oid, value) extensions and (type, text) subject attributes."""
    name = Name(b"", tuple((Attribute(oid, 0x0C, text, b""),) for oid, text in subject), ())
    return Certificate(
        der=b"",
        fingerprint="",
        version=3,
        serial_number=1,
        issuer=name,
        subject=name,
        not_before=_WHEN,
        not_after=_WHEN,
        spki=SubjectPublicKeyInfo(b"", _ALGORITHM, b""),
        extensions=CertificateExtensions(raw=tuple(Extension(o, False, v) for o, v in extensions)),
        signed=SignedBytes(b"", _ALGORITHM, b""),
        self_issued=True,
    )


def _only(*args, **kwargs):
    identity = unified_identity(_certificate(*args, **kwargs))
    assert len(identity.fields) == 1
    return identity, identity.fields[0]


@pytest.mark.parametrize(
    "oid",
    [
        "1.2.156.10260.4.1.4",
        "1.2.156.10260.4.1.5",
        "1.2.156.10260.4.4",
        "1.2.156.10260.4.4.4",
        "1.2.86.11.7.3",
        "1.2.86.11.7.4",
        "1.2.86.11.7.7550243.1",
        "1.2.86.11.7.755024301",
        "2.16.156.112548",
        "1.2.86.21.1.3",
    ],
)
def test_unified_code_is_known_by_its_content_wherever_it_stands(oid):
    identity, field = _only((oid, _utf8(USCC)))
    assert (field.kind, field.value, field.check) == (
        IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE,
        USCC,
        CheckResult.PASSED,
    )
    assert identity.kind is HolderKind.ORG
    assert identity.unified_social_credit_code == USCC
    assert identity.organization_code == USCC[8:17]
    assert field.source == oid


def test_old_organization_code():
    identity, field = _only(("1.2.156.10260.4.1.4", _utf8("D2143569-X")))
    assert (field.kind, field.value, field.check) == (
        IdentityKind.ORGANIZATION_CODE,
        "D2143569-X",
        CheckResult.PASSED,
    )
    assert identity.unified_social_credit_code is None
    assert identity.organization_code == "D2143569-X"


@pytest.mark.parametrize(
    ("oid", "value", "kind", "masked", "check"),
    [
        (
            "1.2.156.10260.4.1.1",
            b"\xa0\x14\x13\x12" + RESIDENT.encode(),
            "resident_id",
            MASKED_RESIDENT,
            "passed",
        ),
        (
            "1.2.86.11.7.1",
            b"\x31\x16\xa0\x14\x13\x12" + RESIDENT.encode(),
            "resident_id",
            MASKED_RESIDENT,
            "passed",
        ),
        (
            "1.2.156.10260.4.1.1",
            b"\x80\x0f110105491231002",
            "resident_id",
            "1*************2",
            "not_applicable",
        ),
        ("1.2.156.10260.4.1.1", b"\x81\x08J1234567", "officer_card", "J******7", "not_applicable"),
        ("1.2.156.10260.4.1.1", b"\x82\x09E12345678", "passport", "E*******8", "not_applicable"),
        ("1.2.156.10260.4.1.1", b"\x83\x09E12345678", "personal_number", "E*******8", "not_applicable"),
        ("1.2.156.10260.4.1.1", _utf8("110105194912310021"), "resident_id", "1****************1", "failed"),
        ("1.2.156.10260.4.1.1.2", _utf8("E12345678"), "passport", "E*******8", "not_applicable"),
        ("1.2.156.10260.4.1.2", _utf8("123456789"), "social_insurance", "1*******9", "not_applicable"),
        ("1.2.86.21.1.3", _utf8(RESIDENT), "resident_id", MASKED_RESIDENT, "passed"),
        ("1.2.156.112562.2.1.1.1", b"SF" + RESIDENT.encode(), "resident_id", MASKED_RESIDENT, "passed"),
        ("1.2.156.112562.2.1.1.24", _utf8("1@5009SF0" + RESIDENT), "resident_id", MASKED_RESIDENT, "passed"),
        (
            "1.2.156.112562.2.1.1.24",
            _utf8("1@5009HZ0E12345678"),
            "ca_unique_id",
            "E*******8",
            "not_applicable",
        ),
        ("1.2.156.112562.2.1.1.24", _utf8("no entity"), "ca_unique_id", "N*******Y", "not_applicable"),
        ("1.2.86.21.1.3", _utf8("GD1234567890"), "ca_unique_id", "G**********0", "not_applicable"),
        ("1.2.156.112573.14", _utf8("user"), "service_number", "****", "not_applicable"),
    ],
)
def test_personal_numbers_and_opaque_identifiers_are_masked(oid, value, kind, masked, check):
    _identity, field = _only((oid, value))
    assert (field.kind, field.value, field.masked, field.check) == (kind, None, masked, check)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_netca_unique_id_is_decoded(encoding):
    text = base64.b64encode(USCC.encode(encoding)).decode()
    identity, field = _only(("1.3.6.1.4.1.18760.1.12.11", _utf8("00011@0006PO1" + text)))
    assert (field.kind, field.value) == (IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, USCC)
    assert identity.kind is HolderKind.ORG


def test_netca_unique_id_in_clear():
    _identity, field = _only(("1.3.6.1.4.1.18760.1.12.11", _utf8("00011@0006PO0" + RESIDENT.lower())))
    assert (field.kind, field.value, field.masked) == (IdentityKind.RESIDENT_ID, None, MASKED_RESIDENT)


@pytest.mark.parametrize("text", ["!!!!", "QUI", "//79/w==", "AAA=", "OTEM¾DBH"])
def test_netca_unique_id_that_cannot_be_decoded(text):
    _identity, field = _only(("1.3.6.1.4.1.18760.1.12.11", _utf8("00011@0006PO1" + text)))
    assert (field.problem, field.value) == (IdentityProblem.UNDECODABLE, None)


@pytest.mark.parametrize("text", ["JJ" + USCC, "JJD2143569X"])
def test_organization_prefix_is_removed(text):
    identity, field = _only(("1.2.156.112562.2.1.1.1", _utf8(text)))
    assert (field.value, field.check) == (text[2:], CheckResult.PASSED)
    assert identity.kind is HolderKind.ORG


def test_entity_id_of_an_organization():
    _identity, field = _only(("1.2.156.112562.2.1.1.24", _utf8("1@5009JJ0D2143569X")))
    assert (field.kind, field.value) == (IdentityKind.ORGANIZATION_CODE, "D2143569X")


@pytest.mark.parametrize("text", [RESIDENT, "110105491231002", "ID" + RESIDENT.lower() + "/1"])
def test_a_resident_number_in_an_organization_field_is_masked(text):
    identity, field = _only(("1.2.156.10260.4.1.4", _utf8(text)))
    assert (field.kind, field.value) == (IdentityKind.RESIDENT_ID, None)
    assert field.problem is IdentityProblem.PERSONAL_NUMBER_IN_OTHER_FIELD
    assert identity.kind is HolderKind.PERSON


def test_wrong_organization_code_is_shown_and_fails():
    identity, field = _only(("1.2.156.10260.4.1.4", _utf8("D21435690")))
    assert (field.value, field.check) == ("D21435690", CheckResult.FAILED)
    assert identity.kind is HolderKind.UNKNOWN
    assert identity.organization_code is None


def test_business_registration_is_shown():
    identity, field = _only(("1.2.156.10260.4.1.3", _utf8("440301103345678")))
    assert (field.kind, field.value) == (IdentityKind.BUSINESS_REGISTRATION, "440301103345678")
    assert identity.kind is HolderKind.ORG


@pytest.mark.parametrize(
    ("text", "value"), [("001", "001"), ("Organizational", "ORGANIZATIONAL"), ("1234567", None)]
)
def test_category_is_shown_unless_it_looks_like_a_number(text, value):
    _identity, field = _only(("1.3.6.1.4.1.18760.1.12.12.2", _utf8(text)))
    assert (field.kind, field.value) == (IdentityKind.CERTIFICATE_CATEGORY, value)


def test_unreadable_value_is_a_field_with_a_problem():
    identity, field = _only(("1.2.156.10260.4.1.1", b"\x05\x00"))
    assert (field.problem, field.value, field.masked) == (IdentityProblem.UNREADABLE, None, "")
    assert identity.kind is HolderKind.UNKNOWN


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("2.5.4.11", USCC),
        ("2.5.4.5", USCC),
        ("2.5.4.97", "NTRCN-" + USCC),
        ("2.5.4.3", f"051@某公司@Z{USCC}@1"),
    ],
)
def test_unified_code_in_the_subject(attribute, text):
    identity, field = _only(subject=[("2.5.4.6", "CN"), (attribute, text)])
    assert (field.value, field.check, field.source) == (USCC, CheckResult.PASSED, f"subject:{attribute}")
    assert identity.kind is HolderKind.ORG


def test_unified_code_shape_in_the_subject_with_a_wrong_check():
    _identity, field = _only(subject=[("2.5.4.11", USCC[:-1] + "4")])
    assert field.check is CheckResult.FAILED


@pytest.mark.parametrize("text", [RESIDENT, f"041@张三@0{RESIDENT}@1", "110105194912310021"])
def test_resident_number_in_the_subject_is_masked(text):
    identity, field = _only(subject=[("2.5.4.3", text)])
    assert field.kind is IdentityKind.RESIDENT_ID
    assert field.value is None
    assert identity.kind is HolderKind.PERSON


def test_other_subject_texts_give_nothing():
    identity = unified_identity(
        _certificate(subject=[("2.5.4.3", "www.example.com"), ("2.5.4.5", "123456789012345678")])
    )
    assert identity.fields == ()
    assert identity.kind is HolderKind.UNKNOWN


def test_one_code_twice_in_one_attribute_type_is_one_field():
    _only(subject=[("2.5.4.11", USCC), ("2.5.4.11", USCC)])


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("Organizational-1", HolderKind.ORG),
        ("Individual-1", HolderKind.PERSON),
        ("Sales", HolderKind.UNKNOWN),
    ],
)
def test_cfca_unit_tells_the_holder_kind(unit, kind):
    assert unified_identity(_certificate(subject=[("2.5.4.11", unit)])).kind is kind


def test_the_registry_is_data():
    rule = IdentityRule("2.999.1", IdentityKind.ORGANIZATION_CODE, "Example", "A")
    certificate = _certificate(("2.999.1", _utf8(USCC)))
    assert unified_identity(certificate).fields == ()
    assert unified_identity(certificate, (*REGISTRY, rule)).fields[0].owner == "Example"


def test_registry_rows_are_distinct_and_known():
    assert len({rule.oid for rule in REGISTRY}) == len(REGISTRY)
    assert {rule.decoding for rule in REGISTRY} == set(IdentityDecoding)


def test_mask_never_shows_a_short_text():
    assert [mask(t) for t in ("", "1", "1234", "12345", "1" * 40)] == [
        "",
        "*",
        "****",
        "1***5",
        "1" + "*" * 16 + "1",
    ]
