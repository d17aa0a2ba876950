"""What callers send: PEM, base64, DER and PKCS#7 give the objects inside, and keys are refused."""

from __future__ import annotations

import base64

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.reasons import format_der as r
from ca_bridge.core.reasons import format_input as i
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509 import bundle, pem
from ca_bridge.core.x509.bundle import BundleItem, decode_binary, decode_bundle
from tests.certificate_der import (
    ALGORITHM,
    NULL,
    SIGNATURE,
    certificate,
    integer,
    name,
    oid,
    reason,
    refusal,
    seq,
    time,
    tlv,
)

CERT = certificate()
V1_CERT = certificate(version=b"")
CRL = seq(seq(integer(1), ALGORITHM, name("CA"), time("240101000000Z")), ALGORITHM, SIGNATURE)
V1_CRL = seq(seq(ALGORITHM, name("CA"), time("20500101000000Z", 0x18)), ALGORITHM, SIGNATURE)
OCSP = seq(tlv(0x0A, b"\x01"))
KEY = seq(integer(0), ALGORITHM, tlv(0x04, b"key"))
SIGNED_DATA, GM_SIGNED_DATA = "1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"


def _pem(label: str, data: bytes, newline: str = "\n") -> bytes:
    lines = base64.encodebytes(data).decode().split()
    return newline.join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def _pkcs7(*members: bytes, kind: str = SIGNED_DATA, crls: bytes = b"", signers: bytes = b"") -> bytes:
    certificates = tlv(0xA0, *members) if members else b""
    inner = seq(integer(1), tlv(0x31), seq(oid("1.2.3")), certificates, crls, tlv(0x31, signers))
    return seq(oid(kind), tlv(0xA0, inner))


def _kinds(data: bytes) -> list[tuple[str, bytes]]:
    return [(item.kind, item.der) for item in decode_bundle(data)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CERT, "certificate"),
        (V1_CERT, "certificate"),
        (CRL, "crl"),
        (V1_CRL, "crl"),
        (OCSP, "ocsp"),
        (seq(seq(), ALGORITHM), "certificate"),
        (seq(seq(integer(1), ALGORITHM)), "certificate"),
        (seq(seq(ALGORITHM, name("CA"), name("CA"))), "certificate"),
    ],
)
def test_kinds_by_outline(data: bytes, kind: str) -> None:
    assert _kinds(data) == [(kind, data)]
    assert _kinds(base64.b64encode(data)) == [(kind, data)]
    assert _kinds(b" \r\n" + base64.encodebytes(data)) == [(kind, data)]


@pytest.mark.parametrize("start", ["0 s:CN = 证书\n", "0号证书\n", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_pem_blocks_with_text_around(newline: str, start: str) -> None:
    data = (
        start.encode()
        + _pem("CERTIFICATE", CERT, newline)
        + b"between\n"
        + _pem("X509 CRL", CRL, newline)
        + _pem("OCSP RESPONSE", OCSP, newline)
        + _pem("PKCS7", _pkcs7(V1_CERT), newline)
        + b"after"
    )
    assert _kinds(data) == [("certificate", CERT), ("crl", CRL), ("ocsp", OCSP), ("certificate", V1_CERT)]


def test_der_is_der_whatever_text_it_holds() -> None:
    data = certificate(subject=name("-----BEGIN CERTIFICATE-----"))
    assert _kinds(data) == [("certificate", data)]


def test_the_label_decides_where_the_outline_does_not() -> None:
    odd = seq(NULL)
    assert _kinds(_pem("X509 CRL", odd)) == [("crl", odd)]
    assert _kinds(_pem("CERTIFICATE", seq(b"\x30\x02\x02\x09"))) == [
        ("certificate", seq(b"\x30\x02\x02\x09"))
    ]
    assert _kinds(_pem("CERTIFICATE", CRL)) == [("crl", CRL)]


@pytest.mark.parametrize("kind", [SIGNED_DATA, GM_SIGNED_DATA])
def test_pkcs7(kind: str) -> None:
    data = _pkcs7(V1_CERT, CERT, kind=kind, crls=tlv(0xA1, CRL), signers=seq())
    assert _kinds(data) == [("certificate", V1_CERT), ("certificate", CERT), ("crl", CRL)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", i.INPUT_EMPTY),
        (b" \r\n", i.INPUT_EMPTY),
        (b"hello!", i.INPUT_UNRECOGNIZED),
        ("证书".encode(), i.INPUT_UNRECOGNIZED),
        (b"\x02\x01\x00", i.INPUT_UNRECOGNIZED),
        (seq(NULL), i.INPUT_UNRECOGNIZED),
        (base64.b64encode(b"abcdefghi"), r.DER_TRUNCATED),
        (base64.b64encode(b"\x02\x01\x01"), r.DER_TAG_UNEXPECTED),
        (KEY, f.PRIVATE_KEY_IN_INPUT),
        (base64.b64encode(KEY), f.PRIVATE_KEY_IN_INPUT),
        (_pem("CERTIFICATE", CERT) + _pem("ENCRYPTED PRIVATE KEY", b"x"), f.PRIVATE_KEY_IN_INPUT),
        (_pem("PRIVATE KEY", b"").replace(b"\n", b" "), f.PRIVATE_KEY_IN_INPUT),
        (_pem("CERTIFICATE", KEY), f.PRIVATE_KEY_IN_INPUT),
        (_pem("PUBLIC KEY", CERT), i.PEM_LABEL_UNKNOWN),
        (_pem("certificate", CERT), i.PEM_MALFORMED),
        (b"-----BEGIN CERTIFICATE", i.PEM_MALFORMED),
        (b"-----BEGIN " + b"A" * 200 + b"-----", i.PEM_MALFORMED),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", i.PEM_MALFORMED),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END X509 CRL-----", i.PEM_MALFORMED),
        (_pem("CERTIFICATE", CERT).replace(b"-\nM", b"-\n!M"), i.BASE64_MALFORMED),
        (_pem("CERTIFICATE", b""), r.DER_TRUNCATED),
        (_pkcs7(CERT, kind="1.2.840.113549.1.7.3"), i.PKCS7_CONTENT_TYPE),
        (_pkcs7(tlv(0xA1, CERT)), i.PKCS7_MEMBER),
        (_pkcs7(), i.INPUT_EMPTY),
        (_pkcs7(CERT) + NULL, r.DER_TRAILING_BYTES),
        (seq(oid(SIGNED_DATA)), r.DER_TRUNCATED),
        (seq(oid(SIGNED_DATA), tlv(0xA0, seq(integer(1)))), r.DER_TRUNCATED),
    ],
)
def test_refused(data: bytes, expected: Reason) -> None:
    assert reason(lambda: decode_bundle(data)) is expected


def test_bytes_after_der_are_left_to_the_parser() -> None:
    assert _kinds(CERT + b"x") == [("certificate", CERT + b"x")]


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    many = _pkcs7(*[CERT] * 4)
    assert len(decode_bundle(many, max_items=4)) == 4
    error = refusal(lambda: decode_bundle(many, max_items=3))
    assert (error.reason, error.params) == (i.INPUT_TOO_MANY_ITEMS, (("max_items", "3"),))
    monkeypatch.setattr(bundle, "MAX_BYTES", 10)
    monkeypatch.setattr(pem, "MAX_BYTES", 10)
    assert reason(lambda: decode_bundle(b" " * 11)) is i.INPUT_TOO_LARGE
    assert reason(lambda: decode_binary(" " * 11)) is i.INPUT_TOO_LARGE


def test_one_binary_value() -> None:
    assert decode_binary(base64.b64encode(CERT).decode()) == CERT
    assert decode_binary(base64.encodebytes(CERT).decode()) == CERT
    assert decode_binary("主题\n" + _pem("CERTIFICATE", CERT).decode()) == CERT
    assert BundleItem("certificate", CERT) == BundleItem("certificate", CERT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", i.INPUT_EMPTY),
        ("\n", i.INPUT_EMPTY),
        ("证书", i.BASE64_MALFORMED),
        ("\ud800", i.BASE64_MALFORMED),
        ("MIIB-_", i.BASE64_MALFORMED),
        ("MII", i.BASE64_MALFORMED),
        ("MA==MA==", i.BASE64_MALFORMED),
        (_pem("CERTIFICATE", b"").decode(), i.INPUT_EMPTY),
        (2 * _pem("CERTIFICATE", CERT).decode(), i.PEM_NOT_ONE_BLOCK),
        (_pem("EC PRIVATE KEY", b"x").decode(), f.PRIVATE_KEY_IN_INPUT),
    ],
)
def test_refused_binary_values(text: str, expected: Reason) -> None:
    assert reason(lambda: decode_binary(text)) is expected


def test_a_seal_is_no_private_key() -> None:
    """A GB/T 38540 seal begins as an encrypted key does, and goes on."""
    seal = b"\x30\x09\x30\x00\x04\x00\x06\x01\x2a\x05\x00"
    assert [item.kind for item in decode_bundle(seal)] == ["certificate"]
