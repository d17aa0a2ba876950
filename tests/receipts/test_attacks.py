"""What a thief of receipts may try: each is refused by its name, and by the stand-alone verifier."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.merkle.signed_note import NoteAlgorithm, note_key_id
from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.core.receipt.checking import check_receipt
from ca_bridge.core.receipt.encodings import pair_of_der
from ca_bridge.core.receipt.keys import JOSE_NAMES, read_keys
from tests.receipts.house import (
    ORIGIN,
    House,
    SoftKey,
    alone_holds,
    changed,
    faults,
    house,
    soft_key,
    verdicts,
    with_signature,
)

TYP = "ca-bridge-checkpoint+jws"


def encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def jws(key: SoftKey, body: bytes, header: dict[str, Any] | bytes, *, algorithm: str | None = None) -> str:
    """A JWS really signed by ``key`` under any header; ``algorithm`` says how it signs."""
    raw = header if isinstance(header, bytes) else canonical_bytes(header)
    asked = f"{encoded(raw)}.{encoded(body)}"
    signature = key.sign(asked.encode())
    octets = signature if (algorithm or key.kind) == "ed25519" else pair_of_der(signature)
    return f"{asked}.{encoded(octets)}"


def body_of(raw: bytes) -> bytes:
    return json.loads(raw)["log"]["checkpoint"].rpartition("\n\n")[0].encode() + b"\n"


def with_jws(one: House, raw: bytes, header: dict[str, Any] | bytes) -> bytes:
    value = jws(one.receipt_keys[0], body_of(raw), header)
    return changed(raw, lambda data: data["signatures"][0].update(value=value))


def header_of(key: SoftKey, **more: Any) -> dict[str, Any]:
    return {"alg": JOSE_NAMES[key.algorithm], "kid": key.key_id, "typ": TYP} | more


@pytest.mark.parametrize("kind", ["p256", "ed25519", "sm2"])
def test_the_honest_header_holds(kind: str) -> None:
    one = house(kind)
    raw = one.receipts(3)[1]
    assert faults(one, with_jws(one, raw, header_of(one.receipt_keys[0]))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"jku": "https://thief.example/keys"},
        {"x5u": "https://thief.example/cert"},
        {"jwk": {"kty": "EC"}},
        {"x5c": ["MII"]},
        {"b64": False},
        {"b64": False, "crit": ["b64"]},
        {"cty": "text/plain"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "es256"},
        {"alg": None},
        {"alg": ["ES256"]},
        {"kid": "receipt-0000000000000000"},
        {"typ": "JWT"},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["p256", "ed25519", "sm2"])
def test_headers_signed_by_the_right_key(kind: str, more: dict[str, Any]) -> None:
    """Even with a signature that verifies, another header is refused: nothing in it chooses anything."""
    one = house(kind)
    raw = one.receipts(3)[1]
    assert faults(one, with_jws(one, raw, header_of(one.receipt_keys[0], **more))) == ["JWS_HEADER"]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{}",
        b"[]",
        b'"ES256"',
        b"\xff",
        b"{",
        b'{"alg":"ES256"}',
        b"[[[[[[]]]]]]",
        b'{"alg":"ES256","alg":"ES256"}',
        b"x" * 2000,
    ],
)
def test_headers_that_are_none(header: bytes) -> None:
    one = house("p256")
    assert faults(one, with_jws(one, one.receipts(3)[1], header)) == ["JWS_HEADER"]


def test_a_header_in_another_form() -> None:
    one = house("p256")
    raw = one.receipts(1)[0]
    for text in (
        json.dumps(header_of(one.receipt_keys[0])),
        json.dumps(dict(reversed(header_of(one.receipt_keys[0]).items())), separators=(",", ":")),
    ):
        assert faults(one, with_jws(one, raw, text.encode())) == ["JWS_HEADER"]


@pytest.mark.parametrize(("alg", "shown"), [("ES256", "SM2-SM3"), ("SM2-SM3", "ES256"), ("EdDSA", "SM2-SM3")])
def test_algorithm_of_another_key(alg: str, shown: str) -> None:
    """ES256 with an SM2 key, and the reverse; the curve is as long, and the arithmetic another."""
    kind = {"SM2-SM3": "sm2", "ES256": "p256"}[shown]
    one = House(log_key=soft_key("log", kind), receipt_keys=(soft_key("receipt", kind),))
    raw = one.receipts(2)[0]
    assert json.loads(raw)["signatures"][0]["algorithm"] == shown
    named = changed(raw, lambda data: data["signatures"][0].update(algorithm=alg))
    assert faults(one, named) == ["ALGORITHM"]
    header = header_of(one.receipt_keys[0], alg=alg)
    assert faults(one, with_jws(one, named, header)) == ["ALGORITHM"]
    assert faults(one, with_jws(one, raw, header)) == ["JWS_HEADER"]


def test_a_key_file_that_names_another_algorithm() -> None:
    """The key's kind and the algorithm named beforehand have to fit: else nothing verifies."""
    one = house("sm2")
    raw = one.receipts(1)[0]
    row = one.receipt_keys[0].row | {"algorithm": "ecdsa-sha256"}
    key_file = json.dumps({"keys": [one.log_key.row, row], "origin": ORIGIN}).encode()
    named = changed(
        raw, lambda data: data.update(signatures=[data["signatures"][0] | {"algorithm": "ES256"}])
    )
    honest = with_jws(one, named, header_of(one.receipt_keys[0], alg="ES256"))
    check = check_receipt(honest, read_keys(key_file), verify_statement)
    assert [finding.fault.value for finding in check.findings] == ["SIGNATURE_INVALID"]
    assert not alone_holds(honest, (key_file,))


def test_signature_of_another_message_or_key() -> None:
    one = house("p256")
    raw = one.receipts(2)[0]
    key = one.receipt_keys[0]
    other = jws(key, b"another body\n", header_of(key))
    assert faults(one, with_signature(raw, value=other)) == ["JWS_PAYLOAD"]
    thief = jws(soft_key("receipt", "p256", "thief"), body_of(raw), header_of(key))
    assert faults(one, changed(raw, lambda d: d["signatures"][0].update(value=thief))) == [
        "SIGNATURE_INVALID"
    ]


def test_key_of_another_use() -> None:
    """A bridge CA's or the log's key, known and sound, signs no receipts; a receipt key no checkpoints."""
    for other in (soft_key("bridge_ca", "p256"), soft_key("log", "p256", "second")):
        one = replace(house("p256"), others=(other,))
        raw = one.receipts(2)[0]
        value = jws(other, body_of(raw), header_of(other))
        forged = with_signature(raw, value=value, key_id=other.key_id)
        assert faults(one, forged) == ["KEY_USE"]
    one = house("p256")
    thief = replace(one, log_key=replace(soft_key("receipt", "p256"), use="log"), others=(one.log_key,))
    forged = thief.receipts(2)[0]
    assert faults(one, forged) == ["KEY_USE"]


def test_unknown_keys() -> None:
    one = house("p256")
    thief = House(log_key=soft_key("log", "p256", "thief"), receipt_keys=(soft_key("receipt", "p256", "t"),))
    forged = thief.receipts(2)[0]
    assert faults(thief, forged) == []
    assert faults(one, forged) == ["CHECKPOINT_KEY_UNKNOWN", "KEY_UNKNOWN"]
    assert one.check(forged).undecided


def test_swapped_statement_and_proof() -> None:
    one = house("p256")
    first, second = one.receipts(4)[1:3]
    other = json.loads(second)
    for name, change in {
        "statement": lambda d: d.update(statement=other["statement"]),
        "result": lambda d: d["statement"].update(indication="TOTAL_FAILED"),
        "index": lambda d: d["log"].update(index=2),
        "proof": lambda d: d["log"].update(inclusion_proof=other["log"]["inclusion_proof"]),
        "shorter": lambda d: d["log"]["inclusion_proof"].pop(),
        "longer": lambda d: d["log"]["inclusion_proof"].append("00" * 32),
        "none": lambda d: d["log"].update(inclusion_proof=[]),
        "negative": lambda d: d["log"].update(index=-1),
        "outside": lambda d: d["log"].update(index=4),
        "far": lambda d: d["log"].update(index=2**53 - 1),
    }.items():
        assert faults(one, changed(first, change)) == ["NOT_INCLUDED"], name


def test_another_checkpoint_of_the_same_log() -> None:
    """An older or newer signed checkpoint does not go with a proof of this one."""
    one = house("p256")
    raw, older = one.receipts(9)[2], json.loads(one.receipts(5)[2])
    both = changed(
        raw,
        lambda d: (
            d["log"].update(checkpoint=older["log"]["checkpoint"]),
            d.update(signatures=older["signatures"]),
        ),
    )
    assert faults(one, both) == ["SIZE_DIFFERS", "NOT_INCLUDED"]
    only = changed(raw, lambda d: d["log"].update(checkpoint=older["log"]["checkpoint"]))
    assert faults(one, only) == ["SIZE_DIFFERS", "NOT_INCLUDED", "JWS_PAYLOAD"]
    signatures = changed(raw, lambda d: d.update(signatures=older["signatures"]))
    assert faults(one, signatures) == ["JWS_PAYLOAD"]
    size = changed(raw, lambda d: d["log"].update(tree_size=8))
    assert faults(one, size) == ["SIZE_DIFFERS"]


def test_another_log() -> None:
    one = house("p256")
    raw = one.receipts(2)[0]
    assert faults(one, changed(raw, lambda d: d["log"].update(origin="other.example"))) == [
        "ORIGIN_DIFFERS",
        "ORIGIN_UNEXPECTED",
    ]
    other = replace(one, origin="other.example/log")
    assert faults(one, other.receipts(2)[0])[:1] == ["ORIGIN_UNEXPECTED"]
    renamed = raw.replace(b"\xe2\x80\x94 gateway.example", b"\xe2\x80\x94 gateway.exampla")
    assert renamed != raw
    assert faults(one, renamed) == ["ORIGIN_DIFFERS"]


def test_checkpoint_signed_wrongly() -> None:
    one = house("p256")
    raw = one.receipts(2)[0]
    body = body_of(raw)
    key_id = note_key_id(ORIGIN, NoteAlgorithm.ECDSA_SHA256, one.log_key.spki)

    def forge(signature: bytes) -> bytes:
        note = f"{body.decode()}\n— {ORIGIN} {b64encode(key_id + signature).decode()}\n"
        return changed(raw, lambda d: d["log"].update(checkpoint=note))

    good = one.log_key.sign(body)
    assert faults(one, forge(good)) == []
    for bad in (one.log_key.sign(body + b"x"), good + b"\x00", pair_of_der(good), b"\x30\x00", b"x"):
        assert faults(one, forge(bad)) == ["CHECKPOINT_SIGNATURE_INVALID"]
    line = f"— {ORIGIN} {b64encode(key_id + good).decode()}\n"
    assert faults(
        one, changed(raw, lambda d: d["log"].update(checkpoint=f"{body.decode()}\n{line}{line}"))
    ) == ["CHECKPOINT_MALFORMED"]


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note + "x",
        lambda note: note + "\n",
        lambda note: note.removesuffix("\n"),
        lambda note: "\n" + note,
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.replace("\n2\n", "\n02\n"),
        lambda note: note.replace("— ", "- "),
        lambda note: note.partition("\n\n")[0],
        lambda note: note.partition("\n\n")[2],
        lambda note: "",
        lambda note: note.replace("\n2\n", "\n" + "9" * 30 + "\n"),
    ],
)
def test_checkpoints_that_are_none(change: Callable[[str], str]) -> None:
    one = house("p256")
    raw = one.receipts(2)[0]
    note = change(json.loads(raw)["log"]["checkpoint"])
    assert faults(one, changed(raw, lambda d: d["log"].update(checkpoint=note)))[0] in {
        "CHECKPOINT_MALFORMED",
        "ORIGIN_DIFFERS",
    }


def test_signatures_missing_repeated_or_too_many() -> None:
    one = house("all")
    raw = one.receipts(2)[0]
    assert faults(one, changed(raw, lambda d: d.update(signatures=[]))) == ["SIGNATURE_MISSING"]
    assert faults(one, changed(raw, lambda d: d["signatures"].append(d["signatures"][0]))) == [
        "SIGNATURE_REPEATED"
    ]
    assert faults(one, changed(raw, lambda d: d.update(signatures=d["signatures"] * 9))) == ["SHAPE"]
    for one_of_them in json.loads(raw)["signatures"]:  # as a caller may keep what it can use
        alone = canonical_bytes(json.loads(raw) | {"signatures": [one_of_them]})
        assert faults(one, alone) == []


@pytest.mark.parametrize("state", ["next", "current", "retired", "destroyed"])
def test_old_keys_verify_old_receipts(state: str) -> None:
    one = house("p256")
    raw = one.receipts(2)[0]
    later = House(
        log_key=replace(one.log_key, state=state),
        receipt_keys=tuple(replace(key, state=state) for key in one.receipt_keys),
        others=(soft_key("receipt", "p256", "new"),),
    )
    assert faults(later, raw) == []


def test_custody_is_what_is_known() -> None:
    """A checkpoint that calls a key in this process one in a token is not believed."""
    one = house("p256")
    proud = replace(one, receipt_keys=tuple(replace(key, custody="token") for key in one.receipt_keys))
    assert faults(one, proud.receipts(2)[0]) == ["CUSTODY"]
    assert faults(proud, proud.receipts(2)[0]) == []
    silent = replace(one, log_key=replace(one.log_key, custody="token"))
    assert faults(one, silent.receipts(2)[0]) == ["CUSTODY"]


def test_every_signature_counts() -> None:
    """One good signature does not make up for a bad one."""
    one = house("all")
    raw = one.receipts(2)[0]
    for n in range(4):
        value = json.loads(raw)["signatures"][n]["value"]
        if n < 3:
            head, _, tail = value.rpartition(".")
            spoilt = f"{head}.{'B' if tail[0] != 'B' else 'C'}{tail[1:]}"
        else:
            octets = b64decode(value)
            spoilt = b64encode(octets[:-1] + bytes([octets[-1] ^ 1])).decode()
        forged = with_signature(raw, n, value=spoilt)
        assert faults(one, forged) == ["SIGNATURE_INVALID"]


@pytest.mark.parametrize("proof", ["", {}, {"00": "anything at all"}, None, 1])
def test_a_proof_that_is_no_list(proof: object) -> None:
    one = house("p256")
    receipt = json.loads(one.receipts(1)[0])
    receipt["log"]["inclusion_proof"] = proof
    assert verdicts(one, canonical_bytes(receipt)) == (False, False)
