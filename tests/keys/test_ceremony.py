"""Ceremonies over keys in software: what is made, and everything that is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509

from ca_bridge.adapters.hsm_workshop import HsmWorkshop
from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyState,
    KeyUse,
    key_id_of,
)
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.statements import KeyStatement
from ca_bridge.services.manage_recognition.model import Role
from hsm.token import SM2_DEFAULT_ID, KeyKind, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.soft_store import made, open_store
from tests.keys.key_house import HOUR, INSTALLATION, KeyHouse
from tests.recognition.release_doors import Signer


def test_a_key_is_made(house: KeyHouse) -> None:
    plan = house.plan(key={"output": {"form": "self_signed", "subject": "CN=回执,O=网关,C=CN", "days": 365}})
    held = house.hold(plan)
    key = held.key
    assert key.key_id == key_id_of(KeyUse.RECEIPT, key.spki)
    assert (key.state, key.custody, key.algorithm) == (KeyState.CURRENT, "process", "ecdsa-sha256")
    assert (key.ceremony, key.attestation, key.csr) == (plan.sha256, None, None)
    state = house.register.state()
    assert state.keys == (key,)
    (ceremony,) = state.ceremonies
    assert (ceremony.state, ceremony.key_id, ceremony.plan) == (CeremonyState.DONE, key.key_id, plan.text)
    assert key.certificate is not None
    certificate = x509.load_der_x509_certificate(key.certificate)
    certificate.verify_directly_issued_by(certificate)
    assert certificate.subject.rfc4514_string() == "CN=回执,O=网关,C=CN"


def test_transcript(house: KeyHouse) -> None:
    """All that happened, signed by the new key, and by the log's key when there is one."""
    log = house.made(use="log", kind="ed25519")
    assert [one.key_id for one in log.transcript.signatures] == [log.key.key_id]
    plan = house.plan()
    approvals = house.approvals(plan, "ann", "cho")
    held = house.hold(plan, approvals)
    said = json.loads(held.transcript.text)
    assert said["plan"] == json.loads(plan.text)
    assert said["plan_sha256"] == plan.sha256
    assert [row["account"] for row in said["approvals"]] == ["ann", "cho"]
    assert said["approvals"][0]["statement"] == approvals[0].statement.decode()
    assert said["key"]["key_id"] == held.key.key_id
    assert said["key"]["attestation"] is None
    assert said["software"] == "ca-bridge 0.1.0"
    assert [one.key_id for one in held.transcript.signatures] == [held.key.key_id, log.key.key_id]
    for one, key in zip(held.transcript.signatures, (held.key, log.key), strict=True):
        assert verify(
            key.spki,
            SignatureAlgorithm(one.algorithm),
            held.transcript.text.encode(),
            one.signature,
            signer_id=SM2_DEFAULT_ID,
        )
    assert house.register.transcript(plan.sha256) == held.transcript


def test_what_the_log_tells(house: KeyHouse) -> None:
    plan = house.plan()
    held = house.hold(plan)
    intent, done, use = house.entries()
    assert (intent["method"], intent["status"], intent["accounts"]) == (
        "key_ceremony",
        "intended",
        ["ann", "ben"],
    )
    assert (done["status"], done["key_id"], done["plan_sha256"]) == ("done", held.key.key_id, plan.sha256)
    assert (use["kind"], use["key_id"], use["custody"]) == ("key_use", held.key.key_id, "process")
    assert intent["node"] == "node-1"


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256", "p-384", "ed25519", "sm2"])
@pytest.mark.parametrize("form", ["self_signed", "csr"])
def test_every_kind_and_paper(house: KeyHouse, kind: str, form: str) -> None:
    output: dict[str, Any] = {"form": form, "subject": "CN=Bridge CA,C=CN"}
    if form == "self_signed":
        output["days"] = 3650
    key = house.made(use="bridge_ca", kind=kind, output=output).key
    assert key.kind == kind
    assert (key.certificate is None) is (form == "csr")
    assert (key.csr is None) is (form == "self_signed")


class TestRefusals:
    def refused(self, house: KeyHouse, code: str, plan: Any, approvals: Any) -> KeyRefused:
        refused = house.refusal(lambda: house.hold(plan, approvals))
        assert refused.refusal.code == code
        return refused

    def test_too_few(self, house: KeyHouse) -> None:
        plan = house.plan()
        refused = self.refused(house, "KEY_TOO_FEW_APPROVALS", plan, house.approvals(plan, "ann"))
        assert refused.params == {"given": "1", "needed": "2", "approvers": "ben, cho"}
        self.refused(house, "KEY_TOO_FEW_APPROVALS", plan, ())
        assert house.hold(plan).key.state is KeyState.CURRENT, "a refusal uses nothing up"

    def test_a_changed_plan(self, house: KeyHouse) -> None:
        data = house.data()
        plan = read_plan_file(house.file(data))
        approvals = house.approvals(plan)
        data["key"]["kind"] = "ed25519"
        changed = read_plan_file(house.file(data))
        refused = self.refused(house, "KEY_PLAN_CHANGED", changed, approvals)
        assert refused.params == {"account": "ann", "approved": plan.sha256, "plan": changed.sha256}

    def test_an_executed_plan(self, house: KeyHouse) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        house.hold(plan, approvals)
        refused = self.refused(house, "KEY_PLAN_EXECUTED", plan, approvals)
        assert refused.params["state"] == "done"

    def test_a_used_nonce(self, house: KeyHouse) -> None:
        """A signed statement of a new plan, with the nonce of one that was acted on."""
        first = house.plan()
        approvals = house.approvals(first)
        house.hold(first, approvals)
        spent = approvals[0].proof.nonce
        assert house.register.nonce_used("ann", spent)
        assert not house.register.nonce_used("cho", spent)
        plan = house.plan(key={"state": "next"})
        statements = dict(house.desk.ceremonies.statements(plan, plan.action, lambda: spent))
        again = [house.approval(statements[name], name) for name in ("ann", "ben")]
        refused = self.refused(house, "KEY_APPROVAL_REPLAYED", plan, again)
        assert refused.params == {"account": "ann"}

    def test_the_same_person_twice(self, house: KeyHouse) -> None:
        plan = house.plan()
        twice = (*house.approvals(plan, "ann"), *house.approvals(plan, "ann"))
        assert twice[0].proof.nonce != twice[1].proof.nonce
        self.refused(house, "KEY_SAME_PERSON_TWICE", plan, twice)

    def test_not_named(self, house: KeyHouse) -> None:
        plan = house.plan(approvers=["ann", "ben"])
        statement = house.statements(plan)["ann"].replace(b'"ann"', b'"cho"')
        approvals = (*house.approvals(plan, "ann"), house.approval(statement, "cho"))
        self.refused(house, "KEY_APPROVER_NOT_NAMED", plan, approvals)

    def test_account_that_is_gone(self, house: KeyHouse) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        house.accounts = replace(
            house.accounts, accounts=tuple(a for a in house.accounts.accounts if a.name != "ben")
        )
        self.refused(house, "KEY_ACCOUNT_UNKNOWN", plan, approvals)

    def test_account_that_is_disabled(self, house: KeyHouse) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        change(house, "ben", enabled=False)
        self.refused(house, "KEY_ACCOUNT_DISABLED", plan, approvals)

    def test_account_without_the_role(self, house: KeyHouse) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        change(house, "ben", roles=frozenset({Role.OPERATOR}))
        refused = self.refused(house, "KEY_ROLE_MISSING", plan, approvals)
        assert refused.params == {"account": "ben", "role": "approver", "action": "key_ceremony"}

    def test_account_with_a_secret(self, house: KeyHouse) -> None:
        """It cannot approve, and nobody is asked to sign a plan that counts on it."""
        plan = house.plan(approvers=["ann", "dee"])
        with pytest.raises(KeyRefused) as caught:
            house.statements(plan)
        assert caught.value.refusal.code == "KEY_APPROVER_WITHOUT_CERTIFICATE"
        statement = KeyStatement(action=plan.action, installation=INSTALLATION, subject=plan.sha256)
        approval = house.approval(statement.signed_by("dee", "n" * 16), "dee", signer=Signer())
        refused = self.refused(house, "KEY_APPROVER_WITHOUT_CERTIFICATE", plan, [approval])
        assert refused.params == {"account": "dee"}

    def test_another_certificate(self, house: KeyHouse) -> None:
        plan = house.plan()
        statements = house.statements(plan)
        approvals = [house.approval(statements["ann"], "ann", signer=Signer())]
        self.refused(house, "KEY_ACCOUNT_UNKNOWN", plan, approvals)

    def test_signature_of_another_key(self, house: KeyHouse) -> None:
        plan = house.plan()
        statement = house.statements(plan)["ann"]
        forged = house.approval(
            statement, "ann", signer=Signer(), certificate=house.people["ann"].certificate
        )
        refused = self.refused(house, "KEY_SIGNATURE_WRONG", plan, [forged])
        assert refused.params == {"account": "ann", "cause": "SIGNATURE_WRONG"}

    def test_signature_over_another_statement(self, house: KeyHouse) -> None:
        """A statement whose nonce was exchanged afterwards."""
        plan = house.plan()
        (approval,) = house.approvals(plan, "ann")
        statement = approval.statement.replace(approval.proof.nonce.encode(), b"another-nonce-of-16")
        altered = replace(approval, statement=statement)
        self.refused(house, "KEY_SIGNATURE_WRONG", plan, [altered])

    def test_nobody_judges_certificates(self, house: KeyHouse) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        house.signers = None
        self.refused(house, "KEY_ACCOUNT_UNKNOWN", plan, approvals)

    @pytest.mark.parametrize("hours", [-24, 24])
    def test_out_of_time(self, house: KeyHouse, hours: int) -> None:
        plan = house.plan()
        approvals = house.approvals(plan)
        house.clock.time += hours * HOUR
        self.refused(house, "KEY_PLAN_OUT_OF_TIME", plan, approvals)

    def test_another_installation(self, house: KeyHouse) -> None:
        plan = house.plan(installation="elsewhere")
        refused = self.refused(house, "KEY_OTHER_INSTALLATION", plan, ())
        assert refused.params == {"named": "elsewhere", "installation": INSTALLATION}

    def test_approval_for_another_installation(self, house: KeyHouse) -> None:
        plan = house.plan()
        statement = house.statements(plan)["ann"].replace(INSTALLATION.encode(), b"elsewhere")
        self.refused(house, "KEY_OTHER_INSTALLATION", plan, [house.approval(statement, "ann")])

    def test_approval_of_another_act(self, house: KeyHouse) -> None:
        plan = house.plan()
        statement = house.statements(plan)["ann"].replace(b"key_ceremony", b"key_destruction")
        self.refused(house, "KEY_APPROVAL_OTHER_ACTION", plan, [house.approval(statement, "ann")])

    def test_below_the_floor(self, house: KeyHouse) -> None:
        plan = house.plan(approvals=1)
        refused = self.refused(house, "KEY_PLAN_BELOW_FLOOR", plan, ())
        assert refused.params == {"approvals": "1", "floor": "2"}

    def test_plan_of_another_act(self, house: KeyHouse) -> None:
        plan = house.plan()
        refused = house.refusal(lambda: house.desk.ceremonies.destroy(plan, ()))
        assert refused.refusal.code == "KEY_PLAN_OTHER_ACTION"

    def test_label_or_identifier_of_an_earlier_key(self, house: KeyHouse) -> None:
        house.made(uri=house.uri("one", 1))
        for uri in (house.uri("one", 2), house.uri("two", 1)):
            plan = house.plan(key={"state": "next", "uri": uri})
            self.refused(house, "KEY_PLACE_TAKEN", plan, ())

    def test_label_that_is_on_the_token_already(self, house: KeyHouse) -> None:
        """Made by somebody else, past the register."""
        made(open_store(house.store), KeyKind.P256, "mine", b"\x09")
        for uri in (house.uri("mine", 8), house.uri("yours", 9)):
            plan = house.plan(key={"uri": uri})
            self.refused(house, "KEY_PLACE_TAKEN", plan, house.approvals(plan))

    def test_current_and_next_exist(self, house: KeyHouse) -> None:
        house.made()
        self.refused(house, "KEY_CURRENT_EXISTS", house.plan(), ())
        house.made(state="next")
        self.refused(house, "KEY_NEXT_EXISTS", house.plan(key={"state": "next"}), ())
        assert house.made(state="current", kind="ed25519").key.state is KeyState.CURRENT

    def test_softkey_in_production(self, house: KeyHouse) -> None:
        house.workshop = HsmWorkshop(house.keys, production=True)
        self.refused(house, "KEY_SOFTKEY_IN_PRODUCTION", house.plan(), ())

    @pytest.mark.parametrize(
        "uri",
        [
            "softkey:object=a?x-store=/tmp/x",
            "softkey:id=%01?x-store=/tmp/x",
            "pkcs11:object=a;id=%01?pin-value=1234",
            "http://example.org/",
        ],
    )
    def test_uri(self, house: KeyHouse, uri: str) -> None:
        self.refused(house, "KEY_URI_UNUSABLE", house.plan(key={"uri": uri}), ())

    def test_token_that_is_not_there(self, house: KeyHouse) -> None:
        plan = house.plan(key={"uri": "softkey:object=a;id=%01?x-store=/no/such/folder"})
        self.refused(house, "KEY_TOKEN_UNUSABLE", plan, house.approvals(plan))

    def test_what_no_token_can(self, house: KeyHouse) -> None:
        """A key sealed where nothing seals: found out when it is made, so the plan is used up."""
        plan = house.plan(key={"kind": "sm2", "sealed": True})
        approvals = house.approvals(plan)
        with pytest.raises(KeyRefused) as caught:
            house.hold(plan, approvals)
        assert caught.value.refusal.code == "KEY_CEREMONY_FAILED"
        assert "KEY_TOKEN_CANNOT" in caught.value.params["cause"]
        (ceremony,) = house.register.state().ceremonies
        assert (ceremony.state, ceremony.key_id) == (CeremonyState.FAILED, "")
        assert house.entries()[-1]["status"] == "failed"
        assert house.register.state().keys == ()
        self.refused(house, "KEY_PLAN_EXECUTED", plan, approvals)

    def test_subject_that_is_none(self, house: KeyHouse) -> None:
        plan = house.plan(key={"output": {"form": "csr", "subject": "nobody"}})
        refused = self.refused(house, "KEY_PLAN_UNUSABLE", plan, ())
        assert refused.params == {"cause": "subject: nobody"}


def change(house: KeyHouse, name: str, **fields: Any) -> None:
    rows = (replace(a, **fields) if a.name == name else a for a in house.accounts.accounts)
    house.accounts = replace(house.accounts, accounts=tuple(rows))
