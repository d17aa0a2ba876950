"""CRLs: what is read, what is noted, what is refused and why."""

from __future__ import annotations

import hashlib

import pytest

from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from tests import status_der as d

_NUMBER = d.extension("2.5.29.20", d.integer(9))
_DELTA = d.extension("2.5.29.27", d.integer(4), critical=d.CRITICAL)
_FULL_NAME = d.tlv(0xA0, d.tlv(0xA0, d.tlv(0x86, b"http://crl.example/1")))
_RELATIVE_NAME = d.tlv(0xA0, d.tlv(0xA1, d.seq(d.oid("2.5.4.3"), d.tlv(0x0C, b"part 1"))))


def _refused(crl, **limits):
    with pytest.raises(Malformed) as refused:
        parse_crl(crl, **limits)
    return refused.value.reason.code


def _refused_params(crl):
    with pytest.raises(Malformed) as refused:
        parse_crl(crl)
    return refused.value.reason.code, dict(refused.value.params)


def _notes(crl):
    return [note.code for note in crl.notes]


def test_every_field():
    encoded = d.crl(d.entry(7, d.reason_code(1)), extensions=(_NUMBER, _DELTA))
    crl = parse_crl(encoded)
    assert crl.der is encoded
    assert crl.fingerprint == hashlib.sha256(encoded).hexdigest()
    assert crl.version == 2
    assert crl.issuer.der == d.ISSUER
    assert crl.this_update.isoformat() == "2024-01-01T00:00:00+00:00"
    assert crl.next_update is not None
    assert crl.next_update.year == 2025
    assert crl.extensions.crl_number == 9
    assert crl.extensions.delta_crl_indicator == 4
    assert crl.extensions.critical == {"2.5.29.27"}
    assert crl.extensions.unknown_critical == ()
    assert [extension.oid for extension in crl.extensions.raw] == ["2.5.29.20", "2.5.29.27"]
    assert len(crl.revoked) == 1
    assert crl.revoked.find(7)[0].extensions.reason == "key_compromise"
    assert encoded[4 if encoded[1] == 0x82 else 3 :].startswith(crl.signed.tbs)
    assert crl.signed.algorithm.oid == "1.2.156.10197.1.501"
    assert crl.signed.signature == d.seq(d.integer(1), d.integer(1))
    assert not crl.has_unknown_critical_entry
    assert crl.notes == ()


def test_v1_without_next_update_entries_and_extensions():
    crl = parse_crl(d.crl(version=b"", times=d.utc()))
    assert (crl.version, crl.next_update, len(crl.revoked)) == (1, None, 0)
    assert crl.extensions.raw == ()


def test_this_update_after_next_update_is_for_validation_to_judge():
    crl = parse_crl(d.crl(times=d.utc("250101000000Z") + d.utc("240101000000Z")))
    assert crl.next_update is not None
    assert crl.this_update > crl.next_update


def test_empty_list_of_entries_is_read_and_noted():
    crl = parse_crl(d.crl(revoked=d.seq(), extensions=(_NUMBER,)))
    assert len(crl.revoked) == 0
    assert _notes(crl) == ["CRL_REVOKED_CERTIFICATES_EMPTY"]
    assert crl.extensions.crl_number == 9


def test_deviating_times_are_read_and_noted():
    crl = parse_crl(d.crl(times=d.utc("2401010000Z") + d.generalized("20250101000000Z")))
    assert _notes(crl) == ["UTC_TIME_WITHOUT_SECONDS", "GENERALIZED_TIME_BEFORE_2050"]
    assert _notes(parse_crl(d.crl(times=d.utc() + d.generalized("20500101000000Z")))) == []


def test_each_note_comes_once():
    crl = parse_crl(d.crl(*(d.entry(i, date=d.generalized()) for i in range(3)), times=d.generalized()))
    assert _notes(crl) == ["GENERALIZED_TIME_BEFORE_2050"]


def test_explicit_critical_false_is_read_and_noted():
    number = d.extension("2.5.29.20", d.integer(9), critical=d.EXPLICIT_FALSE)
    crl = parse_crl(d.crl(extensions=(number,)))
    assert _notes(crl) == ["EXPLICIT_CRITICAL_FALSE"]
    assert crl.extensions.critical == frozenset()


def test_unknown_critical_extensions_are_recorded():
    unknown = d.extension("2.999.1", b"\x05\x00", critical=d.CRITICAL)
    harmless = d.extension("2.999.2", b"\x05\x00")
    crl = parse_crl(d.crl(extensions=(unknown, harmless)))
    assert crl.extensions.unknown_critical == ("2.999.1",)


def test_unknown_critical_entry_extension_is_recorded():
    unknown = d.extension("2.999.1", b"\x05\x00", critical=d.CRITICAL)
    assert parse_crl(d.crl(d.entry(7, unknown))).has_unknown_critical_entry


def test_known_extensions_are_read_or_checked():
    extensions = (
        d.extension("2.5.29.35", d.seq(d.tlv(0x80, b"k"))),
        d.extension("2.5.29.18", d.seq(d.tlv(0x82, b"ca.example"))),
        d.extension("2.5.29.46", d.seq(d.seq(_FULL_NAME))),
        d.extension(
            "1.3.6.1.5.5.7.1.1", d.seq(d.seq(d.oid("1.3.6.1.5.5.7.48.2"), d.tlv(0x86, b"http://ca")))
        ),
        d.extension("2.5.29.60", d.generalized()),
    )
    crl = parse_crl(d.crl(extensions=extensions))
    assert crl.extensions.authority_key_identifier is not None
    assert crl.extensions.authority_key_identifier.key_identifier == b"k"
    assert crl.extensions.freshest_crl[0].full_name[0].text == "http://crl.example/1"
    assert len(crl.extensions.raw) == 5


@pytest.mark.parametrize(
    ("oid", "unknown"), [("2.5.29.60", True), ("2.5.29.20", False), ("2.5.29.27", False)]
)
def test_what_is_only_checked_is_unknown_when_critical(oid, unknown):
    value = d.generalized() if oid == "2.5.29.60" else d.integer(1)
    crl = parse_crl(d.crl(extensions=(d.extension(oid, value, critical=d.CRITICAL),)))
    assert (oid in crl.extensions.unknown_critical) is unknown


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((_FULL_NAME,), {"full": "http://crl.example/1"}),
        ((_RELATIVE_NAME,), {"relative": True}),
        ((b"\x81\x01\xff",), {"user": True}),
        ((b"\x82\x01\xff",), {"ca": True}),
        ((b"\x83\x02\x06\x40",), {"reasons": frozenset({"key_compromise"})}),
        ((b"\x84\x01\xff",), {"indirect": True}),
        ((b"\x85\x01\xff",), {"attribute": True}),
        (
            (_FULL_NAME, b"\x81\x01\xff", b"\x83\x02\x05\x60", b"\x84\x01\xff"),
            {
                "full": "http://crl.example/1",
                "user": True,
                "reasons": frozenset({"key_compromise", "ca_compromise"}),
                "indirect": True,
            },
        ),
    ],
)
def test_issuing_distribution_point(fields, expected):
    point = parse_crl(
        d.crl(extensions=(d.distribution_point(*fields),))
    ).extensions.issuing_distribution_point
    assert point is not None
    assert [name.text for name in point.full_name] == ([expected["full"]] if "full" in expected else [])
    assert (point.relative_name is not None) is expected.get("relative", False)
    assert point.only_user_certs is expected.get("user", False)
    assert point.only_ca_certs is expected.get("ca", False)
    assert point.only_attribute_certs is expected.get("attribute", False)
    assert point.only_some_reasons == expected.get("reasons")
    assert point.indirect_crl is expected.get("indirect", False)


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (b"\x81\x01\xff", b"\x82\x01\xff"),
        (b"\x81\x01\xff", b"\x85\x01\xff"),
        (b"\x82\x01\xff", b"\x85\x01\xff"),
    ],
)
def test_contradictory_scope_is_refused(fields):
    assert _refused(d.crl(extensions=(d.distribution_point(*fields),))) == "CRL_SCOPE_CONTRADICTION"


@pytest.mark.parametrize(
    ("extension", "cause"),
    [
        (d.distribution_point(b"\x81\x01\x00"), "DER_DEFAULT_ENCODED"),
        (d.distribution_point(b"\x81\x01\x01"), "DER_BOOLEAN"),
        (d.distribution_point(b"\x84\x01\xff", b"\x81\x01\xff"), "DER_TRAILING_BYTES"),
        (d.distribution_point(b"\x83\x01\x00"), "REASON_FLAGS_UNKNOWN"),
        (d.distribution_point(b"\x86\x01\xff"), "DER_TRAILING_BYTES"),
        (d.extension("2.5.29.28", d.integer(1)), "DER_TAG_UNEXPECTED"),
        (d.extension("2.5.29.20", d.octets(b"1")), "DER_TAG_UNEXPECTED"),
        (d.extension("2.5.29.20", d.integer(1) + b"\x00"), "DER_TRAILING_BYTES"),
        (d.extension("2.5.29.60", d.utc()), "DER_TAG_UNEXPECTED"),
        (d.extension("2.5.29.18", d.seq()), "GENERAL_NAMES_EMPTY"),
        (d.extension("2.5.29.46", d.seq()), "EXTENSION_EMPTY"),
    ],
)
def test_malformed_extensions_are_refused(extension, cause):
    code, params = _refused_params(d.crl(extensions=(extension,)))
    assert (code, params["cause"]) == ("CRL_EXTENSION_MALFORMED", cause)


@pytest.mark.parametrize("oid", ["2.5.29.20", "2.5.29.27"])
@pytest.mark.parametrize(("number", "read"), [(0, True), (2**159 - 1, True), (2**159, False), (-1, False)])
def test_crl_number_bounds(oid, number, read):
    encoded = d.crl(extensions=(d.extension(oid, d.integer(number)),))
    if read:
        parse_crl(encoded)
    else:
        assert _refused(encoded) == "CRL_NUMBER_TOO_LONG"


def test_duplicate_and_too_many_extensions():
    assert _refused(d.crl(extensions=(_NUMBER, _NUMBER))) == "CRL_EXTENSION_DUPLICATE"
    for count in (65, 300):
        many = tuple(d.extension(f"2.999.{i}", b"\x05\x00") for i in range(count))
        assert _refused(d.crl(extensions=many)) == "CRL_EXTENSIONS_TOO_MANY"
    assert len(parse_crl(d.crl(extensions=many[:64])).extensions.raw) == 64


def test_extensions_in_v1_are_refused():
    assert _refused(d.crl(version=b"", extensions=(_NUMBER,))) == "CRL_EXTENSION_IN_V1"


@pytest.mark.parametrize("version", [0, 2, -1, 2**70])
def test_other_versions_are_refused(version):
    assert _refused(d.crl(version=d.integer(version))) == "CRL_VERSION"


def test_inner_and_outer_algorithm_must_be_the_same_bytes():
    with_null = d.seq(d.oid("1.2.156.10197.1.501"), b"\x05\x00")
    assert _refused(d.crl(inner=with_null)) == "CRL_SIGNATURE_ALGORITHM_MISMATCH"


_WHOLE = d.crl(d.entry(7))


@pytest.mark.parametrize(
    ("encoded", "part"),
    [
        (b"", "CertificateList"),
        (b"\x05\x00", "CertificateList"),
        (_WHOLE[:-1], "CertificateList"),
        (_WHOLE + b"\x00", "CertificateList"),
        (d.seq(d.seq(), d.ALGORITHM), "CertificateList"),
        (d.seq(d.seq(), d.ALGORITHM, d.SIGNATURE, b"\x05\x00"), "CertificateList"),
        (d.seq(d.seq(), d.ALGORITHM, d.SIGNATURE), "signature"),
        (d.seq(d.seq(b"\x02\x02\x01"), d.ALGORITHM, d.SIGNATURE), "version"),
        (d.crl(issuer=b""), "issuer"),
        (d.crl(issuer=d.seq()), "issuer"),
        (d.crl(issuer=d.integer(1)), "issuer"),
        (d.crl(times=b""), "thisUpdate"),
        (d.crl(times=d.utc() + b"\x17\x7f"), "nextUpdate"),
        (d.crl(revoked=b"\x30\x7f"), "revokedCertificates"),
        (d.crl(after=b"\x05\x00"), "crlExtensions"),
        (d.crl(extensions=(_NUMBER,), after=b"\x05\x00"), "crlExtensions"),
        (d.crl(after=d.tlv(0xA0, d.seq())), "crlExtensions"),
        (d.crl(after=d.tlv(0xA0, d.integer(1))), "crlExtensions"),
    ],
)
def test_structure(encoded, part):
    assert _refused_params(encoded) == ("CRL_STRUCTURE", {"part": part})


def test_this_update_of_another_type():
    assert _refused(d.crl(times=d.integer(1))) == "DER_TIME"


def test_too_large():
    assert _refused(_WHOLE, max_bytes=len(_WHOLE) - 1) == "CRL_TOO_LARGE"
    assert len(parse_crl(_WHOLE, max_bytes=len(_WHOLE)).revoked) == 1


def test_bad_entry_is_refused_with_its_place():
    assert _refused(d.crl(d.entry(1), d.seq(d.integer(1)))) == "CRL_ENTRY_MALFORMED"


def test_certificate_issuer_in_an_indirect_crl():
    crl = parse_crl(
        d.crl(
            d.entry(1, d.certificate_issuer(d.name("A"))),
            d.entry(2),
            extensions=(d.distribution_point(d.INDIRECT),),
        )
    )
    assert crl.revoked.find(2)[0].certificate_issuer.der == d.name("A")
    assert not crl.has_unknown_critical_entry
    assert crl.notes == ()


@pytest.mark.parametrize("extensions", [(), (d.distribution_point(b"\x81\x01\xff"),)])
def test_certificate_issuer_in_a_crl_that_is_not_indirect_can_never_say_good(extensions):
    crl = parse_crl(d.crl(d.entry(1, d.certificate_issuer(d.name("A"))), extensions=extensions))
    assert crl.has_unknown_critical_entry
    assert _notes(crl) == ["CRL_CERTIFICATE_ISSUER_NOT_INDIRECT"]


def test_a_signature_that_is_not_whole_octets_is_none():
    tbs_and_algorithm = _WHOLE[2 if _WHOLE[1] < 0x80 else 3 : -len(d.SIGNATURE)]
    crl = parse_crl(d.seq(tbs_and_algorithm, b"\x03\x02\x04\xf0"))
    assert crl.signed.signature == b""
