"""Complete and delta CRLs: what they say, and that the engine and OpenSSL hear it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

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
from tests.pki_writers import extensions as ext

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
    assert (delta.number, delta.base) == (2, complete.number)
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
    for crl, number, lasts in ((complete, 1, timedelta(days=7)), (delta, 1, timedelta(days=1))):
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
    assert delta.base == complete.number  # for whoever still has that one
    assert listed(delta.der) == {one: ("cACompromise", "11:00"), three: ("removeFromCRL", "10:00")}


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


def test_an_issuer_that_may_not_sign_crls_signs_nothing(open_house: OpenHouse) -> None:
    bridge = h.BRIDGES["sm2"]
    parts = (ext.basic_constraints(), ext.key_usage("key_cert_sign"))
    house = open_house(h.issuer(certificate=bridge.issue("", bridge.name, bridge.key, parts).certificate))
    for act in (house.issue, house.crl):
        with pytest.raises(BridgeRefused, match="ISSUER_UNUSABLE") as caught:
            act()
        assert caught.value.params == {"cause": "NO_CRL_SIGN"}


def test_an_issuer_that_is_over_signs_nothing(open_house: OpenHouse) -> None:
    house = open_house()
    house.time = house.issuers.named("").parsed.not_after + timedelta(seconds=1)
    for act in (house.issue, house.crl):
        with pytest.raises(BridgeRefused, match="ISSUER_UNUSABLE") as caught:
            act()
        assert caught.value.params == {"cause": "EXPIRED"}


def test_nothing_is_due_of_an_issuer_that_is_over(open_house: OpenHouse) -> None:
    house = open_house()
    issuer = house.issuers.named("")
    house.time = issuer.parsed.not_after
    assert crls_due(house.store, issuer, house.time) == Due(complete=True, delta=True)
    house.time += timedelta(seconds=1)
    assert crls_due(house.store, issuer, house.time) == Due(complete=False, delta=False)


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
    assert [crl.number for crl in house.crl(complete=False)] == [2]


def test_a_clock_that_goes_back(open_house: OpenHouse) -> None:
    house = open_house()
    house.crl()
    house.time -= timedelta(minutes=5)
    assert {crl.this_update for crl in house.crl()} == {h.NOW}
    house.time -= timedelta(seconds=1)
    for complete in (True, False):
        with pytest.raises(BridgeRefused, match="CLOCK_BEHIND") as caught:
            house.crl(complete=complete)
        assert caught.value.params == {
            "label": "bridge-sm2",
            "last": "2026-01-15T08:00:00Z",
            "now": "2026-01-15T07:54:59Z",
        }
    newest = house.store.newest_crl("bridge-sm2", delta=False)
    assert newest is not None
    assert newest.number == 2


def test_the_ways_out_that_the_page_gives_to_administrators(open_house: OpenHouse) -> None:
    """A clock that was wrong, and an old register: docs/bridge-ca.md."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "bridge-ca.md").read_text("utf-8")
    house = open_house()

    def administer(column: str, value: str) -> None:
        (said,) = (found for found in re.findall("`(UPDATE [^`]*;)`", page) if f" {column} = " in found)
        whole = said.replace("'...'", "'bridge-sm2'").replace("...", value)
        with house.database.writing() as connection:
            assert connection.execute(text(whole)).rowcount == 1

    house.time += timedelta(days=30)
    house.crl()
    house.time = h.NOW
    administer("last_update", "NULL")
    assert {(crl.number, crl.this_update) for crl in house.crl()} == {(2, h.NOW)}
    administer("crl_number", "41")
    assert {crl.number for crl in house.crl()} == {42}


@pytest.mark.parametrize("kind", ["sm2", "rsa", "ecdsa"])
def test_who_has_the_complete_crl_before_hears_of_the_next_by_its_delta(
    open_house: OpenHouse, tmp_path: Path, kind: str
) -> None:
    """RFC 5280 §5.2.3: issued at one time, they have one number and say the same."""
    house, root = open_house(h.issuer(kind)), h.ROOTS[kind]
    issued = house.issue("bridge-hk", h.HK_ROOT)
    first, _ = house.crl()
    house.time += HOUR
    house.revoke(issued.reservation.serial)
    second, delta = house.crl()
    assert (second.number, delta.number, delta.base) == (2, 2, first.number)
    assert listed(second.der) == listed(delta.der)
    path = (h.hk_subscriber(), h.HK_CA, issued.certificate or b"")
    own = (h.HK.crl(), h.HK_OPERATING.crl())
    for crls in ((first.der, delta.der), (second.der, delta.der), (second.der,)):
        at = {"root": root, "crls": (*own, *crls), "at": house.time}
        assert h.codes(h.ask(*path, **at, **ASKED)) == ["CA_REVOKED"]
        assert wheel_says(*path, **at) == "certificate revoked"
        if kind != "sm2":
            said = command_says(tmp_path, *path, **at, policies=[h.BRIDGE_HIGH])
            assert said == "certificate revoked"


def test_where_deltas_start(open_house: OpenHouse) -> None:
    """At the oldest complete CRL that is valid still; at the newest when none is."""
    house = open_house()

    def bases(*, complete: bool) -> list[tuple[int, int | None]]:
        return [(crl.number, crl.base) for crl in house.crl(complete=complete)]

    assert bases(complete=True) == [(1, None), (1, 1)]
    house.time = h.NOW + timedelta(days=6)
    assert bases(complete=True) == [(2, None), (2, 1)]
    house.time = h.NOW + timedelta(days=7, seconds=-1)
    assert bases(complete=False) == [(3, 1)]
    house.time = h.NOW + timedelta(days=7)
    assert bases(complete=False) == [(4, 2)]
    house.time = h.NOW + timedelta(days=30)
    assert bases(complete=False) == [(5, 2)]
    assert bases(complete=True) == [(6, None), (6, 2)]


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
    assert [crl.number for crl in well.crl()] == [2, 2]  # numbers are not given again
