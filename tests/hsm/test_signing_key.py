"""A key bound to its public key: signs with that one, and with no other that took its name."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from hsm.errors import BadSignature, KeyAmbiguous, KeyNotFound, TokenUnavailable, Unsupported
from hsm.signing_key import BoundKey, bind_key
from hsm.token import SM2_DEFAULT_ID, Custody, KeyInfo, KeyKind, KeyRef, SignatureAlgorithm, Token
from hsm.verifying import default_algorithm, verify
from tests.hsm.soft_store import made, new_store, open_store

REF = KeyRef(label="a", key_id=b"\x01")
ES256 = SignatureAlgorithm.ECDSA_SHA256


@dataclass
class Exchangeable:
    """A token that may be another one from one call to the next, as after re-opening; counts look-ups."""

    now: Token
    said: bytes | None = None
    lookups: int = 0

    def public_key(self, ref: KeyRef) -> bytes:
        self.lookups += 1
        return self.said or self.now.public_key(ref)

    def sign(
        self, ref: KeyRef, algorithm: SignatureAlgorithm, message: bytes, *, signer_id: bytes = SM2_DEFAULT_ID
    ) -> bytes:
        return self.now.sign(ref, algorithm, message, signer_id=signer_id)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return new_store(tmp_path)


@pytest.fixture
def token(store: Path) -> Token:
    return open_store(store)


@pytest.fixture
def other(tmp_path: Path) -> Token:
    """Another token with another key of the same name and kind."""
    (tmp_path / "other").mkdir()
    other = open_store(new_store(tmp_path / "other"))
    made(other, KeyKind.P256, "a")
    return other


def _bound(token: object, info: KeyInfo, algorithm: SignatureAlgorithm = ES256) -> BoundKey:
    return BoundKey(token, REF, algorithm, info.spki, info.custody, "receipt-1")


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.P384, KeyKind.ED25519, KeyKind.SM2, KeyKind.RSA_2048])
def test_bound_by_name(token: Token, kind: KeyKind) -> None:
    info = made(token, kind, "a")
    key = bind_key(token, KeyRef(label="a"), "receipt-1")
    assert (key.key_id, key.ref, key.algorithm, key.custody, key.spki) == (
        "receipt-1",
        REF,
        default_algorithm(kind),
        Custody.PROCESS,
        info.spki,
    )
    assert verify(info.spki, key.algorithm, b"text", key.sign(b"text"))
    assert key.health().usable


def test_bound_with_another_algorithm(token: Token) -> None:
    made(token, KeyKind.RSA_2048, "a")
    key = bind_key(token, REF, "receipt-1", algorithm=SignatureAlgorithm.RSA_PSS_SHA256)
    assert verify(key.spki, SignatureAlgorithm.RSA_PSS_SHA256, b"text", key.sign(b"text"))
    with pytest.raises(Unsupported):
        bind_key(token, REF, "receipt-1", algorithm=ES256)


def test_an_sm2_id_goes_through(token: Token) -> None:
    made(token, KeyKind.SM2, "a")
    key = bind_key(token, REF, "receipt-1")
    signature = key.sign(b"text", signer_id=b"gateway")
    assert verify(key.spki, key.algorithm, b"text", signature, signer_id=b"gateway")
    assert not verify(key.spki, key.algorithm, b"text", signature)


def test_what_cannot_be_bound(token: Token) -> None:
    info = made(token, KeyKind.P256, "a")
    made(token, KeyKind.P256, "b", b"\x02")
    with pytest.raises(Unsupported):
        _bound(token, info, SignatureAlgorithm.SM2_SM3)
    with pytest.raises(Unsupported):
        BoundKey(token, REF, ES256, info.spki + b"\x00", info.custody, "receipt-1")
    with pytest.raises(KeyNotFound):
        bind_key(token, KeyRef(label="c"), "receipt-1")
    with pytest.raises(KeyAmbiguous):
        token.info(KeyRef())
    assert token.info(KeyRef(key_id=b"\x02")).label == "b"


def test_another_key_of_the_name_does_not_sign_the_first_time(token: Token, other: Token) -> None:
    key = _bound(other, made(token, KeyKind.P256, "a"))
    with pytest.raises(KeyNotFound, match="the token's key of the name of receipt-1 is another one"):
        key.sign(b"text")
    assert key.health().detail.startswith("KeyNotFound: ")


def test_another_key_of_the_name_does_not_sign_later(token: Token, other: Token) -> None:
    exchangeable = Exchangeable(token)
    key = _bound(exchangeable, made(token, KeyKind.P256, "a"))
    key.sign(b"text")
    key.sign(b"text")
    assert exchangeable.lookups == 1
    exchangeable.now = other
    with pytest.raises(BadSignature, match="a signature of key receipt-1 does not verify"):
        key.sign(b"text")
    with pytest.raises(KeyNotFound):
        key.sign(b"text")
    exchangeable.now = token
    assert verify(key.spki, ES256, b"text", key.sign(b"text"))
    assert exchangeable.lookups == 3


def test_a_token_that_names_the_right_key_and_uses_another(token: Token, other: Token) -> None:
    info = made(token, KeyKind.P256, "a")
    key = _bound(Exchangeable(other, said=info.spki), info)
    for _ in range(2):
        with pytest.raises(BadSignature):
            key.sign(b"text")


def test_compared_again_after_the_token_was_away(token: Token, store: Path) -> None:
    exchangeable = Exchangeable(token)
    key = _bound(exchangeable, made(token, KeyKind.P256, "a"))
    key.sign(b"text")
    away = store.with_name("away")
    store.rename(away)
    for _ in range(2):
        with pytest.raises(TokenUnavailable):
            key.sign(b"text")
    shutil.move(away, store)
    key.sign(b"text")
    key.sign(b"text")
    assert exchangeable.lookups == 3


def test_eight_threads_use_one_key(token: Token) -> None:
    info = made(token, KeyKind.SM2, "a")
    key = bind_key(token, REF, "receipt-1")
    texts = [f"text {number}".encode() for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(key.sign, texts))
    assert all(
        verify(info.spki, key.algorithm, text, signature)
        for text, signature in zip(texts, signatures, strict=True)
    )
