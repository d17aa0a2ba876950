"""Our JSON: there and back; any changed byte, foreign header or other algorithm is refused by name."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest

from ca_bridge.adapters import trust_list_json
from ca_bridge.adapters.trust_list_json import publish_json, read_json
from ca_bridge.adapters.trust_list_jws import sign_jws
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.plain_data import trust_list_data
from tests.recognition.exchange import NOW, Signer, entry, signer, trust_list

KINDS = ("ec", "ed25519", "rsa")


def publish(by: Signer) -> bytes:
    return publish_json(trust_list(), by.key, by.certificate)


def code_of(raw: bytes, by: Signer, now: datetime = NOW) -> ExchangeCode:
    with pytest.raises(TrustListRefused) as caught:
        read_json(raw, {by.pin}, now)
    return caught.value.code


def b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def header(by: Signer, **changed) -> dict:
    base = json.loads(urlsafe_b64decode(json.loads(publish(by))["protected"] + "=="))
    return {key: value for key, value in (base | changed).items() if value is not None}


def made(by: Signer, head: bytes, payload: bytes) -> bytes:
    protected, body = b64(head), b64(payload)
    signature = b64(sign_jws(by.key, f"{protected}.{body}".encode()))
    return json.dumps({"payload": body, "protected": protected, "signature": signature}).encode()


def payload() -> bytes:
    return canonical_json(trust_list_data(trust_list())).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind: str) -> None:
    by = signer(kind)
    assert read_json(publish(by), {by.pin}, NOW) == trust_list()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", ["payload", "signature", "protected"])
def test_every_byte_is_signed(kind: str, member: str) -> None:
    by = signer(kind)
    members = json.loads(publish(by))
    text = members[member]
    for index in range(0, len(text), max(1, len(text) // 300)):
        changed = text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]
        raw = json.dumps(members | {member: changed}).encode()
        code = code_of(raw, by)
        if member != "protected":
            idle = index == len(text) - 1
            assert code is ExchangeCode.SIGNATURE_INVALID or (idle and code is ExchangeCode.MALFORMED)


def test_wrong_signer_and_stolen_key_id() -> None:
    by, other = signer("ec"), signer("ec", "Somebody else")
    assert code_of(publish(other), by) is ExchangeCode.SIGNER_NOT_PINNED
    stolen = made(other, canonical_json(header(by)).encode(), payload())
    assert code_of(stolen, by) is ExchangeCode.SIGNATURE_INVALID
    mixed = made(other, canonical_json(header(other, kid=by.pin)).encode(), payload())
    assert code_of(mixed, by) is ExchangeCode.SIGNER_NOT_PINNED
    assert code_of(made(by, canonical_json(header(by, kid=other.pin)).encode(), payload()), by) is (
        ExchangeCode.SIGNER_NOT_PINNED
    )


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "PS256", "ES384", 1])
def test_another_algorithm(algorithm: object) -> None:
    by = signer("ec")
    raw = made(by, canonical_json(header(by, alg=algorithm)).encode(), payload())
    assert code_of(raw, by) is ExchangeCode.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "changed",
    [
        {"crit": ["exp"]},
        {"jku": "https://example.test/keys"},
        {"x5u": "https://example.test/certificate"},
        {"jwk": {"kty": "EC"}},
        {"b64": False},
        {"typ": "JWT"},
        {"typ": None},
        {"kid": None},
        {"x5c": []},
        {"x5c": ["%"]},
        {"x5c": "text"},
    ],
)
def test_header(changed: dict) -> None:
    by = signer("ec")
    raw = made(by, canonical_json(header(by, **changed)).encode(), payload())
    assert code_of(raw, by) is ExchangeCode.MALFORMED


def test_a_key_that_cannot_sign_lists() -> None:
    by = signer("p384")
    head = header(signer("ec"), kid=by.pin, x5c=[b64encode(by.der).decode()])
    raw = made(signer("ec"), canonical_json(head).encode(), payload())
    assert code_of(raw, by) is ExchangeCode.SIGNATURE_INVALID
    with pytest.raises(ValueError, match="P-256"):
        publish_json(trust_list(), by.key, by.certificate)


def test_signature_of_another_length() -> None:
    by = signer("ec")
    members = json.loads(publish(by)) | {"signature": b64(b"\1" * 63)}
    assert code_of(json.dumps(members).encode(), by) is ExchangeCode.SIGNATURE_INVALID


def test_signer_certificate_expired() -> None:
    by = signer("ec")
    assert code_of(publish(by), by, datetime(2030, 1, 1, tzinfo=UTC)) is ExchangeCode.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(trust_list_data(trust_list())).encode(),
        payload().replace(b'"HK"', b'"HK","territory":"HK"'),
        b'{"trust_list":NaN}',
        b"[]",
        b"[" * 100_000,
        b"\xff",
        b"{}",
        payload().replace(b'"territory"', b'"territorial"'),
        payload().replace(b'"sequence_number":7', b'"sequence_number":7.0'),
        payload().replace(b'"sequence_number":7', b'"sequence_number":true'),
        payload().replace(b'"territory":"HK"', b'"territory":"' + b"H" * 5000 + b'"'),
        payload().replace(b'"sources":["https://example.test/a","https://example.test/b"]', b'"sources":"x"'),
        payload().replace(b'"hong-kong"', b'"../../etc"'),
        payload().replace(b'"status":"active"', b'"status":"maybe"'),
        payload().replace(b'"entry":"hk-personal"', b'"entry":1'),
        payload().replace(
            b'"title":{"en":"Hong Kong list","zh":"' + "香港名單".encode() + b'"}', b'"title":"x"'
        ),
        payload().replace(b'"title":{"en":"Hong Kong list",', b'"title":{"fr":"x",'),
    ],
)
def test_payload(body: bytes) -> None:
    by = signer("ec")
    assert body != payload()
    assert code_of(made(by, canonical_json(header(by)).encode(), body), by) is ExchangeCode.MALFORMED


def test_doubled_entry_is_a_fault_of_meaning() -> None:
    by = signer("ec")
    raw = publish_json(trust_list(entries=(entry(), entry())), by.key, by.certificate)
    assert code_of(raw, by) is ExchangeCode.MALFORMED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"payload":"","payload":""}',
        b'{"payload":1,"protected":"e30","signature":""}',
        '{"payload":"名","protected":"e30","signature":""}'.encode(),
        b'{"payload":"A","protected":"e30","signature":""}',
        b'{"payload":"","protected":"e30","signature":"","header":{}}',
        b'{"payload":"","protected":"bnVsbA","signature":""}',
    ],
)
def test_not_a_jws(raw: bytes) -> None:
    assert code_of(raw, signer("ec")) is ExchangeCode.MALFORMED


def test_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_list_json, "MAX_BYTES", 10)
    assert code_of(publish(signer("ec")), signer("ec")) is ExchangeCode.TOO_LARGE
