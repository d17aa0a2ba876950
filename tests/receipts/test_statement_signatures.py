"""Signatures of the gateway's own keys: each algorithm with its one kind of key, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.adapters.statement_signatures import verify_statement
from tests.pki_writers import Ecdsa, EdDsa, Rsa, Sm2, der
from tests.receipts.house import alone

MESSAGE = b"message"
KEYS = {
    "ecdsa-sha256": Ecdsa("s"),
    "ecdsa-sha384": Ecdsa("s", "p384", "sha384"),
    "ed25519": EdDsa("s"),
    "sm2-sm3": Sm2("s"),
    "rsa-pkcs1-sha256": Rsa("rsa-bridge"),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_algorithm_with_each_key(algorithm: str) -> None:
    signature = KEYS[algorithm].sign(MESSAGE)
    for name, key in KEYS.items():
        assert verify_statement(key.spki, algorithm, MESSAGE, signature) is (name == algorithm)
        assert verify_statement(KEYS[algorithm].spki, name, MESSAGE, signature) is (name == algorithm)


@pytest.mark.parametrize("algorithm", KEYS)
def test_another_message_or_signature(algorithm: str) -> None:
    key = KEYS[algorithm]
    signature = key.sign(MESSAGE)
    for bad in (signature + b"\x00", signature[:-1], b"", signature[:-1] + bytes([signature[-1] ^ 1])):
        assert not verify_statement(key.spki, algorithm, MESSAGE, bad)
    assert not verify_statement(key.spki, algorithm, MESSAGE + b"x", signature)


@pytest.mark.parametrize("algorithm", ["", "none", "HS256", "ES256", "rsa-pkcs1-sha1", "ecdsa-sha512", "dsa"])
def test_algorithms_there_are_not(algorithm: str) -> None:
    for key in KEYS.values():
        assert not verify_statement(key.spki, algorithm, MESSAGE, key.sign(MESSAGE))


def test_keys_that_are_none_to_rely_on() -> None:
    small = der.seq(der.seq(der.oid("1.3.101.112")), der.bits(b"\x01" + bytes(31)))  # of order 1
    assert not verify_statement(small, "ed25519", MESSAGE, b"\x01" + bytes(63))
    for spki in (b"", b"\x30\x00", KEYS["ed25519"].spki + b"\x00", Rsa("rsa-1024").spki):
        assert not verify_statement(spki, "ed25519", MESSAGE, b"")
    weak = Rsa("rsa-1024")
    assert not verify_statement(weak.spki, "rsa-pkcs1-sha256", MESSAGE, weak.sign(MESSAGE))


def test_sm2_under_another_user_id() -> None:
    empty = Sm2("s", user_id=b"")
    assert not verify_statement(empty.spki, "sm2-sm3", MESSAGE, empty.sign(MESSAGE))


@settings(deadline=None)
@given(st.sampled_from(["ecdsa-sha256", "ed25519", "sm2-sm3"]), st.data())
def test_any_signature_gives_the_same_answer_alone(algorithm: str, data: st.DataObject) -> None:
    key = KEYS[algorithm]
    good = key.sign(MESSAGE)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = st.binary(min_size=1, max_size=1).map(lambda byte: good[:at] + byte + good[at + 1 :])
    signature = data.draw(st.just(good) | changed | st.binary(max_size=80))
    answer = verify_statement(key.spki, algorithm, MESSAGE, signature)
    tool = alone()
    try:
        tool["_verify"]({"algorithm": algorithm, "spki": key.spki, "key_id": "k"}, MESSAGE, signature)
    except tool["WRONG"]:
        assert not answer
    else:
        assert answer
