"""What is not recorded, and what a record does not tell under another policy: said, never guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ca_bridge import wiring
from ca_bridge.core.recognition.replay.recorded import Cause, RecordedQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import StoredComparer
from ca_bridge.services.impact.comparison import Line, Unjudged
from ca_bridge.services.impact.outcome import outcome_of
from ca_bridge.services.impact.record_data import certificates_of
from tests.recognition.replay_variants import (
    COMPANY,
    CRLS,
    PERSON,
    POLICIES,
    cause,
    entry,
    hk_leaf,
    mail_subject,
    recorded,
    refused_replay,
    same,
    variant_gateways,
)
from tests.recognition.replays import DIGEST, question, replayed, replayer, store
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, pki
from tests.recognition.scheme_documents import documents, domain_document, gateway, write_folder

import extensions as ext  # isort: skip
import x509  # isort: skip
from ca import Ca  # isort: skip
from keys import Ecdsa  # isort: skip


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Gateway]:
    return variant_gateways(tmp_path_factory, "as it is", "holder blocked", "persons only", "lists alone")


@pytest.fixture(scope="module")
def live(gateways: dict[str, Gateway]) -> Gateway:
    return gateways["as it is"]


class TestWhatIsNotRecorded:
    def test_no_certificate(self, live: Gateway) -> None:
        assert cause(live, question(b"\x30\x00")) is Cause.UNREADABLE

    def test_self_issued(self, live: Gateway) -> None:
        own = Ca("own", x509.name("CN=Zhang San"), Ecdsa("own"))
        made = own.issue("own", own.name, own.key, (pki.SIGNING,)).certificate
        assert cause(live, question(made)) is Cause.SELF_ISSUED

    def test_an_issuer_that_is_no_ca(self, live: Gateway) -> None:
        middle = hk_leaf("CN=Zhang San")
        owner = Ca("middle", x509.name("CN=Zhang San"), Ecdsa("impact leaf"))
        made = owner.issue("below", x509.name("CN=below"), Ecdsa("below"), (pki.SIGNING,)).certificate
        assert cause(live, question(made, (middle, C["hk-ca"]))) is Cause.ISSUER_NOT_A_CA

    def test_others_that_came_along_are_left_out(self, live: Gateway) -> None:
        """Neither the target again nor somebody else's certificate is kept, and neither matters."""
        stored, verdict = store(live, question(COMPANY, (*HK_TO_GD_A, COMPANY, PERSON)))
        assert isinstance(stored.what, RecordedQuestion)
        kept = {c.fingerprint for c in stored.what.evidence.certificates}
        assert kept == {fingerprint(der) for der in HK_TO_GD_A}
        assert replayed(live, stored) == outcome_of(verdict)

    def test_unreadable_things_that_came_along(self, live: Gateway) -> None:
        asked = question(PERSON, (b"\x30\x01", C["hk-ca"]), crls=(b"\x30\x02",), responses=(b"\x30\x03",))
        stored, verdict = store(live, asked)
        assert outcome_of(verdict).reason == "SUPPLIED_CRL_UNREADABLE"
        assert replayed(live, stored) == outcome_of(verdict)
        lonely = question(LEAVES["mo-person-sign"], (b"\x30\x01",), crls=(b"\x30\x02",))
        stored, verdict = store(live, lonely)
        assert replayed(live, stored) == outcome_of(verdict)
        assert replayer(live, stored).answer(stored).findings[0] == verdict.findings[0]


class TestWhatCannotBeReplayed:
    def test_a_name_that_is_not_recorded_and_now_constrained(self, live: Gateway, tmp_path: Path) -> None:
        leaf = hk_leaf(mail_subject("C=HK, CN=Zhang San", "zhang.san@example.com"))
        stored, _ = store(live, question(leaf, (), "gd"))
        names = [{"type": "rfc822_name", "value": "example.com"}]
        draft = gateway(
            tmp_path,
            documents(trust_lists__hong_kong=entry(conditions={"permitted_names": names})),
        )
        assert refused_replay(draft, stored) is Cause.NAMES

    def test_a_name_that_a_ca_constrains(self, live: Gateway) -> None:
        narrow = pki.HK_ROOT.certify(
            Ca("narrow", x509.name("C=HK, CN=Narrow"), Ecdsa("narrow")),
            POLICIES,
            ext.name_constraints(permitted=[ext.rfc822("example.com")]),
        )
        owner = Ca("narrow", x509.name("C=HK, CN=Narrow"), Ecdsa("narrow"))
        subject = mail_subject("C=HK, CN=x", "x@example.com")
        leaf = owner.issue("n", subject, Ecdsa("n"), (pki.SIGNING, POLICIES)).certificate
        stored, verdict = store(live, question(leaf, (narrow,)))
        assert outcome_of(verdict).reason == "-"
        assert refused_replay(live, stored) is Cause.NAMES
        comparer = StoredComparer(live.domains, live.domains, DIGEST, certificates_of(stored))
        assert comparer.compare(stored) == Line(Unjudged(cause=Cause.NAMES))
        plain = owner.issue("p", x509.name("C=HK, CN=x"), Ecdsa("n"), (pki.SIGNING, POLICIES)).certificate
        assert same(live, plain, (narrow,)) == "-"

    def test_a_host_that_is_not_recorded(self, live: Gateway) -> None:
        names = ext.subject_alt_name(ext.dns("zhangsan.example.com"))
        leaf = hk_leaf("C=HK, OU=Individual-1, CN=Zhang San", names)
        stored, _ = store(live, question(leaf, (C["hk-ca"],), dns_name="zhangsan.example.com"))
        assert refused_replay(live, stored) is Cause.NAMES

    def test_another_key_of_the_issuers_name(self, live: Gateway, tmp_path: Path) -> None:
        """The draft trusts a CA of the same name whose key nobody tried."""
        unknown = Ca("other", pki.MO_CA.name, Ecdsa("other"))
        stored, _ = store(live, question(LEAVES["mo-person-sign"]))
        folder = tmp_path / "anchors"
        folder.mkdir(parents=True)
        (folder / "other.der").write_bytes(unknown.root())
        pins = domain_document("hk")
        pins["anchors"].append({"sha256": fingerprint(unknown.root()), "name": "other"})
        assert refused_replay(gateway(tmp_path, documents(domains__hk=pins)), stored) is Cause.NEW_ISSUER_KEY

    def test_other_sm2_user_ids(self, live: Gateway) -> None:
        stored, _ = store(live, question(COMPANY, HK_TO_GD_A))
        target = replace(recorded(stored), sm2_user_ids=(b"another",))
        assert isinstance(stored.what, RecordedQuestion)
        assert refused_replay(live, replace(stored, what=replace(stored.what, target=target))) is (
            Cause.SM2_USER_ID
        )

    def test_other_algorithm_rows_where_status_was_judged(self, live: Gateway, tmp_path: Path) -> None:
        with_status, _ = store(live, question(PERSON, (C["hk-ca"],), crls=CRLS))
        without, verdict = store(live, question(PERSON, (C["hk-ca"],)))
        settings = write_folder(tmp_path, documents())
        table = settings.policies / "algorithms.yaml"
        text = table.read_text("utf-8")
        assert "2030-12-31" in text
        table.write_text(text.replace("2030-12-31", "2029-12-31"), "utf-8")
        draft = wiring.gateway(settings)
        assert refused_replay(draft, with_status) is Cause.ALGORITHMS
        assert replayed(draft, without) == outcome_of(verdict)

    def test_another_registry_where_the_holder_counts(
        self, live: Gateway, gateways: dict[str, Gateway]
    ) -> None:
        stored, verdict = store(live, question(COMPANY, HK_TO_GD_A))
        assert isinstance(stored.what, RecordedQuestion)
        other = replace(stored.what, holder=replace(stored.what.holder, registry="other"))
        aged = replace(stored, what=other)
        assert replayed(live, aged) == outcome_of(verdict)
        assert refused_replay(gateways["holder blocked"], aged) is Cause.IDENTITY
        assert refused_replay(gateways["persons only"], aged) is Cause.IDENTITY
        demanding = replace(aged, parameters=replace(aged.parameters, identity_required=True))
        assert refused_replay(live, demanding) is Cause.IDENTITY

    def test_a_model_without_status(self, live: Gateway, gateways: dict[str, Gateway]) -> None:
        """Recorded where one trust model was asked, replayed where both are."""
        stored, _ = store(gateways["lists alone"], question(COMPANY, (C["gd-a-sm2"],), "gd", crls=CRLS))
        assert refused_replay(live, stored) is Cause.NEW_PATH

    def test_other_sm2_user_ids_where_status_was_judged(self, live: Gateway, tmp_path: Path) -> None:
        """A CA's own certificate is judged anew, its status is not."""
        stored, _ = store(live, question(C["hk-ca"], (), crls=CRLS))
        changed = domain_document("hk", sm2_user_ids=["another"])
        assert refused_replay(gateway(tmp_path, documents(domains__hk=changed)), stored) is Cause.SM2_USER_ID

    def test_an_anchor_that_is_enforced_less(self, live: Gateway, tmp_path: Path) -> None:
        """Those who sign status evidence are judged under the same anchor."""
        stored, _ = store(live, question(PERSON, (C["hk-ca"],), crls=CRLS))
        pins = domain_document("hk")
        pins["anchors"][0] |= {"enforce_validity": False, "enforce_constraints": False}
        assert refused_replay(gateway(tmp_path, documents(domains__hk=pins)), stored) is Cause.NEW_PATH

    def test_other_certificates_of_a_signer_of_status(self, live: Gateway, tmp_path: Path) -> None:
        """The draft knows one more certificate of the CA that issued the CRL."""
        stored, _ = store(live, question(PERSON, (C["hk-ca"],), crls=CRLS))
        without = question(PERSON, (C["hk-ca"],))
        plain, _ = store(live, without)
        settings = write_folder(tmp_path, documents(domains__hk=domain_document("hk", certificates=["more"])))
        more = settings.policies / "more"
        more.mkdir()
        (more / "again.der").write_bytes(pki.HK_ROOT.certify(pki.HK_CA, POLICIES, tag="again"))
        draft = wiring.gateway(settings)
        assert refused_replay(draft, stored) is Cause.STATUS_SIGNERS
        assert replayed(draft, plain) == outcome_of(draft.validate.answer(without).verdict)

    def test_somebody_elses_certificate_of_a_name_the_draft_knows(
        self, live: Gateway, tmp_path: Path
    ) -> None:
        """It was left out since nobody's issuer had its name; under the draft a CA has."""
        other = Ca("other", x509.name("CN=Other CA"), Ecdsa("other"))
        no_ca = hk_leaf("CN=Other CA", key=Ecdsa("other"))
        stored, verdict = store(live, question(PERSON, (C["hk-ca"], no_ca)))
        assert replayed(live, stored) == outcome_of(verdict)
        settings = write_folder(tmp_path, documents(domains__hk=domain_document("hk", certificates=["more"])))
        more = settings.policies / "more"
        more.mkdir()
        (more / "other.der").write_bytes(other.certify(pki.HK_CA))
        assert refused_replay(wiring.gateway(settings), stored) is Cause.ISSUER_NOT_A_CA

    def test_more_paths_than_are_remembered(self, live: Gateway) -> None:
        """Which names CAs on the forgotten ones constrain is not known."""
        owner = Ca("many", x509.name("C=HK, CN=Many"), Ecdsa("many"))
        chain = [pki.HK_ROOT.certify(owner, tag=str(number)) for number in range(70)]
        mail = ext.subject_alt_name(ext.rfc822("zhang.san@example.com"))
        leaf = owner.issue("m", x509.name("C=HK, CN=x"), Ecdsa("m"), (pki.SIGNING, mail)).certificate
        plain = owner.issue("n", x509.name("C=HK, CN=x"), Ecdsa("m"), (pki.SIGNING,)).certificate
        for names in ({}, {"names": "hidden"}):
            stored, verdict = store(
                live, question(leaf if names else plain, chain, initial_explicit_policy=True)
            )
            assert outcome_of(verdict).reason == "EXPLICIT_POLICY_LOST"
            if names:
                assert refused_replay(live, stored) is Cause.BUDGET
            else:
                assert replayed(live, stored) == outcome_of(verdict)

    def test_a_path_without_status(self, live: Gateway) -> None:
        stored, _ = store(live, question(PERSON, (C["hk-ca"],), crls=CRLS))
        assert isinstance(stored.what, RecordedQuestion)
        evidence = replace(stored.what.evidence, statuses=())
        assert refused_replay(live, replace(stored, what=replace(stored.what, evidence=evidence))) is (
            Cause.NEW_PATH
        )
