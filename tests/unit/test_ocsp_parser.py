"""OCSP responses: what is read and what is refused and why."""

from __future__ import annotations

import hashlib

import pytest

from ca_bridge.core.verdict import RevocationStatus
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp_parser import MAX_CERTIFICATES, MAX_RESPONSES, parse_ocsp_response
from tests import status_der as d

_NONCE = d.extension(d.NONCE, d.octets(b"n" * 16))
_NEXT_UPDATE = d.tlv(0xA0, d.generalized("20250101000000Z"))


def _refused(encoded, **limits):
    with pytest.raises(Malformed) as refused:
        parse_ocsp_response(encoded, **limits)
    return refused.value.reason.code


def _part(encoded):
    with pytest.raises(Malformed) as refused:
        parse_ocsp_response(encoded)
    assert refused.value.reason.code == "OCSP_STRUCTURE"
    return dict(refused.value.params)["part"]


def _single_extensions(*extensions):
    return d.tlv(0xA1, d.seq(*extensions))


def test_every_field():
    encoded = d.ocsp(d.single(d.GOOD, _NEXT_UPDATE), extensions=(_NONCE,))
    response = parse_ocsp_response(encoded)
    (single,) = response.responses
    assert response.der is encoded
    assert response.fingerprint == hashlib.sha256(encoded).hexdigest()
    assert response.response_status == "successful"
    assert (response.responder_name, response.responder_key_hash) == (None, b"h" * 20)
    assert response.produced_at is not None
    assert response.produced_at.year == 2024
    assert response.nonce == b"n" * 16
    assert response.certificates == ()
    assert response.unknown_critical == ()
    assert response.signed is not None
    assert response.signed.tbs in encoded
    assert response.signed.algorithm.oid == "1.2.156.10197.1.501"
    assert response.signed.signature == d.seq(d.integer(1), d.integer(1))
    assert single.cert_id.serial_number == 7
    assert single.cert_id.issuer_name_hash == b"n" * 20
    assert single.cert_id.issuer_key_hash == b"k" * 20
    assert single.cert_id.hash_algorithm.oid == "1.3.14.3.2.26"
    assert single.cert_id.hash_algorithm.parameters == b"\x05\x00"
    assert single.status is RevocationStatus.GOOD
    assert single.next_update is not None
    assert (single.this_update.year, single.next_update.year) == (2024, 2025)
    assert (single.revocation_time, single.revocation_reason) == (None, None)


def test_responder_by_name():
    response = parse_ocsp_response(d.ocsp(d.single(), responder=d.tlv(0xA1, d.ISSUER)))
    assert response.responder_name is not None
    assert response.responder_name.der == d.ISSUER
    assert response.responder_key_hash is None


@pytest.mark.parametrize(
    ("algorithm", "parameters"),
    [
        (d.seq(d.oid("1.2.156.10197.1.401")), None),
        (d.seq(d.oid("1.2.156.10197.1.401"), b"\x05\x00"), b"\x05\x00"),
        (d.seq(d.oid("2.16.840.1.101.3.4.2.1")), None),
    ],
)
def test_hash_algorithms_with_parameters_or_not(algorithm, parameters):
    (single,) = parse_ocsp_response(d.ocsp(d.single(identity=d.cert_id(7, algorithm)))).responses
    assert single.cert_id.hash_algorithm.parameters == parameters


def test_unknown_and_missing_next_update():
    (single,) = parse_ocsp_response(d.ocsp(d.single(d.UNKNOWN))).responses
    assert (single.status, single.next_update) == (RevocationStatus.UNKNOWN, None)


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        (b"", None),
        (d.tlv(0xA0, d.enumerated(1)), "key_compromise"),
        (d.tlv(0xA0, d.enumerated(8)), "remove_from_crl"),
    ],
)
def test_revoked(reason, name):
    status = d.tlv(0xA1, d.generalized("20230101000000Z"), reason)
    (single,) = parse_ocsp_response(d.ocsp(d.single(status))).responses
    assert (single.status, single.revocation_reason) == (RevocationStatus.REVOKED, name)
    assert single.revocation_time is not None
    assert single.revocation_time.year == 2023


def test_all_single_responses_are_read_in_order():
    singles = [d.single(identity=d.cert_id(serial)) for serial in (3, -1, 2)]
    response = parse_ocsp_response(d.ocsp(*singles))
    assert [single.cert_id.serial_number for single in response.responses] == [3, -1, 2]
    assert parse_ocsp_response(d.ocsp()).responses == ()


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (1, "malformed_request"),
        (2, "internal_error"),
        (3, "try_later"),
        (5, "sig_required"),
        (6, "unauthorized"),
    ],
)
def test_error_statuses(status, name):
    response = parse_ocsp_response(d.seq(d.enumerated(status)))
    assert (response.response_status, response.signed, response.responses) == (name, None, ())
    assert _refused(d.response(b"", status=status)) == "OCSP_RESPONSE_BYTES_UNEXPECTED"


@pytest.mark.parametrize("status", [4, 7, 9, -1, 2**70])
def test_undefined_statuses(status):
    assert _refused(d.seq(d.enumerated(status))) == "OCSP_RESPONSE_STATUS"


def test_successful_without_response():
    assert _refused(d.seq(d.enumerated(0))) == "OCSP_RESPONSE_BYTES_MISSING"


def test_other_response_type():
    assert _refused(d.response(b"", kind="2.999.1")) == "OCSP_RESPONSE_TYPE"


@pytest.mark.parametrize("version", [0, 1])
def test_version_field(version):
    assert _refused(d.ocsp(d.single(), version=d.tlv(0xA0, d.integer(version)))) == "OCSP_VERSION"


@pytest.mark.parametrize(
    "responder",
    [
        b"",
        d.tlv(0xA3, b"\x05\x00"),
        d.tlv(0xA2, d.integer(1)),
        d.tlv(0xA2, d.octets(b"h"), b"\x05\x00"),
        d.tlv(0xA1, d.ISSUER, b"\x05\x00"),
        d.tlv(0xA1, d.integer(1)),
        d.tlv(0x82, b"h" * 20),
    ],
)
def test_responder_id(responder):
    assert _refused(d.ocsp(d.single(), responder=responder)) == "OCSP_RESPONDER_ID"


@pytest.mark.parametrize(
    "status",
    [
        b"\x83\x00",
        b"\x80\x01\x00",
        b"\x82\x01\x00",
        b"\x81\x00",
        b"\xa0\x00",
        d.tlv(0xA1),
        d.tlv(0xA1, d.utc()),
        d.tlv(0xA1, d.generalized(), b"\x05\x00"),
        d.tlv(0xA1, d.generalized(), d.tlv(0xA0, d.integer(1))),
        d.tlv(0xA1, d.generalized(), d.tlv(0xA0, d.enumerated(1)), b"\x05\x00"),
    ],
)
def test_cert_status(status):
    assert _refused(d.ocsp(d.single(status))) == "OCSP_CERT_STATUS"


@pytest.mark.parametrize("reason", [7, 11, -1])
def test_undefined_revocation_reason(reason):
    status = d.tlv(0xA1, d.generalized(), d.tlv(0xA0, d.enumerated(reason)))
    assert _refused(d.ocsp(d.single(status))) == "OCSP_REVOCATION_REASON"


@pytest.mark.parametrize("length", [1, 32, 128])
def test_nonce_lengths(length):
    nonce = d.extension(d.NONCE, d.octets(b"n" * length))
    assert parse_ocsp_response(d.ocsp(d.single(), extensions=(nonce,))).nonce == b"n" * length


@pytest.mark.parametrize(
    "value", [b"", b"raw", d.octets(b""), d.octets(b"n" * 129), d.octets(b"n") + b"\x00"]
)
def test_bad_nonces(value):
    assert _refused(d.ocsp(d.single(), extensions=(d.extension(d.NONCE, value),))) == "OCSP_NONCE"


def test_critical_extensions():
    known = d.extension("1.3.6.1.5.5.7.48.1.9", b"\x05\x00", critical=d.CRITICAL)
    unknown = d.extension("2.999.1", b"\x05\x00", critical=d.CRITICAL)
    response = parse_ocsp_response(d.ocsp(d.single(), extensions=(known, unknown)))
    assert response.unknown_critical == ("2.999.1",)
    assert response.nonce is None


def test_critical_single_extensions():
    known = d.extension("1.3.6.1.5.5.7.48.1.6", d.generalized(), critical=d.CRITICAL)
    unknown = d.certificate_issuer(d.ISSUER)
    (single,) = parse_ocsp_response(
        d.ocsp(d.single(d.GOOD, _single_extensions(known, unknown, d.reason_code(1))))
    ).responses
    assert single.unknown_critical == (d.CERTIFICATE_ISSUER,)


def test_duplicate_extensions():
    assert _refused(d.ocsp(d.single(), extensions=(_NONCE, _NONCE))) == "OCSP_EXTENSION_DUPLICATE"
    twice = _single_extensions(d.reason_code(1), d.reason_code(1))
    assert _refused(d.ocsp(d.single(d.GOOD, twice))) == "OCSP_EXTENSION_DUPLICATE"


def test_certificates_are_kept_as_received():
    certificates = d.tlv(0xA0, d.seq(d.seq(d.integer(1)), d.seq(d.integer(2))))
    response = parse_ocsp_response(d.ocsp(d.single(), certificates=certificates))
    assert response.certificates == (d.seq(d.integer(1)), d.seq(d.integer(2)))
    assert parse_ocsp_response(d.ocsp(d.single(), certificates=d.tlv(0xA0, d.seq()))).certificates == ()


def test_counts_are_bounded():
    singles = [d.single(identity=d.seq(d.SHA1, d.octets(b""), d.octets(b""), d.integer(1)))] * (
        MAX_RESPONSES + 1
    )
    assert len(parse_ocsp_response(d.ocsp(*singles[1:])).responses) == MAX_RESPONSES
    assert _refused(d.ocsp(*singles)) == "OCSP_TOO_MANY"
    certificates = d.tlv(0xA0, d.seq(*[d.seq()] * (MAX_CERTIFICATES + 1)))
    assert _refused(d.ocsp(d.single(), certificates=certificates)) == "OCSP_TOO_MANY"
    for count in (33, 300):
        extensions = tuple(d.extension(f"2.999.{i}", b"\x05\x00") for i in range(count))
        assert _refused(d.ocsp(d.single(), extensions=extensions)) == "OCSP_TOO_MANY"


def test_too_large():
    encoded = d.ocsp(d.single())
    assert _refused(encoded, max_bytes=len(encoded) - 1) == "OCSP_TOO_LARGE"
    assert parse_ocsp_response(encoded, max_bytes=len(encoded)).response_status == "successful"
    assert _refused(b"\x30" * (64 * 1024 + 1)) == "OCSP_TOO_LARGE"


_BASIC = d.seq(d.seq(), d.ALGORITHM, d.SIGNATURE)


@pytest.mark.parametrize(
    ("encoded", "part"),
    [
        (b"", "OCSPResponse"),
        (d.ocsp(d.single()) + b"\x00", "OCSPResponse"),
        (d.ocsp(d.single())[:-1], "OCSPResponse"),
        (d.seq(d.integer(0)), "OCSPResponse"),
        (d.seq(d.enumerated(0), d.integer(1)), "responseBytes"),
        (d.seq(d.enumerated(0), d.tlv(0xA0, d.seq(d.oid(d.BASIC)))), "responseBytes"),
        (d.seq(d.enumerated(0), d.tlv(0xA1, d.seq(d.oid(d.BASIC), d.octets(_BASIC)))), "responseBytes"),
        (d.response(d.integer(1)), "responseBytes"),
        (d.response(_BASIC + b"\x00"), "responseBytes"),
        (d.response(d.seq(d.seq(), d.ALGORITHM)), "BasicOCSPResponse"),
        (d.response(d.seq(d.seq(), d.ALGORITHM, d.SIGNATURE, b"\x05\x00")), "BasicOCSPResponse"),
        (
            d.response(d.seq(d.seq(), d.ALGORITHM, d.SIGNATURE, d.tlv(0xA0, d.seq(d.integer(1))))),
            "BasicOCSPResponse",
        ),
        (d.ocsp(d.single(), produced_at=d.utc()), "producedAt"),
        (d.ocsp(d.integer(1)), "responses"),
        (d.ocsp(d.seq(d.cert_id(), d.GOOD)), "responses"),
        (d.ocsp(d.seq(d.cert_id(), d.GOOD, d.utc())), "responses"),
        (d.ocsp(d.single(d.GOOD, d.tlv(0xA0, d.generalized(), b"\x05\x00"))), "responses"),
        (d.ocsp(d.single(d.GOOD, _single_extensions())), "responses"),
        (d.ocsp(d.single(d.GOOD, b"\x05\x00")), "responses"),
        (d.ocsp(d.seq(d.seq(d.SHA1, d.octets(b""), d.integer(1)), d.GOOD, d.generalized())), "responses"),
        (
            d.ocsp(d.single(identity=d.cert_id(algorithm=d.seq(d.oid("1.3.14.3.2.26"), d.integer(1))))),
            "hashAlgorithm",
        ),
        (d.ocsp(d.single(), after=b"\x05\x00"), "responseExtensions"),
        (d.ocsp(d.single(), after=d.tlv(0xA1, d.seq())), "responseExtensions"),
    ],
)
def test_structure(encoded, part):
    assert _part(encoded) == part


def test_a_signature_that_is_not_whole_octets_is_none():
    tbs = parse_ocsp_response(d.ocsp(d.single())).signed.tbs
    response = parse_ocsp_response(d.response(d.seq(tbs, d.ALGORITHM, b"\x03\x02\x04\xf0")))
    assert response.signed.signature == b""
