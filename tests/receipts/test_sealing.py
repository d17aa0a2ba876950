"""Heads sealed: what is signed, with what, and which keys are refused before a receipt is lost by them."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca_bridge.core.merkle.checkpoint import parse_checkpoint
from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.signed_note import parse_signed_note
from ca_bridge.core.receipt.canonical import canonical_bytes, read_canonical
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.receipts.making import receipt_bytes
from ca_bridge.services.signing import SignerUnavailable
from tests.receipts.house import AT, ORIGIN, SoftKey, house, soft_key, statement


def test_what_a_head_says() -> None:
    one = house("all")
    head = one.seal(3, b"\x07" * 32)
    keys = (one.log_key, *one.receipt_keys)
    certificate = one.receipt_keys[2].certificate
    assert certificate is not None
    checkpoint = parse_checkpoint(head.body)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 3, b"\x07" * 32)
    assert checkpoint.extensions == (
        "time 2026-11-25T08:00:00Z",
        "node n1",
        *(f"custody {key.key_id} process" for key in keys),
        f"certificate {one.receipt_keys[2].key_id} {sha256(certificate).hexdigest()}",
    )
    assert (head.size, head.root, head.time) == (3, b"\x07" * 32, AT.replace(microsecond=0))
    assert parse_signed_note(head.note).body == head.body
    assert [(one.form, one.algorithm) for one in head.signatures] == [
        ("jws", "ES256"),
        ("jws", "EdDSA"),
        ("jws", "SM2-SM3"),
        ("gbt35275", "SM2-SM3"),
    ]


def test_custody_is_asked_at_each_seal() -> None:
    """What the driver says of a key when it signs is what the checkpoint says."""
    said = iter(["process", "token-wrapped-process-use"])

    @dataclass(frozen=True, kw_only=True)
    class Moving(SoftKey):
        @property
        def custody(self) -> str:  # type: ignore[override]
            return next(said)

    log_key = soft_key("log", "p256")
    moving = object.__new__(Moving)
    for name in ("use", "kind", "key", "state", "certificate"):
        object.__setattr__(moving, name, getattr(log_key, name))
    seal = replace(house("p256"), log_key=moving).seal
    bodies = [seal(0, EMPTY.root).body.decode() for _ in range(2)]
    assert f"custody {log_key.key_id} process\n" in bodies[0]
    assert f"custody {log_key.key_id} token-wrapped-process-use\n" in bodies[1]


def test_a_key_that_cannot_sign_gives_nothing() -> None:
    class Dead:
        def __init__(self, key: SoftKey) -> None:
            self.spki, self.key_id, self.algorithm = key.spki, key.key_id, key.algorithm
            self.custody, self.certificate = key.custody, key.certificate

        def sign(self, message: bytes) -> bytes:
            raise SignerUnavailable(self.key_id)

    one = house("p256")
    for dead in (
        replace(one, log_key=Dead(one.log_key)),
        replace(one, receipt_keys=(*one.receipt_keys, Dead(soft_key("receipt", "ed25519")))),
    ):
        with pytest.raises(SignerUnavailable):
            dead.seal(1, b"\x00" * 32)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"log_key": soft_key("log", "p384")}, "cannot sign checkpoints"),
        ({"receipt_keys": ()}, "1 to 8 keys"),
        ({"receipt_keys": (soft_key("receipt", "p256"),) * 2}, "each of them once"),
        ({"receipt_keys": (soft_key("log", "p256"),)}, "is not a key of use receipt"),
        ({"log_key": soft_key("receipt", "ed25519")}, "is not a key of use log"),
        ({"receipt_keys": (soft_key("receipt", "p384"),)}, "ecdsa-sha384 is not used"),
        ({"receipt_keys": (replace(soft_key("receipt", "sm2"), certificate=b"x"),)}, "cannot be read"),
        (
            {
                "receipt_keys": (
                    replace(
                        soft_key("receipt", "sm2"),
                        certificate=soft_key("receipt", "sm2", "other", certified=True).certificate,
                    ),
                )
            },
            "is of another key",
        ),
        ({"receipt_keys": tuple(soft_key("receipt", "ed25519", str(n)) for n in range(9))}, "1 to 8 keys"),
        ({"origin": "a log"}, "log 'a log'"),
        ({"origin": ""}, "not the name of a key"),
    ],
)
def test_keys_that_would_make_no_receipt(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        _ = replace(house("p256"), **changes).seal


@pytest.mark.parametrize(
    ("node", "why"),
    [("", "one word"), ("n 1", "one word"), ("n\n1", "one word"), (" n1", "one word"), ("n\x01", "one line")],
)
def test_the_node_is_one_word(node: str, why: str) -> None:
    seal = house("p256").seal
    with pytest.raises(ConfigurationError, match=why):
        replace(seal, node=node)


def test_a_certificate_of_a_key_that_makes_no_signed_data_is_let_be() -> None:
    one = replace(house("p256"), receipt_keys=(replace(soft_key("receipt", "p256"), certificate=b"x"),))
    assert b"certificate" not in one.seal(1, b"\x00" * 32).body


def test_a_receipt_is_put_together_in_canonical_form() -> None:
    one = house("all")
    for raw in one.receipts(5, old=300):
        value = read_canonical(raw, max_bytes=1 << 18, max_depth=16)
        assert list(value) == ["ca_bridge_receipt", "log", "signatures", "statement"]
    (only,) = one.receipts(1)
    assert json.loads(only)["log"]["inclusion_proof"] == []


def test_a_receipt_costs_little() -> None:
    """The seal's parts are made once for all receipts under it: the aim is below 40 microseconds each."""
    one = house("all")
    included = one.included(tuple(canonical_bytes(statement(n)) for n in range(2000)))
    receipt_bytes(included[0], one.origin)
    start = time.process_time()
    for leaf in included:
        receipt_bytes(leaf, one.origin)
    assert (time.process_time() - start) / len(included) < 40e-6


def test_signatures_verify_by_the_steps_of_the_rfc() -> None:
    """A JWS of ES256 or EdDSA is what RFC 7515 says: checked here by the RFC's own steps."""
    one = house("all")
    signatures = json.loads(one.receipts(1)[0])["signatures"]
    for signature, key in zip(signatures[:2], one.receipt_keys, strict=False):
        asked, _, last = signature["value"].rpartition(".")
        octets = b64decode(last.translate(str.maketrans("-_", "+/")) + "==")
        public: Any = load_der_public_key(key.spki)
        if signature["algorithm"] == "EdDSA":
            public.verify(octets, asked.encode())
        else:
            r, s = (int.from_bytes(octets[at : at + 32], "big") for at in (0, 32))
            public.verify(encode_dss_signature(r, s), asked.encode(), ECDSA(SHA256()))
