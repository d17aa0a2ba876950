"""Recognition by trust list: five conditions, each refused for itself, in time and in history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.recognition.agreement import Conditions, RecognitionStatus
from ca_bridge.core.recognition.policy_oid import expand_arcs, is_below
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustListEntry,
    UndatedHistory,
)
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.verdict import RecognitionBasis, TrustModel, Verdict
from tests.recognition.scheme import (
    ENTRY,
    LEAVES,
    NOW,
    C,
    codes,
    fingerprint,
    listed,
    pki,
    with_entry,
)

PERSON = LEAVES["hk-person-sign"]
TYPE = "C=HK, O=Test HK Post e-Cert (Personal), OU=0000000001, CN=TEST USER ALPHA"
ROOT_1 = pki.Ca("hk-root-1", pki.name("C=HK, O=Test HK Post, CN=Test HK Root CA 1"), pki.Sm2("hk root 1"))
CA_1 = pki.Ca("hk-ca-1", pki.name("C=HK, O=Test HK Post, CN=Test HK e-Cert CA 1"), pki.Sm2("hk ca 1"))
POLICIES = pki.ext.certificate_policies("2.5.29.32.0")
OLD_ROOT, OLD_CA = ROOT_1.root(), ROOT_1.certify(CA_1, POLICIES)
CA_1_BY_ROOT_2 = pki.HK_ROOT.certify(CA_1, POLICIES)
CA_2_BY_ROOT_1 = ROOT_1.certify(pki.HK_CA, POLICIES)


def _leaf(ca: object, label: str, *, subject: str = TYPE, policy: str = pki.HK_MUTUAL_RECOGNITION) -> bytes:
    return pki.leaf(ca, label, subject, pki.Sm2(label), policy).certificate


def _basis(verdict: Verdict) -> RecognitionBasis:
    assert verdict.findings == ()
    assert verdict.basis is not None
    return verdict.basis


def test_a_personal_e_cert_is_accepted_for_contract_signing() -> None:
    verdict = listed(PERSON, purpose=Purpose.CONTRACT_SIGNING, assurance_level="medium")
    basis = _basis(verdict)
    assert basis.model is TrustModel.TRUST_LIST
    assert basis.references == ("hong-kong/e-cert-personal",)
    assert (basis.level, basis.scale) == ("medium", "gba")
    assert verdict.user_constrained_policy_set == (pki.HK_MUTUAL_RECOGNITION,)
    assert codes(listed(PERSON, assurance_level="high")) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_contract_signing_asks_for_non_repudiation() -> None:
    usage = pki.ext.key_usage("digital_signature")
    leaf = pki.leaf(
        pki.HK_CA, "no-nr", TYPE, pki.Sm2("no-nr"), pki.HK_MUTUAL_RECOGNITION, usage=usage
    ).certificate
    assert codes(listed(leaf, purpose=Purpose.CONTRACT_SIGNING)) == ["KEY_USAGE_FORBIDS_PURPOSE"]


class TestExactlyOneConditionFails:
    def test_before_the_interval(self) -> None:
        at = datetime(2026, 1, 15, tzinfo=UTC)
        verdict = listed(
            PERSON, with_entry(replace(ENTRY, recognised_from=at)), validation_time=at - timedelta(seconds=1)
        )
        assert codes(verdict) == ["TRUST_LIST_NOT_YET_RECOGNISED"]
        assert dict(verdict.findings[0].params)["recognised_from"] == "2026-01-15T00:00:00Z"

    def test_after_the_interval(self) -> None:
        policy = with_entry(replace(ENTRY, recognised_until=NOW))
        verdict = listed(PERSON, policy)
        assert codes(verdict) == ["TRUST_LIST_NO_LONGER_RECOGNISED"]
        assert dict(verdict.findings[0].params)["recognised_until"] == "2026-01-15T08:00:00Z"
        assert codes(listed(PERSON, policy, validation_time=NOW - timedelta(seconds=1))) == []

    def test_without_an_end_it_goes_on(self) -> None:
        assert codes(listed(PERSON, with_entry(replace(ENTRY, recognised_until=None)))) == []

    def test_another_root(self) -> None:
        verdict = listed(PERSON, chain=(CA_2_BY_ROOT_1,), anchors=(OLD_ROOT,))
        # The issuing CA's certificate under the other root is another one too: pinned, not named.
        assert codes(verdict) == ["TRUST_LIST_ROOT_OTHER"]
        assert verdict.findings[0].position == 2

    def test_another_root_alone(self) -> None:
        again = pki.HK_ROOT.root(
            period=(pki.datetime(2024, 1, 1, tzinfo=UTC), pki.datetime(2034, 1, 1, tzinfo=UTC))
        )
        verdict = listed(PERSON, anchors=(again,))
        assert codes(verdict) == ["TRUST_LIST_ROOT_OTHER"]

    def test_another_issuing_ca(self) -> None:
        leaf = _leaf(CA_1, "by another CA")
        verdict = listed(leaf, chain=(CA_1_BY_ROOT_2,))
        assert codes(verdict) == ["TRUST_LIST_ISSUER_OTHER"]
        assert verdict.findings[0].position == 1

    def test_another_type(self) -> None:
        leaf = _leaf(pki.HK_CA, "other type", subject=TYPE.replace("(Personal)", "(Organisational)"))
        verdict = listed(leaf)
        assert codes(verdict) == ["TRUST_LIST_TYPE_OTHER"]
        assert dict(verdict.findings[0].params)["type_name"] == "Test HK Post e-Cert (Personal)"

    @pytest.mark.parametrize(
        "subject",
        [
            "C=HK, O=Other, CN=Test HK Post e-Cert (Personal)",
            "C=HK, O=Test HK Post e-Cert (Personal) Plus, CN=X",
            "C=HK, O=test hk post e-cert (personal), CN=X",
        ],
    )
    def test_the_type_is_neither_the_holders_name_nor_a_part_of_one(self, subject: str) -> None:
        assert codes(listed(_leaf(pki.HK_CA, subject, subject=subject))) == ["TRUST_LIST_TYPE_OTHER"]

    def test_the_type_may_stand_in_a_unit(self) -> None:
        subject = "C=HK, O=Test HK Post, OU=Test HK Post e-Cert (Personal), CN=X"
        assert codes(listed(_leaf(pki.HK_CA, "in unit", subject=subject))) == []

    @pytest.mark.parametrize(
        "policy",
        [
            "2.16.344.8.2.2008.810.20.2018.1.1",
            "2.16.344.8.2.2008.810.2",
            "2.16.344.8.2.2008.810",
            pki.HK_HIGH,
        ],
    )
    def test_another_policy(self, policy: str) -> None:
        issuing = pki.HK_ROOT.certify(pki.HK_CA, POLICIES, path_length=0, tag="any policy")
        entry = replace(ENTRY, issuers=(AuthorityPin(sha256=fingerprint(issuing)),))
        verdict = listed(_leaf(pki.HK_CA, policy, policy=policy), with_entry(entry), chain=(issuing,))
        assert codes(verdict) == ["TRUST_LIST_POLICY_OTHER"]
        assert dict(verdict.findings[0].params) == {
            "entry": "hong-kong/e-cert-personal",
            "expected": "2.16.344.8.2.2008.810.2.*",
            "policies": policy,
        }

    def test_a_policy_that_the_cas_do_not_allow(self) -> None:
        issuing = pki.HK_ROOT.certify(pki.HK_CA, pki.ext.certificate_policies(pki.HK_HIGH), tag="narrow")
        entry = replace(ENTRY, issuers=(AuthorityPin(sha256=fingerprint(issuing)),))
        assert codes(listed(PERSON, with_entry(entry), chain=(issuing,))) == ["TRUST_LIST_POLICY_NOT_ON_PATH"]

    def test_no_policy(self) -> None:
        leaf = pki.HK_CA.issue("none", pki.name(TYPE), pki.Sm2("none"), (pki.SIGNING,)).certificate
        verdict = listed(leaf)
        assert codes(verdict) == ["TRUST_LIST_POLICY_OTHER"]
        assert dict(verdict.findings[0].params)["policies"] == "-"


def test_every_condition_that_fails_is_told() -> None:
    leaf = _leaf(pki.HK_CA, "two", subject="C=HK, O=Other, CN=X")
    late = with_entry(replace(ENTRY, recognised_until=NOW))
    assert set(codes(listed(leaf, late))) == {"TRUST_LIST_TYPE_OTHER", "TRUST_LIST_NO_LONGER_RECOGNISED"}


def test_a_later_year_version_or_release_of_the_policy_is_recognised() -> None:
    issuing = pki.HK_ROOT.certify(pki.HK_CA, POLICIES, path_length=0, tag="any policy")
    entry = replace(ENTRY, issuers=(AuthorityPin(sha256=fingerprint(issuing)),))
    leaf = _leaf(pki.HK_CA, "2030", policy="2.16.344.8.2.2008.810.2.2030.10.20")
    assert codes(listed(leaf, with_entry(entry), chain=(issuing,))) == []


def test_a_party_may_accept_one_version_only() -> None:
    one = replace(ENTRY, policy_arcs=(), policies=(pki.HK_MUTUAL_RECOGNITION,))
    assert codes(listed(PERSON, with_entry(one))) == []
    other = replace(ENTRY, policy_arcs=(), policies=("2.16.344.8.2.2008.810.2.2012.1.0",))
    assert codes(listed(PERSON, with_entry(other))) == ["TRUST_LIST_POLICY_OTHER"]


def test_arcs_are_arcs_and_not_text() -> None:
    assert is_below("2.16.344.8.2.2008.810.2", "2.16.344.8.2.2008.810.2.2018.1.1")
    assert not is_below("2.16.344.8.2.2008.810.2", "2.16.344.8.2.2008.810.20.1")
    assert not is_below("2.16.344.8.2.2008.810.2", "2.16.344.8.2.2008.810.2")
    assert expand_arcs(("1.2", "2.3"), ("1.2.1", "2.33.1", "2.3.0", "1.20.1")) == {"1.2.1", "2.3.0"}


FORMER = FormerAuthorities(
    roots=(AuthorityPin(sha256=fingerprint(OLD_ROOT)),),
    issuers=(AuthorityPin(sha256=fingerprint(OLD_CA)),),
    since=datetime(2025, 8, 1, tzinfo=UTC),
    until=datetime(2026, 2, 1, tzinfo=UTC),
)


class TestHistory:
    LEAF = _leaf(CA_1, "under the former CA")
    AFTER = datetime(2026, 3, 1, tzinfo=UTC)

    def _ask(self, *history: FormerAuthorities, **fields: object) -> list[str]:
        given = {"chain": (OLD_CA,), "anchors": (OLD_ROOT, C["hk-root"])} | fields
        return codes(listed(self.LEAF, with_entry(replace(ENTRY, history=history)), **given))

    def test_a_former_ca_counts_in_its_time(self) -> None:
        assert self._ask(FORMER) == []

    def test_and_not_after_it(self) -> None:
        assert self._ask(FORMER, validation_time=self.AFTER) == ["TRUST_LIST_ISSUER_FORMER"]
        assert self._ask(FORMER, validation_time=FORMER.until) == ["TRUST_LIST_ISSUER_FORMER"]

    def test_nor_before_it(self) -> None:
        later = replace(FORMER, since=NOW + timedelta(seconds=1))
        assert self._ask(later) == ["TRUST_LIST_ISSUER_FORMER"]

    def test_without_history_it_is_another_root(self) -> None:
        assert self._ask() == ["TRUST_LIST_ROOT_OTHER"]

    @pytest.mark.parametrize("missing", ["since", "until", "both"])
    def test_undated_it_counts_only_where_declared(self, missing: str) -> None:
        ends = {"since": None, "until": None} if missing == "both" else {missing: None}
        refused = replace(FORMER, undated=UndatedHistory.REFUSE, **ends)
        assert self._ask(refused) == ["TRUST_LIST_FORMER_UNDATED"]
        assert self._ask(replace(refused, undated=None)) == ["TRUST_LIST_FORMER_UNDATED"]
        assert self._ask(replace(refused, undated=UndatedHistory.ACCEPT)) == []

    def test_declared_it_keeps_to_the_end_that_is_known(self) -> None:
        declared = replace(FORMER, since=None, undated=UndatedHistory.ACCEPT)
        assert self._ask(declared, validation_time=self.AFTER) == ["TRUST_LIST_ISSUER_FORMER"]

    def test_a_former_root_over_the_present_ca(self) -> None:
        row = replace(FORMER, issuers=ENTRY.issuers)
        verdict = listed(
            PERSON,
            with_entry(replace(ENTRY, history=(row,))),
            anchors=(OLD_ROOT,),
            chain=(CA_2_BY_ROOT_1,),
        )
        # CA_2_BY_ROOT_1 is no pinned certificate of the CA, so the pair is of no row; the root is known.
        assert codes(verdict) == ["TRUST_LIST_ROOT_FORMER"]

    def test_a_former_pair_whose_ca_is_still_the_present_one(self) -> None:
        present = replace(ENTRY, issuers=(AuthorityPin(sha256=fingerprint(CA_2_BY_ROOT_1)),))
        row = replace(FORMER, issuers=present.issuers)
        verdict = listed(
            PERSON,
            with_entry(replace(present, history=(row,))),
            anchors=(OLD_ROOT,),
            chain=(CA_2_BY_ROOT_1,),
            validation_time=self.AFTER,
        )
        assert codes(verdict) == ["TRUST_LIST_ROOT_FORMER"]

    def test_a_former_ca_under_the_present_root(self) -> None:
        row = replace(FORMER, issuers=(AuthorityPin(sha256=fingerprint(CA_1_BY_ROOT_2)),))
        leaf = _leaf(CA_1, "former CA, present root")
        verdict = listed(leaf, with_entry(replace(ENTRY, history=(row,))), chain=(CA_1_BY_ROOT_2,))
        assert codes(verdict) == ["TRUST_LIST_ISSUER_FORMER"]


def test_a_certificate_issued_by_the_root_itself_has_the_root_as_its_issuer() -> None:
    leaf = _leaf(pki.HK_ROOT, "by the root")
    assert codes(listed(leaf, chain=())) == ["TRUST_LIST_ISSUER_OTHER"]
    both = replace(ENTRY, issuers=ENTRY.roots)
    # Nothing above the target asserts policies, so all of its own are allowed.
    assert codes(listed(leaf, with_entry(both), chain=())) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (RecognitionStatus.SUSPENDED, "TRUST_LIST_ENTRY_SUSPENDED"),
        (RecognitionStatus.TERMINATED, "TRUST_LIST_ENTRY_TERMINATED"),
        (RecognitionStatus.DRAFT, "TRUST_LIST_WITHOUT_ENTRY"),
    ],
)
def test_only_an_active_entry_recognises(status: RecognitionStatus, expected: str) -> None:
    assert codes(listed(PERSON, with_entry(replace(ENTRY, status=status)))) == [expected]


def test_a_list_that_should_have_been_renewed_recognises_nothing() -> None:
    verdict = listed(PERSON, with_entry(next_update=NOW))
    assert codes(verdict) == ["TRUST_LIST_STALE"]
    assert dict(verdict.findings[0].params) == {"list": "hong-kong", "next_update": "2026-01-15T08:00:00Z"}
    assert codes(listed(PERSON, with_entry(next_update=NOW + timedelta(seconds=1)))) == []


def test_a_list_nobody_relies_on_says_nothing() -> None:
    assert codes(listed(PERSON, with_entry(identifier="macau"))) == ["TRUST_LIST_WITHOUT_ENTRY"]


def test_conditions_of_an_entry_are_held_too() -> None:
    limited = replace(ENTRY, conditions=Conditions(purposes=frozenset({Purpose.CONTRACT_SIGNING})))
    policy = with_entry(limited)
    verdict = listed(PERSON, policy, purpose=Purpose.SERVER_AUTH)
    assert "RECOGNITION_PURPOSE_NOT_COVERED" in codes(verdict)
    assert _basis(listed(PERSON, policy, purpose=Purpose.CONTRACT_SIGNING)).purposes == ("contract_signing",)


def _two_entries(*entries: TrustListEntry) -> object:
    policy = with_entry()
    return replace(policy, trust_lists=(replace(policy.trust_lists[0], entries=entries),))


def test_of_two_entries_the_higher_level_carries_and_the_nearer_speaks() -> None:
    high = replace(ENTRY, identifier="z-high", level="high")
    assert _basis(listed(PERSON, _two_entries(ENTRY, high))).references == ("hong-kong/z-high",)
    other = replace(ENTRY, identifier="a-other", type_name="Other", recognised_until=NOW)
    near = replace(ENTRY, recognised_until=NOW)
    assert codes(listed(PERSON, _two_entries(other, near))) == ["TRUST_LIST_NO_LONGER_RECOGNISED"]


def test_a_domain_without_a_scale_knows_no_level() -> None:
    basis = _basis(listed(PERSON, relying="shop"))
    assert (basis.level, basis.scale) == ("", "")
    assert codes(listed(PERSON, relying="shop", assurance_level="basic")) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_a_level_of_another_scale_is_none() -> None:
    basis = _basis(listed(PERSON, with_entry(replace(ENTRY, level="class-2"))))
    assert (basis.level, basis.scale) == ("", "")


class TestStatus:
    """Revocation and freshness, as an entry or an agreement may ask for them."""

    CRLS = tuple(
        ca.crl(
            this_update=NOW - timedelta(hours=2),
            next_update=NOW + timedelta(days=9),
            extensions=(pki.ext.crl_number(1),),
        )
        for ca in (pki.HK_ROOT, pki.HK_CA)
    )

    def _ask(self, conditions: Conditions, crls: tuple[bytes, ...], **fields: object) -> Verdict:
        evidence = Evidence(certificates=(C["hk-ca"],), crls=crls)
        policy = with_entry(replace(ENTRY, conditions=conditions))
        return listed(PERSON, policy, evidence=evidence, revocation=RevocationRule.IF_AVAILABLE, **fields)

    def test_proof_of_the_targets_status(self) -> None:
        asked = Conditions(revocation=RevocationRule.REQUIRE_TARGET)
        assert codes(self._ask(asked, self.CRLS[1:])) == []
        assert codes(self._ask(asked, self.CRLS[:1])) == ["RECOGNITION_STATUS_MISSING"]

    def test_proof_of_every_status(self) -> None:
        asked = Conditions(revocation=RevocationRule.REQUIRE_ALL)
        assert codes(self._ask(asked, self.CRLS)) == []
        verdict = self._ask(asked, self.CRLS[1:])
        assert codes(verdict) == ["RECOGNITION_STATUS_MISSING"]
        assert verdict.findings[0].position == 1

    def test_not_checked_is_no_proof(self) -> None:
        asked = Conditions(revocation=RevocationRule.REQUIRE_TARGET)
        policy = with_entry(replace(ENTRY, conditions=asked))
        assert codes(listed(PERSON, policy)) == ["RECOGNITION_STATUS_MISSING"]

    def test_age(self) -> None:
        assert codes(self._ask(Conditions(max_status_age=timedelta(hours=2)), self.CRLS)) == []
        verdict = self._ask(Conditions(max_status_age=timedelta(hours=1)), self.CRLS)
        assert codes(verdict) == ["RECOGNITION_STATUS_TOO_OLD"]
        assert dict(verdict.findings[0].params) == {
            "basis": "hong-kong/e-cert-personal",
            "issued": "2026-01-15T06:00:00Z",
            "max_age_s": "3600",
        }
        assert codes(self._ask(Conditions(max_status_age=timedelta(hours=1)), ())) == [
            "RECOGNITION_STATUS_MISSING"
        ]

    def test_the_newest_proof_counts(self) -> None:
        newer = pki.HK_CA.crl(
            this_update=NOW - timedelta(minutes=5),
            next_update=NOW + timedelta(days=9),
            extensions=(pki.ext.crl_number(2),),
        )
        asked = Conditions(max_status_age=timedelta(hours=1))
        assert codes(self._ask(asked, (*self.CRLS, newer))) == []

    def test_a_certificate_that_says_it_has_no_revocation_needs_none(self) -> None:
        event = pki.HK_CA.issue(
            "event",
            pki.name(TYPE),
            pki.Sm2("event"),
            (pki.SIGNING, pki.ext.certificate_policies(pki.HK_MUTUAL_RECOGNITION), pki.ext.no_rev_avail()),
        ).certificate
        asked = Conditions(revocation=RevocationRule.REQUIRE_TARGET, max_status_age=timedelta(hours=1))
        policy = with_entry(replace(ENTRY, conditions=asked))
        evidence = Evidence(certificates=(C["hk-ca"],), crls=self.CRLS[:1])
        verdict = listed(event, policy, evidence=evidence, revocation=RevocationRule.IF_AVAILABLE)
        assert codes(verdict) == []
