"""The DER that is written: byte for byte, read back by our own strict reader and by cryptography."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509 as cx509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.algorithms.registry import SignatureAlgorithm, signature_algorithm
from ca_bridge.core.x509 import der as reading
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certification_request import parse_certification_request
from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import BasicConstraints, PolicyConstraints
from ca_bridge.core.x509_writing import der, extensions
from ca_bridge.core.x509_writing.algorithm_identifiers import SIGNATURE_ALGORITHMS, algorithm_identifier
from ca_bridge.core.x509_writing.certificate import (
    RevokedCertificate,
    TbsCertificate,
    TbsCertList,
    certs_only,
    signed_object,
)
from ca_bridge.core.x509_writing.names import below
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.requests import asked_identifier, request
from tests.pki_writers import der as theirs
from tests.pki_writers import extensions as ext

SEALED = algorithm_identifier("ecdsa-sha256")


@pytest.mark.parametrize(
    ("written", "octets"),
    [
        (der.sequence(), "3000"),
        (der.tlv(4, bytes(127))[:2], "047f"),
        (der.tlv(4, bytes(128))[:3], "048180"),
        (der.tlv(4, bytes(256))[:4], "04820100"),
        (der.set_of(b"\x05\x00", b"\x02\x01\x00"), "31050201000500"),
        (der.boolean_true(), "0101ff"),
        (der.integer(0), "020100"),
        (der.integer(127), "02017f"),
        (der.integer(128), "02020080"),
        (der.implicit_integer(1, 0), "810100"),
        (der.enumerated(6), "0a0106"),
        (der.object_identifier("1.2.840.113549"), "06062a864886f70d"),
        (der.object_identifier("2.999"), "06028837"),
        (der.bit_string(b"\xaa"), "030200aa"),
        (der.named_bits([5, 6]), "03020106"),
        (der.named_bits([8]), "0303070080"),
        (der.octet_string(b"\x01"), "040101"),
        (der.utf8_string("桥"), "0c03e6a1a5"),
        (der.primitive(2, b"a"), "820161"),
        (der.constructed(0, der.NULL), "a0020500"),
        (extensions.reason_code("unspecified"), ""),
        (extensions.reason_code("remove_from_crl"), "300a0603551d1504030a0108"),
        (
            extensions.basic_constraints(BasicConstraints(ca=True, path_length=None)),
            "300f0603551d130101ff040530030101ff",
        ),
        (extensions.policy_constraints(PolicyConstraints(None, 3)), "300f0603551d240101ff04053003810103"),
        (algorithm_identifier("sm2-sm3"), "300c06082a811ccf550183750500"),
        (algorithm_identifier("sm2-sm3", null_parameters=False), "300a06082a811ccf55018375"),
        (algorithm_identifier("ed25519", null_parameters=True), "300506032b6570"),
    ],
    ids=str,
)
def test_octets(written: bytes, octets: str) -> None:
    assert written.hex() == octets


@pytest.mark.parametrize(
    ("moment", "octets"),
    [
        (datetime(2026, 1, 15, 8, tzinfo=UTC), b"\x17\x0d260115080000Z"),
        (datetime(2026, 1, 15, 8, tzinfo=timezone(timedelta(hours=8))), b"\x17\x0d260115000000Z"),
        (datetime(2049, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), b"\x17\x0d491231235959Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), b"\x18\x0f20500101000000Z"),
        (datetime(1950, 1, 1, tzinfo=UTC), b"\x17\x0d500101000000Z"),
        (datetime(1949, 1, 1, tzinfo=UTC), b"\x18\x0f19490101000000Z"),
    ],
)
def test_times(moment: datetime, octets: bytes) -> None:
    assert der.time(moment) == octets


@settings(deadline=None)
@given(st.integers(0, 1 << 200), st.binary(max_size=300))
def test_what_is_written_is_read(value: int, octets: bytes) -> None:
    written = der.sequence(der.integer(value), der.octet_string(octets), der.bit_string(octets))
    pos, end = reading.expect_whole(written, 0, len(written), reading.SEQUENCE)
    start, pos = reading.expect(written, pos, end, reading.INTEGER)
    assert reading.decode_integer(written, start, pos) == value
    start, pos = reading.expect(written, pos, end, reading.OCTET_STRING)
    assert written[start:pos] == octets
    start, pos = reading.expect_whole(written, pos, end, reading.BIT_STRING)
    assert reading.decode_octet_aligned(written, start, pos) == octets


@settings(deadline=None)
@given(st.integers(0, 1), st.integers(0, 39), st.lists(st.integers(0, 1 << 70), max_size=8))
def test_identifiers_are_read(root: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (root, second, *rest)))
    written = der.object_identifier(dotted)
    assert reading.decode_oid(written, 2, len(written)) == dotted
    assert written == theirs.oid(dotted)


def test_every_algorithm_is_one_that_the_engine_verifies() -> None:
    for name in sorted(SIGNATURE_ALGORITHMS):
        written = algorithm_identifier(name)
        identifier, _ = decode_algorithm_identifier(written, 0, len(written))
        assert isinstance(signature_algorithm(identifier), SignatureAlgorithm), name


def test_a_certificate_written_again(open_house: OpenHouse) -> None:
    """From the values our own reader finds, the writer makes the same bytes."""
    for kind in ("sm2", "rsa", "ecdsa"):
        house = open_house(h.issuer(kind, label=f"again-{kind}"))
        one = h.parse_certificate(house.issue("bridge-hk", h.HK_ROOT).certificate or b"")
        again = TbsCertificate(
            serial_number=one.serial_number,
            algorithm=algorithm_identifier(h.ALGORITHMS[kind]),
            issuer=one.issuer.der,
            not_before=one.not_before,
            not_after=one.not_after,
            subject=one.subject.der,
            spki=one.spki.der,
            extensions=tuple(
                extensions.extension(e.oid, e.value, critical=e.critical) for e in one.extensions.raw
            ),
        ).der
        assert again == one.signed.tbs
        assert signed_object(again, algorithm_identifier(h.ALGORITHMS[kind]), one.signed.signature) == one.der


def test_cryptography_reads_a_certificate(open_house: OpenHouse) -> None:
    house = open_house()
    read = cx509.load_der_x509_certificate(house.issue("bridge-hk", h.HK_ROOT).certificate or b"")
    found = {type(e.value).__name__: e for e in read.extensions}
    assert set(found) == {
        "BasicConstraints",
        "KeyUsage",
        "SubjectKeyIdentifier",
        "AuthorityKeyIdentifier",
        "CertificatePolicies",
        "UnrecognizedExtension",
        "PolicyConstraints",
        "InhibitAnyPolicy",
        "NameConstraints",
        "CRLDistributionPoints",
        "FreshestCRL",
        "AuthorityInformationAccess",
        "SubjectInformationAccess",
    }
    assert found["PolicyConstraints"].value == cx509.PolicyConstraints(0, 0)
    assert found["BasicConstraints"].value == cx509.BasicConstraints(ca=True, path_length=1)
    assert read.extensions.get_extension_for_class(cx509.InhibitAnyPolicy).value.skip_certs == 0
    assert read.subject.public_bytes() == h.HK.name


def test_crls_with_and_without_entries() -> None:
    fields = {
        "algorithm": SEALED,
        "issuer": h.GD.name,
        "this_update": h.NOW,
        "next_update": datetime(2051, 1, 1, tzinfo=UTC),
        "extensions": (extensions.crl_number(1 << 80),),
    }
    entry = RevokedCertificate(serial_number=5, revocation_date=h.NOW, reason="certificate_hold")
    for revoked in ((), (entry,)):
        tbs = TbsCertList(revoked=revoked, **fields).der  # type: ignore[arg-type]
        whole = signed_object(tbs, SEALED, b"\x00")
        ours, other = parse_crl(whole), cx509.load_der_x509_crl(whole)
        assert ours.notes == ()
        assert (len(ours.revoked), len(other)) == (len(revoked), len(revoked))
        assert ours.extensions.crl_number == 1 << 80
        assert ours.next_update == other.next_update_utc == datetime(2051, 1, 1, tzinfo=UTC)


def test_certs_only() -> None:
    certificates = (h.HK_ROOT, h.HK_CA, h.GD_ROOT)
    read = pkcs7.load_der_pkcs7_certificates(certs_only(certificates))
    assert {c.fingerprint(SHA256()) for c in read} == {
        cx509.load_der_x509_certificate(der).fingerprint(SHA256()) for der in certificates
    }
    assert certs_only(reversed(certificates)) == certs_only(certificates)
    assert certs_only(()) == bytes.fromhex(
        "302306092a864886f70d010702a0163014020101 3100 300b06092a864886f70d010701 3100"
    )


def test_a_name_below() -> None:
    assert below(h.GD.name, "样本") == theirs.seq(
        h.GD.name[2:], theirs.set_of(theirs.seq(theirs.oid("2.5.4.3"), theirs.utf8("样本")))
    )


def test_requests_are_read_strictly() -> None:
    whole = request(h.GD.name, h.GD.key, ext.key_usage("key_cert_sign"), asked_identifier(b"abc"))
    read = parse_certification_request(whole)
    assert (read.der, read.subject.der, read.spki.der) == (whole, h.GD.name, h.GD.key.spki)
    assert read.subject_key_identifier == b"abc"
    other = theirs.seq(theirs.oid("1.2.840.113549.1.9.7"), theirs.set_of(theirs.utf8("password")))
    assert (
        parse_certification_request(request(h.GD.name, h.GD.key, attributes=(other,))).subject_key_identifier
        is None
    )
    for evil in (
        request(h.GD.name, h.GD.key, version=1),
        request(h.GD.name, h.GD.key, attributes=(theirs.set_of(),)),
        request(h.GD.name, h.GD.key, attributes=(theirs.seq(theirs.oid("1.2.3")),)),
        request(h.GD.name, h.GD.key, asked_identifier(b"a") + b"\x05\x00"),
        whole + b"\x00",
        b"\x30" + bytes(128 * 1024),
        *(whole[:end] for end in range(0, len(whole), 7)),
    ):
        with pytest.raises(Malformed):
            parse_certification_request(evil)


@settings(deadline=None)
@given(st.data())
def test_mutated_requests_never_crash(data: st.DataObject) -> None:
    whole = bytearray(_REQUEST)
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Malformed):
        parse_certification_request(bytes(whole))


_REQUEST = request(h.GD.name, h.GD.key, asked_identifier(b"abc"))
