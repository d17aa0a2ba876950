"""Keys to check with: key files as GET /v1/keys gives them, and PEM."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.receipt.checking import ReceiptCheck, check_receipt
from ca_bridge.core.receipt.keys import KeyRing, KeysUnusable, KnownKey, algorithm_of, read_keys
from tests.pki_writers import Rsa, ec_public
from tests.receipts.house import ORIGIN, House, alone, alone_holds, house, soft_key


def key_file(*rows: Any, origin: Any = ORIGIN) -> bytes:
    return json.dumps({"keys": list(rows), "origin": origin}).encode()


def test_the_keys_of_a_file() -> None:
    one = house("all")
    ring = one.ring
    assert ring.origin == ORIGIN
    assert [key.key_id for key in ring] == [row["key_id"] for row in one.rows]
    first = ring.get(one.log_key.key_id)
    assert first == KnownKey(
        key_id=one.log_key.key_id,
        use="log",
        algorithm="ecdsa-sha256",
        spki=one.log_key.spki,
        custody="process",
    )
    assert ring.get("log-0000000000000000") is None


def test_members_that_are_not_known_do_no_harm() -> None:
    one = house("p256")
    rows = [row | {"certificate": None, "since": "2026"} for row in one.rows]
    data = json.dumps({"keys": rows, "origin": ORIGIN, "as_of": 1}).encode()
    assert len(list(read_keys(data))) == 2
    assert alone_holds(one.receipts(1)[0], (data,))


@pytest.mark.parametrize("kind", ["p256", "ed25519", "sm2", "all"])
def test_pem_keys_are_taken_for_both_uses(kind: str) -> None:
    one = house(kind)
    pem = "".join(key.pem for key in (one.log_key, *one.receipt_keys)).encode()
    raw = one.receipts(2)[0]
    assert check_receipt(raw, read_keys(b"# our keys\n" + pem), verify_statement).holds
    assert alone_holds(raw, (b"# our keys\n" + pem,))
    few = one.receipt_keys[0].pem.encode()
    assert check_receipt(raw, read_keys(few), verify_statement).undecided
    assert not alone_holds(raw, (few,))


def test_a_key_that_serves_two_uses_under_two_names() -> None:
    """The one key in both roles, as PEM allows: the log's signature is judged under the log's name."""
    key = soft_key("receipt", "p256")
    one = House(log_key=replace(key, use="log"), receipt_keys=(key,))
    raw = one.receipts(1)[0]
    assert check_receipt(raw, read_keys(key.pem.encode()), verify_statement).holds
    assert alone_holds(raw, (key.pem.encode(),))


def test_files_together() -> None:
    one = house("p256")
    first, second = (key_file(row) for row in one.rows)
    ring = read_keys(first) | read_keys(second) | read_keys(one.log_key.pem.encode())
    assert check_receipt(one.receipts(1)[0], ring, verify_statement).holds
    assert (KeyRing(()) | ring).origin == ORIGIN
    with pytest.raises(KeysUnusable, match="two logs"):
        _ = ring | read_keys(key_file(origin="other.example"))


def test_one_name_has_one_key() -> None:
    row = read_keys(key_file(house("p256").rows[0]))
    (known,) = row
    assert len(list(KeyRing((known, known)))) == 1
    with pytest.raises(KeysUnusable, match="two keys of the name"):
        KeyRing((known, replace(known, spki=b"other")))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "neither PEM nor JSON"),
        (b"[" * 100_000, "neither PEM nor JSON"),
        (b"[]", "no object with keys and origin"),
        (b'{"keys":{},"origin":""}', "no object with keys and origin"),
        (key_file(origin=None), "no object with keys and origin"),
        (key_file(7), "a key without"),
        (key_file({}), "a key without"),
        (key_file(house("p256").rows[0] | {"custody": None}), "a key without"),
        (key_file(house("p256").rows[0] | {"spki": "!"}), "does not follow"),
        (key_file(house("p256").rows[0] | {"spki": b64encode(b"x").decode()}), "does not follow"),
        (key_file(house("p256").rows[0] | {"use": "receipt"}), "does not follow"),
        (key_file(house("p256").rows[0] | {"state": "lost"}), "state"),
        (b"x" * ((1 << 20) + 1), "more than"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n", "not readable as PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key on"),
        (b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "no public key on"),
        (b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "not readable as PEM"),
    ],
)
def test_files_that_cannot_be_used(raw: bytes, why: str) -> None:
    with pytest.raises(KeysUnusable, match=why):
        read_keys(raw)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_file_gives_keys_or_the_one_error(raw: bytes) -> None:
    for data in (raw, b"-----BEGIN PUBLIC KEY-----" + raw):
        with pytest.raises(KeysUnusable):
            read_keys(data)


def test_algorithms_of_keys() -> None:
    for kind, algorithm in {
        "p256": "ecdsa-sha256",
        "p384": "ecdsa-sha384",
        "ed25519": "ed25519",
        "sm2": "sm2-sm3",
    }.items():
        assert algorithm_of(soft_key("receipt", kind).spki) == algorithm
    p256 = soft_key("receipt", "p256").spki
    assert algorithm_of(p256 + b"\x00") is None
    assert algorithm_of(p256[:-1] + bytes([p256[-1] ^ 1])) is None
    assert algorithm_of(Rsa("rsa-bridge").spki) is None


def test_log_keys_that_sign_no_notes_are_passed_over() -> None:
    one = house("p256")
    odd = soft_key("log", "p384")
    broken = soft_key("log", "ed25519").row
    raw = one.receipts(1)[0]
    ring = KeyRing(
        (
            KnownKey(key_id="log-1", use="log", algorithm="ed25519", spki=b"short"),
            KnownKey(key_id=odd.key_id, use="log", algorithm="ecdsa-sha384", spki=odd.spki),
            *one.ring,
        )
    )
    assert check_receipt(raw, ring, verify_statement).holds
    assert alone_holds(raw, (key_file(odd.row, broken, *one.rows),))


def test_a_receipt_key_of_an_algorithm_that_receipts_do_not_have() -> None:
    one = house("p256")
    odd = soft_key("receipt", "p384")
    raw = one.receipts(1)[0].replace(one.receipt_keys[0].key_id.encode(), odd.key_id.encode())
    data = key_file(odd.row, *one.rows)
    found = check_receipt(raw, read_keys(data), verify_statement).findings
    assert "ALGORITHM" in [finding.fault.value for finding in found]
    assert not alone_holds(raw, (data,))


def test_nothing_found_wrong_is_not_found_right() -> None:
    with pytest.raises(ValueError, match="has to have a finding"):
        ReceiptCheck(receipt=None, findings=())


def test_stand_alone_refuses_keys_of_another_name() -> None:
    row = house("p256").rows[0]
    with pytest.raises(alone()["WRONG"]):
        alone()["_keys"](key_file(row | {"use": "receipt"}))


def test_point_off_the_curve_is_no_key() -> None:
    p256 = bytes.fromhex("06082a8648ce3d030107")
    assert algorithm_of(ec_public(p256, b"\x04" + b"\x01" * 64).spki) is None


@pytest.mark.parametrize(
    ("members", "holds"),
    [
        ({}, True),
        ({"custody": ""}, True),
        ({"custody": "token"}, False),
        ({"algorithm": "sm2-sm3"}, False),
        ({"state": "lost"}, False),
        ({"state": None}, False),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_one_key_in_two_rows(members: dict[str, str | None], holds: bool, first: bool) -> None:  # noqa: FBT001
    one = house("p256")
    document = json.loads(one.key_file)
    again = {k: v for k, v in {**document["keys"][-1], **members}.items() if v is not None}
    document["keys"] = [again, *document["keys"]] if first else [*document["keys"], again]
    file = json.dumps(document).encode()
    (raw,) = one.receipts(1)
    assert alone_holds(raw, (file,)) is holds
    if holds:
        assert check_receipt(raw, read_keys(file), verify_statement).holds
    else:
        with pytest.raises(KeysUnusable):
            read_keys(file)
