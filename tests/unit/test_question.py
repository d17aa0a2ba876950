"""The fields of the batch contract, read strictly."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from ca_bridge.core.request import ANY_POLICY, KeyUsageBit, Parameters, Purpose, RevocationRule
from ca_bridge.services.binary_field import BinaryFields
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import STANDARD_KEY_USAGE, read_dns_name, read_key_usage
from ca_bridge.services.question import QuestionReader, identity_of

NOW = datetime(2026, 1, 15, tzinfo=UTC)
DER = b"\x30\x03\x02\x01\x00"
TEXT = base64.b64encode(DER).decode()
PEM = f"-----BEGIN CERTIFICATE-----\n{TEXT}\n-----END CERTIFICATE-----\n"
CRL_PEM = PEM.replace("CERTIFICATE", "X509 CRL")
READER = QuestionReader()


def line(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "certificate": TEXT} | fields


def refused(fields: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(UnusableQuestion) as caught:
        READER.read_line(fields, NOW)
    finding = caught.value.finding
    return finding.reason.code, dict(finding.params).get("field", "")


def test_defaults_are_those_of_the_contract() -> None:
    question = READER.read_line(line(), NOW)
    assert question.certificate == DER
    assert question.trust_anchors is None
    assert question.domain is None
    assert question.parameters == Parameters(validation_time=NOW)
    assert question.parameters.purpose is Purpose.ANY
    assert question.parameters.revocation is RevocationRule.IF_AVAILABLE
    assert question.parameters.user_initial_policy_set == {ANY_POLICY}


def test_null_is_the_default_in_every_optional_field() -> None:
    names = (
        "intermediates trust_anchors crls ocsp_responses validation_time purpose dns_name key_usage "
        "revocation user_initial_policy_set initial_explicit_policy initial_policy_mapping_inhibit "
        "initial_any_policy_inhibit max_path_length algorithm_profile domain"
    )
    nulls = dict.fromkeys(names.split())
    assert READER.read_line(line(**nulls), NOW) == READER.read_line(line(), NOW)


def test_every_field_reaches_its_place() -> None:
    question = READER.read_line(
        line(
            intermediates=[TEXT],
            trust_anchors=[TEXT],
            crls=[TEXT],
            ocsp_responses=[TEXT],
            validation_time="2026-01-31T20:00:00.5+08:00",
            purpose="server_auth",
            dns_name="Example.ORG.",
            key_usage=["crl_sign", "digital_signature"],
            revocation="require_all",
            user_initial_policy_set=["1.2.3"],
            initial_explicit_policy=True,
            initial_policy_mapping_inhibit=True,
            initial_any_policy_inhibit=True,
            max_path_length=0,
            algorithm_profile="legacy",
            domain="macau",
        ),
        NOW,
    )
    assert (
        question.evidence.certificates == question.evidence.crls == question.evidence.ocsp_responses == (DER,)
    )
    assert question.trust_anchors == (DER,)
    assert question.domain == "macau"
    assert question.parameters == Parameters(
        validation_time=datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC),
        purpose=Purpose.SERVER_AUTH,
        dns_name="Example.ORG",
        key_usage=frozenset({KeyUsageBit.CRL_SIGN, KeyUsageBit.DIGITAL_SIGNATURE}),
        revocation=RevocationRule.REQUIRE_ALL,
        user_initial_policy_set=frozenset({"1.2.3"}),
        initial_explicit_policy=True,
        initial_policy_mapping_inhibit=True,
        initial_any_policy_inhibit=True,
        max_path_length=0,
        algorithm_profile="legacy",
    )


def test_empty_lists_are_kept() -> None:
    question = READER.read_line(line(trust_anchors=[], user_initial_policy_set=[]), NOW)
    assert question.trust_anchors == ()
    assert question.parameters.user_initial_policy_set == frozenset()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"certificate": TEXT}, "FIELD_MISSING", "id"),
        ({"id": None, "certificate": TEXT}, "FIELD_MISSING", "id"),
        ({"id": "1"}, "FIELD_MISSING", "certificate"),
        (line(certificate=None), "FIELD_MISSING", "certificate"),
        (line(id=True), "FIELD_WRONG_TYPE", "id"),
        (line(id=1.5), "FIELD_WRONG_TYPE", "id"),
        (line(id=""), "FIELD_WRONG_TYPE", "id"),
        (line(id="x" * 1025), "FIELD_WRONG_TYPE", "id"),
        (line(id=["1"]), "FIELD_WRONG_TYPE", "id"),
        (line(surprise=1), "FIELD_UNKNOWN", "surprise"),
        (line(certificate=5), "FIELD_WRONG_TYPE", "certificate"),
        (line(certificate=[TEXT]), "FIELD_WRONG_TYPE", "certificate"),
        (line(certificate="%%%"), "FIELD_NOT_BASE64", "certificate"),
        (line(certificate="TUl"), "FIELD_NOT_BASE64", "certificate"),
        (line(certificate="证书"), "FIELD_NOT_BASE64", "certificate"),
        (line(certificate=PEM + PEM), "FIELD_PEM_UNUSABLE", "certificate"),
        (line(certificate=CRL_PEM[:-5]), "FIELD_PEM_UNUSABLE", "certificate"),
        (line(intermediates=TEXT), "FIELD_WRONG_TYPE", "intermediates"),
        (line(intermediates={}), "FIELD_WRONG_TYPE", "intermediates"),
        (line(intermediates=""), "FIELD_WRONG_TYPE", "intermediates"),
        (line(intermediates=[None]), "FIELD_WRONG_TYPE", "intermediates"),
        (line(intermediates=[TEXT] * 10_001), "FIELD_TOO_MANY", "intermediates"),
        (line(crls=[TEXT] * 1_001), "FIELD_TOO_MANY", "crls"),
        (line(crls=["?"]), "FIELD_NOT_BASE64", "crls"),
        (line(trust_anchors="x"), "FIELD_WRONG_TYPE", "trust_anchors"),
        (line(validation_time=0), "FIELD_WRONG_TYPE", "validation_time"),
        (line(validation_time="2026-01-31"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="2026-01-31T12:00:00"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="2026-02-30T12:00:00Z"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="2026-01-31 12:00:00Z"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="2026-01-31T24:00:00Z"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="0001-01-01T00:00:00+08:00"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(validation_time="２026-01-31T12:00:00Z"), "FIELD_VALUE_UNUSABLE", "validation_time"),
        (line(purpose="serverauth"), "FIELD_VALUE_UNUSABLE", "purpose"),
        (line(purpose=1), "FIELD_WRONG_TYPE", "purpose"),
        (line(dns_name="例.com"), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name=""), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name="2001:db8:::1"), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name="fe80::1%eth0"), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name="a b"), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name="*.example"), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(dns_name="a." * 128), "FIELD_VALUE_UNUSABLE", "dns_name"),
        (line(key_usage="crl_sign"), "FIELD_WRONG_TYPE", "key_usage"),
        (line(key_usage=["sign"]), "FIELD_VALUE_UNUSABLE", "key_usage"),
        (line(revocation="soft"), "FIELD_VALUE_UNUSABLE", "revocation"),
        (line(user_initial_policy_set=["1"]), "FIELD_VALUE_UNUSABLE", "user_initial_policy_set"),
        (line(user_initial_policy_set=["1.2.03"]), "FIELD_VALUE_UNUSABLE", "user_initial_policy_set"),
        (line(user_initial_policy_set=["3.1"]), "FIELD_VALUE_UNUSABLE", "user_initial_policy_set"),
        (
            line(user_initial_policy_set=["1.2" + ".1" * 99]),
            "FIELD_VALUE_UNUSABLE",
            "user_initial_policy_set",
        ),
        (line(initial_explicit_policy=1), "FIELD_WRONG_TYPE", "initial_explicit_policy"),
        (line(initial_explicit_policy="true"), "FIELD_WRONG_TYPE", "initial_explicit_policy"),
        (line(max_path_length=True), "FIELD_WRONG_TYPE", "max_path_length"),
        (line(max_path_length=1.0), "FIELD_WRONG_TYPE", "max_path_length"),
        (line(max_path_length=-1), "FIELD_VALUE_UNUSABLE", "max_path_length"),
        (line(algorithm_profile="none"), "FIELD_VALUE_UNUSABLE", "algorithm_profile"),
        (line(domain="\x1b[2J"), "FIELD_VALUE_UNUSABLE", "domain"),
        (line(domain=7), "FIELD_WRONG_TYPE", "domain"),
    ],
)
def test_refused_with_reason_and_field(fields: dict[str, Any], code: str, field: str) -> None:
    assert refused(fields) == (code, field)


def test_remote_callers_bring_no_anchors() -> None:
    with pytest.raises(UnusableQuestion) as caught:
        READER.read_request({"certificate": TEXT, "trust_anchors": None}, NOW)
    assert caught.value.finding.reason.code == "FIELD_NOT_TAKEN"
    assert READER.read_request({"certificate": TEXT}, NOW).certificate == DER
    with pytest.raises(UnusableQuestion) as caught:
        READER.read_request({"certificate": TEXT, "id": []}, NOW)
    assert caught.value.finding.reason.code == "FIELD_WRONG_TYPE"


def test_leap_second_is_the_last_instant_of_its_minute() -> None:
    question = READER.read_line(line(validation_time="2016-12-31T23:59:60Z"), NOW)
    assert question.parameters.validation_time == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_binary_forms() -> None:
    wrapped = TEXT[:4] + "\r\n" + TEXT[4:]
    for form in (TEXT, wrapped, PEM, "text before\n" + PEM):
        assert READER.read_line(line(certificate=form), NOW).certificate == DER
    assert READER.read_line(line(intermediates=[PEM + PEM, TEXT]), NOW).evidence.certificates == (DER,) * 3


def test_a_kind_in_the_wrong_field_is_refused() -> None:
    assert refused(
        line(intermediates=[CRL_PEM.replace(TEXT, base64.b64encode(_crl_outline()).decode())])
    ) == (
        "FIELD_PEM_UNUSABLE",
        "intermediates",
    )


def _crl_outline() -> bytes:
    tbs = b"\x30\x00\x30\x00\x17\x0d260101000000Z"
    return b"\x30" + bytes([len(tbs) + 2]) + b"\x30" + bytes([len(tbs)]) + tbs


def test_equal_texts_share_their_bytes_within_bounds() -> None:
    fields = BinaryFields(remembered=2)
    first = fields.decode("certificate", TEXT)[0]
    assert fields.decode("crls", "".join(TEXT))[0] is first
    fields.decode("crls", "AAAA")
    fields.decode("crls", "BBBB")
    assert fields.decode("crls", TEXT)[0] is not first
    large = base64.b64encode(bytes(40_000)).decode()
    assert fields.decode("crls", large)[0] is not fields.decode("crls", large)[0]


@pytest.mark.parametrize(
    ("fields", "identity"), [({}, None), ({"id": 7}, 7), ({"id": "a"}, "a"), ({"id": {}}, None)]
)
def test_identity_is_echoed_when_it_can_be(fields: dict[str, Any], identity: object) -> None:
    assert identity_of(fields) == identity


@pytest.mark.parametrize("address", ["2001:db8::1", "192.0.2.1", "::ffff:192.0.2.1"])
def test_addresses_are_hosts_too(address: str) -> None:
    assert read_dns_name("dns_name", address) == address


def test_key_usage_by_the_standard_s_own_names() -> None:
    assert read_key_usage("key_usage", ["nonRepudiation", "cRLSign", "digital_signature"]) == {
        KeyUsageBit.CONTENT_COMMITMENT,
        KeyUsageBit.CRL_SIGN,
        KeyUsageBit.DIGITAL_SIGNATURE,
    }
    assert {KeyUsageBit(name) for name in STANDARD_KEY_USAGE.values()} == set(KeyUsageBit)
