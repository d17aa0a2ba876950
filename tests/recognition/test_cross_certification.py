"""Crossing from one PKI domain into another is relied on only as agreements approve it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.recognition.agreement import AgreementKind, Conditions, KeyAlgorithm, RecognitionStatus
from ca_bridge.core.recognition.conditions import key_algorithm
from ca_bridge.core.recognition.domain import Licence
from ca_bridge.core.request import ANY_POLICY, Purpose, RevocationRule
from ca_bridge.core.verdict import RecognitionBasis, TrustModel, Verdict
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from tests.recognition import scheme
from tests.recognition.scheme import (
    BRIDGE_TO_GD,
    HK_TO_BRIDGE,
    LEAVES,
    NOW,
    POLICY,
    SINCE,
    C,
    agreement,
    ask,
    codes,
    domain,
    fingerprint,
    key_of,
    mapping,
    pki,
)

COMPANY = LEAVES["gd-a-sm2-company-sign"]
PERSON = LEAVES["gd-a-sm2-person-sign"]
BASIC = LEAVES["gd-a-sm2-person-basic"]


def _basis(verdict: Verdict) -> RecognitionBasis:
    assert verdict.findings == ()
    assert verdict.basis is not None
    return verdict.basis


def _agreed(*agreements: object) -> object:
    return replace(POLICY, agreements=agreements)


def test_high_in_guangdong_is_high_in_hong_kong_through_the_bridge() -> None:
    verdict = ask(COMPANY)
    basis = _basis(verdict)
    assert basis.model is TrustModel.CROSS_CERTIFICATION
    assert (basis.level, basis.scale) == ("high", "gba")
    assert basis.references == ("hk-bridge", "bridge-gd")
    assert verdict.user_constrained_policy_set == basis.policies == (pki.HK_HIGH,)
    assert basis.purposes == tuple(Purpose)


def test_medium_is_medium_and_no_more() -> None:
    assert _basis(ask(PERSON)).level == "medium"
    assert _basis(ask(PERSON, assurance_level="medium")).level == "medium"
    verdict = ask(PERSON, assurance_level="high")
    assert codes(verdict) == ["ASSURANCE_LEVEL_NOT_REACHED"]
    assert verdict.findings[0].params == (("asked", "high"), ("reached", "medium"))


def test_a_level_nobody_knows_is_not_reached() -> None:
    assert codes(ask(COMPANY, assurance_level="supreme")) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_a_level_asked_of_the_callers_own_anchors_is_not_reached() -> None:
    from ca_bridge.core.decide import decide
    from ca_bridge.core.request import Parameters, Request

    parameters = Parameters(validation_time=NOW, assurance_level="basic", revocation=RevocationRule.NONE)
    trust = scheme._trust((C["hk-root"],))
    verdict = decide(
        Request(target=COMPANY, parameters=parameters), Evidence(certificates=scheme.HK_TO_GD_A), trust
    )
    assert codes(verdict) == ["ASSURANCE_LEVEL_NOT_REACHED"]
    assert verdict.findings[0].params == (("asked", "basic"), ("reached", "-"))


@pytest.mark.parametrize("kept", [HK_TO_BRIDGE, BRIDGE_TO_GD], ids=lambda a: a.identifier)
def test_without_one_of_the_agreements_nothing_crosses(kept: object) -> None:
    verdict = ask(COMPANY, _agreed(kept))
    assert codes(verdict) == ["AGREEMENT_MISSING"]
    missing = {"hk-bridge": ("bridge", "gd"), "bridge-gd": ("hk", "bridge")}[kept.identifier]
    assert verdict.findings[0].params == (("issuer_domain", missing[0]), ("subject_domain", missing[1]))


def test_without_the_mapping_only_its_level_is_lost() -> None:
    less = replace(HK_TO_BRIDGE, mappings=HK_TO_BRIDGE.mappings[1:])
    policy = _agreed(less, BRIDGE_TO_GD)
    verdict = ask(COMPANY, policy)
    assert codes(verdict) == ["POLICY_MAPPING_NOT_AGREED"]
    assert verdict.findings[0].params == (
        ("agreements", "hk-bridge, bridge-gd"),
        ("issuer_domain", "hk"),
        ("policies", pki.GD_HIGH),
    )
    assert _basis(ask(PERSON, policy)).level == "medium"


def test_a_target_without_policies_reaches_nothing() -> None:
    bare = pki.GD_SM2["a"].issue("bare", pki.name(pki.company_subject("a")), pki.Sm2("bare"), (pki.SIGNING,))
    # The cross-certificates ask for explicit policies: a bridge that does not shows what agreements do.
    loose = [
        pki.cross(pki.HK_ROOT, pki.BRIDGE_SM2, pki.HK_LEVELS, tag="loose", explicit=False),
        pki.cross(pki.BRIDGE_SM2, pki.GD_SM2["a"], pki._down(pki.GD_LEVELS), tag="loose", explicit=False),
    ]
    verdict = ask(bare.certificate, chain=loose)
    assert codes(verdict) == ["POLICY_MAPPING_NOT_AGREED"]
    assert dict(verdict.findings[0].params)["policies"] == "-"


def test_an_agreement_lowers_what_a_mapping_reaches() -> None:
    lowered = replace(HK_TO_BRIDGE, mappings=(mapping(pki.HK_HIGH, pki.BRIDGE_HIGH, "medium"),))
    assert _basis(ask(COMPANY, _agreed(lowered, BRIDGE_TO_GD))).level == "medium"


def test_an_agreement_does_not_raise_above_the_own_grading() -> None:
    raised = replace(HK_TO_BRIDGE, mappings=(mapping(pki.HK_MUTUAL_RECOGNITION, pki.BRIDGE_MEDIUM, "high"),))
    assert _basis(ask(PERSON, _agreed(raised, BRIDGE_TO_GD))).level == "medium"


def test_a_mapping_of_an_ungraded_policy_reaches_its_own_level() -> None:
    ungraded = replace(scheme.DOMAINS[0], policies=())
    assert _basis(ask(PERSON, replace(POLICY, domains=(ungraded, *scheme.DOMAINS[1:])))).level == "medium"


def test_further_on_a_mapping_that_falls_short_does_not_count() -> None:
    short = replace(BRIDGE_TO_GD, mappings=(mapping(pki.BRIDGE_HIGH, pki.GD_HIGH, "medium"),))
    assert codes(ask(COMPANY, _agreed(HK_TO_BRIDGE, short))) == ["POLICY_MAPPING_NOT_AGREED"]


def test_further_on_an_ungraded_policy_counts() -> None:
    hk, gd, bridge = scheme.DOMAINS
    policy = replace(POLICY, domains=(hk, gd, replace(bridge, policies=())))
    assert _basis(ask(COMPANY, policy)).level == "high"


def test_a_domain_of_no_grading_further_on_counts() -> None:
    """The bridge is known by its keys alone here: no PkiDomain of its name grades what it maps."""
    from ca_bridge.core.recognition.assurance import _is_whole

    assert _is_whole(mapping(pki.BRIDGE_HIGH, pki.GD_HIGH, "medium"), None)


STANDINGS = {
    "suspended": ({"status": RecognitionStatus.SUSPENDED}, "AGREEMENT_SUSPENDED", {}),
    "terminated": ({"status": RecognitionStatus.TERMINATED}, "AGREEMENT_TERMINATED", {}),
    "draft": ({"status": RecognitionStatus.DRAFT}, "AGREEMENT_MISSING", None),
    "later": (
        {"effective_from": NOW + timedelta(seconds=1)},
        "AGREEMENT_NOT_YET_EFFECTIVE",
        {"effective_from": "2026-01-15T08:00:01Z"},
    ),
    "ended": ({"effective_until": NOW}, "AGREEMENT_EXPIRED", {"effective_until": "2026-01-15T08:00:00Z"}),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_only_an_agreement_in_force_counts(case: str) -> None:
    change, code, params = STANDINGS[case]
    verdict = ask(COMPANY, _agreed(replace(HK_TO_BRIDGE, **change), BRIDGE_TO_GD))
    assert codes(verdict) == [code]
    if params is not None:
        assert dict(verdict.findings[0].params) == {"agreement": "hk-bridge", **params}


def test_an_agreement_is_in_force_from_its_first_instant_until_before_its_last() -> None:
    exact = replace(HK_TO_BRIDGE, effective_from=NOW, effective_until=NOW + timedelta(seconds=1))
    assert codes(ask(COMPANY, _agreed(exact, BRIDGE_TO_GD))) == []


def test_a_second_agreement_carries_what_the_first_no_longer_does() -> None:
    ended = replace(HK_TO_BRIDGE, identifier="hk-bridge-1", effective_until=NOW)
    assert _basis(ask(COMPANY, _agreed(ended, HK_TO_BRIDGE, BRIDGE_TO_GD))).references[0] == "hk-bridge"


def test_of_two_that_do_not_hold_the_nearer_one_speaks() -> None:
    ended = replace(HK_TO_BRIDGE, identifier="hk-bridge-1", effective_until=NOW)
    limited = replace(HK_TO_BRIDGE, conditions=Conditions(purposes=frozenset({Purpose.SERVER_AUTH})))
    assert codes(ask(COMPANY, _agreed(ended, limited, BRIDGE_TO_GD))) == ["RECOGNITION_PURPOSE_NOT_COVERED"]


def test_a_mutual_agreement_speaks_both_ways_and_a_unilateral_one_does_not() -> None:
    there = agreement(
        "gd-bridge",
        "bridge",
        "hk",
        kind=AgreementKind.MUTUAL,
        reverse_mappings=HK_TO_BRIDGE.mappings,
    )
    assert _basis(ask(COMPANY, _agreed(there, BRIDGE_TO_GD))).references == ("gd-bridge", "bridge-gd")
    one_way = replace(there, kind=AgreementKind.UNILATERAL)
    assert codes(ask(COMPANY, _agreed(one_way, BRIDGE_TO_GD))) == ["AGREEMENT_MISSING"]


CONDITIONS = {
    "purpose": (
        Conditions(purposes=frozenset({Purpose.DIGITAL_SIGNATURE})),
        "RECOGNITION_PURPOSE_NOT_COVERED",
    ),
    "kind": (Conditions(subject_kinds=frozenset({HolderKind.PERSON})), "RECOGNITION_SUBJECT_KIND"),
    "algorithm": (Conditions(key_algorithms=frozenset({KeyAlgorithm.RSA})), "RECOGNITION_KEY_ALGORITHM"),
    "name": (
        Conditions(
            permitted_names=(
                GeneralName(
                    GeneralNameType.DIRECTORY_NAME, name=scheme.parsed(LEAVES["mo-person-sign"]).subject
                ),
            )
        ),
        "RECOGNITION_NAME",
    ),
    "status": (Conditions(revocation=RevocationRule.REQUIRE_TARGET), "RECOGNITION_STATUS_MISSING"),
    "all statuses": (Conditions(revocation=RevocationRule.REQUIRE_ALL), "RECOGNITION_STATUS_MISSING"),
    "age": (Conditions(max_status_age=timedelta(hours=1)), "RECOGNITION_STATUS_MISSING"),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_each_condition_refuses_with_its_own_reason(case: str) -> None:
    conditions, code = CONDITIONS[case]
    verdict = ask(COMPANY, _agreed(HK_TO_BRIDGE, replace(BRIDGE_TO_GD, conditions=conditions)))
    assert codes(verdict)[0] == code
    assert {dict(f.params)["basis"] for f in verdict.findings} == {"bridge-gd"}


def test_conditions_that_hold_let_pass() -> None:
    everything = Conditions(
        purposes=frozenset({Purpose.DIGITAL_SIGNATURE}),
        subject_kinds=frozenset({HolderKind.ORG}),
        key_algorithms=frozenset({KeyAlgorithm.SM2}),
    )
    verdict = ask(
        COMPANY,
        _agreed(HK_TO_BRIDGE, replace(BRIDGE_TO_GD, conditions=everything)),
        purpose=Purpose.DIGITAL_SIGNATURE,
    )
    assert _basis(verdict).purposes == ("digital_signature",)


def test_a_licence_that_ran_out_stops_its_authority() -> None:
    licence = Licence(number="T-1", not_before=SINCE, not_after=NOW)
    policy = _licensed(licence)
    verdict = ask(COMPANY, policy)
    assert codes(verdict) == ["LICENCE_EXPIRED"]
    assert dict(verdict.findings[0].params) == {
        "authority": "gd-a",
        "licence": "T-1",
        "not_after": "2026-01-15T08:00:00Z",
    }
    assert verdict.findings[0].position == 1
    assert codes(ask(COMPANY, policy, validation_time=NOW - timedelta(seconds=1))) == []


def test_a_licence_still_to_come_does_not_count_yet() -> None:
    verdict = ask(COMPANY, _licensed(Licence(number="T-1", not_before=NOW + timedelta(seconds=1))))
    assert codes(verdict) == ["LICENCE_NOT_YET_VALID"]
    assert codes(ask(COMPANY, _licensed(Licence(number="T-1", not_before=NOW)))) == []


def _licensed(licence: Licence) -> object:
    hk, gd, bridge = scheme.DOMAINS
    authorities = tuple(replace(a, licence=licence) if a.identifier == "gd-a" else a for a in gd.authorities)
    return replace(POLICY, domains=(hk, replace(gd, authorities=authorities), bridge))


def test_a_path_within_the_domain_has_its_own_level() -> None:
    basis = _basis(ask(LEAVES["hk-person-sign"], chain=(C["hk-ca"],)))
    assert (basis.level, basis.scale, basis.references) == ("medium", "gba", ())
    assert codes(ask(LEAVES["hk-person-sign"], chain=(C["hk-ca"],), assurance_level="medium")) == []


def test_a_path_within_a_domain_that_grades_nothing_has_none() -> None:
    bare = replace(scheme.DOMAINS[0], policies=())
    policy = replace(POLICY, domains=(bare, *scheme.DOMAINS[1:]))
    basis = _basis(ask(LEAVES["hk-person-sign"], policy, chain=(C["hk-ca"],)))
    assert (basis.level, basis.scale) == ("", "")
    refused = ask(LEAVES["hk-person-sign"], policy, chain=(C["hk-ca"],), assurance_level="basic")
    assert codes(refused) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_a_domain_that_grades_nothing_trusts_its_anchors_as_they_are() -> None:
    basis = _basis(ask(COMPANY, relying="shop"))
    assert (basis.level, basis.references) == ("", ())
    assert codes(ask(COMPANY, relying="shop", assurance_level="basic")) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_a_mapped_key_that_nobody_pins_is_of_an_unknown_domain() -> None:
    hk, _, bridge = scheme.DOMAINS
    verdict = ask(COMPANY, replace(POLICY, domains=(hk, bridge)))
    assert codes(verdict) == ["AGREEMENT_MISSING"]
    assert dict(verdict.findings[0].params) == {"issuer_domain": "bridge", "subject_domain": "-"}


def test_pins_by_certificate_count_once_the_certificate_is_known() -> None:
    hk, gd, bridge = scheme.DOMAINS
    by_certificate = replace(
        bridge.authorities[0], keys=(), certificates=(fingerprint(C["bridge-rsa-root"]), "0" * 64)
    )
    policy = replace(POLICY, domains=(hk, gd, replace(bridge, authorities=(by_certificate,))))
    assert codes(ask(COMPANY, policy)) == ["AGREEMENT_MISSING", "AGREEMENT_MISSING"]
    known = {fingerprint(C["bridge-rsa-root"]): key_of(C["bridge-rsa-root"])}
    assert codes(ask(COMPANY, policy, known_keys=known)) == []


class TestAnchorOfAnotherDomain:
    """Another domain's anchor trusted directly: the agreement maps, no certificate does."""

    POLICY = replace(
        POLICY,
        domains=(*scheme.DOMAINS, domain("mo", "MO", {pki.MO_QUALIFIED: "high", pki.MO_ADVANCED: "medium"})),
        agreements=(
            agreement(
                "mo-hk",
                "mo",
                "hk",
                mapping(pki.MO_QUALIFIED, pki.HK_HIGH, "high"),
                mapping(pki.MO_ADVANCED, pki.HK_MUTUAL_RECOGNITION, "medium"),
            ),
        ),
    )

    def _ask(self, **fields: object) -> Verdict:
        return ask(LEAVES["hk-person-sign"], self.POLICY, relying="mo", chain=(C["hk-ca"],), **fields)

    def test_is_mapped_by_the_agreement(self) -> None:
        basis = _basis(self._ask())
        assert (basis.level, basis.policies, basis.references) == ("medium", (pki.MO_ADVANCED,), ("mo-hk",))

    def test_asks_in_the_relying_domains_terms(self) -> None:
        accepted = frozenset({pki.MO_ADVANCED, pki.HK_MUTUAL_RECOGNITION})
        assert _basis(self._ask(user_initial_policy_set=accepted)).policies == (pki.MO_ADVANCED,)
        other = frozenset({pki.MO_QUALIFIED, pki.HK_MUTUAL_RECOGNITION})
        assert codes(self._ask(user_initial_policy_set=other)) == ["POLICY_MAPPING_NOT_AGREED"]

    def test_needs_the_agreement(self) -> None:
        policy = replace(self.POLICY, agreements=())
        verdict = ask(LEAVES["hk-person-sign"], policy, relying="mo", chain=(C["hk-ca"],))
        assert codes(verdict) == ["AGREEMENT_MISSING"]


class TestNarrowing:
    """What a crossing's certificate says is taken only as far as it was agreed."""

    ROOT, SUBJECT = pki.HK_ROOT, pki.GD_SM2["a"]

    def _crossed(
        self, policies: tuple[str, ...], mappings: tuple[tuple[str, str], ...], *agreed: object
    ) -> Verdict:
        ext = pki.ext
        parts = [ext.certificate_policies(*policies)]
        if mappings:
            parts.append(ext.policy_mappings(*mappings))
        crossing = self.ROOT.certify(self.SUBJECT, *parts, tag="narrow")
        policy = _agreed(agreement("hk-gd", "hk", "gd", *agreed))
        return ask(COMPANY, policy, chain=(crossing,))

    def test_an_identical_policy_passes_only_where_agreed(self) -> None:
        same = mapping(pki.GD_HIGH, pki.GD_HIGH, "medium")
        assert _basis(self._crossed((pki.GD_HIGH,), (), same)).level == "medium"
        other = mapping(pki.GD_MEDIUM, pki.GD_MEDIUM, "medium")
        assert codes(self._crossed((pki.GD_HIGH,), (), other)) == ["POLICY_MAPPING_NOT_AGREED"]

    def test_any_policy_stands_for_no_more_than_was_agreed(self) -> None:
        same = mapping(pki.GD_HIGH, pki.GD_HIGH, "medium")
        verdict = self._crossed((ANY_POLICY,), (), same)
        assert _basis(verdict).policies == (pki.GD_HIGH,)
        other = mapping(pki.GD_BASIC, pki.GD_BASIC, "medium")
        assert codes(self._crossed((ANY_POLICY,), (), other)) == ["POLICY_MAPPING_NOT_AGREED"]

    def test_a_policy_mapped_elsewhere_does_not_pass_as_itself(self) -> None:
        same = mapping(pki.GD_HIGH, pki.GD_HIGH, "medium")
        verdict = self._crossed((pki.GD_HIGH,), ((pki.GD_HIGH, pki.GD_BASIC),), same)
        assert codes(verdict) == ["POLICY_MAPPING_NOT_AGREED"]

    def test_an_inhibited_any_policy_is_not_brought_back(self) -> None:
        ext = pki.ext
        upper = self.ROOT.certify(
            pki.HK_CA, ext.certificate_policies(ANY_POLICY), ext.inhibit_any_policy(0), tag="inhibits"
        )
        crossing = pki.HK_CA.certify(self.SUBJECT, ext.certificate_policies(ANY_POLICY), tag="any")
        same = mapping(pki.GD_HIGH, pki.GD_HIGH, "medium")
        verdict = ask(COMPANY, _agreed(agreement("hk-gd", "hk", "gd", same)), chain=(upper, crossing))
        assert codes(verdict) == ["POLICY_MAPPING_NOT_AGREED"]

    def test_no_policies_at_all(self) -> None:
        crossing = self.ROOT.certify(self.SUBJECT, tag="none")
        same = mapping(pki.GD_HIGH, pki.GD_HIGH, "medium")
        verdict = ask(COMPANY, _agreed(agreement("hk-gd", "hk", "gd", same)), chain=(crossing,))
        assert codes(verdict) == ["POLICY_MAPPING_NOT_AGREED"]


def test_another_path_is_tried_when_one_is_not_recognised() -> None:
    """Two ways to one CA: the way through the bridge has no agreement, the direct one has."""
    direct = pki.cross(pki.HK_ROOT, pki.GD_SM2["a"], ((pki.HK_HIGH, pki.GD_HIGH),), tag="direct")
    policy = _agreed(agreement("hk-gd", "hk", "gd", mapping(pki.HK_HIGH, pki.GD_HIGH, "medium")))
    verdict = ask(COMPANY, policy, chain=(*scheme.HK_TO_GD_A, direct))
    assert _basis(verdict).references == ("hk-gd",)


def test_the_kind_of_a_key_is_told_by_its_algorithm_and_curve() -> None:
    kinds = {
        pki.Sm2("k"): KeyAlgorithm.SM2,
        scheme.pki_writers.Ecdsa("k"): KeyAlgorithm.ECDSA,
        pki.Rsa("rsa-leaf-1"): KeyAlgorithm.RSA,
    }
    for key, kind in kinds.items():
        certificate = pki.leaf(pki.HK_CA, "kinds", "C=HK, CN=X", key, pki.HK_HIGH).certificate
        assert key_algorithm(scheme.parsed(certificate).spki) is kind
    assert (
        codes(
            ask(
                LEAVES["gd-a-rsa-company-sign"],
                chain=(C["gd-a-rsa"],),
                anchors=(C["gd-a-rsa-root"],),
                relying="gd",
            )
        )
        == []
    )
