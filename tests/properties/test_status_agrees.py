"""CRLs and OCSP responses read here without a note say the same to cryptography; all else is Malformed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp_parser import parse_ocsp_response
from tests import status_oracle as oracle
from tests.shared_data import shared_data

_PKITS = oracle.pkits_crls()
_OCSP = oracle.ocsp_responses()
_SMALL = [crl for crl in _PKITS + oracle.custom_crls() if len(crl) < 2000]
_KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Generated CRL issuer")])

_TIMES = st.integers(-631152000, 2524607999).map(lambda s: datetime.fromtimestamp(s, UTC))
_REASONS = st.sampled_from([None, *(r for r in oracle.REASONS if r is not x509.ReasonFlags.unspecified)])


def test_all_pkits_crls_are_read():
    assert len(_PKITS) == 173
    for encoded in _PKITS:
        crl = parse_crl(encoded)
        assert crl.notes == ()
        oracle.assert_crl_agrees(crl)


def test_the_real_crl_is_read():
    for path in sorted(shared_data("real", "crl").glob("*.crl")):
        crl = parse_crl(path.read_bytes())
        assert len(crl.revoked) > 0
        oracle.assert_crl_agrees(crl)


def test_custom_crls_agree_or_are_refused():
    read = 0
    for encoded in oracle.custom_crls():
        try:
            crl = parse_crl(encoded)
        except Malformed:
            continue
        read += 1
        if not crl.notes:
            oracle.assert_crl_agrees(crl)
    assert read >= 15


def test_ocsp_responses_agree_or_are_refused():
    read = 0
    for encoded in _OCSP:
        try:
            response = parse_ocsp_response(encoded)
        except Malformed:
            continue
        read += 1
        if not response.notes:
            oracle.assert_ocsp_agrees(response)
    assert read == 13


@st.composite
def _revoked(draw):
    builder = x509.RevokedCertificateBuilder(
        serial_number=draw(st.integers(1, 2**159 - 1)), revocation_date=draw(_TIMES)
    )
    reason = draw(_REASONS)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), draw(st.booleans()))
    if draw(st.booleans()):
        builder = builder.add_extension(x509.InvalidityDate(draw(_TIMES).replace(tzinfo=None)), False)
    return builder.build()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_revoked(), max_size=12),
    st.lists(_TIMES, min_size=2, max_size=2, unique=True),
    st.integers(0, 2**159 - 1),
    st.booleans(),
)
def test_generated_crls_agree(revoked, times, number, indirect):
    builder = x509.CertificateRevocationListBuilder(_NAME, min(times), max(times), [], revoked)
    builder = builder.add_extension(x509.CRLNumber(number), False)
    if indirect:
        point = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
        builder = builder.add_extension(point, True)
    crl = parse_crl(builder.sign(_KEY, hashes.SHA256()).public_bytes(Encoding.DER))
    assert crl.notes == ()
    oracle.assert_crl_agrees(crl)


_EDITS = st.lists(st.tuples(st.integers(0, 3999), st.integers(0, 255)), min_size=1, max_size=3)


def _parsed(parse, encoded):
    """What is read, or None when refused with exactly the parameters its reason uses."""
    try:
        return parse(encoded)
    except Malformed as error:
        refused = error
    assert {name for name, _ in refused.params} == set(refused.reason.params)
    return None


def _edited(encoded, edits):
    changed = bytearray(encoded)
    for at, octet in edits:
        changed[at % len(changed)] = octet
    return bytes(changed)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_SMALL), _EDITS)
def test_edited_crls_agree_or_are_malformed(encoded, edits):
    crl = _parsed(parse_crl, _edited(encoded, edits))
    if crl is not None and not crl.notes:
        oracle.assert_crl_agrees(crl)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_OCSP), _EDITS)
def test_edited_ocsp_responses_agree_or_are_malformed(encoded, edits):
    response = _parsed(parse_ocsp_response, _edited(encoded, edits))
    if response is not None and not response.notes:
        oracle.assert_ocsp_agrees(response)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@pytest.mark.parametrize("parse", [parse_crl, parse_ocsp_response])
def test_noise_is_malformed(parse, noise):
    with pytest.raises(Malformed):
        parse(noise)


def test_cut_short_everywhere():
    for encoded, parse in ((_SMALL[0], parse_crl), (_OCSP[0], parse_ocsp_response)):
        for length in range(len(encoded)):
            with pytest.raises(Malformed):
                parse(encoded[:length])


_HASHES = [hashes.SHA1, hashes.SHA256, hashes.SHA384, hashes.SHA512]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(_HASHES),
    st.integers(1, 2**159 - 1),
    st.sampled_from(list(ocsp.OCSPCertStatus)),
    _TIMES,
    st.none() | _TIMES,
    _REASONS,
    st.none() | st.binary(min_size=1, max_size=32),
)
def test_generated_ocsp_responses_agree(algorithm, serial, status, this, following, reason, nonce):
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    size = algorithm.digest_size
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=b"n" * size,
        issuer_key_hash=b"k" * size,
        serial_number=serial,
        algorithm=algorithm(),
        cert_status=status,
        this_update=this,
        next_update=following if following and following > this else None,
        revocation_time=this if revoked else None,
        revocation_reason=reason if revoked else None,
    )
    certificate = (
        x509.CertificateBuilder(_NAME, _NAME, _KEY.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
        .sign(_KEY, hashes.SHA256())
    )
    encoding = ocsp.OCSPResponderEncoding.HASH if serial % 2 else ocsp.OCSPResponderEncoding.NAME
    builder = builder.responder_id(encoding, certificate).certificates([certificate])
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), False)
    response = parse_ocsp_response(builder.sign(_KEY, hashes.SHA256()).public_bytes(Encoding.DER))
    assert response.notes == ()
    assert response.certificates == (certificate.public_bytes(Encoding.DER),)
    oracle.assert_ocsp_agrees(response)
