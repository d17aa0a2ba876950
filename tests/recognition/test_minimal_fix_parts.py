"""Parts of the minimal fix by themselves: edits, stand-ins, the library, and generators at their edges."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons import building, recognition, trust_list
from ca_bridge.core.reasons import revocation as revocation_reasons
from ca_bridge.core.reasons import validation as validation_reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.crossings import Crossing
from ca_bridge.core.request import KeyUsageBit, Purpose, RevocationRule
from ca_bridge.core.verdict import Finding, TrustModel
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.ocsp_parser import parse_ocsp_response
from ca_bridge.services.minimal_fix import Outcome, for_conditions
from ca_bridge.services.minimal_fix.edits import (
    Edit,
    NoSuchPlace,
    Operation,
    Row,
    appending,
    apply_edits,
    removing,
    setting,
    value_at,
    with_before,
)
from ca_bridge.services.minimal_fix.judging import Judge
from ca_bridge.services.minimal_fix.library import Library
from ca_bridge.services.minimal_fix.making import before, next_midnight
from ca_bridge.services.minimal_fix.model import Bar, Change
from ca_bridge.services.minimal_fix.obstacles import Case, Obstacle
from ca_bridge.services.minimal_fix.policy_pairs import crossings_of, pairs_at
from ca_bridge.services.minimal_fix.registry import ANSWERS
from ca_bridge.services.minimal_fix.safety import is_blocked, is_told_revoked
from ca_bridge.services.minimal_fix.search import applied
from ca_bridge.services.minimal_fix.stand_ins import good_response, renewed_certificate, shifted
from ca_bridge.services.minimal_fix.steps import AskStep, FreshStatus, PolicyStep, Renewal, World
from ca_bridge.services.policy_documents import PolicyDocuments
from tests.recognition.big_release import big_documents
from tests.recognition.refusals import KNOWN, codes, compile_documents, find, question
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, NOW, C, fingerprint, parsed, pki
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    list_document,
)
from tests.recognition.test_minimal_fix import PAIRS, TO_HK, hk_bridge, listing, pin

import status  # isort: skip
import x509  # isort: skip

COMPANY = LEAVES["gd-a-sm2-company-sign"]


class TestEdits:
    DOCUMENTS = PolicyDocuments.from_data({"a.yaml": {"rows": [{"id": "one", "n": 1}], "plain": 2}})

    def after(self, *edits: Edit) -> Any:
        return apply_edits(self.DOCUMENTS, edits).data()

    def test_a_value_is_set_where_it_stood_or_did_not(self) -> None:
        row = Row("id", "one")
        assert self.after(setting("a.yaml", "rows", row, "n", value=5))["a.yaml"]["rows"] == [
            {"id": "one", "n": 5}
        ]
        assert self.after(setting("a.yaml", "new", "deep", value=5))["a.yaml"]["new"] == {"deep": 5}
        assert self.after(setting("a.yaml", "rows", 0, value=7))["a.yaml"]["rows"] == [7]

    def test_a_document_is_made(self) -> None:
        assert self.after(setting("b.yaml", value={"x": 1}))["b.yaml"] == {"x": 1}

    def test_a_row_is_appended_to_a_list_that_need_not_be_there(self) -> None:
        assert self.after(appending("a.yaml", "rows", value=9))["a.yaml"]["rows"][-1] == 9
        assert self.after(appending("a.yaml", "new", value=9))["a.yaml"]["new"] == [9]
        nested = PolicyDocuments.from_data({"a.yaml": [[1]]})
        assert apply_edits(nested, (appending("a.yaml", 0, value=2),)).data() == {"a.yaml": [[1, 2]]}

    def test_a_row_is_taken_away(self) -> None:
        assert self.after(removing("a.yaml", "rows", Row("id", "one")))["a.yaml"]["rows"] == []

    @pytest.mark.parametrize(
        "edit",
        [
            setting("absent.yaml", "x", value=1),
            setting("a.yaml", "rows", Row("id", "two"), "n", value=1),
            setting("a.yaml", "rows", 4, "n", value=1),
            removing("a.yaml", "absent"),
        ],
    )
    def test_an_edit_needs_its_place(self, edit: Edit) -> None:
        with pytest.raises(NoSuchPlace):
            self.after(edit)

    def test_all_or_nothing(self) -> None:
        with pytest.raises(NoSuchPlace):
            self.after(setting("a.yaml", "plain", value=3), removing("a.yaml", "absent"))
        assert self.DOCUMENTS.data()["a.yaml"]["plain"] == 2

    def test_where_it_stands_is_said(self) -> None:
        edit = setting("a.yaml", "rows", Row("id", "one"), "history", 0, "undated", value="accept")
        assert edit.where == "a.yaml rows[one].history[0].undated"
        assert appending("a.yaml", "rows", value=1).where == "a.yaml rows[+]"
        assert setting("a.yaml", value=1).where == "a.yaml"

    def test_what_stood_there_is_kept(self) -> None:
        data = self.DOCUMENTS.data()
        assert with_before(setting("a.yaml", "plain", value=3), data).before == "2"
        assert with_before(setting("b.yaml", value=3), data).before == ""
        assert with_before(setting("a.yaml", "absent", value=3), data).before == ""
        assert value_at(data["a.yaml"], ("rows", 7)) is None
        assert setting("a.yaml", value=1).operation is Operation.SET


class TestStandIns:
    def test_a_response_says_good_of_exactly_this_certificate(self) -> None:
        certificate, issuer = parsed(COMPANY), parsed(C["gd-a-sm2"])
        der, covered = good_response(FreshStatus(certificate, issuer), NOW)
        response = parse_ocsp_response(der)
        assert response.signed is not None
        assert response.signed.tbs == covered
        (single,) = response.responses
        assert (single.cert_id.serial_number, single.status.value) == (certificate.serial_number, "good")
        assert (single.this_update, response.signed.signature) == (NOW, certificate.signed.signature)

    @pytest.mark.parametrize("label", ["gd-a-sm2-event", "hk-person-sign"])
    @pytest.mark.parametrize(
        "at",
        [
            datetime(2040, 5, 6, tzinfo=UTC),
            datetime(2060, 1, 1, tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
        ],
    )
    def test_a_renewal_differs_in_its_end_alone(self, label: str, at: datetime) -> None:
        old = parsed(LEAVES[label])
        der, covered = renewed_certificate(Renewal(old), at)
        new = parsed(der)
        assert new.signed.tbs == covered
        assert new.not_after >= at.replace(microsecond=0)
        for field in ("serial_number", "issuer", "subject", "not_before", "extensions", "spki"):
            assert getattr(new, field) == getattr(old, field)

    def test_times_have_an_end(self) -> None:
        last = datetime.max.replace(microsecond=0, tzinfo=UTC)
        first = datetime.min.replace(tzinfo=UTC)
        assert shifted(last, timedelta(days=1)) == last
        assert before(first) == first
        assert next_midnight(last) == last
        assert before(datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)

    def test_a_stand_in_counts_under_no_other_key(self) -> None:
        """A forged certificate has no issuer, assumed to be renewed or not."""
        forged = bytearray(LEAVES["gd-a-sm2-event"])
        forged[-1] ^= 1
        late = datetime(2026, 2, 1, tzinfo=UTC)
        world = World(
            documents=PolicyDocuments.from_data(documents()),
            question=question(bytes(forged), HK_TO_GD_A, domain="hk", validation_time=late),
            renewed=(Renewal(parsed(bytes(forged))),),
        )
        judged = Judge(compile_documents, "hk", most=10).asked(world)
        assert not judged.passed
        assert judged.answer.verdict.findings[0].reason.code == "SIGNATURE_INVALID"
        true = replace(
            world,
            question=replace(world.question, certificate=LEAVES["gd-a-sm2-event"]),
            renewed=(Renewal(parsed(LEAVES["gd-a-sm2-event"])),),
        )
        assert Judge(compile_documents, "hk", most=10).asked(true).passed


class TestAuthorities:
    """A CA certificate that expired below its root, and its renewal."""

    OLD = pki.HK_ROOT.certify(
        pki.HK_CA,
        *(),
        path_length=0,
        period=(datetime(2015, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
        tag="old",
    )

    def ask(self, **fields: Any) -> Any:
        return question(LEAVES["hk-person-sign"], (self.OLD,), domain="hk", **fields)

    def test_the_renewed_one_of_the_library_is_sent_along(self) -> None:
        found = find(self.ask(), documents(domains__hk=_only("hk")))
        assert codes(found)[0] == ["CA_CERTIFICATE_RENEWED"]
        change = found.fixes[0].changes[0]
        assert change.type.assumed
        assert dict(change.params)["name"] == "CN=Test HK e-Cert CA, O=Test HK Post, C=HK"

    def test_not_where_evidence_calls_it_revoked(self) -> None:
        crl = pki.HK_ROOT.crl(x509.Revoked(parsed(self.OLD).serial_number, status.REVOKED_WHEN, 4))
        found = find(self.ask(crls=(crl,)), documents(domains__hk=_only("hk")), certificates=())
        assert "CA_CERTIFICATE_RENEWED" not in {code for fix in codes(found) for code in fix}

    def test_an_anchor_that_expired_is_only_good_for_its_time(self) -> None:
        late = parsed(C["hk-root"]).not_after + timedelta(days=1)
        made = case(
            validation_reasons.ANCHOR_EXPIRED,
            anchor=C["hk-root"],
            position=1,
            asked={"validation_time": late},
        )
        (change,) = changes(made)
        assert (change.type.code, change.step) == (
            "TIME_EARLIER",
            AskStep((("validation_time", late - timedelta(days=1)),)),
        )


def _only(name: str) -> dict[str, Any]:
    return domain_document(name)


def test_a_damaged_copy_is_replaced_by_a_sound_one() -> None:
    damaged = bytearray(C["gd-a-sm2"])
    damaged[-1] ^= 1
    found = find(question(COMPANY, (bytes(damaged),)))
    assert found.answer.verdict.findings[0].reason.code == "CA_SIGNATURE_INVALID"
    assert codes(found) == [["CERTIFICATES_SUPPLIED"]]
    assert found.fixes[0].changes[0].after == fingerprint(C["gd-a-sm2"])


def test_a_big_release_takes_seconds() -> None:
    docs = big_documents() | hk_bridge(status="suspended", mappings=PAIRS[1:])
    begun = time.perf_counter()
    found = find(TO_HK, docs)
    assert [sorted(fix) for fix in codes(found)] == [["AGREEMENT_RESUMED", "MAPPING_ADDED"]]
    assert time.perf_counter() - begun < 30


class TestSafety:
    def test_which_evidence_tells_of_which_certificate(self) -> None:
        pool = compile_documents(PolicyDocuments.from_data(documents())).snapshot("gd").trust.pool
        target = parsed(status.REVOKED_COMPANY.certificate)
        told = Evidence(crls=(b"\x30\x00", status.CRLS["gd-a-sm2"]))
        assert is_told_revoked(target, told, pool)
        assert not is_told_revoked(parsed(COMPANY), told, pool)
        other = status.HK.crl(x509.Revoked(target.serial_number, status.REVOKED_WHEN, 1))
        assert not is_told_revoked(target, Evidence(crls=(other,)), pool)
        removed = status.GD_A.crl(x509.Revoked(target.serial_number, status.REVOKED_WHEN, status.REMOVE))
        assert not is_told_revoked(target, Evidence(crls=(removed,)), pool)

    @pytest.mark.parametrize(
        ("algorithm", "issuer", "expected"),
        [
            ("sha1", "gd", True),
            ("sha256", "gd", True),
            ("sha256", "hk", False),
        ],
    )
    def test_responses_about_it(self, algorithm: str, issuer: str, expected: bool) -> None:  # noqa: FBT001
        pool = compile_documents(PolicyDocuments.from_data(documents())).snapshot("gd").trust.pool
        certificate = parsed(COMPANY)
        ca = {"gd": status.GD_A, "hk": status.HK}[issuer]
        identity = ca.cert_id(certificate.serial_number, algorithm)
        single = x509.single_response(identity, x509.revoked_status(NOW, 1))
        response = x509.ocsp_response(single, signer=pki.Rsa("rsa-leaf-1"))
        evidence = Evidence(ocsp_responses=(b"\x30\x00", response))
        assert is_told_revoked(certificate, evidence, pool) is expected
        good = x509.ocsp_response(x509.single_response(identity), signer=pki.Rsa("rsa-leaf-1"))
        assert not is_told_revoked(certificate, Evidence(ocsp_responses=(good,)), pool)

    def test_blocks_of_anything_on_the_path(self) -> None:
        from tests.recognition.test_minimal_fix import block

        def rules(docs: dict[str, Any]) -> Any:
            return compile_documents(PolicyDocuments.from_data(docs)).snapshot("hk").rules

        path = (parsed(COMPANY), parsed(C["gd-a-sm2"]))
        anchor = parsed(C["hk-root"])
        assert is_blocked(path, anchor, rules(block("certificate", fingerprint(COMPANY))), NOW)
        assert is_blocked(path, anchor, rules(block("certificate", fingerprint(C["hk-root"]))), NOW)
        assert is_blocked(path, None, rules(block("certificate", fingerprint(C["gd-a-sm2"]))), NOW)
        assert not is_blocked((), None, rules(block("certificate", fingerprint(COMPANY))), NOW)
        later = block("certificate", fingerprint(COMPANY), effective_from="2027-01-01T00:00:00Z")
        assert not is_blocked(path, anchor, rules(later), NOW)


def case(
    reason: Reason,
    *,
    model: TrustModel = TrustModel.CROSS_CERTIFICATION,
    path: tuple[bytes, ...] = (COMPANY,),
    anchor: bytes | None = None,
    position: int | None = 0,
    docs: dict[str, Any] | None = None,
    domain: str = "hk",
    asked: dict[str, Any] | None = None,
    **params: str,
) -> Case:
    """A finding by itself, as if the engine had said it."""
    world = World(
        documents=PolicyDocuments.from_data(docs or documents()),
        question=question(path[0] if path else COMPANY, domain=domain, **(asked or {})),
    )
    judged = Judge(compile_documents, domain, most=10).asked(world)
    finding = Finding(reason=reason, position=position, params=tuple(sorted(params.items())))
    obstacle = Obstacle(
        model=model,
        certificates=tuple(map(parsed, path)),
        anchor=None if anchor is None else parsed(anchor),
        findings=(finding,),
    )
    return Case(judged=judged, obstacle=obstacle, finding=finding, library=Library(map(parsed, KNOWN)))


def changes(made: Case) -> list[Change]:
    answer = ANSWERS[made.finding.reason]
    assert not isinstance(answer, Bar)
    return list(answer(made))


GONE: list[tuple[Reason, dict[str, str]]] = [
    (recognition.AGREEMENT_EXPIRED, {"agreement": "gone", "effective_until": "2027-01-01T00:00:00Z"}),
    (
        recognition.AGREEMENT_NOT_YET_EFFECTIVE,
        {"agreement": "gone", "effective_from": "2020-01-01T00:00:00Z"},
    ),
    (recognition.AGREEMENT_SUSPENDED, {"agreement": "gone"}),
    (recognition.AGREEMENT_TERMINATED, {"agreement": "gone"}),
    (recognition.CERTIFICATE_BLOCKED, {"block": "gone"}),
    (recognition.LICENCE_EXPIRED, {"authority": "gone", "licence": "L"}),
    (recognition.RECOGNITION_PURPOSE_NOT_COVERED, {"basis": "gone", "purpose": "server_auth"}),
    (recognition.RECOGNITION_SUBJECT_KIND, {"basis": "gone", "kind": "org"}),
    (recognition.RECOGNITION_KEY_ALGORITHM, {"basis": "hk-bridge", "algorithm": "1.2.840.10040.4.1"}),
    (recognition.RECOGNITION_NAME, {"basis": "gone", "form": "dns_name", "name": "a.example"}),
    (recognition.RECOGNITION_NAME, {"basis": "hk-bridge", "form": "other_name", "name": "x"}),
    (recognition.RECOGNITION_NAME, {"basis": "hk-bridge", "form": "ip_address", "name": "zz"}),
    (trust_list.TRUST_LIST_STALE, {"list": "gone"}),
    (trust_list.TRUST_LIST_ENTRY_SUSPENDED, {"entry": "gone/gone"}),
    (trust_list.TRUST_LIST_ENTRY_SUSPENDED, {"entry": "hong-kong/gone"}),
    (trust_list.TRUST_LIST_ROOT_OTHER, {"entry": "hong-kong/e-cert-personal"}),
    (trust_list.TRUST_LIST_ROOT_FORMER, {"entry": "hong-kong/gone"}),
    (validation_reasons.REQUESTED_PATH_LENGTH_EXCEEDED, {"max_path_length": "1"}),
    (validation_reasons.EXPLICIT_POLICY_LOST, {}),
    (revocation_reasons.REVOCATION_EVIDENCE_MISSING, {}),
    (building.PATH_LOOP, {"subject": "x"}),
]


@pytest.mark.parametrize(("reason", "params"), GONE)
def test_nothing_is_made_of_what_is_not_there(reason: Reason, params: dict[str, str]) -> None:
    """Documents, entries, certificates that the finding speaks of and nobody has: no change, no error."""
    anchored = reason is building.PATH_LOOP
    anchor = C["hk-root"] if anchored else None
    assert changes(case(reason, anchor=anchor, **params)) == []


@pytest.mark.parametrize(
    "reason",
    [
        validation_reasons.TARGET_EXPIRED,
        validation_reasons.CA_EXPIRED,
        validation_reasons.ANCHOR_EXPIRED,
        validation_reasons.TARGET_NOT_YET_VALID,
        trust_list.TRUST_LIST_TYPE_OTHER,
        trust_list.TRUST_LIST_POLICY_OTHER,
        building.NO_ISSUER_FOUND,
    ],
)
def test_nor_of_a_path_that_is_not_known(reason: Reason) -> None:
    entry = {"entry": "hong-kong/e-cert-personal"}
    assert changes(case(reason, path=(), position=3, **entry)) == []
    assert changes(case(reason, path=(), position=None, **entry)) == []


def test_addresses_and_host_names_are_agreed_on_as_they_are() -> None:
    def names(form: str, name: str) -> list[Any]:
        made = case(recognition.RECOGNITION_NAME, basis="hk-bridge", form=form, name=name)
        return [json.loads(change.after) for change in changes(made)]

    assert names("ip_address", "c0000201") == [{"type": "ip_address", "value": "192.0.2.1/32"}]
    assert names("ip_address", "20010db8" + "0" * 23 + "1") == [
        {"type": "ip_address", "value": "2001:db8::1/128"}
    ]
    assert names("dns_name", "a.example") == [{"type": "dns_name", "value": "a.example"}]


def test_a_name_of_a_holder_alone_has_nothing_above_it() -> None:
    bare = pki.leaf(pki.HK_CA, "bare", "CN=ALONE", pki.Rsa("rsa-leaf-2"), pki.HK_HIGH)
    made = case(
        recognition.RECOGNITION_NAME,
        path=(bare.certificate,),
        basis="hk-bridge",
        form="directory_name",
        name="x",
    )
    assert changes(made) == []
    unknown = case(recognition.RECOGNITION_NAME, path=(), basis="hk-bridge", form="directory_name", name="x")
    assert changes(unknown) == []


@pytest.mark.parametrize("text", ["A, B", "#A", " A", "A ", 'A+B"C"', "A\\B", "A=B;<C>", " "])
def test_names_are_written_as_rfc_4514_says(text: str) -> None:
    from cryptography import x509 as library

    read = library.Name.from_rfc4514_string(f"O={for_conditions._escaped(text)}")
    assert [attribute.value for attribute in read] == [text]


def test_a_list_entry_of_a_new_type_gets_a_name_that_is_free() -> None:
    entries = [
        entry_document(type_name="Other"),
        entry_document(entry="e-cert-personal-2", type_name="Third"),
    ]
    docs = documents(trust_lists__hong_kong=list_document(*entries))
    asked = question(LEAVES["hk-person-sign"], purpose=Purpose.CONTRACT_SIGNING)
    added = [json.loads(fix.changes[0].after)["entry"] for fix in find(asked, docs).fixes]
    assert sorted(added) == ["e-cert-personal-2-2", "e-cert-personal-3"]


def test_a_type_that_the_subject_does_not_write() -> None:
    bare = pki.leaf(pki.HK_CA, "no type", "CN=ALONE", pki.Rsa("rsa-leaf-2"), pki.HK_MUTUAL_RECOGNITION)
    found = find(question(bare.certificate, purpose=Purpose.CONTRACT_SIGNING))
    assert "ENTRY_ADDED" not in {code for fix in codes(found) for code in fix}


def test_a_former_root_in_its_time() -> None:
    row = {
        "roots": [pin("hk-root")],
        "issuers": [pin("hk-ca")],
        "since": "2020-01-01T00:00:00Z",
        "until": "2026-01-01T00:00:00Z",
    }
    docs = listing(roots=[pin("mo-root")], history=[row])
    found = find(question(LEAVES["hk-person-sign"], purpose=Purpose.CONTRACT_SIGNING), docs)
    assert found.answer.verdict.findings[0].reason.code == "TRUST_LIST_ROOT_FORMER"
    assert codes(found) == [["TIME_EARLIER"], ["ENTRY_FORMER_PINNED"]]


def test_domains_that_trust_lists_alone() -> None:
    docs = listing(status="suspended") | {
        "domains/gd.yaml": domain_document("gd", trust_lists=["hong-kong"], cross_certification=False)
    }
    found = find(question(LEAVES["hk-person-sign"], purpose=Purpose.CONTRACT_SIGNING), docs)
    assert codes(found) == [["ENTRY_RESUMED"]]


def test_key_usage_that_the_domain_asks_for_stays_asked() -> None:
    from ca_bridge.core.reasons import target

    made = case(target.KEY_USAGE_NOT_ALLOWED, missing="crl_sign")
    assert changes(made) == []
    asked = {"key_usage": frozenset({KeyUsageBit.CRL_SIGN})}
    (change,) = changes(case(target.KEY_USAGE_NOT_ALLOWED, asked=asked, missing="crl_sign"))
    assert (change.before, change.after) == ("crl_sign", "")


def test_an_unreadable_crl_is_fetched_again_for_each_certificate() -> None:
    asked = question(
        COMPANY, (C["gd-a-sm2"],), revocation=RevocationRule.IF_AVAILABLE, crls=(b"\x30\x03\x02\x01\x01",)
    )
    found = find(asked)
    assert codes(found) == [["STATUS_FETCHED", "STATUS_FETCHED"]]


def test_an_agreement_of_a_long_name_is_renewed_under_a_shorter_one() -> None:
    name = "a" * 63
    docs = documents(agreements__hk_bridge=None) | {
        f"agreements/{name}.yaml": agreement_document("hk-bridge")
        | {"agreement": name, "status": "terminated"}
    }
    found = find(TO_HK, docs)
    assert ["AGREEMENT_CONCLUDED_ANEW"] in codes(found)
    identifiers = [dict(fix.changes[0].params)["agreement"] for fix in found.fixes]
    assert max(map(len, identifiers)) <= 63


def test_a_mutual_agreement_maps_the_other_way_too() -> None:
    mutual = agreement_document("hk-bridge") | {
        "agreement": "bridge-hk",
        "kind": "mutual",
        "issuer_domain": "bridge",
        "subject_domain": "hk",
        "mappings": [],
        "reverse_mappings": PAIRS[1:],
    }
    docs = documents(agreements__hk_bridge=None, agreements__bridge_hk=mutual)
    (fix,) = find(TO_HK, docs).fixes
    assert fix.changes[0].where == "agreements/bridge-hk.yaml reverse_mappings[+]"
    draft = documents(agreements__hk_bridge=None, agreements__bridge_hk=mutual | {"status": "draft"})
    assert ["AGREEMENT_ACTIVATED", "MAPPING_ADDED"] in [
        sorted(f) for f in codes(find(TO_HK, draft))
    ] or codes(find(TO_HK, draft)) == [["AGREEMENT_CONCLUDED"]]


def test_the_library_knows_ways_and_says_when_there_is_none() -> None:
    known = Library(map(parsed, (*KNOWN, *HK_TO_GD_A)))
    anchors = compile_documents(PolicyDocuments.from_data(documents())).snapshot("hk").trust.anchors
    (way,) = known.ways(parsed(COMPANY), anchors)
    assert [c.fingerprint for c in way] == [fingerprint(der) for der in reversed(HK_TO_GD_A)]
    assert known.ways(parsed(LEAVES["mo-person-sign"]), anchors) == ()
    root: Certificate = parsed(C["hk-root"])
    assert known.roots_above(root) == (root,)
    assert known.ways(parsed(C["hk-ca"]), anchors) == ()


def test_a_world_that_contradicts_itself_is_not_judged() -> None:
    judge = Judge(compile_documents, "hk", most=10)
    content = PolicyDocuments.from_data(documents())
    judged = judge.asked(World(documents=content, question=TO_HK))
    wrong = apply_edits(content, (setting("agreements/hk-bridge.yaml", "subject_domain", value="nowhere"),))
    assert judge.judge(replace(judged.world, documents=wrong)) is None
    assert judge.spent == 1


def test_a_path_through_a_loop_or_too_long_is_no_reason_to_give_up() -> None:
    asked = question(COMPANY, (C["bridge-sm2-to-gd-a-sm2"], C["gd-a-sm2-to-bridge-sm2"]), domain="hk")
    found = find(asked, certificates=(*KNOWN, *HK_TO_GD_A))
    assert codes(found) == [["CERTIFICATES_SUPPLIED"]]
    assert found.fixes[0].changes[0].after == ", ".join(fingerprint(der) for der in reversed(HK_TO_GD_A[:2]))


def test_another_way_than_the_one_to_an_untrusted_root() -> None:
    """The caller sent the path to a root that Hong Kong does not trust; the bridge leads elsewhere."""
    asked = question(COMPANY, (C["gd-a-sm2"], C["national-root"]), domain="hk")
    found = find(asked, certificates=(*KNOWN, *HK_TO_GD_A))
    assert found.answer.verdict.findings[0].reason.code == "UNTRUSTED_ROOT"
    assert codes(found)[0] == ["CERTIFICATES_SUPPLIED"]


def test_a_root_that_nobody_imported_is_for_the_operator_to_decide() -> None:
    asked = question(LEAVES["mo-person-sign"], (C["mo-ca"], C["mo-root"]), domain="hk")
    found = find(asked)
    assert (found.outcome, found.fixes) == (Outcome.UNDECIDED, ())
    (wanted,) = found.wanted
    assert (wanted.issuer, wanted.sha256) == (
        "CN=Test Macau Root CA, O=Test Macau Sign, C=MO",
        fingerprint(C["mo-root"]),
    )


def test_drafts_between_others_are_let_be() -> None:
    docs = documents(agreements__hk_bridge=None, agreements__bridge_gd=None) | {
        "agreements/bridge-gd.yaml": agreement_document("bridge-gd", status="draft")
    }
    found = find(TO_HK, docs)
    assert [sorted(fix) for fix in codes(found)] == [
        ["AGREEMENT_ACTIVATED", "AGREEMENT_CONCLUDED"],
        ["AGREEMENT_CONCLUDED", "AGREEMENT_CONCLUDED"],
    ]


def test_an_unreadable_certificate_beside_an_unknown_issuer() -> None:
    found = find(question(LEAVES["mo-person-sign"], (b"\x30\x03\x02\x01\x01",)))
    assert found.outcome is Outcome.UNDECIDED
    assert [wanted.issuer for wanted in found.wanted] == ["CN=Test Macau CA, O=Test Macau Sign, C=MO"]


def test_a_change_that_stands_on_another_does_not_stand_alone() -> None:
    docs = documents(agreements__hk_bridge=None)
    (concluded,) = find(TO_HK, docs).fixes[0].changes
    raised = replace(
        concluded,
        step=PolicyStep((setting("agreements/hk-bridge.yaml", "mappings", 0, "level", value="high"),)),
    )
    world = World(documents=PolicyDocuments.from_data(docs), question=TO_HK)
    assert applied(world, (raised,)) is None
    both = applied(world, (concluded, raised))
    assert both is not None
    assert both.documents.data()["agreements/hk-bridge.yaml"]["mappings"][0]["level"] == "high"


def test_a_path_without_anchor_crosses_nothing() -> None:
    assert crossings_of(case(recognition.AGREEMENT_MISSING)) == ()
    unknown = Crossing(position=1, issuer_domain="nowhere", subject_domain="gd")
    assert pairs_at(unknown, case(recognition.AGREEMENT_MISSING)) == ()
    beyond = Crossing(position=7, issuer_domain="hk", subject_domain="gd")
    assert pairs_at(beyond, case(recognition.AGREEMENT_MISSING)) == ()


def test_text_that_could_mislead_a_reader_is_not_written_into_policy() -> None:
    """A subject that turns the reading direction: neither a type name nor a permitted name is made of it."""
    turned = "Test HK Post \u202elanosreP"
    leaf = pki.leaf(
        pki.HK_CA, "turned", f"C=HK, O={turned}, CN=X", pki.Rsa("rsa-leaf-2"), pki.HK_MUTUAL_RECOGNITION
    )
    found = find(question(leaf.certificate, purpose=Purpose.CONTRACT_SIGNING))
    assert "ENTRY_ADDED" not in {code for fix in codes(found) for code in fix}
    named = case(
        recognition.RECOGNITION_NAME,
        path=(leaf.certificate,),
        basis="hk-bridge",
        form="directory_name",
        name="x",
    )
    assert changes(named) == []
    dns = case(recognition.RECOGNITION_NAME, basis="hk-bridge", form="dns_name", name="a\u202e.example")
    assert changes(dns) == []
