"""Keys made on a SoftHSM token: all kinds, found again, used, named without doubt, destroyed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hsm.errors import KeyAmbiguous, KeyExists, KeyNotFound, TokenUnavailable, Unsupported, UriError
from hsm.open_token import open_token
from hsm.pkcs11 import Pkcs11Token, generation, open_pkcs11
from hsm.pkcs11.constants import CKA_CLASS, CKA_LABEL, CKA_SIGN, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY
from hsm.pkcs11.generation import _pair
from hsm.pkcs11.session import Session
from hsm.signing_key import bind_key
from hsm.token import Custody, KeyInfo, KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.uri import KeyUri
from hsm.verifying import algorithms_of, default_algorithm, kind_of_spki, verify
from tests.hsm.conftest import Opener
from tests.hsm.openssl_verifier import openssl_verifies
from tests.hsm.softhsm import MODULE, SoftHsm, SoftToken

MESSAGE = b"a statement of the gateway"
IN_TOKEN = [kind for kind in KeyKind if kind is not KeyKind.SM2]
AS_MADE = (
    ("sensitive", "true"),
    ("extractable", "false"),
    ("local", "true"),
    ("always_sensitive", "true"),
    ("never_extractable", "true"),
)


def spec(kind: KeyKind, number: int = 1) -> KeySpec:
    return KeySpec(label=f"{kind}-{number}", key_id=bytes((list(KeyKind).index(kind), number)), kind=kind)


def listed(token: Pkcs11Token) -> tuple[KeyInfo, ...]:
    return token.keys()


@pytest.fixture(scope="module")
def stocked(softhsm: SoftHsm) -> SoftToken:
    """A token with one key of each kind that SoftHSM has, made in an opening that is over."""
    made = softhsm.new_token()
    token = open_pkcs11(made.uri())
    for kind in IN_TOKEN:
        token.generate(spec(kind))
    token.close()
    return made


@pytest.fixture
def token(stocked: SoftToken, opened: Opener) -> Pkcs11Token:
    return opened(stocked.uri())


@pytest.mark.parametrize("kind", IN_TOKEN)
def test_a_key_made_before_is_found_and_described(token: Pkcs11Token, kind: KeyKind) -> None:
    (info,) = [info for info in listed(token) if info.kind is kind]
    assert info == KeyInfo(
        label=f"{kind}-1",
        key_id=spec(kind).key_id,
        kind=kind,
        custody=Custody.TOKEN,
        spki=token.public_key(KeyRef(label=f"{kind}-1")),
        claims=AS_MADE,
    )
    assert kind_of_spki(info.spki) is kind


@pytest.mark.parametrize(
    ("kind", "algorithm"), [(kind, algorithm) for kind in IN_TOKEN for algorithm in algorithms_of(kind)]
)
def test_signatures_of_every_kind_and_algorithm_verify_by_openssl(
    token: Pkcs11Token, tmp_path: Path, kind: KeyKind, algorithm: SignatureAlgorithm
) -> None:
    ref = KeyRef(key_id=spec(kind).key_id)
    signature = token.sign(ref, algorithm, MESSAGE)
    assert verify(token.public_key(ref), algorithm, MESSAGE, signature)
    assert openssl_verifies(tmp_path, token.public_key(ref), algorithm, MESSAGE, signature)
    assert not openssl_verifies(tmp_path, token.public_key(ref), algorithm, MESSAGE + b".", signature)


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_a_message_of_any_length_is_signed(token: Pkcs11Token, size: int) -> None:
    for kind in (KeyKind.P256, KeyKind.ED25519, KeyKind.RSA_2048):
        ref, algorithm = KeyRef(label=f"{kind}-1"), default_algorithm(kind)
        assert verify(token.public_key(ref), algorithm, bytes(size), token.sign(ref, algorithm, bytes(size)))


def test_keys_come_by_label_and_identifier(token: Pkcs11Token) -> None:
    names = [(info.label, info.key_id) for info in listed(token)]
    assert names == sorted(names)
    assert len(names) == len(IN_TOKEN)


def test_health_signs(token: Pkcs11Token) -> None:
    for kind in IN_TOKEN:
        health = token.health(KeyRef(label=f"{kind}-1"))
        assert (health.usable, health.detail) == (True, "signed and verified")
        assert health.elapsed_us > 0
    missing = token.health(KeyRef(label="nobody"))
    assert (missing.usable, missing.detail) == (False, "KeyNotFound: the token has no signing key 'nobody'")


def test_there_is_no_attestation(token: Pkcs11Token) -> None:
    assert token.attest(KeyRef(label="p-256-1"), b"nonce") is None
    with pytest.raises(KeyNotFound):
        token.attest(KeyRef(label="nobody"), b"nonce")


def test_the_description_is_the_tokens_own(token: Pkcs11Token, stocked: SoftToken) -> None:
    said = token.describe()
    assert (said.driver, said.label, said.in_token_sm2) == ("pkcs11", stocked.label, False)
    assert (said.manufacturer, said.model) == ("SoftHSM project", "SoftHSM v2")
    assert len(said.serial) == 16
    assert "(PKCS #11 2.40)" in said.library


def test_a_key_signs_with_its_own_algorithms_only(token: Pkcs11Token) -> None:
    with pytest.raises(Unsupported, match="does not sign with"):
        token.sign(KeyRef(label="p-256-1"), SignatureAlgorithm.ED25519, MESSAGE)
    with pytest.raises(Unsupported, match="does not sign with"):
        token.sign(KeyRef(label="p-256-1"), SignatureAlgorithm.SM2_SM3, MESSAGE)


def test_label_and_identifier_must_both_fit(token: Pkcs11Token) -> None:
    both = KeyRef(label="p-256-1", key_id=spec(KeyKind.P256).key_id)
    assert token.public_key(both) == token.public_key(KeyRef(label="p-256-1"))
    with pytest.raises(KeyNotFound, match="'p-256-1' id 0401"):
        token.public_key(KeyRef(label="p-256-1", key_id=spec(KeyKind.P384).key_id))
    with pytest.raises(KeyAmbiguous, match="6 signing keys"):
        token.public_key(KeyRef())


def test_no_name_is_used_twice(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    made = token.generate(spec(KeyKind.P256))
    for label, key_id in ((made.label, b"other"), ("other", made.key_id)):
        with pytest.raises(KeyExists, match="is taken"):
            token.generate(KeySpec(label=label, key_id=key_id, kind=KeyKind.P384))
        with pytest.raises(KeyExists, match="is taken"):
            token.generate(KeySpec(label=label, key_id=key_id, kind=KeyKind.SM2, sealed=True))
    assert [info.label for info in listed(token)] == [made.label]


def test_two_keys_of_one_name_are_told_and_neither_is_used(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    first = token.generate(spec(KeyKind.P256))
    with token._at_work() as connection, token._writable(connection) as session:
        _pair(session, KeySpec(label=first.label, key_id=b"another", kind=KeyKind.P256), None)
        _pair(session, KeySpec(label="another", key_id=first.key_id, kind=KeyKind.P256), None)
        connection.forget()
    for ref in (KeyRef(label=first.label), KeyRef(key_id=first.key_id)):
        with pytest.raises(KeyAmbiguous, match="2 signing keys"):
            token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)
        with pytest.raises(KeyAmbiguous, match="2 signing keys"):
            token.destroy(ref)
    # Two public keys of one identifier: which is it? The third key can be told, and is listed.
    with pytest.raises(KeyAmbiguous, match="2 public keys"):
        token.public_key(KeyRef(label=first.label, key_id=first.key_id))
    assert [info.key_id for info in listed(token)] == [b"another"]


def test_a_public_key_without_its_object_is_not_guessed(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    curve, rsa = token.generate(spec(KeyKind.P256)), token.generate(spec(KeyKind.RSA_2048))
    with token._at_work() as connection, token._writable(connection) as session:
        for handle in session.find({CKA_CLASS: CKO_PUBLIC_KEY}):
            session.destroy(handle)
        connection.forget()
    assert token.public_key(KeyRef(label=rsa.label)) == rsa.spki  # an RSA private key holds it too
    with pytest.raises(Unsupported):
        token.public_key(KeyRef(label=curve.label))
    assert [info.label for info in listed(token)] == [rsa.label]


def test_a_destroyed_key_is_gone_and_its_name_free(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    ref = KeyRef(label=token.generate(spec(KeyKind.P256)).label)
    token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)
    token.destroy(ref)
    for gone in (
        lambda: token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE),
        lambda: token.destroy(ref),
    ):
        with pytest.raises(KeyNotFound):
            gone()
    with token._at_work() as connection, connection.pool.lent() as session:
        assert session.find({}) == ()
    token.generate(spec(KeyKind.P256))


def test_a_key_exchanged_by_another_is_looked_up_again(opened: Opener, soft_token: SoftToken) -> None:
    token, other = opened(soft_token.uri()), opened(soft_token.uri())
    ref = KeyRef(label=token.generate(spec(KeyKind.P256)).label)
    before = token.public_key(ref)
    other.destroy(ref)
    other.generate(spec(KeyKind.P256))
    after = other.public_key(ref)
    signature = token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)
    assert after != before
    assert verify(after, SignatureAlgorithm.ECDSA_SHA256, MESSAGE, signature)


def test_a_key_that_was_used_and_is_gone_is_a_fault_until_opened_anew(
    opened: Opener, soft_token: SoftToken
) -> None:
    token, other = opened(soft_token.uri()), opened(soft_token.uri())
    ref = KeyRef(label=token.generate(spec(KeyKind.P256)).label)
    token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)
    other.destroy(ref)
    with pytest.raises(TokenUnavailable, match="has lost its signing key 'p-256-1'"):
        token.sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)
    token.close()
    with pytest.raises(KeyNotFound):
        opened(soft_token.uri()).sign(ref, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)


def test_keys_that_do_not_sign_are_no_signing_keys(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    token.generate(spec(KeyKind.P256))
    with token._at_work() as connection, connection.pool.lent() as session:
        handles = session.find({CKA_CLASS: CKO_PRIVATE_KEY})
        assert session.get(handles[0], [CKA_SIGN, CKA_LABEL]) == {CKA_SIGN: b"\1", CKA_LABEL: b"p-256-1"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (KeySpec(label="", key_id=b"1", kind=KeyKind.P256), "a label is"),
        (KeySpec(label="a\nb", key_id=b"1", kind=KeyKind.P256), "a label is"),
        (KeySpec(label="é" * 128, key_id=b"1", kind=KeyKind.P256), "a label is"),
        (KeySpec(label="a", key_id=b"", kind=KeyKind.P256), "an identifier is"),
        (KeySpec(label="a", key_id=bytes(256), kind=KeyKind.P256), "an identifier is"),
        (KeySpec(label="a", key_id=b"1", kind=KeyKind.P256, sealed=True), "only SM2"),
        (KeySpec(label="a", key_id=b"1", kind=KeyKind.SM2), "needs x-sm2-profile"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_else_is_made(
    token: Pkcs11Token, wrong: KeySpec, told: str
) -> None:
    before = token.keys()
    with pytest.raises(Unsupported, match=told):
        token.generate(wrong)
    assert token.keys() == before


def test_a_closed_token_says_so(opened: Opener, stocked: SoftToken) -> None:
    token = opened(stocked.uri())
    token.close()
    token.close()
    for use in (token.describe, token.keys, lambda: token.public_key(KeyRef(label="p-256-1"))):
        with pytest.raises(TokenUnavailable):
            use()
    assert not token.health(KeyRef(label="p-256-1")).usable


def test_a_token_stays_open_while_another_of_its_module_is_closed(opened: Opener, stocked: SoftToken) -> None:
    first, second = opened(stocked.uri()), opened(stocked.uri())
    first.close()
    assert second.health(KeyRef(label="p-256-1")).usable


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"token": "no such token"}, TokenUnavailable),
        ({"serial": "0000000000000000"}, TokenUnavailable),
        ({"model": "another"}, TokenUnavailable),
        ({"manufacturer": "another"}, TokenUnavailable),
        ({"module_path": "/nowhere/module.so"}, TokenUnavailable),
        ({"module_path": "/etc/passwd"}, TokenUnavailable),
        ({"module_path": "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"}, TokenUnavailable),
        ({"module_path": ""}, UriError),
        ({"pin_source": ""}, UriError),
        ({"pin_source": "/nowhere/pin"}, TokenUnavailable),
        ({"scheme": "softkey"}, UriError),
        ({"vendor": (("x-other", "1"),)}, UriError),
        ({"vendor": (("x-custody", "best"),)}, UriError),
        ({"vendor": (("x-sm2-profile", "none-such"),)}, UriError),
    ],
)
def test_a_uri_that_cannot_be_followed_opens_nothing(
    stocked: SoftToken, opened: Opener, changed: dict[str, Any], error: type[Exception]
) -> None:
    uri = stocked.uri()
    with pytest.raises(error):
        opened(replace(uri, **changed))
    assert opened(uri).health(KeyRef(label="p-256-1")).usable


def test_a_token_is_named_by_all_that_it_says_of_itself(stocked: SoftToken, opened: Opener) -> None:
    said = opened(stocked.uri()).describe()
    uri = KeyUri(
        scheme="pkcs11",
        token=said.label,
        serial=said.serial,
        manufacturer=said.manufacturer,
        model=said.model,
        module_path=str(MODULE),
        pin_source=str(stocked.pin_file),
    )
    assert opened(uri).describe() == said


def test_two_tokens_of_one_label_need_the_serial(softhsm: SoftHsm, opened: Opener) -> None:
    first = softhsm.new_token("twins")
    alone = opened(first.uri())
    serial = alone.describe().serial
    alone.close()
    softhsm.new_token("twins")
    with pytest.raises(UriError, match="fits 2 tokens"):
        opened(first.uri())
    assert opened(replace(first.uri(), serial=serial)).describe().serial == serial


def test_a_name_taken_meanwhile_by_another_process_is_given_up(
    opened: Opener, soft_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = opened(soft_token.uri()), opened(soft_token.uri())
    wanted = spec(KeyKind.P256)

    def slowly(session: Session, made: KeySpec, profile: None) -> tuple[int, ...]:
        with other._at_work() as connection:
            rival = Session(other._library, connection.slot.number, writable=True)
            _pair(rival, KeySpec(label=made.label, key_id=b"rival", kind=KeyKind.P256), None)
            rival.close()
        return _pair(session, made, profile)

    monkeypatch.setattr(generation, "_pair", slowly)
    with pytest.raises(KeyExists, match="taken meanwhile"):
        token.generate(wanted)
    assert [info.key_id for info in listed(token)] == [b"rival"]


def test_through_the_front_door(stocked: SoftToken) -> None:
    uri = stocked.uri(label="p-384-1")
    token = open_token(uri, production=True)
    try:
        key = bind_key(token, uri.ref, "receipt-1")
        assert verify(key.spki, SignatureAlgorithm.ECDSA_SHA384, MESSAGE, key.sign(MESSAGE))
        assert (key.custody, key.health().usable) == (Custody.TOKEN, True)
    finally:
        token.close()
