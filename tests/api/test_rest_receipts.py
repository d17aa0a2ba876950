"""Receipts over REST: what they bind, when there are none, and what the log keeps of a call."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ca_bridge import wiring
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_consistency, verify_inclusion
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.policy_documents import canonical_json
from tests.api.rest_client import BATCH, ROOT, VALIDATE, conforms, demo_questions, post, problem_of, settings

NAMED = {"X-Request-Id": "order-1024"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("receipts")
    (made / "policies").mkdir()
    (made / "identity.key").write_bytes(os.urandom(32))
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    chosen = replace(
        settings(folder / "policies"),
        database=f"sqlite:///{folder / 'gateway.db'}",
        environment="development",
        development_keys=folder / "softkeys",
        identity_key_file=folder / "identity.key",
    )
    return wiring.rest_app(chosen).test_client()


def asked(**more: Any) -> dict[str, Any]:
    return {**demo_questions()["accepted"], "receipt": True, **more}


def receipt_of(client: FlaskClient, **more: Any) -> dict[str, Any]:
    response = post(client, VALIDATE, asked(**more))
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()["receipt"]
    return found


def holds(client: FlaskClient, receipt: dict[str, Any], folder: Path) -> bool:
    """Whether the stand-alone verifier says so, with the keys that the gateway serves."""
    (folder / "keys.json").write_bytes(client.get("/v1/keys").get_data())
    (folder / "receipt.json").write_text(canonical_json(receipt), "utf-8")
    command = [sys.executable, ROOT / "tools/verify_receipt.py", folder / "receipt.json"]
    done = subprocess.run([*command, "--key", folder / "keys.json"], capture_output=True, check=False)
    return done.returncode == 0


def test_a_receipt_binds_question_and_answer(client: FlaskClient, folder: Path) -> None:
    question = asked(site="shop-1")
    response = post(client, VALIDATE, question)
    answer = response.get_json()
    conforms("Answer", answer)
    receipt, statement = answer["receipt"], answer["receipt"]["statement"]
    for member in ("indication", "path", "trust_anchor", "revocation", "domain", "snapshot_id", "purpose"):
        assert statement[member] == answer[member]
    assert statement["validation_time"] == answer["validation_time"]
    number, _, digest = answer["release"].partition(":")
    assert statement["release"] == {"number": int(number), "sha256": digest}
    sent = {name: value for name, value in question.items() if name not in {"id", "receipt"}}
    assert statement["request_sha256"] == sha256(canonical_json(sent).encode()).hexdigest()
    assert statement["certificate_sha256"] == answer["certificates"][0]["fingerprint"]
    assert statement["application"] == "shop-1"
    assert holds(client, receipt, folder)
    statement["indication"] = "TOTAL_FAILED"
    assert not holds(client, receipt, folder)


def test_no_entry_can_be_guessed_from_its_hash(client: FlaskClient, folder: Path) -> None:
    """Everything else in it may be known to somebody who asked the same thing."""
    one, other = receipt_of(client), receipt_of(client)
    salts = one["statement"].pop("salt"), other["statement"].pop("salt")
    assert all(len(bytes.fromhex(salt)) == 16 for salt in salts)
    assert salts[0] != salts[1]
    assert not holds(client, one, folder)


def test_a_refusal_has_a_receipt_too(client: FlaskClient, folder: Path) -> None:
    refused = {**demo_questions()["refused-level"], "receipt": True}
    answer = post(client, VALIDATE, refused).get_json()
    assert answer["indication"] != "TOTAL_PASSED"
    codes = [{"code": r["code"], "position": r["position"]} for r in answer["reasons"]]
    assert answer["receipt"]["statement"]["reasons"] == codes
    assert holds(client, answer["receipt"], folder)


def test_every_decision_is_logged_whether_a_receipt_is_asked_for_or_not(client: FlaskClient) -> None:
    before = receipt_of(client)["log"]
    plain = post(client, VALIDATE, demo_questions()["accepted"]).get_json()
    assert "receipt" not in plain
    after = receipt_of(client)["log"]
    # The key's use, told before each head, and the plain decision lie between.
    assert after["index"] == before["tree_size"] + 1


def test_a_batch(client: FlaskClient, folder: Path) -> None:
    items = [asked(id=1), {**demo_questions()["accepted"], "id": 2}, {"id": 3, "receipt": True}, asked(id=4)]
    answers = post(client, BATCH, {"items": items}).get_json()["items"]
    assert ["receipt" in answer for answer in answers] == [True, False, False, True]
    first, last = answers[0]["receipt"], answers[3]["receipt"]
    assert first["log"]["checkpoint"] == last["log"]["checkpoint"]
    assert (first["statement"]["item"], last["statement"]["item"]) == (0, 3)
    assert last["log"]["index"] == first["log"]["index"] + 3
    assert holds(client, first, folder)
    assert holds(client, last, folder)


def test_a_named_call_that_is_repeated_is_one_decision(client: FlaskClient) -> None:
    def again(**more: Any) -> dict[str, Any]:
        data = json.dumps(asked(**more))
        response = client.post(VALIDATE, data=data, content_type="application/json", headers=NAMED)
        found: dict[str, Any] = response.get_json()
        return found

    first, second = again(), again()
    assert first["receipt"]["log"]["index"] == second["receipt"]["log"]["index"]
    assert first["receipt"]["statement"] == second["receipt"]["statement"]
    assert again(site="other")["receipt"]["log"]["index"] > first["receipt"]["log"]["index"]
    assert again()["receipt"]["log"]["index"] == first["receipt"]["log"]["index"]


def test_a_repeated_call_is_answered_with_the_time_it_was_judged_at(client: FlaskClient) -> None:
    question = asked()
    del question["validation_time"]
    data, headers = json.dumps(question), {"X-Request-Id": "order-now"}
    answers = []
    for _ in range(2):
        response = client.post(VALIDATE, data=data, content_type="application/json", headers=headers)
        answers.append(response.get_json())
        time.sleep(1.1)
    assert answers[0]["validation_time"] == answers[1]["validation_time"]
    assert answers[1]["receipt"]["statement"]["validation_time"] == answers[1]["validation_time"]


@pytest.mark.parametrize("receipt", [False, True])
def test_a_first_entry_that_was_altered_is_not_answered_with(
    client: FlaskClient,
    folder: Path,
    receipt: bool,  # noqa: FBT001
) -> None:
    headers = {"X-Request-Id": f"order-garbled-{receipt}"}

    def ask() -> TestResponse:
        data = json.dumps({**demo_questions()["accepted"], "receipt": receipt})
        return client.post(VALIDATE, data=data, content_type="application/json", headers=headers)

    assert ask().status_code == 200
    database = sqlite3.connect(folder / "gateway.db", timeout=30)
    with database:
        change = "UPDATE log_entries SET data = ? WHERE entry_index = ?"
        find = "SELECT entry_index, data FROM log_entries WHERE CAST(data AS TEXT) LIKE ?"
        ((index, data),) = database.execute(find, (f"%{headers['X-Request-Id']}%",)).fetchall()
        database.execute(change, (b"\xff", index))
    problem_of(ask(), 503, "log-unavailable")
    with database:
        database.execute(change, (data, index))
    database.close()
    assert ask().status_code == 200


def test_the_log_keeps_nothing_personal_in_clear(client: FlaskClient) -> None:
    answer = post(client, VALIDATE, asked()).get_json()
    kept = canonical_json(answer["receipt"]["statement"])
    for text in (answer["subject"], answer["certificates"][0]["serial_number"], "127.0.0.1"):
        assert text not in kept
    for member in ("subject", "serial_number", "address"):
        assert len(answer["receipt"]["statement"][member]) == 64


@pytest.mark.parametrize("value", ["yes", 1, [], {}])
def test_receipt_is_a_boolean(client: FlaskClient, value: object) -> None:
    problem = problem_of(post(client, VALIDATE, asked(receipt=value)), 400, "unusable-question")
    assert problem["code"] == "FIELD_WRONG_TYPE"


def test_without_a_log_there_are_no_receipts(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    chosen = settings(tmp_path / "policies")
    bare = wiring.rest_app(chosen).test_client()
    problem_of(post(bare, VALIDATE, asked()), 422, "receipts-not-offered")
    assert post(bare, VALIDATE, demo_questions()["accepted"]).status_code == 200
    for path in ("/v1/keys", "/v1/log/checkpoint", "/v1/log/inclusion", "/v1/log/consistency", "/pki/x.crl"):
        problem_of(bare.get(path), 404, "not-found")
    keyless = replace(chosen, database=f"sqlite:///{tmp_path / 'gateway.db'}")
    logged = wiring.rest_app(keyless).test_client()
    problem_of(post(logged, VALIDATE, asked()), 422, "receipts-not-offered")
    assert logged.get("/v1/keys").get_json()["keys"] == []


def test_heads_and_proofs_are_served(client: FlaskClient) -> None:
    first, second = receipt_of(client), receipt_of(client)
    note = client.get("/v1/log/checkpoint")
    assert note.content_type == "text/plain; charset=utf-8"
    sizes = (first["log"]["tree_size"], second["log"]["tree_size"])
    proof = client.get(f"/v1/log/consistency?first={sizes[0]}&second={sizes[1]}").get_json()
    conforms("ConsistencyProof", proof)
    roots = [_root(one) for one in (first, second)]
    assert verify_consistency(*sizes, tuple(map(bytes.fromhex, proof["proof"])), *roots)
    index = first["log"]["index"]
    included = client.get(f"/v1/log/inclusion?index={index}&tree_size={sizes[1]}").get_json()
    conforms("InclusionProof", included)
    leaf = leaf_hash(canonical_json(first["statement"]).encode())
    assert included["leaf_hash"] == leaf.hex()
    assert verify_inclusion(leaf, index, sizes[1], tuple(map(bytes.fromhex, included["proof"])), roots[1])


def _root(receipt: dict[str, Any]) -> bytes:
    from base64 import b64decode

    return b64decode(receipt["log"]["checkpoint"].split("\n")[2])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("inclusion?index=0", 400),
        ("inclusion?index=-1&tree_size=2", 400),
        ("inclusion?index=0&index=1&tree_size=2", 400),
        ("inclusion?index=01&tree_size=2", 400),
        ("inclusion?index=5&tree_size=2", 404),
        ("inclusion?index=0&tree_size=999999999999999999", 404),
        ("consistency?first=3&second=2", 404),
    ],
)
def test_proofs_of_what_is_not_there(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/v1/log/{query}").status_code == status


def test_keys_say_where_they_are(client: FlaskClient) -> None:
    document = client.get("/v1/keys").get_json()
    conforms("PublicKeys", document)
    assert {(key["use"], key["custody"], key["state"]) for key in document["keys"]} == {
        ("receipt", "process", "current"),
        ("log", "process", "current"),
    }
    checks = {row["name"]: row for row in client.get("/readyz").get_json()["checks"]}
    for key in document["keys"]:
        assert checks[f"key:{key['key_id']}"]["facts"]["custody"] == "process"


def test_a_key_that_is_away_costs_receipts_and_no_verdicts(client: FlaskClient, folder: Path) -> None:
    receipt_of(client)
    (folder / "softkeys").rename(folder / "aside")
    try:
        response = post(client, VALIDATE, asked())
        problem_of(response, 503, "receipt-unavailable")
        assert response.headers["Retry-After"] == "2"
        plain = post(client, VALIDATE, demo_questions()["accepted"])
        assert plain.get_json()["indication"] == "TOTAL_PASSED"
        time.sleep(1.1)
        ready = client.get("/readyz")
        assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
    finally:
        (folder / "aside").rename(folder / "softkeys")
    deadline = time.monotonic() + 10
    while post(client, VALIDATE, asked()).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert holds(client, receipt_of(client), folder)


def test_what_cannot_be_written_down_is_not_answered(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ca_bridge.adapters.sql_log import SqlLog

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(SqlLog, "append", away)
    for question in (asked(), demo_questions()["accepted"]):
        problem_of(post(client, VALIDATE, question), 503, "log-unavailable")
    problem_of(post(client, BATCH, {"items": [asked()]}), 503, "log-unavailable")


@pytest.mark.parametrize("wanted", [True, False])
def test_a_decision_too_large_for_the_log_is_no_defect(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, *, wanted: bool
) -> None:
    monkeypatch.setattr("ca_bridge.services.audit.entries.MAX_DATA_BYTES", 500)
    problem_of(post(client, VALIDATE, asked(receipt=wanted)), 413, "content-too-large")
    problem_of(post(client, BATCH, {"items": [asked(receipt=wanted)]}), 413, "content-too-large")
