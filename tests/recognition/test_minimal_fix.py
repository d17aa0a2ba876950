"""For each refusal of the scheme exactly the smallest sets of changes that turn it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.core.request import KeyUsageBit, Purpose, RevocationRule
from ca_bridge.services.minimal_fix import Outcome
from ca_bridge.services.minimal_fix.model import Caution, FixKind, Party
from tests.recognition.refusals import codes, find, question, verdict_after
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, key_of, pki
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    gateway,
    list_document,
)
from tests.recognition.test_gateway import ask

COMPANY, PERSON, HK_PERSON = (
    LEAVES[label] for label in ("gd-a-sm2-company-sign", "gd-a-sm2-person-sign", "hk-person-sign")
)
TO_HK = question(COMPANY, HK_TO_GD_A, domain="hk")
CONTRACT = question(HK_PERSON, purpose=Purpose.CONTRACT_SIGNING)
NOW_TEXT = "2026-01-15T08:00:00Z"


def hk_bridge(**fields: Any) -> dict[str, Any]:
    return documents(agreements__hk_bridge=agreement_document("hk-bridge", **fields))


def listing(**fields: Any) -> dict[str, Any]:
    return documents(trust_lists__hong_kong=list_document(entry_document(**fields)))


def former(**fields: Any) -> dict[str, Any]:
    """The issuing CA of the scheme stands in the history, another one in its place."""
    row = {"roots": [pin("hk-root")], "issuers": [pin("hk-ca")], **fields}
    return listing(issuers=[pin("mo-ca")], history=[row])


def pin(label: str) -> dict[str, str]:
    return {"sha256": fingerprint(C[label]), "name": label}


def block(kind: str, value: str, **fields: Any) -> dict[str, Any]:
    row = {
        "block": "b-1",
        "kind": kind,
        "value": value,
        "reason": {"zh": "测试", "en": "test"},
        "publication": "notice 1",
        "effective_from": "2026-01-01T00:00:00Z",
    }
    return documents(blocklist={"blocks": [row | fields]})


def licensed(domain: str, **validity: str) -> dict[str, Any]:
    plain = domain_document(domain, bridge=True)
    licence = {"number": "L-1", "not_before": "2020-01-01T00:00:00Z", **validity}
    (row,) = plain["authorities"]
    return documents(**{f"domains__{domain}": plain | {"authorities": [row | {"licence": licence}]}})


HK_NAMES = {"permitted_names": [{"type": "directory_name", "value": "C=HK"}]}
PAIRS = agreement_document("hk-bridge")["mappings"]
BELOW = agreement_document("bridge-gd")["mappings"]


BRIDGE_CASES: dict[str, tuple[dict[str, Any], list[list[str]]]] = {
    "mapping missing": (hk_bridge(mappings=PAIRS[1:]), [["MAPPING_ADDED"]]),
    "suspended": (hk_bridge(status="suspended"), [["AGREEMENT_RESUMED"]]),
    "terminated": (hk_bridge(status="terminated"), [["AGREEMENT_CONCLUDED_ANEW"]]),
    "expired": (
        hk_bridge(effective_until="2026-01-01T00:00:00Z"),
        [["TIME_EARLIER"], ["AGREEMENT_EXTENDED"]],
    ),
    "not yet effective": (
        hk_bridge(effective_from="2026-02-01T00:00:00Z"),
        [["TIME_LATER"], ["AGREEMENT_BEGUN_EARLIER"]],
    ),
    "missing": (documents(agreements__hk_bridge=None), [["AGREEMENT_CONCLUDED"]]),
    "draft": (hk_bridge(status="draft"), [["AGREEMENT_ACTIVATED"], ["AGREEMENT_CONCLUDED"]]),
    "a draft of later": (
        hk_bridge(status="draft", effective_from="2026-02-01T00:00:00Z"),
        [["AGREEMENT_ACTIVATED"], ["AGREEMENT_CONCLUDED"]],
    ),
    "licence ran out": (
        licensed("bridge", not_after="2026-01-01T00:00:00Z"),
        [["LICENCE_RENEWED"]],
    ),
    "licence not begun": (licensed("bridge", not_before="2026-02-01T00:00:00Z"), [["TIME_LATER"]]),
    "certificate blocked": (block("certificate", fingerprint(COMPANY)), [["BLOCK_LIFTED"]]),
    "CA blocked": (block("ca", key_of(C["gd-a-sm2"])), [["BLOCK_LIFTED"]]),
    "holder blocked": (block("subject", f"org:{pki.identity.COMPANY_1[8:17]}"), [["BLOCK_LIFTED"]]),
    "blocked since this instant": (
        block("ca", key_of(C["gd-a-sm2"]), effective_from=NOW_TEXT),
        [["BLOCK_LIFTED"]],
    ),
    "kind of holder": (
        hk_bridge(conditions={"subject_kinds": ["person"]}),
        [["SUBJECT_KIND_AGREED"]],
    ),
    "kind of key": (hk_bridge(conditions={"key_algorithms": ["rsa"]}), [["KEY_ALGORITHM_AGREED"]]),
    "name": (
        documents(agreements__bridge_gd=agreement_document("bridge-gd", conditions=HK_NAMES)),
        [["NAME_AGREED"]],
    ),
    "name of each certificate below": (
        hk_bridge(conditions=HK_NAMES),
        [["NAME_AGREED", "NAME_AGREED", "NAME_AGREED"]],
    ),
    "status asked by the agreement": (
        hk_bridge(conditions={"revocation": "require_target"}),
        [["STATUS_FETCHED"]],
    ),
    "two mappings missing": (
        hk_bridge(mappings=PAIRS[1:])
        | {"agreements/bridge-gd.yaml": agreement_document("bridge-gd", mappings=BELOW[1:])},
        [["MAPPING_ADDED", "MAPPING_ADDED"]],
    ),
    "two agreements suspended": (
        hk_bridge(status="suspended")
        | {"agreements/bridge-gd.yaml": agreement_document("bridge-gd", status="suspended")},
        [["AGREEMENT_RESUMED", "AGREEMENT_RESUMED"]],
    ),
    "mapping missing and a CA blocked": (
        block("ca", key_of(C["gd-a-sm2"]))
        | {"agreements/hk-bridge.yaml": agreement_document("hk-bridge", mappings=PAIRS[1:])},
        [["BLOCK_LIFTED", "MAPPING_ADDED"]],
    ),
    "a mapping on the way that falls short": (
        documents(
            agreements__bridge_gd=agreement_document(
                "bridge-gd", mappings=[BELOW[0] | {"level": "medium"}, *BELOW[1:]]
            )
        ),
        [["MAPPING_RAISED"]],
    ),
    "a block, a licence and a mapping": (
        block("certificate", fingerprint(COMPANY))
        | {"agreements/hk-bridge.yaml": agreement_document("hk-bridge", mappings=PAIRS[1:])}
        | {
            "domains/bridge.yaml": licensed("bridge", not_after="2026-01-01T00:00:00Z")["domains/bridge.yaml"]
        },
        [["LICENCE_RENEWED", "BLOCK_LIFTED", "MAPPING_ADDED"]],
    ),
}


class TestAcrossTheBridge:
    @pytest.mark.parametrize("case", BRIDGE_CASES)
    def test_the_smallest_sets(self, case: str) -> None:
        docs, expected = BRIDGE_CASES[case]
        found = find(TO_HK, docs)
        assert found.outcome is Outcome.FIXABLE
        assert [sorted(fix) for fix in codes(found)] == [sorted(fix) for fix in expected]
        assert found.complete
        assert found.judgements < 300

    def test_a_mapping_is_said_with_its_values(self) -> None:
        ((change,),) = (fix.changes for fix in find(TO_HK, hk_bridge(mappings=PAIRS[1:])).fixes)
        assert change.where == "agreements/hk-bridge.yaml mappings[+]"
        row = {
            "issuer_domain_policy": pki.HK_HIGH,
            "subject_domain_policy": pki.BRIDGE_HIGH,
            "level": "basic",
        }
        assert json.loads(change.after) == row
        assert change.before == ""
        assert dict(change.params) == {
            "agreement": "hk-bridge",
            "issuer_domain": "hk",
            "subject_domain": "bridge",
            "policy": pki.HK_HIGH,
            "subject_policy": pki.BRIDGE_HIGH,
            "level": "basic",
        }
        assert change.type.parties == (Party.OPERATOR, Party.OTHER_DOMAIN, Party.AUTHOR, Party.APPROVER)
        assert change.answers.code == "POLICY_MAPPING_NOT_AGREED"
        assert change.widens_trust

    def test_a_mapping_reaches_the_level_asked_and_no_higher(self) -> None:
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", assurance_level="high")
        ((change,),) = (fix.changes for fix in find(asked, hk_bridge(mappings=PAIRS[1:])).fixes)
        assert json.loads(change.after)["level"] == "high"

    def test_a_renewal_of_an_agreement_ends_at_the_next_midnight(self) -> None:
        fix = find(TO_HK, hk_bridge(effective_until="2026-01-01T00:00:00Z")).fixes[1]
        (change,) = fix.changes
        assert (change.before, change.after) == ('"2026-01-01T00:00:00Z"', '"2026-01-16T00:00:00Z"')
        assert fix.release_kinds == ("agreements",)

    def test_an_end_of_a_block_is_a_change_of_its_own_kind(self) -> None:
        (fix,) = find(TO_HK, block("certificate", fingerprint(COMPANY))).fixes
        (change,) = fix.changes
        assert change.where == "blocklist.yaml blocks[b-1].effective_until"
        assert change.after == f'"{NOW_TEXT}"'
        assert fix.release_kinds == ("blocklist_removal",)
        assert change.type.cautions == (Caution.LIFTS_BLOCK,)

    def test_a_name_is_agreed_on_by_its_organisation_and_not_by_the_holder(self) -> None:
        docs = documents(agreements__bridge_gd=agreement_document("bridge-gd", conditions=HK_NAMES))
        (fix,) = find(TO_HK, docs).fixes
        row = json.loads(fix.changes[0].after)
        assert row["type"] == "directory_name"
        assert row["value"].startswith("O=")
        assert "CN=" not in row["value"]

    def test_an_excluded_name_stays_excluded(self) -> None:
        docs = hk_bridge(conditions={"excluded_names": [{"type": "directory_name", "value": "C=CN"}]})
        found = find(TO_HK, docs)
        assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())

    def test_the_other_of_two_agreements_may_be_mended_by_less(self) -> None:
        """The nearest refusal is told; the other agreement is looked at all the same."""
        docs = hk_bridge(status="suspended", conditions={"purposes": ["server_auth"]})
        docs["agreements/a-second.yaml"] = {
            **agreement_document("hk-bridge"),
            "agreement": "a-second",
            "conditions": {"purposes": ["client_auth"], "subject_kinds": ["person"]},
        }
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", purpose=Purpose.DIGITAL_SIGNATURE)
        found = find(asked, docs)
        assert sorted(map(sorted, codes(found))) == [
            ["AGREEMENT_RESUMED", "PURPOSE_AGREED"],
            ["PURPOSE_AGREED", "SUBJECT_KIND_AGREED"],
        ]

    def test_a_key_that_nobody_pins_has_no_party_to_agree_with(self) -> None:
        bare = domain_document("bridge", bridge=True)
        row = bare["authorities"][0] | {"keys": [key_of(C["mo-root"])]}
        docs = documents(domains__bridge=bare | {"authorities": [row]})
        found = find(TO_HK, docs)
        assert found.answer.verdict.findings[0].params == (("issuer_domain", "-"), ("subject_domain", "gd"))
        assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())


class TestLevels:
    def test_ask_for_the_level_that_is_reached(self) -> None:
        asked = question(PERSON, HK_TO_GD_A, domain="hk", assurance_level="high")
        found = find(asked)
        assert codes(found) == [["LEVEL_LOWERED"]]
        (change,) = found.fixes[0].changes
        assert (change.where, change.before, change.after) == ("assurance_level", "high", "medium")
        assert change.type.parties == (Party.CALLER,)
        assert found.fixes[0].documents.data() == documents()

    def test_or_raise_what_carries_it(self) -> None:
        docs = hk_bridge(mappings=[PAIRS[0] | {"level": "medium"}, PAIRS[1]])
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", assurance_level="high")
        assert codes(find(asked, docs)) == [["LEVEL_LOWERED"], ["MAPPING_RAISED"]]

    def test_of_an_entry(self) -> None:
        asked = question(HK_PERSON, purpose=Purpose.CONTRACT_SIGNING, assurance_level="high")
        assert codes(find(asked)) == [["LEVEL_LOWERED"], ["ENTRY_LEVEL_RAISED"]]

    def test_within_the_domain(self) -> None:
        asked = question(PERSON, (C["gd-a-sm2"],), assurance_level="high")
        assert codes(find(asked)) == [["LEVEL_LOWERED"], ["POLICY_GRADED"]]

    def test_of_a_policy_that_the_domain_does_not_grade(self) -> None:
        graded = domain_document("gd", trust_lists=["hong-kong"])
        graded["assurance"]["policies"] = []
        asked = question(PERSON, (C["gd-a-sm2"],), assurance_level="basic")
        found = find(asked, documents(domains__gd=graded))
        assert codes(found) == [["LEVEL_LOWERED"], ["POLICY_GRADED"]]
        assert found.fixes[0].changes[0].after == ""

    def test_where_the_relying_domain_grades_nothing(self) -> None:
        plain = {k: v for k, v in domain_document("gd").items() if k in {"domain", "title", "anchors"}}
        asked = question(PERSON, (C["gd-a-sm2"],), assurance_level="basic")
        docs = documents(domains__gd=plain, agreements__bridge_gd=None)
        assert codes(find(asked, docs)) == [["LEVEL_LOWERED"]]

    def test_a_mapping_and_a_grading_both_too_low(self) -> None:
        graded = domain_document("hk")
        graded["assurance"]["policies"] = [{"policy": pki.HK_HIGH, "level": "medium"}]
        docs = hk_bridge(mappings=[PAIRS[0] | {"level": "medium"}, PAIRS[1]]) | {"domains/hk.yaml": graded}
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", assurance_level="high")
        # A level lower is one change; without that way the two belong together.
        assert codes(find(asked, docs)) == [["LEVEL_LOWERED"]]


LIST_CASES: dict[str, tuple[dict[str, Any], list[list[str]]]] = {
    "before": (
        listing(recognised_from="2026-01-15T08:00:01Z"),
        [["TIME_LATER"], ["ENTRY_BEGUN_EARLIER"]],
    ),
    "after": (listing(recognised_until=NOW_TEXT), [["TIME_EARLIER"], ["ENTRY_EXTENDED"]]),
    "suspended": (listing(status="suspended"), [["ENTRY_RESUMED"]]),
    "terminated": (listing(status="terminated"), [["ENTRY_RESUMED"]]),
    "draft": (listing(status="draft"), [["ENTRY_ACTIVATED"]]),
    "draft without authorities": (
        listing(status="draft", issuers=[], recognised_from="2026-02-01T00:00:00Z"),
        [["ENTRY_ACTIVATED"]],
    ),
    "type": (listing(type_name="Other"), [["ENTRY_ADDED"]]),
    "arc": (listing(policy_arcs=["2.16.344.8.2.2008.810.20"]), [["ENTRY_POLICY_ADDED"]]),
    "purpose": (
        listing(conditions={"purposes": ["digital_signature"]}),
        [["PURPOSE_CHANGED"], ["PURPOSE_AGREED"]],
    ),
    "purpose of another kind": (
        listing(conditions={"purposes": ["server_auth"]}),
        [["PURPOSE_AGREED"]],
    ),
    "root": (listing(roots=[pin("mo-root")]), [["ENTRY_ROOT_PINNED"]]),
    "issuer": (listing(issuers=[pin("mo-ca")]), [["ENTRY_ISSUER_PINNED"]]),
    "former, undated": (former(undated="refuse"), [["ENTRY_HISTORY_ACCEPTED"]]),
    "former": (
        former(since="2020-01-01T00:00:00Z", until="2026-01-01T00:00:00Z"),
        [["TIME_EARLIER"], ["ENTRY_FORMER_PINNED"]],
    ),
    "stale": (
        documents(trust_lists__hong_kong=list_document(entry_document(), next_update="2026-01-01T00:00:00Z")),
        [["LIST_RENEWED"]],
    ),
    "arc and suspended": (
        listing(policy_arcs=["2.16.344.8.2.2008.810.20"], status="suspended"),
        [["ENTRY_POLICY_ADDED", "ENTRY_RESUMED"]],
    ),
    "arc, suspended and purpose": (
        listing(
            policy_arcs=["2.16.344.8.2.2008.810.20"],
            status="suspended",
            conditions={"purposes": ["digital_signature"]},
        ),
        [
            ["PURPOSE_CHANGED", "ENTRY_POLICY_ADDED", "ENTRY_RESUMED"],
            ["PURPOSE_AGREED", "ENTRY_POLICY_ADDED", "ENTRY_RESUMED"],
        ],
    ),
}


class TestTrustList:
    @pytest.mark.parametrize("case", LIST_CASES)
    def test_the_smallest_sets(self, case: str) -> None:
        docs, expected = LIST_CASES[case]
        chain = (C["hk-ca"],) if case in {"root", "issuer"} else ()
        found = find(question(HK_PERSON, chain, purpose=Purpose.CONTRACT_SIGNING), docs)
        assert found.outcome is Outcome.FIXABLE
        assert [sorted(fix) for fix in codes(found) if "ANCHOR_ADDED" not in fix] == [
            sorted(fix) for fix in expected
        ]

    def test_an_arc_is_never_widened(self) -> None:
        """The policy 810.2.… beside the arc 810.20: the entry names it exactly, or not at all."""
        (fix,) = find(CONTRACT, listing(policy_arcs=["2.16.344.8.2.2008.810.20"])).fixes
        assert json.loads(fix.changes[0].after) == pki.HK_MUTUAL_RECOGNITION
        (entry,) = fix.documents.data()["trust-lists/hong-kong.yaml"]["entries"]
        assert entry["policy_arcs"] == ["2.16.344.8.2.2008.810.20"]
        assert entry["policies"] == [pki.HK_MUTUAL_RECOGNITION]

    def test_a_stale_list_is_renewed_by_its_publisher_and_that_is_assumed(self) -> None:
        docs, _ = LIST_CASES["stale"]
        (fix,) = find(CONTRACT, docs).fixes
        (change,) = fix.changes
        assert change.type.parties[:2] == (Party.REGULATOR, Party.OPERATOR)
        assert change.type.assumed
        assert dict(change.params)["sequence_number"] == "2"

    def test_an_entry_for_another_type_stands_beside_the_old_one(self) -> None:
        (fix,) = find(CONTRACT, listing(type_name="Other")).fixes
        old, new = fix.documents.data()["trust-lists/hong-kong.yaml"]["entries"]
        assert (old["entry"], old["type_name"]) == ("e-cert-personal", "Other")
        assert (new["entry"], new["type_name"]) == ("e-cert-personal-2", "Test HK Post e-Cert (Personal)")

    def test_of_two_entries_the_one_that_needs_less(self) -> None:
        """The first entry is told, having as few faults and the lower name; the second needs one change."""
        second = entry_document(entry="second", status="suspended")
        docs = documents(
            trust_lists__hong_kong=list_document(
                entry_document(policy_arcs=["2.999.1"], type_name="Other"), second
            )
        )
        assert codes(find(CONTRACT, docs)) == [["ENTRY_RESUMED"]]

    def test_to_rely_on_a_list(self) -> None:
        docs = documents(domains__gd=domain_document("gd"))
        found = find(question(HK_PERSON, (C["hk-ca"],), purpose=Purpose.CONTRACT_SIGNING), docs)
        assert codes(found) == [["TRUST_LIST_RELIED_ON"]]

    def test_a_policy_that_the_ca_may_not_issue_under_is_the_cas_to_mend(self) -> None:
        """HK_HIGH is not below the arc; …810.2 of a CA certificate that lacks it cannot be agreed on."""
        issued = pki.leaf(
            pki.HK_CA,
            "hk-person-other-policy",
            "C=HK, O=Test HK Post e-Cert (Personal), CN=TEST USER EPSILON",
            pki.Rsa("rsa-leaf-2"),
            "2.16.344.8.2.2008.810.2.2018.1.9",
        )
        found = find(question(issued.certificate, purpose=Purpose.CONTRACT_SIGNING))
        listed = [b.finding.reason.code for b in found.barred]
        assert "TRUST_LIST_POLICY_NOT_ON_PATH" in listed


class TestEvidence:
    def test_an_issuer_that_this_gateway_knows_is_sent_along(self) -> None:
        found = find(question(COMPANY))
        assert codes(found) == [["CERTIFICATES_SUPPLIED"]]
        (change,) = found.fixes[0].changes
        assert change.after == fingerprint(C["gd-a-sm2"])
        assert not change.type.assumed
        assert verdict_after(found.fixes[0], question(COMPANY)).findings == ()

    def test_a_way_of_several_certificates_is_sent_along(self) -> None:
        known = (*(C[label] for label in ("hk-root", "gd-a-sm2")), *HK_TO_GD_A)
        found = find(question(COMPANY, domain="hk"), certificates=known)
        assert codes(found) == [["CERTIFICATES_SUPPLIED"]]
        (change,) = found.fixes[0].changes
        assert change.after == ", ".join(fingerprint(der) for der in reversed(HK_TO_GD_A))

    def test_an_issuer_that_nobody_knows_is_named(self) -> None:
        found = find(question(LEAVES["mo-person-sign"]))
        assert (found.outcome, found.fixes) == (Outcome.UNDECIDED, ())
        (wanted,) = found.wanted
        assert wanted.issuer == "CN=Test Macau CA, O=Test Macau Sign, C=MO"
        assert len(wanted.key_identifier) == 40

    def test_a_root_of_another_domain_takes_an_anchor_and_an_agreement(self) -> None:
        docs = documents(
            domains__gd=domain_document("gd"), domains__hk=domain_document("hk"), trust_lists__hong_kong=None
        )
        found = find(question(HK_PERSON, (C["hk-ca"],)), docs)
        assert codes(found) == [["ANCHOR_ADDED", "AGREEMENT_CONCLUDED"]]
        anchor = found.fixes[0].changes[0]
        assert json.loads(anchor.after)["sha256"] == fingerprint(C["hk-root"])
        assert fingerprint(C["hk-root"]) in dict(anchor.params).values()

    def test_the_status_of_exactly_the_target_is_fetched(self) -> None:
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", revocation=RevocationRule.REQUIRE_TARGET)
        found = find(asked)
        assert codes(found) == [["STATUS_FETCHED"]]
        (change,) = found.fixes[0].changes
        assert change.after == fingerprint(COMPANY)
        assert change.type.assumed
        assert change.type.cautions == (Caution.ASSUMED_STATUS,)
        assert dict(change.params)["source"] == "http://crl.test-pki.example/gd-a-sm2.crl"
        status = found.fixes[0].answer.verdict.revocation[0]
        assert (status.status.value, status.source[:5]) == ("good", "ocsp:")

    def test_and_of_each_certificate_where_all_are_asked_for(self) -> None:
        asked = question(COMPANY, HK_TO_GD_A, domain="hk", revocation=RevocationRule.REQUIRE_ALL)
        assert codes(find(asked)) == [["STATUS_FETCHED"] * 4]

    def test_a_status_too_old_for_an_entry(self) -> None:
        import status

        limits = {"purposes": ["contract_signing"], "revocation": "require_target", "max_status_age_s": 60}
        asked = question(
            HK_PERSON,
            purpose=Purpose.CONTRACT_SIGNING,
            revocation=RevocationRule.IF_AVAILABLE,
            crls=(status.CRLS["hk-ca"],),
        )
        assert codes(find(asked, listing(conditions=limits))) == [["STATUS_FETCHED"]]

    def test_an_expired_certificate_is_renewed_or_proven_of_its_time(self) -> None:
        late = datetime(2026, 2, 1, tzinfo=UTC)
        asked = question(LEAVES["gd-a-sm2-event"], HK_TO_GD_A, domain="hk", validation_time=late)
        found = find(asked)
        assert codes(found) == [["CERTIFICATE_RENEWED"], ["TIME_EARLIER"]]
        renewed, earlier = (fix.changes[0] for fix in found.fixes)
        assert renewed.type.parties == (Party.HOLDER, Party.CA)
        assert renewed.type.assumed
        assert earlier.after == "2026-01-16T00:00:00Z"
        assert earlier.type.cautions == (Caution.PROOF_OF_TIME,)

    def test_a_certificate_of_later_waits(self) -> None:
        early = datetime(2026, 1, 1, tzinfo=UTC)
        asked = question(LEAVES["gd-a-sm2-event"], HK_TO_GD_A, domain="hk", validation_time=early)
        found = find(asked)
        assert codes(found) == [["TIME_LATER"]]
        assert found.fixes[0].changes[0].after == "2026-01-15T00:00:00Z"

    def test_waiting_and_a_status_of_then(self) -> None:
        early = datetime(2026, 1, 1, tzinfo=UTC)
        asked = question(
            LEAVES["gd-a-sm2-event"],
            HK_TO_GD_A,
            domain="hk",
            validation_time=early,
            revocation=RevocationRule.REQUIRE_TARGET,
        )
        assert sorted(codes(find(asked))[0]) == ["STATUS_FETCHED", "TIME_LATER"]


class TestQuestions:
    def test_key_usage_that_it_lacks(self) -> None:
        bits = frozenset({KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.KEY_AGREEMENT})
        found = find(question(COMPANY, (C["gd-a-sm2"],), key_usage=bits))
        assert codes(found) == [["KEY_USAGE_REDUCED"]]
        (change,) = found.fixes[0].changes
        assert (change.before, change.after) == ("digital_signature, key_agreement", "digital_signature")

    def test_identity_that_it_does_not_state(self) -> None:
        found = find(question(HK_PERSON, identity_required=True, purpose=Purpose.CONTRACT_SIGNING))
        assert codes(found) == [["IDENTITY_NOT_ASKED"]]

    def test_policies_that_it_does_not_hold(self) -> None:
        asked = question(
            COMPANY,
            (C["gd-a-sm2"],),
            user_initial_policy_set=frozenset({pki.GD_BASIC}),
            initial_explicit_policy=True,
        )
        found = find(asked)
        assert codes(found) == [["POLICIES_WIDENED"], ["EXPLICIT_POLICY_NOT_ASKED"]]

    def test_a_path_longer_than_asked(self) -> None:
        found = find(question(COMPANY, HK_TO_GD_A, domain="hk", max_path_length=1))
        assert codes(found) == [["PATH_LENGTH_RAISED"]]
        assert found.fixes[0].changes[0].after == "3"

    def test_a_purpose_that_the_domain_does_not_vouch_for(self) -> None:
        docs = documents(
            domains__gd=domain_document(
                "gd", trust_lists=["hong-kong"], purposes=["contract_signing", "server_auth"]
            )
        )
        asked = question(COMPANY, (C["gd-a-sm2"],), purpose=Purpose.DIGITAL_SIGNATURE)
        assert codes(find(asked, docs)) == [["PURPOSE_CHANGED"], ["DOMAIN_PURPOSE_ADDED"]]

    def test_in_the_place_of_any_purpose_each_that_is_covered(self) -> None:
        found = find(question(HK_PERSON))
        assert codes(found) == [["PURPOSE_CHANGED"], ["PURPOSE_CHANGED"], ["PURPOSE_AGREED"]]
        assert [fix.changes[0].after for fix in found.fixes[:2]] == ["contract_signing", "digital_signature"]

    def test_a_policy_that_the_domain_asks_of_every_path(self) -> None:
        initial = {"user_initial_policy_set": [pki.GD_BASIC], "explicit_policy": True}
        docs = documents(domains__gd=domain_document("gd", initial=initial))
        found = find(question(COMPANY, (C["gd-a-sm2"],)), docs)
        assert codes(found) == [["DOMAIN_POLICY_ACCEPTED"]]

    def test_what_passes_needs_nothing(self) -> None:
        found = find(TO_HK)
        assert (found.outcome, found.fixes, found.judgements) == (Outcome.PASSES, (), 1)


@pytest.mark.parametrize(
    "case", ["mapping missing", "suspended", "expired", "CA blocked", "two mappings missing"]
)
def test_the_gateway_passes_once_the_release_is_in_force(case: str, tmp_path: Path) -> None:
    """What was found is written to a policies folder as it stands, and asked of the gateway as served."""
    docs, _ = BRIDGE_CASES[case]
    assert ask(gateway(tmp_path / "before", docs), COMPANY, HK_TO_GD_A, domain="hk")["reasons"]
    found = find(TO_HK, docs)
    fix = next(f for f in found.fixes if all(c.type.kind is FixKind.POLICY for c in f.changes))
    after = gateway(tmp_path / "after", fix.documents.data())
    assert ask(after, COMPANY, HK_TO_GD_A, domain="hk")["indication"] == "TOTAL_PASSED"
