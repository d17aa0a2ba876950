"""Whose signature on a CRL counts: the issuer's key, its other keys, other names, and never one's own."""

from __future__ import annotations

import pytest
from cryptography import x509

from ca_bridge.core.budget import BudgetExhausted, Limits, Resource
from tests import status_pki as pki
from tests.status_pki import Entry, Party, World, crl, idp, issue, point

ROOT = issue(None, "root", ca=True)
CA = issue(ROOT, "ca", ca=True)
LEAF = issue(CA, "leaf")
CRL_KEY = issue(ROOT, "ca", pki.usage("crl_sign"), label="ca crl key")
NO_PATH = ["CRL_ISSUER_PATH_INVALID"]


def world(*supplied: Party) -> World:
    return World((ROOT,), (CA, *supplied))


class TestKeyUsage:
    def test_a_ca_that_may_not_sign_crls(self) -> None:
        silent = issue(ROOT, "silent ca", ca=True, key_usage=pki.usage("key_cert_sign"))
        leaf = issue(silent, "leaf")
        assert World((ROOT,), (silent,)).codes(leaf, crl(silent)) == ["CRL_ISSUER_KEY_USAGE"]

    def test_a_ca_without_key_usage_may(self) -> None:
        plain = issue(ROOT, "plain ca", ca=True, key_usage=None)
        leaf = issue(plain, "leaf")
        assert World((ROOT,), (plain,)).codes(leaf, crl(plain)) == []

    def test_an_anchor_that_may_not_sign_crls(self) -> None:
        silent = issue(None, "silent root", ca=True, key_usage=pki.usage("key_cert_sign"))
        leaf = issue(silent, "leaf")
        assert World((silent,)).codes(leaf, crl(silent)) == ["CRL_ISSUER_KEY_USAGE"]

    def test_another_certificate_of_the_same_key_that_may(self) -> None:
        silent = issue(ROOT, "two ca", ca=True, key_usage=pki.usage("key_cert_sign"))
        speaking = issue(ROOT, "two ca", pki.usage("crl_sign"), serial=77)
        leaf = issue(silent, "leaf")
        assert World((ROOT,), (silent, speaking)).codes(leaf, crl(silent)) == []


class TestOtherKeyOfTheSameName:
    GOOD = crl(CRL_KEY)

    def test_it_speaks_for_the_ca(self) -> None:
        assert world(CRL_KEY).codes(LEAF, self.GOOD) == []
        assert world(CRL_KEY).codes(LEAF, crl(CRL_KEY, Entry(LEAF.serial))) == ["TARGET_REVOKED"]

    def test_without_its_certificate_nobody_knows_it(self) -> None:
        assert world().codes(LEAF, self.GOOD) == ["CRL_SIGNATURE_INVALID"]

    def test_certificates_of_strangers_of_that_name_do_not_crowd_it_out(self) -> None:
        strangers = [issue(None, "ca", ca=True, label=f"stranger {i}") for i in range(40)]
        listed, older = crl(CRL_KEY, Entry(LEAF.serial), number=2), crl(CA)
        assert world(CRL_KEY, *strangers).codes(LEAF, listed, older) == ["TARGET_REVOKED"]

    def test_a_certificate_without_key_usage_is_not_enough(self) -> None:
        silent = issue(ROOT, "ca", label="ca crl key")
        assert world(silent).codes(LEAF, self.GOOD) == ["CRL_ISSUER_KEY_USAGE"]

    def test_a_crl_issuer_that_is_named_and_not_known(self) -> None:
        unknown = issue(ROOT, "crl issuer", pki.usage("crl_sign"))
        leaf = issue(CA, "leaf", point(crl_issuer=("crl issuer",)))
        assert world().codes(leaf, crl(unknown, point=idp(indirect=True))) == NO_PATH

    def test_a_namesake_certified_by_another_member_is_not_heard(self) -> None:
        """Any CA below the anchor can name its own subordinate like another member's CA."""
        member = issue(ROOT, "other member", ca=True)
        twin = issue(member, "ca", ca=True, label="twin key")
        assert world(member, twin).codes(LEAF, crl(twin)) == NO_PATH
        assert world(member, twin).codes(LEAF, crl(twin), crl(CA)) == []
        assert world(member, twin).codes(LEAF, crl(twin, Entry(LEAF.serial))) == NO_PATH

    def test_the_ca_itself_may_certify_its_next_key(self) -> None:
        rolled = issue(CA, "ca", ca=True, label="next key")
        listed = crl(rolled, Entry(LEAF.serial), number=2)
        assert world(rolled).codes(LEAF, listed, crl(CA)) == ["TARGET_REVOKED"]

    def test_under_another_anchor_it_is_not_heard(self) -> None:
        stranger = issue(None, "stranger root", ca=True)
        impostor = issue(stranger, "ca", pki.usage("crl_sign"), label="ca crl key")
        assert world(impostor).codes(LEAF, self.GOOD) == NO_PATH
        both = World((ROOT, stranger), (CA, impostor))
        assert both.codes(LEAF, self.GOOD) == NO_PATH

    def test_expired_it_is_not_heard(self) -> None:
        expired = issue(ROOT, "ca", pki.usage("crl_sign"), label="ca crl key", until=pki.NOW - pki.DAY)
        assert world(expired).codes(LEAF, self.GOOD) == NO_PATH

    def test_revoked_it_is_not_heard(self) -> None:
        revoked = crl(ROOT, Entry(CRL_KEY.serial))
        assert world(CRL_KEY).codes(LEAF, self.GOOD, revoked) == NO_PATH

    def test_its_unusable_status_silences_it(self) -> None:
        stale = crl(ROOT, until=pki.NOW - pki.DAY, since=pki.NOW - 2 * pki.DAY)
        assert world(CRL_KEY).codes(LEAF, self.GOOD, stale) == [*NO_PATH, "CRL_STALE@1"]

    def test_require_all_wants_its_status_as_well(self) -> None:
        ask = {"rule": pki.REQUIRE_ALL}
        assert world(CRL_KEY).codes(LEAF, self.GOOD, crl(ROOT), **ask) == []
        users = crl(ROOT, point=idp(ca=True))
        assert world(CRL_KEY).codes(LEAF, self.GOOD, users, **ask) == NO_PATH

    def test_the_anchors_own_key_under_its_name(self) -> None:
        indirect = issue(CA, "leaf", point(crl_issuer=("root",)))
        assert world().codes(indirect, crl(ROOT, point=idp(indirect=True))) == []

    def test_a_ca_above_speaks_for_one_below_that_names_it(self) -> None:
        below = issue(CA, "below", ca=True)
        leaf = issue(below, "leaf", point(crl_issuer=("ca",)))
        assert world(below).codes(leaf, crl(CA, point=idp(indirect=True))) == []


class TestNobodyVouchesForItself:
    def test_a_ca_cannot_make_a_second_issuer_of_its_superiors_name(self) -> None:
        """Root <- middle <- captured; captured certifies another "middle", which calls captured good."""
        middle = issue(ROOT, "middle", ca=True)
        captured = issue(middle, "captured", ca=True)
        puppet = issue(captured, "middle", pki.usage("crl_sign"), label="puppet")
        leaf = issue(captured, "leaf")
        evidence = (crl(puppet), crl(captured), crl(ROOT))
        asked = World((ROOT,), (middle, captured, puppet))
        assert asked.codes(leaf, *evidence, rule=pki.REQUIRE_ALL) == ["CRL_ISSUER_PATH_INVALID@1"]
        told = crl(middle, Entry(captured.serial))
        assert "CA_REVOKED@1" in asked.codes(leaf, *evidence, told, rule=pki.REQUIRE_ALL)

    def test_a_crl_issuer_may_be_on_its_own_list_if_its_issuer_says_so(self) -> None:
        named = issue(ROOT, "crl issuer", pki.usage("crl_sign"), point(crl_issuer=("crl issuer",)))
        leaf = issue(ROOT, "leaf", point(crl_issuer=("crl issuer",)))
        asked = World((ROOT,), (named,))
        own = idp(indirect=True)
        assert asked.codes(leaf, crl(named, point=own), rule=pki.REQUIRE_ALL) == []
        itself = crl(named, Entry(named.serial, issuer="root"), point=own)
        assert asked.codes(leaf, itself, rule=pki.REQUIRE_ALL) == NO_PATH
        assert asked.codes(named, crl(named, point=own), rule=pki.REQUIRE_ALL) == []

    def test_two_that_vouch_for_each_other_are_not_heard(self) -> None:
        one = issue(ROOT, "one", pki.usage("crl_sign"), point(crl_issuer=("two",)))
        two = issue(ROOT, "two", pki.usage("crl_sign"), point(crl_issuer=("one",)))
        leaf = issue(ROOT, "leaf", point(crl_issuer=("one",)))
        lists = (crl(one, point=idp(indirect=True)), crl(two, point=idp(indirect=True)))
        asked = World((ROOT,), (one, two))
        assert asked.codes(leaf, *lists, rule=pki.REQUIRE_ALL) == NO_PATH
        assert asked.codes(leaf, *lists, rule=pki.IF_AVAILABLE) == NO_PATH

    def test_a_row_of_issuers_ends_somewhere(self) -> None:
        def named(number: int, *extensions: x509.ExtensionType) -> Party:
            above = point(crl_issuer=(f"issuer {number + 1}",))
            return issue(ROOT, f"issuer {number}", above, *extensions)

        issuers = [named(number, pki.usage("crl_sign")) for number in range(1, 9)]
        lists = [crl(party, point=idp(indirect=True)) for party in issuers]
        leaf = named(0)
        asked = World((ROOT,), tuple(issuers))
        assert asked.codes(leaf, *lists[:3], rule=pki.IF_AVAILABLE) == []
        assert asked.codes(leaf, *lists, rule=pki.IF_AVAILABLE) == NO_PATH


class TestBudget:
    def test_each_list_is_verified_once_under_each_key(self) -> None:
        lists = [crl(CRL_KEY, number=n) for n in range(1, 8)]
        asked = World((ROOT,), (CA, CRL_KEY), Limits(signatures=3 + 2 * len(lists), paths=2))
        assert asked.codes(LEAF, *lists) == []

    def test_signatures_are_paid_for(self) -> None:
        lists = [crl(CA, number=n) for n in range(1, 8)]
        asked = World((ROOT,), (CA,), Limits(signatures=6))
        with pytest.raises(BudgetExhausted):
            asked.check(LEAF, *lists)

    def test_signers_that_vouch_for_each_other_cost_no_more_than_the_budget(self) -> None:
        """Every order of them is another question; their signatures are checked only once."""
        signers = [issue(CA, "ca", pki.usage("crl_sign"), label=f"key {i}", serial=500 + i) for i in range(6)]
        lists = [crl(signer, number=i) for i, signer in enumerate(signers, start=1)]
        asked = World((ROOT,), (CA, *signers))
        with pytest.raises(BudgetExhausted) as caught:
            asked.check(LEAF, *lists)
        assert caught.value.resource is Resource.BUILD_STEPS

    def test_responders_that_vouch_for_each_other_cost_no_more_than_the_budget(self) -> None:
        responders = [issue(CA, f"responder {i}", pki.OCSP_SIGNING) for i in range(9)]
        asked = World((ROOT,), (CA,), Limits(build_steps=20_000))
        answers = [
            pki.response(about, CA, by=by, certificates=(by,))
            for about in (LEAF, *responders)
            for by in responders
            if by is not about
        ]
        with pytest.raises(BudgetExhausted) as caught:
            asked.check(LEAF, *answers)
        assert caught.value.resource is Resource.BUILD_STEPS
