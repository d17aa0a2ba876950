"""The index of revokedCertificates: found by value, never scanned, and nothing bad gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.x509 import revoked_index
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.revoked_index import MAX_SAME_SERIAL, empty_revoked, index_revoked
from tests import status_der as d

_CRL_ISSUER = decode_name(d.ISSUER, 0, len(d.ISSUER))[0]
_INVALIDITY = d.extension(d.INVALIDITY_DATE, d.generalized("20231231235959Z"))


def _index(*entries, **limits):
    body = b"".join(entries)
    return index_revoked(body, 0, len(body), _CRL_ISSUER, **limits)


def _refused(*entries, **limits):
    with pytest.raises(Malformed) as refused:
        _index(*entries, **limits)
    return refused.value.reason.code


def test_empty():
    assert len(empty_revoked(_CRL_ISSUER)) == 0
    assert empty_revoked(_CRL_ISSUER).find(1) == ()
    assert list(empty_revoked(_CRL_ISSUER)) == []


@pytest.mark.parametrize("serial", [0, 1, 127, 128, 255, 256, -1, -128, -129, 2**159 - 1, 2**159, 2**511 - 1])
def test_found_by_value(serial):
    index = _index(d.entry(5), d.entry(serial), d.entry(99))
    (found,) = index.find(serial)
    assert found.serial_number == serial
    assert found.certificate_issuer == _CRL_ISSUER
    assert found.revocation_date.isoformat() == "2024-01-01T00:00:00+00:00"


@pytest.mark.parametrize("serial", [6, -5, 0, 2**4096, -(2**4096)])
def test_not_found(serial):
    assert _index(d.entry(5), d.entry(99)).find(serial) == ()


@given(st.lists(st.integers(-(2**160), 2**160), min_size=1, max_size=60))
def test_every_entry_is_found_and_no_other(serials):
    index = _index(*(d.entry(serial) for serial in serials))
    assert [entry.serial_number for entry in index] == serials
    for serial in serials:
        assert len(index.find(serial)) == serials.count(serial)
        assert len(index.find(serial + 1)) == serials.count(serial + 1)


def test_the_lists_order_is_kept_for_one_serial():
    dates = ["240101000000Z", "230101000000Z", "250101000000Z"]
    index = _index(*(d.entry(7, date=d.utc(date)) for date in dates))
    assert [entry.revocation_date.year for entry in index.find(7)] == [2024, 2023, 2025]


def test_serials_with_one_hash_are_told_apart(monkeypatch):
    monkeypatch.setattr(revoked_index, "hash", lambda _octets: 0, raising=False)
    index = _index(d.entry(1), d.entry(2))
    assert [entry.serial_number for entry in index.find(2)] == [2]


@pytest.mark.parametrize("serial", [b"\x00\x05", b"\xff\x85", b"\x00" * 20 + b"\x01"])
def test_redundant_serial_octets_are_refused(serial):
    assert _refused(d.seq(d.tlv(0x02, serial), d.utc())) == "DER_INTEGER_NOT_MINIMAL"


def test_serial_too_long():
    assert _refused(d.entry(2**511)) == "CRL_ENTRY_SERIAL_TOO_LONG"


@pytest.mark.parametrize(
    ("extensions", "reason", "invalidity"),
    [
        ((), "unspecified", None),
        ((d.reason_code(0),), "unspecified", None),
        ((d.reason_code(1),), "key_compromise", None),
        ((d.reason_code(6),), "certificate_hold", None),
        ((d.reason_code(8),), "remove_from_crl", None),
        ((d.reason_code(10),), "aa_compromise", None),
        ((_INVALIDITY,), "unspecified", "2023-12-31T23:59:59Z"),
        ((d.reason_code(4), _INVALIDITY), "superseded", "2023-12-31T23:59:59Z"),
        ((_INVALIDITY, d.reason_code(4)), "superseded", "2023-12-31T23:59:59Z"),
        (
            (d.reason_code(6), d.extension(d.HOLD_INSTRUCTION, d.oid("1.2.840.10040.2.1"))),
            "certificate_hold",
            None,
        ),
    ],
)
def test_entry_extensions(extensions, reason, invalidity):
    (found,) = _index(d.entry(7, *extensions)).find(7)
    assert (found.extensions.reason, found.extensions.invalidity_date) == (reason, invalidity)
    assert found.extensions.unknown_critical == ()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (d.seq(d.integer(7)), "CRL_ENTRY_MALFORMED"),
        (d.seq(d.utc(), d.integer(7)), "CRL_ENTRY_MALFORMED"),
        (d.integer(7), "CRL_ENTRY_MALFORMED"),
        (d.seq(d.integer(7), d.utc(), d.seq(d.reason_code(1)), b"\x05\x00"), "CRL_ENTRY_MALFORMED"),
        (d.seq(d.integer(7), d.octets(b"240101000000Z")), "DER_TIME"),
        (b"\x30\x13" + d.entry(7)[2:], "CRL_ENTRY_MALFORMED"),
        (b"\x30\x11" + d.entry(7)[2:], "CRL_ENTRY_MALFORMED"),
        (d.entry(7)[:-1], "CRL_ENTRY_MALFORMED"),
        (b"\x30\x81\x12" + d.entry(7)[2:], "DER_LENGTH_NOT_MINIMAL"),
        (d.entry(7, d.reason_code(7)), "CRL_ENTRY_REASON"),
        (d.entry(7, d.reason_code(11)), "CRL_ENTRY_REASON"),
        (d.entry(7, d.extension(d.REASON_CODE, d.integer(1))), "CRL_ENTRY_MALFORMED"),
        (d.entry(7, d.extension(d.INVALIDITY_DATE, d.utc())), "CRL_ENTRY_MALFORMED"),
        (d.entry(7, d.extension(d.HOLD_INSTRUCTION, d.integer(1))), "CRL_ENTRY_MALFORMED"),
        (d.entry(7, date=d.utc("240230000000Z")), "DER_TIME"),
        (d.entry(7, date=d.utc("230229000000Z")), "DER_TIME"),
        (d.entry(7, date=d.utc("241301000000Z")), "DER_TIME"),
        (d.entry(7, date=d.utc("240101240000Z")), "DER_TIME"),
        (d.entry(7, date=d.utc("240101006000Z")), "DER_TIME"),
        (d.entry(7, d.extension(d.INVALIDITY_DATE, d.generalized("19000229000000Z"))), "DER_TIME"),
        (d.entry(7, d.certificate_issuer()), "CRL_ENTRY_CERTIFICATE_ISSUER"),
        (d.entry(7, d.certificate_issuer(d.name("A"), d.name("B"))), "CRL_ENTRY_CERTIFICATE_ISSUER"),
        (d.entry(7, d.reason_code(1), d.reason_code(1)), "CRL_EXTENSION_DUPLICATE"),
        (d.entry(7, *(d.extension(f"2.999.{i}", b"\x05\x00") for i in range(17))), "CRL_EXTENSIONS_TOO_MANY"),
    ],
)
@pytest.mark.parametrize("before", [(), (d.entry(1), d.entry(2))])
def test_bad_entries_are_refused(bad, code, before):
    assert _refused(*before, bad) == code


@pytest.mark.parametrize(
    "date",
    [
        d.utc("240229235959Z"),
        d.utc("000229000000Z"),
        d.utc("500101000000Z"),
        d.utc("991231235959Z"),
        d.generalized("20500101000000Z"),
        d.generalized("20000229000000Z"),
    ],
)
def test_good_dates(date):
    assert len(_index(d.entry(7, date=date))) == 1


def test_unknown_critical_entry_extension_is_recorded():
    bad = d.extension("2.999.1", b"\x05\x00", critical=d.CRITICAL)
    index = _index(d.entry(1), d.entry(7, bad), d.entry(9))
    assert index.has_unknown_critical_entry
    assert index.find(7)[0].extensions.unknown_critical == ("2.999.1",)
    assert not _index(d.entry(7, d.extension("2.999.1", b"\x05\x00"))).has_unknown_critical_entry


def test_certificate_issuer_is_inherited():
    a, b = (decode_name(n, 0, len(n))[0] for n in (d.name("A"), d.name("B")))
    index = _index(
        d.entry(1),
        d.entry(2, d.certificate_issuer(d.name("A"))),
        d.entry(3),
        d.entry(1),
        d.entry(4, d.certificate_issuer(d.name("B"), d.name("B"))),
        d.entry(1),
    )
    assert [e.certificate_issuer for e in index.find(1)] == [_CRL_ISSUER, a, b]
    assert index.find(2)[0].certificate_issuer == a
    assert index.find(3)[0].certificate_issuer == a
    assert index.find(4)[0].certificate_issuer == b
    assert [e.certificate_issuer for e in index] == [_CRL_ISSUER, a, a, a, b, b]
    assert index.find(3)[0].extensions.certificate_issuer == ()


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, "A", "B", "C"])), max_size=40))
def test_inheritance_is_that_of_reading_in_order(listed):
    expected, current = [], _CRL_ISSUER
    for serial, issuer in listed:
        if issuer is not None:
            current = decode_name(d.name(issuer), 0, len(d.name(issuer)))[0]
        expected.append((serial, current))
    index = _index(*(d.entry(s, *([d.certificate_issuer(d.name(i))] if i else [])) for s, i in listed))
    for serial in range(6):
        assert [e.certificate_issuer for e in index.find(serial)] == [n for s, n in expected if s == serial]


def test_unusual_entries_are_counted():
    unusual = d.entry(7, date=d.generalized())
    assert len(_index(d.entry(1), unusual, unusual, max_unusual=2)) == 3
    assert _refused(d.entry(1), unusual, unusual, max_unusual=1) == "CRL_ENTRIES_TOO_COMPLEX"


@pytest.mark.parametrize("others", [0, 100, 1000])
def test_one_serial_may_come_so_often_and_no_more(others):
    more = [d.entry(pow(3, 200 + i, 2**100)) for i in range(others)]
    assert len(_index(*more, *[d.entry(7)] * MAX_SAME_SERIAL).find(7)) == MAX_SAME_SERIAL
    assert _refused(*more, *[d.entry(7)] * (MAX_SAME_SERIAL + 1)) == "CRL_ENTRIES_REPEATED"


def test_explicit_critical_false_and_missing_seconds_are_noted():
    explicit = d.extension(d.REASON_CODE, d.enumerated(1), critical=d.EXPLICIT_FALSE)
    index = _index(d.entry(7, explicit), d.entry(8, date=d.utc("2401010000Z")))
    assert index.find(7)[0].extensions.reason == "key_compromise"
    assert {note.code for note in index.notes} == {"EXPLICIT_CRITICAL_FALSE", "UTC_TIME_WITHOUT_SECONDS"}
