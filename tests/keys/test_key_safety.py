"""What would make a register say more than is so: keys from outside, races, one person as two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.adapters.hsm_workshop import HsmBench
from ca_bridge.services.key_management.errors import TOKEN_UNUSABLE
from ca_bridge.services.key_management.model import CeremonyState, KeyState
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.accounts import check_accounts
from ca_bridge.services.manage_recognition.model import Account
from ca_bridge.services.release_errors import ReleaseRefused
from ca_bridge.services.signing import SignerUnavailable
from hsm.errors import TokenUnavailable
from hsm.pkcs11 import constants as c
from hsm.pkcs11 import open_pkcs11, unchangeable
from hsm.pkcs11.attributes import Attributes
from hsm.pkcs11.library import FFI
from hsm.pkcs11.return_values import TEMPLATE_REFUSED, Returned
from hsm.softkey import SoftKeyToken
from hsm.token import KeyKind, KeyRef, KeySpec
from hsm.uri import KeyUri
from tests.hsm.softhsm import SoftToken
from tests.keys.key_house import KeyHouse, operator
from tests.recognition.release_doors import Signer

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")
LABEL, IDENTIFIER = "receipt-x", b"\x55"


def put_in(uri: KeyUri, *, sensitive: bool, extractable: bool) -> None:
    """A key made in software, written into the token."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    name = {
        c.CKA_TOKEN: True,
        c.CKA_KEY_TYPE: c.CKK_EC,
        c.CKA_LABEL: LABEL,
        c.CKA_ID: IDENTIFIER,
        c.CKA_EC_PARAMS: bytes.fromhex("06082a8648ce3d030107"),
    }
    token = open_pkcs11(uri.without_key())
    with token._at_work() as connection, token._writable(connection) as session:
        session.create({c.CKA_CLASS: c.CKO_PUBLIC_KEY, **name, c.CKA_EC_POINT: b"\x04\x41" + point})
        private = {c.CKA_PRIVATE: True, c.CKA_SENSITIVE: sensitive, c.CKA_EXTRACTABLE: extractable}
        session.create(
            {c.CKA_CLASS: c.CKO_PRIVATE_KEY, **name, **private, c.CKA_SIGN: True, c.CKA_VALUE: scalar}
        )
    token.close()


@pytest.mark.parametrize(("sensitive", "extractable"), [(False, True), (True, False)])
def test_a_key_put_into_the_token_is_not_taken_up(
    house: KeyHouse, soft_token: SoftToken, *, sensitive: bool, extractable: bool
) -> None:
    uri = soft_token.uri(label=LABEL, key_id=IDENTIFIER)
    put_in(uri, sensitive=sensitive, extractable=extractable)
    with pytest.raises(KeyRefused) as caught:
        house.made(kind="p-256", existing=True, uri=uri.text)
    assert "KEY_TOKEN_CANNOT: the key may have been outside the token" in caught.value.params["cause"]
    assert house.register.state().keys == ()
    token = open_pkcs11(uri.without_key())
    assert len(token.keys()) == 1, "what a ceremony did not make it does not destroy"
    token.close()
    assert house.desk.broken() == ()


def test_a_key_made_in_the_token_is_taken_up(house: KeyHouse, soft_token: SoftToken) -> None:
    uri = soft_token.uri(label=LABEL, key_id=IDENTIFIER)
    token = open_pkcs11(uri.without_key())
    info = token.generate(KeySpec(label=LABEL, key_id=IDENTIFIER, kind=KeyKind.P256))
    token.close()
    assert house.made(kind="p-256", existing=True, uri=uri.text).key.spki == info.spki


def test_a_registered_key_that_can_leave_its_token_does_not_sign(
    house: KeyHouse, soft_token: SoftToken
) -> None:
    uri = soft_token.uri(label=LABEL, key_id=IDENTIFIER)
    put_in(uri, sensitive=False, extractable=True)
    token = open_pkcs11(uri.without_key())
    (info,) = token.keys()
    token.close()
    key = replace(house.made().key, uri=uri.text, spki=info.spki, custody="token")
    house.keys = HsmKeys(production=False)
    with pytest.raises(SignerUnavailable, match="extractable, or not sensitive"):
        house.keys.key(key).sign(b"message")
    assert "extractable, or not sensitive" in house.keys.health(key).detail


@dataclass
class Shop:
    """The workshop; ``at`` is done when a bench's method of this name is called, before it."""

    real: Any
    name: str
    at: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    @contextmanager
    def bench(self, uri: str) -> Iterator[Any]:
        if self.name == "bench":
            self.at()
        with self.real.bench(uri) as bench:
            yield Bench(bench, self)


@dataclass
class Bench:
    real: HsmBench
    shop: Shop

    def __getattr__(self, name: str) -> Any:
        if name == self.shop.name:
            self.shop.at()
        return getattr(self.real, name)


def states(house: KeyHouse) -> list[KeyState]:
    return [key.state for key in house.register.state().keys]


@pytest.mark.parametrize("step", ["rotate", "retire"])
def test_nobody_moves_a_key_that_is_being_destroyed(house: KeyHouse, step: str) -> None:
    house.made()
    doomed = house.made(state="next").key
    plan = house.plan_to_destroy(doomed.key_id)
    approvals = house.approvals(plan)
    told = []

    def move() -> None:
        with pytest.raises(KeyRefused) as caught:
            getattr(house.desk.steps, step)(doomed.key_id, operator())
        told.append((caught.value.refusal.code, caught.value.params["plan"]))

    house.workshop = Shop(house.workshop, "destroy", move)
    assert house.hold(plan, approvals).key.state is KeyState.DESTROYED
    assert told == [("KEY_CEREMONY_OPEN", plan.sha256)]
    assert states(house) == [KeyState.CURRENT, KeyState.DESTROYED]


def test_nobody_rotates_to_a_key_whose_destruction_broke_off(house: KeyHouse) -> None:
    house.made()
    doomed = house.made(state="next").key
    plan = house.plan_to_destroy(doomed.key_id)
    approvals, real = house.approvals(plan), house.workshop

    def die() -> None:
        raise KeyboardInterrupt

    house.workshop = Shop(real, "destroy", die)
    with pytest.raises(KeyboardInterrupt):
        house.hold(plan, approvals)
    house.workshop = real
    refused = house.refusal(lambda: house.desk.steps.rotate(doomed.key_id, operator()))
    assert refused.refusal.code == "KEY_CEREMONY_OPEN"
    house.desk.steps.abandon(plan.sha256, operator())
    house.desk.steps.rotate(doomed.key_id, operator())
    assert states(house) == [KeyState.RETIRED, KeyState.CURRENT]


def test_a_destruction_that_was_abandoned_destroys_nothing(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.made()
    doomed = house.made(state="next").key
    plan = house.plan_to_destroy(doomed.key_id)
    approvals = house.approvals(plan)
    ceremonies = house.desk.ceremonies
    begin = type(ceremonies)._begin

    def slow(*arguments: Any) -> Any:
        begun = begin(*arguments)
        house.desk.steps.abandon(plan.sha256, operator())
        house.desk.steps.rotate(doomed.key_id, operator())
        return begun

    monkeypatch.setattr(type(ceremonies), "_begin", slow)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert caught.value.params["cause"] == "KEY_CEREMONY_UNKNOWN"
    assert states(house) == [KeyState.RETIRED, KeyState.CURRENT]
    assert doomed.spki in house.made_spkis()


def with_certificate(house: KeyHouse, name: str, certificate: bytes) -> None:
    accounts = (replace(a, certificate=certificate) if a.name == name else a for a in house.accounts.accounts)
    house.accounts = replace(house.accounts, accounts=tuple(accounts))


def test_one_key_under_two_accounts_approves_once(house: KeyHouse) -> None:
    """A certificate renewed, or issued by another CA: other bytes, the same person."""
    ann = house.people["ann"]
    renewed = Signer(key=ann.key)
    assert renewed.certificate != ann.certificate
    with_certificate(house, "ben", renewed.certificate)
    plan = house.plan()
    statements = house.statements(plan)
    given = (
        house.approval(statements["ann"], "ann"),
        house.approval(statements["ben"], "ben", signer=renewed),
    )
    refused = house.refusal(lambda: house.hold(plan, given))
    assert (refused.refusal.code, refused.params) == ("KEY_SAME_PERSON_TWICE", {"account": "ben"})
    with pytest.raises(ReleaseRefused) as caught:
        check_accounts(house.accounts)
    assert caught.value.params == {"cause": "one key for two accounts"}


def disabled(account: Account) -> Account:
    return replace(account, enabled=False)


def recertified(account: Account) -> Account:
    return replace(account, certificate=Signer().certificate)


@pytest.mark.parametrize(
    ("change", "code"), [(disabled, "KEY_ACCOUNT_DISABLED"), (recertified, "KEY_ACCOUNT_UNKNOWN")]
)
def test_approvers_are_looked_at_again_when_the_token_has_opened(
    house: KeyHouse, change: Callable[[Account], Account], code: str
) -> None:
    plan = house.plan()
    approvals = house.approvals(plan)

    def meanwhile() -> None:
        accounts = tuple(change(a) if a.name == "ben" else a for a in house.accounts.accounts)
        house.accounts = replace(house.accounts, accounts=accounts)

    house.workshop = Shop(house.workshop, "bench", meanwhile)
    assert house.refusal(lambda: house.hold(plan, approvals)).refusal.code == code


def test_the_plan_s_time_is_looked_at_again_when_the_token_has_opened(house: KeyHouse) -> None:
    plan = house.plan()
    approvals = house.approvals(plan)

    def days_pass() -> None:
        house.clock.time += timedelta(days=3)

    house.workshop = Shop(house.workshop, "bench", days_pass)
    assert house.refusal(lambda: house.hold(plan, approvals)).refusal.code == "KEY_PLAN_OUT_OF_TIME"


def test_a_ceremony_that_fails_leaves_no_key(house: KeyHouse) -> None:
    def away() -> None:
        raise KeyRefused(TOKEN_UNUSABLE, cause="the token went away")

    plan = house.plan()
    approvals = house.approvals(plan)
    house.workshop = Shop(house.workshop, "sign", away)
    with pytest.raises(KeyRefused, match="KEY_CEREMONY_FAILED"):
        house.hold(plan, approvals)
    assert (house.made_spkis(), house.desk.broken()) == ([], ())


@pytest.mark.parametrize("destroys", [True, False])
def test_a_key_that_does_not_sign_is_destroyed_or_told_of(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch, *, destroys: bool
) -> None:
    def away(*_: object, **__: object) -> bytes:
        raise TokenUnavailable("gone")

    plan = house.plan()
    approvals = house.approvals(plan)
    with monkeypatch.context() as patched:
        patched.setattr(SoftKeyToken, "sign", away)
        if not destroys:
            patched.setattr(SoftKeyToken, "destroy", away)
        with pytest.raises(KeyRefused, match="KEY_CEREMONY_FAILED"):
            house.hold(plan, approvals)
    assert len(house.made_spkis()) == (0 if destroys else 1)
    left = [(one.ceremony.state, one.on_token) for one in house.desk.broken()]
    assert left == ([] if destroys else [(CeremonyState.FAILED, True)])


def rename(uri: KeyUri, new: KeyRef) -> None:
    """As somebody with the PIN can, where the module lets keys be changed."""
    token = open_pkcs11(uri.without_key())
    with token._at_work() as connection, token._writable(connection) as session:
        wanted = Attributes({c.CKA_LABEL: new.label, c.CKA_ID: new.key_id})
        kind = "CK_ULONG (*)(CK_ULONG, CK_ULONG, CK_ATTRIBUTE *, CK_ULONG)"
        change: Any = FFI.cast(kind, connection.library._functions.C_SetAttributeValue)
        for found in session.find({c.CKA_LABEL: uri.label}):
            assert change(session._handle, found, wanted.array, wanted.count) == 0
        connection.disown(session)
    token.close()


def test_a_key_under_another_name_is_destroyed_too(
    house: KeyHouse, soft_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchangeable, "UNCHANGEABLE", {})
    uri = soft_token.uri(label="r", key_id=b"\x01")
    key = house.made(kind="p-256", uri=uri.text, state="next").key
    rename(uri, KeyRef(label="kept", key_id=b"\x77"))
    held = house.hold(house.plan_to_destroy(key.key_id))
    assert '"key_was_on_the_token":true' in held.transcript.text
    token = open_pkcs11(uri.without_key())
    assert token.keys() == ()
    token.close()


def test_another_key_in_the_place_of_one_is_left_alone(house: KeyHouse, soft_token: SoftToken) -> None:
    uri = soft_token.uri(label="r", key_id=b"\x01")
    key = house.made(kind="p-256", uri=uri.text, state="next").key
    token = open_pkcs11(uri.without_key())
    token.destroy(uri.ref)
    other = token.generate(KeySpec(label="r", key_id=b"\x01", kind=KeyKind.P256))
    with pytest.raises(KeyRefused) as caught:
        house.hold(house.plan_to_destroy(key.key_id))
    assert "KEY_DIFFERS" in caught.value.params["cause"]
    (left,) = token.keys()
    assert left.spki == other.spki
    token.close()


def test_a_key_that_stays_is_not_registered_as_destroyed(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = house.made(state="next").key
    plan = house.plan_to_destroy(key.key_id)
    approvals = house.approvals(plan)
    monkeypatch.setattr(SoftKeyToken, "destroy", lambda *_: None)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert "is on the token still" in caught.value.params["cause"]
    assert states(house) == [KeyState.NEXT]


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.RSA_2048, KeyKind.ED25519, KeyKind.SM2])
def test_nobody_renames_a_key_made_here(soft_token: SoftToken, kind: KeyKind) -> None:
    token = open_pkcs11(soft_token.uri())
    token.generate(KeySpec(label="a", key_id=b"\x01", kind=kind, sealed=kind is KeyKind.SM2))
    with token._at_work() as connection, connection.pool.lent() as session:
        found = session.find({c.CKA_LABEL: "a"})
        assert [session.get(one, [c.CKA_MODIFIABLE]) for one in found] == [{c.CKA_MODIFIABLE: b"\0"}] * 2
    token.destroy(KeyRef(label="a"))
    assert token.keys() == ()
    token.close()


def test_a_module_that_knows_no_unchangeable_objects() -> None:
    def make(code: int) -> Callable[[Any], bool]:
        def made(more: Any) -> bool:
            if more:
                raise Returned("C_CreateObject", code)
            return True

        return made

    assert all(unchangeable.made_unchangeable(make(code)) for code in TEMPLATE_REFUSED)
    with pytest.raises(Returned):
        unchangeable.made_unchangeable(make(0x30))
