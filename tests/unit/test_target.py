from __future__ import annotations

from typing import Any

import pytest

from ca_bridge.core.path.target import check_target
from ca_bridge.core.request import KeyUsageBit, Purpose
from tests.fakes.certificates import NOT_CA, asked, ca, codes, dns, email, ip, leaf

ENCRYPTING = frozenset({KeyUsageBit.KEY_ENCIPHERMENT, KeyUsageBit.DATA_ENCIPHERMENT})
SERVER, CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
CODE, MAIL = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4"
STAMP, OCSP, ANY_EKU = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", "2.5.29.37.0"
EKU = frozenset({"2.5.29.37"})
BITS = KeyUsageBit


def found(certificate: Any, **parameters: Any) -> list[str]:
    findings = check_target(certificate, asked(**parameters))
    assert all(f.position == 0 for f in findings)
    assert all({name for name, _ in f.params} == set(f.reason.params) for f in findings)
    return [code for code, _ in codes(findings)]


def test_any_purpose_asks_nothing() -> None:
    assert found(leaf(key_usage=frozenset(), extended_key_usage=frozenset())) == []


@pytest.mark.parametrize(
    "purpose", [Purpose.DIGITAL_SIGNATURE, Purpose.CODE_SIGNING, Purpose.TIME_STAMPING, Purpose.OCSP_SIGNING]
)
def test_an_encryption_certificate_does_not_sign(purpose: Purpose) -> None:
    usages = frozenset({CODE, STAMP, OCSP})
    certificate = leaf(key_usage=ENCRYPTING | {BITS.KEY_AGREEMENT}, extended_key_usage=usages, critical=EKU)
    assert "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE" in found(certificate, purpose=purpose)


def test_an_encryption_certificate_is_said_once() -> None:
    bits = frozenset({BITS.DIGITAL_SIGNATURE})
    certificate = leaf(key_usage=ENCRYPTING)
    expected = ["ENCRYPTION_CERTIFICATE_FOR_SIGNATURE"]
    assert found(certificate, purpose=Purpose.DIGITAL_SIGNATURE, key_usage=bits) == expected
    assert found(certificate, key_usage=bits) == expected


@pytest.mark.parametrize(
    ("purpose", "bits", "fits"),
    [
        (Purpose.DIGITAL_SIGNATURE, {BITS.DIGITAL_SIGNATURE}, True),
        (Purpose.DIGITAL_SIGNATURE, {BITS.CONTENT_COMMITMENT}, True),
        (Purpose.DIGITAL_SIGNATURE, {BITS.DIGITAL_SIGNATURE, BITS.KEY_ENCIPHERMENT}, True),
        (Purpose.DIGITAL_SIGNATURE, {BITS.KEY_AGREEMENT}, False),
        (Purpose.DIGITAL_SIGNATURE, {BITS.KEY_CERT_SIGN}, False),
        (Purpose.DIGITAL_SIGNATURE, set(), False),
        (Purpose.SERVER_AUTH, {BITS.KEY_ENCIPHERMENT}, True),
        (Purpose.SERVER_AUTH, {BITS.DATA_ENCIPHERMENT}, False),
        (Purpose.CLIENT_AUTH, {BITS.KEY_AGREEMENT}, True),
        (Purpose.CLIENT_AUTH, {BITS.KEY_ENCIPHERMENT}, False),
        (Purpose.CODE_SIGNING, {BITS.CONTENT_COMMITMENT}, False),
        (Purpose.EMAIL_PROTECTION, {BITS.KEY_ENCIPHERMENT}, True),
        (Purpose.EMAIL_PROTECTION, {BITS.CRL_SIGN}, False),
    ],
)
def test_key_usage_fits_the_purpose(purpose: Purpose, bits: set[KeyUsageBit], *, fits: bool) -> None:
    certificate = leaf(key_usage=frozenset(bits))
    assert found(certificate, purpose=purpose) == ([] if fits else ["KEY_USAGE_FORBIDS_PURPOSE"])
    assert found(leaf(key_usage=None), purpose=purpose) == []


def test_a_ca_certificate_in_tls() -> None:
    assert found(ca(), purpose=Purpose.SERVER_AUTH) == []
    assert found(ca(), purpose=Purpose.CODE_SIGNING) == ["KEY_USAGE_FORBIDS_PURPOSE"]
    not_ca = leaf(key_usage=frozenset({BITS.CRL_SIGN}), basic_constraints=NOT_CA)
    assert found(not_ca, purpose=Purpose.SERVER_AUTH) == ["KEY_USAGE_FORBIDS_PURPOSE"]


@pytest.mark.parametrize(
    ("purpose", "usages", "expected"),
    [
        (Purpose.SERVER_AUTH, {SERVER}, []),
        (Purpose.SERVER_AUTH, {ANY_EKU}, []),
        (Purpose.SERVER_AUTH, {CLIENT}, ["PURPOSE_NOT_ALLOWED"]),
        (Purpose.SERVER_AUTH, set(), ["PURPOSE_NOT_ALLOWED"]),
        (Purpose.SERVER_AUTH, None, []),
        (Purpose.CLIENT_AUTH, {CLIENT, SERVER}, []),
        (Purpose.CODE_SIGNING, {CODE}, []),
        (Purpose.CODE_SIGNING, None, []),
        (Purpose.EMAIL_PROTECTION, {MAIL}, []),
        (Purpose.DIGITAL_SIGNATURE, {SERVER}, []),
        (Purpose.OCSP_SIGNING, {OCSP, SERVER}, []),
        (Purpose.OCSP_SIGNING, {ANY_EKU}, ["PURPOSE_NOT_ALLOWED"]),
        (Purpose.OCSP_SIGNING, None, ["PURPOSE_NOT_STATED"]),
        (Purpose.TIME_STAMPING, {STAMP}, []),
        (Purpose.TIME_STAMPING, {STAMP, SERVER}, ["TIME_STAMPING_NOT_EXCLUSIVE"]),
        (Purpose.TIME_STAMPING, {ANY_EKU}, ["PURPOSE_NOT_ALLOWED"]),
        (Purpose.TIME_STAMPING, None, ["PURPOSE_NOT_STATED"]),
    ],
)
def test_extended_key_usage(purpose: Purpose, usages: set[str] | None, expected: list[str]) -> None:
    stated = None if usages is None else frozenset(usages)
    assert found(leaf(extended_key_usage=stated, critical=EKU), purpose=purpose) == expected


def test_time_stamping_is_critical() -> None:
    certificate = leaf(extended_key_usage=frozenset({STAMP}))
    assert found(certificate, purpose=Purpose.TIME_STAMPING) == ["TIME_STAMPING_NOT_EXCLUSIVE"]


def test_key_usage_asked() -> None:
    both = frozenset({BITS.DIGITAL_SIGNATURE, BITS.KEY_AGREEMENT})
    findings = check_target(leaf(), asked(key_usage=both))
    assert codes(findings) == [("KEY_USAGE_NOT_ALLOWED", 0)]
    assert findings[0].params == (("missing", "key_agreement"),)
    assert found(leaf(key_usage=None), key_usage=both) == []
    assert found(leaf(), key_usage=frozenset({BITS.DIGITAL_SIGNATURE})) == []


HOSTS = (
    dns("example.com"),
    dns("*.Example.com"),
    dns("*.org"),
    dns("w*.example.net"),
    dns("*.a.*.example.net"),
    dns("8.8.8.8"),
    dns("xn--fiqs8s.example.com"),
    email("www@mail.example.net"),
    ip(bytes([192, 0, 2, 1])),
    ip(bytes.fromhex("20010db8000000000000000000000001")),
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.com", []),
        ("EXAMPLE.COM.", []),
        ("www.example.com", []),
        ("xn--fiqs8s.example.com", []),
        ("192.0.2.1", []),
        ("2001:DB8::1", []),
        ("a.b.example.com", ["HOST_NAME_MISMATCH"]),
        ("example.org", ["HOST_NAME_MISMATCH"]),
        ("www.example.net", ["HOST_NAME_MISMATCH"]),
        ("x.a.y.example.net", ["HOST_NAME_MISMATCH"]),
        ("mail.example.net", ["HOST_NAME_MISMATCH"]),
        ("localhost", ["HOST_NAME_MISMATCH"]),
        ("8.8.8.8", ["HOST_NAME_MISMATCH"]),
        ("::1", ["HOST_NAME_MISMATCH"]),
        ("", ["HOST_NAME_UNREADABLE"]),
        ("*.example.com", ["HOST_NAME_UNREADABLE"]),
        ("例子.example.com", ["HOST_NAME_UNREADABLE"]),
        ("\u212a.example.com", ["HOST_NAME_UNREADABLE"]),
        ("a_b.example.com", ["HOST_NAME_UNREADABLE"]),
        ("example.com:443", ["HOST_NAME_UNREADABLE"]),
        ("https://example.com", ["HOST_NAME_UNREADABLE"]),
        ("example.com\x00.evil.org", ["HOST_NAME_UNREADABLE"]),
        ("192.0.2.1.", ["HOST_NAME_UNREADABLE"]),
        ("127.1", ["HOST_NAME_UNREADABLE"]),
        ("0x7f.0.0.1", ["HOST_NAME_UNREADABLE"]),
        ("fe80::1%eth0", ["HOST_NAME_UNREADABLE"]),
        ("x" * 300, ["HOST_NAME_UNREADABLE"]),
    ],
)
def test_host_names(host: str, expected: list[str]) -> None:
    assert found(leaf(subject_alt_name=HOSTS), dns_name=host) == expected


def test_common_names_are_no_hosts() -> None:
    assert found(leaf("CN=www.example.com"), dns_name="www.example.com") == ["HOST_NAME_MISMATCH"]


def test_mismatch_shows_some_names() -> None:
    names = (dns("a.example\x1b[1m"), ip(bytes([1, 2, 3, 4])), *(dns(f"n{i}.example") for i in range(9)))
    finding = check_target(leaf(subject_alt_name=names), asked(dns_name="x.example"))[0]
    shown = dict(finding.params)
    assert shown["names"] == "a.example?[1m, n0.example, n1.example, n2.example, n3.example"
    alone = check_target(leaf(subject_alt_name=names[1:2]), asked(dns_name="x.example"))[0]
    assert dict(alone.params) == {"host": "x.example", "names": "01:02:03:04"}
    assert dict(check_target(leaf(), asked(dns_name="x.example"))[0].params)["names"] == "-"
