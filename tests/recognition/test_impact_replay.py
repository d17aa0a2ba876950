"""A replayed record answers as the live engine does, and holds no person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable, RecordedQuestion
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.x509.names import GeneralNameType
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.outcome import outcome_of
from tests.recognition.replay_variants import (
    COMPANY,
    CRLS,
    OCSP,
    POLICIES,
    VARIANTS,
    entry,
    everything,
    hk_leaf,
    recorded,
    same,
    variant_gateways,
)
from tests.recognition.replays import NOW, question, replayed, replayer, store
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, pki
from tests.recognition.scheme_documents import documents, gateway

import extensions as ext  # isort: skip
import identity  # isort: skip
import x509  # isort: skip
from ca import Ca  # isort: skip
from keys import Dsa, Ecdsa  # isort: skip
from status import REVOKED_COMPANY, REVOKED_PERSON  # isort: skip


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Gateway]:
    return variant_gateways(tmp_path_factory)


@pytest.fixture(scope="module")
def live(gateways: dict[str, Gateway]) -> Gateway:
    return gateways["as it is"]


TARGETS = (*LEAVES.values(), REVOKED_COMPANY.certificate, REVOKED_PERSON.certificate)
CHAINS = ((), HK_TO_GD_A, (C["hk-ca"],), tuple(C.values()))


@st.composite
def asked(draw: st.DrawFn) -> Any:
    return question(
        draw(st.sampled_from(TARGETS)),
        draw(st.sampled_from(CHAINS)),
        draw(st.sampled_from(("hk", "gd", "bridge"))),
        crls=draw(st.sampled_from(((), CRLS, CRLS[:8]))),
        purpose=draw(st.sampled_from((Purpose.ANY, Purpose.CONTRACT_SIGNING, Purpose.SERVER_AUTH))),
        revocation=draw(st.sampled_from(tuple(RevocationRule))),
        assurance_level=draw(st.sampled_from((None, "basic", "medium", "high"))),
        validation_time=NOW + timedelta(days=draw(st.sampled_from((0, 0, -3, 400, 4000)))),
        identity_required=draw(st.booleans()),
        responses=draw(st.sampled_from(((), OCSP))),
    )


class TestReplayIsTheVerdict:
    @settings(max_examples=150, deadline=None)
    @given(asked=asked(), under=st.sampled_from(sorted(VARIANTS)))
    def test_under_any_policy(self, gateways: dict[str, Gateway], asked: Any, under: str) -> None:
        """Recorded under one policy, replayed under this and another: both answers are the engine's own."""
        live, draft = gateways["as it is"], gateways[under]
        stored, verdict = store(live, asked)
        assert stored.answered == outcome_of(verdict)
        assert replayed(live, stored) == outcome_of(verdict)
        try:
            told = replayed(draft, stored)
        except NotReplayable as error:
            assert error.cause is Cause.NEW_PATH  # noqa: PT017 - the only way out here
            assert asked.evidence.crls or asked.evidence.ocsp_responses
            return
        if under == "no domain" and asked.domain == "gd":
            assert told.reason == "DOMAIN_UNKNOWN"
        else:
            assert told == outcome_of(draft.validate.answer(asked).verdict)

    @pytest.mark.parametrize("variant", [v for v in VARIANTS if v != "no domain"])
    def test_each_policy_over_its_own_records(self, gateways: dict[str, Gateway], variant: str) -> None:
        made = gateways[variant]
        for leaf in LEAVES.values():
            for domain, crls in (("hk", ()), ("gd", CRLS)):
                stored, verdict = store(made, question(leaf, tuple(C.values()), domain, crls=crls))
                assert replayed(made, stored) == outcome_of(verdict)

    def test_the_anchor_named_is_the_one_found(self, live: Gateway) -> None:
        stored, verdict = store(live, question(COMPANY, HK_TO_GD_A))
        side = replayer(live, stored)
        for again in (side.answer(stored), side.answer(stored)):
            assert (again.path, again.trust_anchor) == (verdict.path, verdict.trust_anchor)


class TestNothingPersonalIsKept:
    def test_of_any_leaf(self, live: Gateway) -> None:
        """No text of any subject, no number, no serial number and no alternative name."""
        public = {"CN", "HK", "MO"}
        for label, leaf in LEAVES.items():
            stored, _ = store(live, question(leaf, tuple(C.values()), "gd"))
            kept = everything(stored)
            certificate = live.engine.pool.certificate(leaf)
            texts = {a.text for rdn in certificate.subject.rdns for a in rdn} - public
            issuer = {a.text for rdn in certificate.issuer.rdns for a in rdn}
            for text in texts - issuer:
                assert text not in kept, label
                assert text.encode().hex() not in kept, label
            assert certificate.der.hex() not in kept
            assert certificate.signed.signature.hex() not in kept
            assert f"{certificate.serial_number:x}" not in kept
            for extension in certificate.extensions.raw:
                if extension.oid.startswith("1.2.156"):
                    assert extension.value.hex() not in kept

    def test_names_of_a_persons_certificate(self, live: Gateway) -> None:
        names = ext.subject_alt_name(
            ext.rfc822("zhang.san@example.com"),
            ext.dns("zhangsan.example.com"),
            ext.directory(x509.name("CN=Zhang San")),
            ext.uri("https://example.com/zhangsan"),
            ext.ip(bytes([10, 9, 8, 7])),
        )
        leaf = hk_leaf("C=HK, OU=Individual-1, CN=Zhang San", names)
        stored, _ = store(live, question(leaf, (C["hk-ca"],), dns_name="zhangsan.example.com"))
        kept = everything(stored)
        for text in ("zhang", "Zhang", "example.com", "0a090807", b"Zhang San".hex()):
            assert text not in kept
        target = recorded(stored)
        assert target.hidden == {
            GeneralNameType.RFC822_NAME,
            GeneralNameType.DNS_NAME,
            GeneralNameType.DIRECTORY_NAME,
            GeneralNameType.URI,
            GeneralNameType.IP_ADDRESS,
        }

    def test_hosts_of_a_service_stay(self, live: Gateway) -> None:
        names = ext.subject_alt_name(ext.dns("service.example.com"), ext.ip(bytes([10, 0, 0, 1])))
        server = hk_leaf("C=HK, CN=service", names, ext.extended_key_usage("1.3.6.1.5.5.7.3.1"))
        asked = question(server, (C["hk-ca"],), dns_name="service.example.com")
        stored, verdict = store(live, asked)
        assert recorded(stored).hidden == frozenset()
        assert replayed(live, stored) == outcome_of(verdict)


class TestKindsOfCertificates:
    def test_a_cas_own_certificate_is_kept_whole(self, live: Gateway) -> None:
        stored, verdict = store(live, question(C["hk-ca"], (), "hk", identity_required=True))
        assert isinstance(stored.what, RecordedQuestion)
        assert stored.what.target.fingerprint == fingerprint(C["hk-ca"])
        assert replayed(live, stored) == outcome_of(verdict)

    def test_a_ca_on_the_way_from_an_anchor(self, live: Gateway) -> None:
        assert same(live, C["hk-ca"], ()) == "-"

    def test_extensions_that_count(self, live: Gateway) -> None:
        plain = {"purpose": Purpose.SERVER_AUTH}
        assert same(live, hk_leaf("CN=a", ext.extended_key_usage("1.3.6.1.5.5.7.3.2")), **plain) == (
            "PURPOSE_NOT_ALLOWED"
        )
        assert same(live, hk_leaf("CN=a", ext.extension("2.999.7", b"\x05\x00", critical=True))) == (
            "TARGET_UNKNOWN_CRITICAL_EXTENSION"
        )
        assert same(live, hk_leaf("CN=a", ext.inhibit_any_policy(0))) == "-"
        assert same(live, hk_leaf("CN=a", ext.policy_constraints(require_explicit=0))) == "-"
        assert same(live, hk_leaf("CN=a", ext.basic_constraints(ca=False))) == "-"
        assert same(live, hk_leaf("CN=a", ext.name_constraints(permitted=[pki.CHINA]))) == (
            "NAME_CONSTRAINTS_WITHOUT_CA"
        )
        assert same(live, hk_leaf("CN=a", ext.issuer_alt_name(ext.uri("https://ca.example.com")))) == "-"

    def test_exemption_from_revocation(self, live: Gateway) -> None:
        rule = {"revocation": RevocationRule.REQUIRE_TARGET}
        assert same(live, hk_leaf("CN=a", ext.no_rev_avail()), **rule) == "-"
        at = (ext.no_rev_avail(), ext.authority_info_access(ocsp="http://ocsp.example.com"))
        assert same(live, hk_leaf("CN=a", *at), **rule) == "REVOCATION_EVIDENCE_MISSING"
        at = (ext.no_rev_avail(), ext.crl_at("http://crl.example.com"))
        assert same(live, hk_leaf("CN=a", *at), **rule) == "REVOCATION_EVIDENCE_MISSING"

    def test_a_forged_signature(self, live: Gateway) -> None:
        good = hk_leaf("CN=a")
        assert same(live, good[:-1] + bytes([good[-1] ^ 1])) == "SIGNATURE_INVALID"

    @pytest.mark.parametrize("evidence", [{"crls": CRLS}, {"responses": OCSP}])
    def test_a_revoked_target_ends_the_search(self, live: Gateway, evidence: dict[str, Any]) -> None:
        stored, verdict = store(live, question(REVOKED_PERSON.certificate, (C["hk-ca"],), **evidence))
        assert outcome_of(verdict).reason == "TARGET_REVOKED"
        assert replayed(live, stored) == outcome_of(verdict)

    def test_the_name_and_key_of_a_ca_on_the_way(self, live: Gateway) -> None:
        """No name and key stand twice on a path, also where the name is known by its digest alone."""
        upper = Ca("upper", x509.name("C=HK, O=Upper, CN=Upper"), Ecdsa("upper"))
        lower = Ca("lower", x509.name("C=HK, CN=Lower"), Ecdsa("lower"))
        chain = (pki.HK_ROOT.certify(upper, POLICIES), upper.certify(lower, POLICIES))
        leaf = lower.issue("loop", upper.name, upper.key, (pki.SIGNING, POLICIES)).certificate
        assert same(live, leaf, chain) == "PATH_LOOP"
        other = lower.issue("no loop", upper.name, Ecdsa("other"), (pki.SIGNING, POLICIES)).certificate
        assert same(live, other, chain) == "-"

    def test_a_weak_key_is_judged_anew(self, live: Gateway) -> None:
        assert same(live, hk_leaf("CN=a", key=Dsa("dsa-1"))) == "KEY_NOT_ACCEPTABLE"

    def test_without_an_issuer_key_identifier_or_policies(self, live: Gateway) -> None:
        key = Ecdsa("impact leaf")
        made = pki.HK_CA.issue("bare", x509.name("CN=bare"), key, (pki.SIGNING,), aki=False).certificate
        assert same(live, made) == "-"

    @pytest.mark.parametrize(
        ("unit", "kind", "reason"),
        [("Organizational-1", "org", "-"), ("Individual-1", "person", "RECOGNITION_SUBJECT_KIND")],
    )
    def test_the_kind_of_holder(self, tmp_path: Path, unit: str, kind: str, reason: str) -> None:
        changed = entry(conditions={"subject_kinds": ["org"]}, type_name="Type")
        made = gateway(tmp_path, documents(trust_lists__hong_kong=changed))
        policies = ext.certificate_policies(pki.HK_MUTUAL_RECOGNITION)
        subject = x509.name(f"C=HK, O=Type, OU={unit}, CN=x")
        leaf = pki.HK_CA.issue(unit, subject, Ecdsa("impact leaf"), (pki.SIGNING, policies)).certificate
        stored, verdict = store(made, question(leaf, (), "gd"))
        assert isinstance(stored.what, RecordedQuestion)
        assert stored.what.holder.kind == kind
        assert outcome_of(verdict).reason == reason
        assert replayed(made, stored) == outcome_of(verdict)

    def test_a_person_acting_for_an_organisation(self, tmp_path: Path) -> None:
        changed = entry(conditions={"subject_kinds": ["org", "person"]}, type_name="Type")
        made = gateway(tmp_path, documents(trust_lists__hong_kong=changed))
        policies = ext.certificate_policies(pki.HK_MUTUAL_RECOGNITION)
        holder = (
            identity.standard_person(identity.PERSON_A),
            identity.standard_organization(identity.COMPANY_1),
        )
        subject = x509.name("C=HK, O=Type, CN=x")
        extensions = (pki.SIGNING, policies, *holder)
        leaf = pki.HK_CA.issue("both", subject, Ecdsa("impact leaf"), extensions).certificate
        stored, verdict = store(made, question(leaf, (), "gd"))
        assert isinstance(stored.what, RecordedQuestion)
        assert stored.what.holder.kind == "org_person"
        assert identity.PERSON_A not in everything(stored)
        assert outcome_of(verdict).reason == "RECOGNITION_SUBJECT_KIND"
        assert replayed(made, stored) == outcome_of(verdict)
