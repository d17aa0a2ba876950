"""Rotation, retirement, destruction and what verifiers still get afterwards."""

from __future__ import annotations

import base64
import shutil
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.services.key_management.model import CeremonyState, KeyAction, KeyState, KeyUse
from ca_bridge.services.key_management.ports import RegisterChange, RegisterMoved
from ca_bridge.services.key_management.public_keys import public_keys_document
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.commands import Proof, SecretProof, SignatureProof
from ca_bridge.services.signing import SignerUnavailable
from hsm.token import KeyKind, KeyRef
from tests.hsm.soft_store import made, open_store
from tests.keys.key_house import HOUR, NOON, KeyHouse, operator, secret_of
from tests.recognition.release_doors import ECDSA_SHA256, Signer

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")


def states(house: KeyHouse) -> dict[str, str]:
    return {key.key_id: key.state.value for key in house.register.state().keys}


def signed(house: KeyHouse, action: KeyAction, subject: str, nonce: str = "n" * 16) -> SignatureProof:
    """The step signed by opa, an operator with a certificate."""
    signer = house.people["opa"]
    statement = house.desk.steps.statement(action, subject).signed_by("opa", nonce)
    return SignatureProof(
        account="opa",
        nonce=nonce,
        certificate=signer.certificate,
        algorithm=ECDSA_SHA256,
        signature=signer.sign(statement),
    )


def test_rotation(house: KeyHouse) -> None:
    old = house.made().key
    new = house.made(state="next").key
    assert house.desk.steps.following(KeyUse.RECEIPT) == new
    generation = house.register.generation()
    changed = house.desk.steps.rotate(new.key_id, operator())
    assert [(key.key_id, key.state.value) for key in changed] == [
        (old.key_id, "retired"),
        (new.key_id, "current"),
    ]
    assert states(house) == {old.key_id: "retired", new.key_id: "current"}
    assert house.register.generation() == generation + 1
    told = house.entries()[-1]
    assert (told["method"], told["status"], told["account"]) == ("key_rotation", "done", "olu")
    assert told["subject_of_act"] == new.key_id


def test_what_was_signed_before_a_rotation_stays_to_be_verified(house: KeyHouse) -> None:
    old = house.made().key
    new = house.made(state="next").key
    house.desk.steps.rotate(new.key_id, operator())
    document = public_keys_document(house.register.state().keys, "gateway.example/log")
    assert document["origin"] == "gateway.example/log"
    assert document["keys"] == [
        {
            "key_id": key.key_id,
            "use": "receipt",
            "algorithm": "ecdsa-sha256",
            "spki": base64.b64encode(key.spki).decode(),
            "custody": "process",
            "state": state,
        }
        for key, state in ((old, "retired"), (new, "current"))
    ]


def test_a_retired_key_never_signs_again(house: KeyHouse) -> None:
    """Neither opened anew, nor in a process that opened it before."""

    def standing(key_id: str) -> KeyState | None:
        found = house.register.state().key(key_id)
        return None if found is None else found.state

    old = house.made().key
    new = house.made(state="next").key
    keys = HsmKeys(production=False, standing=standing)
    opened = keys.key(old)
    assert opened.sign(b"message")
    with pytest.raises(SignerUnavailable, match="next and does not sign"):
        keys.key(new)
    house.desk.steps.rotate(new.key_id, operator())
    with pytest.raises(SignerUnavailable, match="retired and does not sign"):
        opened.sign(b"message")
    (retired,) = (key for key in house.register.state().keys if key.key_id == old.key_id)
    with pytest.raises(SignerUnavailable, match="retired and does not sign"):
        keys.key(retired)
    keys.close()


def test_signed_rotation(house: KeyHouse) -> None:
    house.made()
    new = house.made(state="next").key
    house.desk.steps.rotate(new.key_id, signed(house, KeyAction.ROTATION, new.key_id))
    told = house.entries()[-1]
    assert told["signed"]["nonce"] == "n" * 16
    third = house.made(state="next").key
    refused = house.refusal(
        lambda: house.desk.steps.rotate(third.key_id, signed(house, KeyAction.ROTATION, third.key_id))
    )
    assert (refused.refusal.code, refused.params) == ("KEY_APPROVAL_REPLAYED", {"account": "opa"})
    proof = signed(house, KeyAction.RETIREMENT, third.key_id, "m" * 16)
    refused = house.refusal(lambda: house.desk.steps.rotate(third.key_id, proof))
    assert refused.refusal.code == "KEY_SIGNATURE_WRONG", "signed for another step"


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (SecretProof("olu", "a-wrong-secret-of-olu"), "KEY_ACCOUNT_UNKNOWN"),
        (SecretProof("nobody", secret_of("olu")), "KEY_ACCOUNT_UNKNOWN"),
        (SecretProof("dee", secret_of("dee")), "KEY_ROLE_MISSING"),
        (SecretProof("ann", ""), "KEY_ACCOUNT_UNKNOWN"),
    ],
)
def test_who_may_not_rotate(house: KeyHouse, proof: Proof, code: str) -> None:
    new = house.made(state="next").key
    assert house.refusal(lambda: house.desk.steps.rotate(new.key_id, proof)).refusal.code == code


@pytest.mark.parametrize(
    "part", [{"certificate": b""}, {"signature": b"s" * 5000}, {"algorithm": b""}, {"nonce": "short"}]
)
def test_proofs_out_of_bounds(house: KeyHouse, part: dict[str, Any]) -> None:
    new = house.made(state="next").key
    proof = replace(signed(house, KeyAction.ROTATION, new.key_id), **part)
    refused = house.refusal(lambda: house.desk.steps.rotate(new.key_id, proof))
    assert refused.refusal.code == "KEY_APPROVAL_MALFORMED"
    assert refused.params == {"cause": next(iter(part))}


def test_nobody_rotates_to_a_key_that_is_not_there(house: KeyHouse) -> None:
    new = house.made(state="next").key
    for file in house.store.glob("*.pem"):
        file.unlink()
    before = states(house)
    with pytest.raises(KeyRefused) as caught:
        house.desk.steps.rotate(new.key_id, operator())
    assert caught.value.refusal.code == "KEY_TOKEN_UNUSABLE"
    assert states(house) == before


def test_what_is_not_next_is_not_rotated_to(house: KeyHouse) -> None:
    current = house.made().key
    refused = house.refusal(lambda: house.desk.steps.rotate(current.key_id, operator()))
    assert refused.refusal.code == "KEY_NO_NEXT"
    refused = house.refusal(lambda: house.desk.steps.rotate("receipt-0123456789abcdef", operator()))
    assert refused.refusal.code == "KEY_UNKNOWN"


def test_retirement(house: KeyHouse) -> None:
    key = house.made().key
    assert house.desk.steps.retire(key.key_id, operator()).state is KeyState.RETIRED
    refused = house.refusal(lambda: house.desk.steps.retire(key.key_id, operator()))
    assert (refused.refusal.code, refused.params["state"]) == ("KEY_NOT_RETIRABLE", "retired")
    assert house.made().key.state is KeyState.CURRENT, "the place is free"


class TestDestruction:
    def test_the_key_is_gone_and_its_public_half_stays(self, house: KeyHouse) -> None:
        log = house.made(use="log", kind="ed25519").key
        key = house.made().key
        house.desk.steps.retire(key.key_id, operator())
        plan = house.plan_to_destroy(key.key_id)
        held = house.hold(plan)
        assert held.key.state is KeyState.DESTROYED
        assert house.made_spkis() == [log.spki]
        assert states(house)[key.key_id] == "destroyed"
        assert held.key.spki == key.spki
        assert [one.key_id for one in held.transcript.signatures] == [log.key_id]
        assert '"key_was_on_the_token":true' in held.transcript.text
        document = public_keys_document(house.register.state().keys, "o")
        assert key.key_id in [row["key_id"] for row in document["keys"]]
        assert house.refusal(lambda: house.hold(plan, ())).refusal.code == "KEY_PLAN_EXECUTED"
        again = house.plan_to_destroy(key.key_id, title={"zh": "再次", "en": "again"})
        assert house.refusal(lambda: house.hold(again, ())).refusal.code == "KEY_NOT_DESTRUCTIBLE"

    def test_names_of_a_destroyed_key_stay_used(self, house: KeyHouse) -> None:
        key = house.made(state="next", uri=house.uri("one", 9)).key
        house.hold(house.plan_to_destroy(key.key_id))
        for uri in (house.uri("one", 8), house.uri("two", 9)):
            refused = house.refusal(lambda uri=uri: house.hold(house.plan(key={"uri": uri}), ()))
            assert refused.refusal.code == "KEY_PLACE_TAKEN"

    def test_a_current_key_is_not_destroyed(self, house: KeyHouse) -> None:
        key = house.made().key
        plan = house.plan_to_destroy(key.key_id)
        assert house.refusal(lambda: house.hold(plan, ())).refusal.code == "KEY_NOT_DESTRUCTIBLE"

    def test_without_enough_approvals(self, house: KeyHouse) -> None:
        key = house.made(state="next").key
        plan = house.plan_to_destroy(key.key_id)
        approvals = house.approvals(plan, "ann")
        assert house.refusal(lambda: house.hold(plan, approvals)).refusal.code == "KEY_TOO_FEW_APPROVALS"

    def test_an_unknown_key(self, house: KeyHouse) -> None:
        plan = house.plan_to_destroy("log-0123456789abcdef")
        assert house.refusal(lambda: house.hold(plan, ())).refusal.code == "KEY_UNKNOWN"

    def test_a_key_that_was_gone_already(self, house: KeyHouse) -> None:
        key = house.made(state="next").key
        token = open_store(house.store)
        (info,) = token.keys()
        token.destroy(KeyRef(label=info.label))
        held = house.hold(house.plan_to_destroy(key.key_id))
        assert held.key.state is KeyState.DESTROYED
        assert '"key_was_on_the_token":false' in held.transcript.text

    def test_another_key_under_its_name(self, house: KeyHouse) -> None:
        """Somebody exchanged the store: nothing of it is touched."""
        key = house.made(state="next", uri=house.uri("one", 1)).key
        shutil.rmtree(house.store)
        house.store.mkdir(mode=0o700)
        made(open_store(house.store), KeyKind.P256, "one", b"\x01")
        plan = house.plan_to_destroy(key.key_id)
        with pytest.raises(KeyRefused) as caught:
            house.hold(plan)
        assert "KEY_DIFFERS" in caught.value.params["cause"]
        assert len(open_store(house.store).keys()) == 1
        assert states(house)[key.key_id] == "next"

    def test_plan_to_make_is_none_to_destroy(self, house: KeyHouse) -> None:
        key = house.made(state="next").key
        plan = house.plan_to_destroy(key.key_id)
        refused = house.refusal(lambda: house.desk.ceremonies.make(plan, ()))
        assert refused.refusal.code == "KEY_PLAN_OTHER_ACTION"


def test_abandoning(house: KeyHouse) -> None:
    refused = house.refusal(lambda: house.desk.steps.abandon("0" * 64, operator()))
    assert refused.refusal.code == "KEY_CEREMONY_UNKNOWN"
    plan = house.plan()
    house.hold(plan)
    refused = house.refusal(lambda: house.desk.steps.abandon(plan.sha256, operator()))
    assert refused.refusal.code == "KEY_CEREMONY_UNKNOWN", "one that is done"
    assert house.register.state().ceremonies[0].state is CeremonyState.DONE


def test_others_are_always_first(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.made(state="next").key

    def moved(_change: RegisterChange) -> None:
        raise RegisterMoved

    monkeypatch.setattr(house.register, "write", moved)
    refused = house.refusal(lambda: house.desk.steps.retire(key.key_id, operator()))
    assert refused.refusal.code == "KEY_REGISTER_BUSY"


def test_healths(house: KeyHouse) -> None:
    current, following = house.made().key, house.made(state="next").key
    retired = house.made(kind="ed25519").key
    house.desk.steps.retire(retired.key_id, operator())
    healths = house.desk.healths()
    assert [(one.key_id, one.usable, one.custody) for one in healths] == [
        (current.key_id, True, "process"),
        (following.key_id, True, "process"),
    ]
    assert house.desk.broken() == ()


class TestCertification:
    """A CA's certificate for the request that a ceremony made."""

    def test_registered(self, house: KeyHouse) -> None:
        key = house.made(output={"form": "csr", "subject": "CN=a"}).key
        issued = certificate_of(key.spki)
        certified = house.desk.steps.certify(key.key_id, issued, operator())
        assert house.register.state().keys == (replace(key, certificate=issued),) == (certified,)
        assert house.keys.key(certified).certificate == issued
        told = house.entries()[-1]
        assert (told["method"], told["certificate_sha256"]) == (
            "key_certification",
            sha256(issued).hexdigest(),
        )

    def test_of_another_key(self, house: KeyHouse) -> None:
        key, other = house.made().key, house.made(state="next").key
        for certificate, cause in (
            (certificate_of(other.spki), "subjectPublicKeyInfo"),
            (b"no certificate", "NOT_A_CERTIFICATE"),
        ):
            refused = house.refusal(
                lambda certificate=certificate: house.desk.steps.certify(key.key_id, certificate, operator())
            )
            assert (refused.refusal.code, refused.params["key"]) == ("KEY_CERTIFICATE_DIFFERS", key.key_id)
            assert refused.params["cause"] == cause

    def test_signed_for_another_certificate(self, house: KeyHouse) -> None:
        key = house.made().key
        one, other = certificate_of(key.spki), certificate_of(key.spki)
        signer, nonce = house.people["opa"], "n" * 16
        statement = house.desk.steps.statement(KeyAction.CERTIFICATION, key.key_id, one)
        proof = SignatureProof(
            account="opa",
            nonce=nonce,
            certificate=signer.certificate,
            algorithm=ECDSA_SHA256,
            signature=signer.sign(statement.signed_by("opa", nonce)),
        )
        refused = house.refusal(lambda: house.desk.steps.certify(key.key_id, other, proof))
        assert refused.refusal.code == "KEY_SIGNATURE_WRONG"
        assert house.desk.steps.certify(key.key_id, one, proof).certificate == one


def certificate_of(spki: bytes) -> bytes:
    """A certificate by some CA over the key of ``spki``."""
    issuer, name = Signer(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
    public = load_der_public_key(spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    built = x509.CertificateBuilder(name, name, public, x509.random_serial_number(), NOON, NOON + HOUR)
    return built.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
