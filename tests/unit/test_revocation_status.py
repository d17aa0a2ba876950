"""The rule asked for, and what revoked, unknown, unreadable and missing evidence do under it."""

from __future__ import annotations

import pytest
from cryptography import x509

from ca_bridge.core.reasons.evidence import SUPPLIED_CRL_UNREADABLE
from ca_bridge.core.request import RevocationRule
from ca_bridge.core.verdict import Finding, RevocationStatus
from tests import status_pki as pki
from tests.status_pki import DAY, HOLD, NOW, Entry, World, crl, issue

ROOT = issue(None, "root", ca=True)
CA = issue(ROOT, "ca", ca=True)
LEAF = issue(CA, "leaf")
WORLD = World((ROOT,), (CA,))

GOOD = crl(CA)
GOOD_CA = crl(ROOT)
LISTED = crl(CA, Entry(LEAF.serial))
STALE = crl(CA, since=NOW - 3 * DAY, until=NOW - 2 * DAY)
LISTED_CA = crl(ROOT, Entry(CA.serial))
ANY_RULE = tuple(rule for rule in RevocationRule if rule is not RevocationRule.NONE)
UNREADABLE = (Finding(reason=SUPPLIED_CRL_UNREADABLE, params=(("cause", "CRL_STRUCTURE"),)),)


def test_none_asks_nothing_even_of_a_revoked_certificate() -> None:
    statuses = WORLD.statuses(LEAF, LISTED, rule=RevocationRule.NONE)
    assert statuses == ["not_checked none", "not_checked none"]


def test_no_evidence_is_enough_unless_it_is_required() -> None:
    assert WORLD.statuses(LEAF, rule=pki.IF_AVAILABLE) == ["unknown none", "unknown none"]
    assert WORLD.codes(LEAF, rule=pki.REQUIRE_TARGET) == ["REVOCATION_EVIDENCE_MISSING"]
    missing = ["REVOCATION_EVIDENCE_MISSING", "REVOCATION_EVIDENCE_MISSING@1"]
    assert WORLD.codes(LEAF, rule=pki.REQUIRE_ALL) == missing


@pytest.mark.parametrize("rule", ANY_RULE)
def test_revoked_refuses_under_any_rule(rule: RevocationRule) -> None:
    assert "TARGET_REVOKED" in WORLD.codes(LEAF, LISTED, GOOD_CA, rule=rule)
    assert "CA_REVOKED@1" in WORLD.codes(LEAF, GOOD, LISTED_CA, rule=rule)


def test_a_revocation_tells_its_reason_time_and_source() -> None:
    checked = WORLD.check(LEAF, LISTED)
    assert isinstance(checked, tuple)
    source = f"crl:{LISTED.fingerprint}"
    params = (("reason", "superseded"), ("since", "2026-01-10T08:00:00Z"), ("source", source))
    assert [(f.position, f.params) for f in checked] == [(0, params)]


def test_on_hold_may_end() -> None:
    assert WORLD.codes(LEAF, crl(CA, Entry(LEAF.serial, HOLD))) == ["TARGET_ON_HOLD"]
    assert WORLD.codes(LEAF, GOOD, crl(ROOT, Entry(CA.serial, HOLD))) == ["CA_ON_HOLD@1"]


def test_a_permanent_revocation_is_told_before_a_hold() -> None:
    held = crl(CA, Entry(LEAF.serial, HOLD, NOW - 20 * DAY), number=9)
    assert WORLD.codes(LEAF, held, LISTED) == ["TARGET_REVOKED"]


def test_require_target_asks_for_the_target_alone() -> None:
    assert WORLD.statuses(LEAF, GOOD) == ["good crl", "unknown none"]
    assert WORLD.codes(LEAF, GOOD_CA) == ["REVOCATION_EVIDENCE_MISSING"]


def test_require_all_asks_for_every_certificate_below_the_anchor() -> None:
    assert WORLD.statuses(LEAF, GOOD, GOOD_CA, rule=pki.REQUIRE_ALL) == ["good crl", "good crl"]
    assert WORLD.codes(LEAF, GOOD, rule=pki.REQUIRE_ALL) == ["REVOCATION_EVIDENCE_MISSING@1"]


@pytest.mark.parametrize("rule", ANY_RULE)
def test_unusable_evidence_about_a_certificate_refuses_it(rule: RevocationRule) -> None:
    assert WORLD.codes(LEAF, STALE, GOOD_CA, rule=rule) == ["CRL_STALE"]


def test_unusable_evidence_does_no_harm_beside_good_evidence() -> None:
    assert WORLD.statuses(LEAF, STALE, GOOD)[0] == "good crl"


def test_evidence_about_others_is_no_evidence() -> None:
    other = crl(issue(ROOT, "other ca", ca=True))
    assert WORLD.statuses(LEAF, other, rule=pki.IF_AVAILABLE) == ["unknown none", "unknown none"]


def test_what_cannot_be_read_counts_against_what_has_no_status() -> None:
    checked = WORLD.check(LEAF, GOOD, rule=pki.IF_AVAILABLE, unreadable=UNREADABLE)
    assert checked == UNREADABLE
    assert isinstance(WORLD.check(LEAF, GOOD, GOOD_CA, unreadable=UNREADABLE), object)
    assert WORLD.statuses(LEAF, GOOD, GOOD_CA, unreadable=UNREADABLE) == ["good crl", "good crl"]
    codes = WORLD.codes(LEAF, GOOD_CA, unreadable=UNREADABLE)
    assert codes == ["SUPPLIED_CRL_UNREADABLE", "REVOCATION_EVIDENCE_MISSING"]


def test_hints_say_why_other_evidence_did_not_count() -> None:
    about_ca = pki.response(CA, ROOT)
    elsewhere = crl(CA, point=pki.idp(pki.uri("http://a.example/1.crl"), ca=True))
    codes = WORLD.codes(LEAF, elsewhere, about_ca)
    assert codes == ["CRL_OUT_OF_SCOPE", "OCSP_NO_MATCHING_RESPONSE", "REVOCATION_EVIDENCE_MISSING"]


class TestExemptions:
    RESPONDER = issue(CA, "responder", pki.OCSP_SIGNING, x509.OCSPNoCheck())
    EVENT = issue(
        CA,
        "event",
        x509.NoRevAvail()
        if hasattr(x509, "NoRevAvail")
        else x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00"),
    )

    def test_a_responder_with_nocheck_needs_no_proof(self) -> None:
        assert WORLD.statuses(self.RESPONDER)[0] == "not_checked nocheck"

    def test_nocheck_means_nothing_on_other_certificates(self) -> None:
        assert WORLD.codes(issue(CA, "leaf 2", x509.OCSPNoCheck())) == ["REVOCATION_EVIDENCE_MISSING"]

    def test_no_rev_avail_needs_no_proof(self) -> None:
        assert WORLD.statuses(self.EVENT, STALE)[0] == "not_checked no_rev_avail"
        assert WORLD.statuses(self.EVENT, GOOD)[0] == "good crl"

    def test_a_revoked_certificate_is_never_exempt(self) -> None:
        listed = crl(CA, Entry(self.EVENT.serial), Entry(self.RESPONDER.serial))
        assert WORLD.codes(self.EVENT, listed) == ["TARGET_REVOKED"]
        assert WORLD.codes(self.RESPONDER, listed) == ["TARGET_REVOKED"]

    @pytest.mark.parametrize(
        "source",
        [
            pki.point(pki.uri("http://a.example/1.crl")),
            x509.FreshestCRL(list(pki.point(pki.uri("http://a.example/2.crl")))),
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        x509.AuthorityInformationAccessOID.OCSP, pki.uri("http://a.example/ocsp")
                    )
                ]
            ),
        ],
    )
    def test_no_rev_avail_beside_a_source_of_status_is_not_believed(self, source: x509.ExtensionType) -> None:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00")
        assert WORLD.codes(issue(CA, "event 2", extension, source)) == ["REVOCATION_EVIDENCE_MISSING"]


def test_statuses_stand_in_the_order_of_the_path() -> None:
    checked = WORLD.check(LEAF, GOOD, GOOD_CA)
    assert not isinstance(checked, tuple)
    assert [(s.position, s.status, s.source) for s in checked.statuses] == [
        (0, RevocationStatus.GOOD, f"crl:{GOOD.fingerprint}"),
        (1, RevocationStatus.GOOD, f"crl:{GOOD_CA.fingerprint}"),
    ]
