"""What one CRL says: times, flaws, entries, the time of validation, deltas."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from tests import status_pki as pki
from tests.status_pki import COMPROMISE, DAY, HOLD, NOW, REMOVED, Entry, World, crl, issue

ROOT = issue(None, "root", ca=True)
LEAF = issue(ROOT, "leaf")
WORLD = World((ROOT,))
SECOND = timedelta(seconds=1)
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.1"), b"\x05\x00"), True)
LISTED = Entry(LEAF.serial)
HELD = Entry(LEAF.serial, HOLD)


def test_the_bounds_of_its_time_belong_to_it() -> None:
    exact = crl(ROOT, since=NOW, until=NOW)
    assert WORLD.codes(LEAF, exact) == []
    assert WORLD.codes(LEAF, exact, at=NOW + timedelta(microseconds=999_999)) == []
    assert WORLD.codes(LEAF, exact, at=NOW + SECOND) == ["CRL_STALE"]
    assert WORLD.codes(LEAF, exact, at=NOW - SECOND) == ["CRL_NOT_YET_VALID"]


def test_without_next_update_it_clears_nothing() -> None:
    assert WORLD.codes(LEAF, replace(crl(ROOT), next_update=None)) == ["CRL_WITHOUT_NEXT_UPDATE"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"extra": (UNKNOWN,)}, "CRL_UNKNOWN_CRITICAL_EXTENSION"),
        ({"number": None}, "CRL_NUMBER_MISSING"),
        ({"critical_number": True}, "CRL_NUMBER_CRITICAL"),
        ({"since": NOW - 2 * DAY, "until": NOW - DAY}, "CRL_STALE"),
        ({"since": NOW + SECOND}, "CRL_NOT_YET_VALID"),
    ],
)
def test_a_flawed_list_revokes_but_never_clears(fields: dict[str, object], code: str) -> None:
    assert WORLD.codes(LEAF, crl(ROOT, **fields)) == [code]
    assert WORLD.codes(LEAF, crl(ROOT, LISTED, **fields)) == ["TARGET_REVOKED"]
    assert WORLD.codes(LEAF, crl(ROOT, HELD, **fields)) == [code]


def test_an_unknown_critical_entry_extension_anywhere_spoils_the_list() -> None:
    spoilt = replace(crl(ROOT), has_unknown_critical_entry=True)
    assert WORLD.codes(LEAF, spoilt) == ["CRL_UNKNOWN_CRITICAL_EXTENSION"]


def test_version_1_has_no_number_and_is_for_old_material_only() -> None:
    old = replace(crl(ROOT, number=None), version=0)
    assert WORLD.codes(LEAF, old) == ["CRL_NUMBER_MISSING"]
    assert WORLD.codes(LEAF, old, profile="legacy") == []
    assert WORLD.codes(LEAF, crl(ROOT, number=None), profile="legacy") == ["CRL_NUMBER_MISSING"]


def test_the_signature_counts() -> None:
    forged = crl(ROOT, private=pki.key("stranger"))
    assert WORLD.codes(LEAF, forged) == ["CRL_SIGNATURE_INVALID"]
    assert WORLD.codes(LEAF, crl(ROOT, LISTED, private=pki.key("stranger"))) == ["CRL_SIGNATURE_INVALID"]
    assert WORLD.codes(LEAF, forged, crl(ROOT)) == []


def test_the_same_serial_number_of_another_issuer_is_not_ours() -> None:
    point = pki.idp(indirect=True)
    theirs = crl(ROOT, Entry(LEAF.serial, issuer="somebody else"), point=point)
    assert WORLD.codes(LEAF, theirs) == []
    ours = crl(ROOT, Entry(1, issuer="somebody else"), Entry(LEAF.serial, issuer="root"), point=point)
    assert WORLD.codes(LEAF, ours) == ["TARGET_REVOKED"]


class TestTimeOfValidation:
    LATER = NOW + timedelta(hours=1)

    def test_what_is_listed_is_revoked_whatever_its_date(self) -> None:
        assert WORLD.codes(LEAF, crl(ROOT, Entry(LEAF.serial, when=self.LATER))) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, crl(ROOT, Entry(LEAF.serial, HOLD, self.LATER))) == ["TARGET_ON_HOLD"]
        assert WORLD.codes(LEAF, crl(ROOT, Entry(LEAF.serial, when=NOW))) == ["TARGET_REVOKED"]

    def test_a_revocation_dated_and_told_later_does_not_count(self) -> None:
        later = crl(ROOT, Entry(LEAF.serial, when=self.LATER), since=self.LATER, number=2)
        assert WORLD.codes(LEAF, later, crl(ROOT)) == []

    def test_an_earlier_invalidity_date_counts(self) -> None:
        dated = Entry(LEAF.serial, when=self.LATER, invalidity=NOW - DAY)
        assert WORLD.codes(LEAF, crl(ROOT, dated, since=self.LATER)) == ["TARGET_REVOKED"]

    def test_a_later_invalidity_date_does_not_help(self) -> None:
        dated = Entry(LEAF.serial, when=NOW - DAY, invalidity=self.LATER)
        assert WORLD.codes(LEAF, crl(ROOT, dated)) == ["TARGET_REVOKED"]

    @pytest.mark.parametrize(
        "reason", [COMPROMISE, x509.ReasonFlags.ca_compromise, x509.ReasonFlags.aa_compromise]
    )
    def test_a_compromise_has_no_beginning(self, reason: x509.ReasonFlags) -> None:
        later = crl(ROOT, Entry(LEAF.serial, reason, self.LATER), since=self.LATER)
        assert WORLD.codes(LEAF, later) == ["TARGET_REVOKED"]

    def test_a_list_of_tomorrow_still_tells_of_yesterday(self) -> None:
        tomorrow: dict[str, datetime] = {"since": NOW + DAY, "until": NOW + 2 * DAY}
        assert WORLD.codes(LEAF, crl(ROOT, LISTED, **tomorrow)) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, crl(ROOT, Entry(LEAF.serial, when=NOW + DAY), **tomorrow)) == [
            "CRL_NOT_YET_VALID"
        ]


class TestReasons:
    SOME = frozenset({x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise})
    OTHERS = frozenset(x509.ReasonFlags) - SOME - {x509.ReasonFlags.unspecified, REMOVED}

    def test_only_all_reasons_together_clear(self) -> None:
        some = crl(ROOT, point=pki.idp(reasons=self.SOME))
        others = crl(ROOT, point=pki.idp(reasons=self.OTHERS))
        assert WORLD.codes(LEAF, some, others) == []
        checked = WORLD.check(LEAF, others)
        assert isinstance(checked, tuple)
        assert [(f.reason.code, f.params) for f in checked] == [
            ("CRL_REASONS_NOT_COVERED", (("reasons", "ca_compromise key_compromise"),))
        ]

    def test_part_of_the_reasons_is_not_enough_even_if_nothing_is_required(self) -> None:
        codes = WORLD.codes(LEAF, crl(ROOT, point=pki.idp(reasons=self.SOME)), rule=pki.IF_AVAILABLE)
        assert codes == ["CRL_REASONS_NOT_COVERED"]


class TestDelta:
    BASE = crl(ROOT, number=7)
    HELD_BASE = crl(ROOT, HELD, number=7)

    def test_alone_it_clears_nothing(self) -> None:
        assert WORLD.codes(LEAF, crl(ROOT, number=8, delta=7)) == ["DELTA_CRL_WITHOUT_BASE"]

    def test_alone_it_revokes(self) -> None:
        assert WORLD.codes(LEAF, crl(ROOT, LISTED, number=8, delta=7)) == ["TARGET_REVOKED"]

    def test_it_adds_to_its_base(self) -> None:
        assert WORLD.codes(LEAF, self.BASE, crl(ROOT, number=8, delta=7)) == []
        assert WORLD.codes(LEAF, self.BASE, crl(ROOT, LISTED, number=8, delta=7)) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, self.BASE, crl(ROOT, HELD, number=8, delta=7)) == ["TARGET_ON_HOLD"]

    def test_it_takes_a_hold_off(self) -> None:
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=8, delta=7)
        assert WORLD.codes(LEAF, self.HELD_BASE, lifted) == []
        assert WORLD.codes(LEAF, self.HELD_BASE, crl(ROOT, number=8, delta=7)) == ["TARGET_ON_HOLD"]

    def test_it_belongs_to_the_base_of_its_own_scope(self) -> None:
        users, cas = pki.idp(user=True), pki.idp(pki.directory("root"), user=True)
        base = crl(ROOT, HELD, number=7, point=users)
        for point, codes in ((users, []), (cas, ["TARGET_ON_HOLD"]), (None, ["TARGET_ON_HOLD"])):
            lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=8, delta=7, point=point)
            assert WORLD.codes(LEAF, base, lifted) == codes

    def test_it_takes_nothing_else_off(self) -> None:
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=8, delta=7)
        assert WORLD.codes(LEAF, crl(ROOT, LISTED, number=7), lifted) == ["TARGET_REVOKED"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"number": 8, "delta": 8},
            {"number": 7, "delta": 6},
            {"number": None, "delta": 7},
            {"number": 8, "delta": 7, "since": NOW - 3 * DAY, "until": NOW - 2 * DAY},
            {"number": 8, "delta": 7, "private": pki.key("stranger")},
            {"number": 8, "delta": 7, "point": pki.idp(user=True)},
        ],
    )
    def test_one_that_does_not_belong_takes_nothing_off(self, fields: dict[str, object]) -> None:
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), **fields)
        assert WORLD.codes(LEAF, self.HELD_BASE, lifted) == ["TARGET_ON_HOLD"]

    def test_a_base_without_number_has_no_deltas(self) -> None:
        base = replace(crl(ROOT, HELD, number=None), version=0)
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=8, delta=0)
        assert WORLD.codes(LEAF, base, lifted, profile="legacy") == ["TARGET_ON_HOLD"]

    def test_an_unusable_one_leaves_the_base_as_it_is(self) -> None:
        assert WORLD.codes(LEAF, self.BASE, crl(ROOT, number=None, delta=7)) == []

    def test_a_stale_base_is_not_made_fresh(self) -> None:
        stale = crl(ROOT, number=7, since=NOW - 3 * DAY, until=NOW - 2 * DAY)
        codes = WORLD.codes(LEAF, stale, crl(ROOT, number=8, delta=7))
        assert codes == ["CRL_STALE", "DELTA_CRL_WITHOUT_BASE"]

    def test_the_newest_speaks_of_holds(self) -> None:
        held = crl(ROOT, HELD, number=8, delta=7)
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=9, delta=7)
        held_again = crl(ROOT, HELD, number=10, delta=7)
        assert WORLD.codes(LEAF, self.BASE, held, lifted) == []
        assert WORLD.codes(LEAF, self.HELD_BASE, held, lifted) == []
        assert WORLD.codes(LEAF, self.BASE, held, lifted, held_again) == ["TARGET_ON_HOLD"]
        assert WORLD.codes(LEAF, held, lifted) == 2 * ["DELTA_CRL_WITHOUT_BASE"]

    def test_a_permanent_revocation_is_never_taken_back(self) -> None:
        listed = crl(ROOT, LISTED, number=8, delta=7)
        lifted = crl(ROOT, Entry(LEAF.serial, REMOVED), number=9, delta=7)
        assert WORLD.codes(LEAF, self.BASE, listed, lifted) == ["TARGET_REVOKED"]

    def test_removed_on_a_complete_list_is_still_listed(self) -> None:
        assert WORLD.codes(LEAF, crl(ROOT, Entry(LEAF.serial, REMOVED))) == ["TARGET_REVOKED"]
