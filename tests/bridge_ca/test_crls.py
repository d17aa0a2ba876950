"""Complete and delta CRLs: what they say, and that the engine and OpenSSL hear it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.request import RevocationRule
from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.services.bridge_ca.crl_issuing import Due, crls_due
from ca_bridge.services.bridge_ca.model import (
    RevocationEvent,
    RevocationReason,
    check_transition,
    listed_in_complete,
    listed_in_delta,
)
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.openssl import command_says, wheel_says

ASKED = {"revocation": RevocationRule.REQUIRE_ALL}
HOUR = timedelta(hours=1)


def listed(der: bytes) -> dict[str, tuple[str, str]]:
    """Serial number: reason and time, as cryptography reads them."""
    crl = x509.load_der_x509_crl(der)
    found = {}
    for entry in crl:
        reasons = [e.value.reason.value for e in entry.extensions if isinstance(e.value, x509.CRLReason)]
        found[f"{entry.serial_number:040x}"] = (
            reasons[0] if reasons else "unspecified",
            f"{entry.revocation_date_utc:%H:%M}",
        )
    return found


@pytest.mark.parametrize("kind", ["sm2", "rsa", "ecdsa"])
def test_a_delta_revokes_one_of_two(open_house: OpenHouse, tmp_path: Path, kind: str) -> None:
    house, root = open_house(h.issuer(kind)), h.ROOTS[kind]
    to_gd, to_hk = house.issue(), house.issue("bridge-hk", h.HK_ROOT)
    complete, empty = house.crl()
    paths = {
        "gd": (h.gd_subscriber(), to_gd.certificate or b""),
        "hk": (h.hk_subscriber(), h.HK_CA, to_hk.certificate or b""),
    }
    own = {"gd": (h.GD.crl(),), "hk": (h.HK.crl(), h.HK_OPERATING.crl())}
    for name, path in paths.items():
        crls = (*own[name], complete.der, empty.der)
        assert h.codes(h.ask(*path, root=root, crls=crls, **ASKED)) == []
        assert wheel_says(*path, root=root, crls=crls) == "OK"

    house.time += HOUR
    house.revoke(to_hk.reservation.serial)
    (delta,) = house.crl(complete=False)
    assert (delta.number, delta.base) == (3, complete.number)
    crls = (*own["hk"], complete.der, delta.der)
    at = {"root": root, "crls": crls, "at": house.time}
    assert h.codes(h.ask(*paths["hk"], **at, **ASKED)) == ["CA_REVOKED"]
    assert wheel_says(*paths["hk"], **at) == "certificate revoked"
    if kind != "sm2":
        assert command_says(tmp_path, *paths["hk"], **at, policies=[h.BRIDGE_HIGH]) == "certificate revoked"
        before = {**at, "crls": (*own["hk"], complete.der, empty.der)}
        assert command_says(tmp_path, *paths["hk"], **before, policies=[h.BRIDGE_HIGH]) == "OK"

    crls = (*own["gd"], complete.der, delta.der)
    assert h.codes(h.ask(*paths["gd"], root=root, crls=crls, at=house.time, **ASKED)) == []
    assert wheel_says(*paths["gd"], root=root, crls=crls, at=house.time) == "OK"


def test_what_crls_say(open_house: OpenHouse) -> None:
    house = open_house()
    issued = house.issue()
    house.revoke(issued.reservation.serial)
    complete, delta = (parse_crl(crl.der) for crl in house.crl())
    own = h.issuer().parsed
    assert complete.notes == delta.notes == ()
    for crl, number, lasts in ((complete, 1, timedelta(days=7)), (delta, 2, timedelta(days=1))):
        assert (crl.version, crl.issuer.der) == (2, own.subject.der)
        assert (crl.this_update, crl.next_update) == (h.NOW, h.NOW + lasts)
        assert crl.extensions.crl_number == number
        assert crl.extensions.authority_key_identifier is not None
        assert crl.extensions.authority_key_identifier.key_identifier == own.extensions.subject_key_identifier
        assert crl.extensions.issuing_distribution_point is None
    assert complete.extensions.delta_crl_indicator is None
    assert complete.extensions.freshest_crl[0].full_name[0].text == f"{h.BASE_URL}/bridge-sm2-delta.crl"
    assert (delta.extensions.delta_crl_indicator, delta.extensions.critical) == (1, {"2.5.29.27"})
    assert len(delta.revoked) == 0
    (entry,) = complete.revoked.find(int(issued.reservation.serial, 16))
    assert (entry.extensions.reason, entry.revocation_date) == ("key_compromise", h.NOW)


def test_the_life_of_a_hold(open_house: OpenHouse) -> None:
    house = open_house()
    one, two, three = (house.issue().reservation.serial for _ in range(3))
    house.revoke(one, "certificate_hold")
    house.revoke(two, "unspecified")
    complete, _ = house.crl()
    assert listed(complete.der) == {one: ("certificateHold", "08:00"), two: ("unspecified", "08:00")}
    house.time += HOUR
    house.revoke(one, "remove_from_crl")
    house.revoke(three, "certificate_hold")
    assert listed(house.crl(complete=False)[0].der) == {
        one: ("removeFromCRL", "09:00"),
        three: ("certificateHold", "09:00"),
    }
    house.time += HOUR
    # A hold that the base never had is told to be lifted all the same: the delta before had it.
    house.revoke(three, "remove_from_crl")
    assert listed(house.crl(complete=False)[0].der) == {
        one: ("removeFromCRL", "09:00"),
        three: ("removeFromCRL", "10:00"),
    }
    house.time += HOUR
    house.revoke(one, "certificate_hold")
    house.time += HOUR
    house.revoke(one, "ca_compromise")  # since it was held
    after, delta = house.crl()
    assert listed(after.der) == {one: ("cACompromise", "11:00"), two: ("unspecified", "08:00")}
    assert listed(delta.der) == {}


def test_the_engine_hears_a_hold_and_its_end(open_house: OpenHouse) -> None:
    house, root = open_house(), h.ROOTS["sm2"]
    issued = house.issue()
    path = (h.gd_subscriber(), issued.certificate or b"")
    house.revoke(issued.reservation.serial, "certificate_hold")
    complete, delta = house.crl()
    held = h.ask(*path, root=root, crls=(h.GD.crl(), complete.der, delta.der), **ASKED)
    assert h.codes(held) == ["CA_ON_HOLD"]
    house.time += HOUR
    house.revoke(issued.reservation.serial, "remove_from_crl")
    (delta,) = house.crl(complete=False)
    crls = (h.GD.crl(), complete.der, delta.der)
    assert h.codes(h.ask(*path, root=root, crls=crls, at=house.time, **ASKED)) == []


def test_revocations_that_are_refused(open_house: OpenHouse) -> None:
    house = open_house()
    serial = house.issue().reservation.serial
    spelt = ":".join(serial[i : i + 2] for i in range(0, 40, 2)).upper()
    for asked, reason, code in (
        ("00" * 20, "superseded", "CERTIFICATE_UNKNOWN"),
        ("not a number", "superseded", "CERTIFICATE_UNKNOWN"),
        (serial, "remove_from_crl", "NOT_ON_HOLD"),
        (spelt, "certificate_hold", ""),
        (serial, "certificate_hold", "ALREADY_REVOKED"),
        (serial, "superseded", ""),
        (serial, "remove_from_crl", "NOT_ON_HOLD"),
        (serial, "key_compromise", "ALREADY_REVOKED"),
    ):
        try:
            house.revoke(asked, reason)
            said = ""
        except BridgeRefused as refused:
            said = refused.refusal.code
        assert (asked, reason, said) == (asked, reason, code)
    (row,) = house.store.certificates("bridge-sm2")
    assert row.is_revoked
    assert house.store.last_event("bridge-sm2") == 2


def test_which_crls_are_due(open_house: OpenHouse) -> None:
    house = open_house()
    issuer = house.issuers.named("")

    def due() -> Due:
        return crls_due(house.store, issuer, house.time)

    assert due() == Due(complete=True, delta=True)
    house.crl()
    assert due() == Due(complete=False, delta=False)
    house.time = h.NOW + timedelta(hours=17, minutes=59)
    assert due() == Due(complete=False, delta=False)
    house.time = h.NOW + timedelta(hours=18)  # six hours before the delta's end
    assert due() == Due(complete=False, delta=True)
    house.crl(complete=False)
    assert due() == Due(complete=False, delta=False)
    house.revoke(house.issue().reservation.serial, "superseded")
    assert due() == Due(complete=False, delta=True)
    house.crl(complete=False)
    assert due() == Due(complete=False, delta=False)
    house.time = h.NOW + timedelta(days=6, hours=18)
    assert due() == Due(complete=True, delta=True)


@pytest.mark.parametrize("reason", ["key_compromise", "ca_compromise"])
def test_a_compromise_is_told_to_all_at_once(open_house: OpenHouse, reason: str) -> None:
    house = open_house()
    issuer, serial = house.issuers.named(""), house.issue().reservation.serial
    house.crl()
    house.revoke(serial, reason)
    assert crls_due(house.store, issuer, house.time) == Due(complete=True, delta=True)
    house.crl(complete=False)
    assert crls_due(house.store, issuer, house.time) == Due(complete=True, delta=True)
    house.crl()
    assert crls_due(house.store, issuer, house.time) == Due(complete=False, delta=False)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(RevocationReason))), max_size=12))
def test_any_base_with_any_later_delta_says_what_is_so(steps: list[tuple[int, RevocationReason]]) -> None:
    """RFC 5280 §5.2.4 (c): a complete CRL and a delta for it say together what a new complete one would."""
    events: list[RevocationEvent] = []
    for number, reason in steps:
        serial = f"{number:040x}"
        last = next((event for event in reversed(events) if event.serial == serial), None)
        with suppress(BridgeRefused):
            check_transition(serial, last, reason)
            at = h.NOW + len(events) * HOUR
            events.append(RevocationEvent(sequence=len(events) + 1, serial=serial, reason=reason, time=at))
    for base in range(len(events) + 1):
        told = {row.serial: row for row in listed_in_complete(events[:base])}
        for until in range(base, len(events) + 1):
            both = told | {row.serial: row for row in listed_in_delta(events[:until], base)}
            kept = {s: row for s, row in both.items() if row.reason is not RevocationReason.REMOVE_FROM_CRL}
            assert kept == {row.serial: row for row in listed_in_complete(events[:until])}


def test_a_delta_needs_a_complete_one(open_house: OpenHouse) -> None:
    house = open_house()
    with pytest.raises(BridgeRefused, match="NO_COMPLETE_CRL"):
        house.crl(complete=False)
    assert house.log.rows[-1][1]["result"] == "NO_COMPLETE_CRL"
    house.crl()
    assert [crl.number for crl in house.crl(complete=False)] == [3]


def test_a_clock_that_goes_back(open_house: OpenHouse) -> None:
    house = open_house()
    house.crl()
    house.time -= HOUR
    assert {crl.this_update for crl in house.crl()} == {h.NOW}


def test_a_key_that_fails_publishes_nothing(open_house: OpenHouse) -> None:
    house = open_house(h.issuer(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3", answer=b"\x30\x00")))
    with pytest.raises(BridgeRefused, match="SIGNATURE_NOT_VERIFIED"):
        house.crl()
    assert house.store.newest_crl("bridge-sm2", delta=False) is None
    assert [(row["status"], row.get("result")) for _, row in house.log.rows] == [
        ("intended", None),
        ("intended", None),
        ("failed", "SIGNATURE_ENCODING_INVALID"),
        ("failed", "SIGNATURE_NOT_VERIFIED"),
    ]
    well = open_house()
    assert [crl.number for crl in well.crl()] == [3, 4]  # numbers are not given again
