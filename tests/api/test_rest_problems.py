"""What cannot be asked: each is one problem document with its status, and nothing is a 500."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from ca_bridge import wiring
from ca_bridge.core.reasons.service import LINE_NOT_AN_OBJECT
from ca_bridge.interfaces.rest import certificates
from ca_bridge.interfaces.rest.app import create_app
from ca_bridge.interfaces.rest.problems import KINDS
from ca_bridge.interfaces.rest.reading import MAX_COUNTS, RestLimits
from tests.api.rest_client import (
    BATCH,
    INSPECT,
    ROOT,
    VALIDATE,
    conforms,
    demo_questions,
    post,
    problem_of,
    settings,
)

_PEM = (ROOT / "certs-test/demo/accepted.pem").read_text()

UNUSABLE: list[tuple[str, object, str]] = [
    ("not JSON", b"certificate=AAAA", "LINE_NOT_JSON"),
    ("cut short", b'{"certificate":"AAAA"', "LINE_NOT_JSON"),
    ("NaN", b'{"certificate":"AAAA","max_path_length":NaN}', "LINE_NOT_JSON"),
    ("Infinity", b'{"certificate":"AAAA","max_path_length":-Infinity}', "LINE_NOT_JSON"),
    ("a byte order mark", b'\xef\xbb\xbf{"certificate":"AAAA"}', "LINE_NOT_JSON"),
    ("a number of 5,000 digits", b'{"certificate":"AAAA","id":' + b"9" * 5000 + b"}", "LINE_NOT_JSON"),
    ("UTF-16", '{"certificate":"AAAA"}'.encode("utf-16"), "LINE_NOT_UTF8"),
    ("octets that are not UTF-8", b'{"certificate":"\xff"}', "LINE_NOT_UTF8"),
    ("an overlong form", b'{"certificate":"\xc0\x80"}', "LINE_NOT_UTF8"),
    ("a list", b"[]", "LINE_NOT_AN_OBJECT"),
    ("a text", b'"AAAA"', "LINE_NOT_AN_OBJECT"),
    ("deep lists", b"[" * 200_000, "LINE_TOO_DEEP"),
    ("deep objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "LINE_TOO_DEEP"),
    ("a field twice", b'{"certificate":"AAAA","certificate":"AAAA"}', "FIELD_REPEATED"),
    ("nothing", {}, "FIELD_MISSING"),
    ("null", {"certificate": None}, "FIELD_MISSING"),
    ("an unknown field", {"certificate": "AAAA", "certficate": ""}, "FIELD_UNKNOWN"),
    ("half a surrogate pair as a field", b'{"certificate":"AAAA","\\ud800":1}', "FIELD_UNKNOWN"),
    ("half a surrogate pair as an id", b'{"certificate":"AAAA","id":"\\ud800"}', "FIELD_VALUE_UNUSABLE"),
    ("half a surrogate pair as a value", b'{"certificate":"\\ud800"}', "FIELD_NOT_BASE64"),
    ("an id out of range", {"certificate": "AAAA", "id": -(1 << 63)}, "FIELD_VALUE_UNUSABLE"),
    ("an id of another type", {"certificate": "AAAA", "id": 1.5}, "FIELD_WRONG_TYPE"),
    ("a long id", {"certificate": "AAAA", "id": "x" * 1025}, "FIELD_WRONG_TYPE"),
    ("trust anchors", {"certificate": "AAAA", "trust_anchors": []}, "FIELD_NOT_TAKEN"),
    ("null trust anchors", {"certificate": "AAAA", "trust_anchors": None}, "FIELD_NOT_TAKEN"),
    (
        "the legacy profile",
        {"certificate": "AAAA", "algorithm_profile": "legacy"},
        "PROFILE_NEEDS_TRUST_ANCHORS",
    ),
    ("an unknown domain", {"certificate": "AAAA", "domain": "nowhere"}, "DOMAIN_UNKNOWN"),
    ("a hostile domain", {"certificate": "AAAA", "domain": "\x1b[2J\u202e"}, "FIELD_VALUE_UNUSABLE"),
    ("a number for a text", {"certificate": 1}, "FIELD_WRONG_TYPE"),
    ("a text for a list", {"certificate": "AAAA", "crls": "AAAA"}, "FIELD_WRONG_TYPE"),
    ("a text for a flag", {"certificate": "AAAA", "initial_explicit_policy": "true"}, "FIELD_WRONG_TYPE"),
    ("a flag for a number", {"certificate": "AAAA", "max_path_length": True}, "FIELD_WRONG_TYPE"),
    ("an unknown purpose", {"certificate": "AAAA", "purpose": "everything"}, "FIELD_VALUE_UNUSABLE"),
    ("not base64", {"certificate": "*"}, "FIELD_NOT_BASE64"),
    ("two certificates", {"certificate": _PEM * 2}, "FIELD_PEM_UNUSABLE"),
    ("many CRLs", {"certificate": "AAAA", "crls": ["AAAA"] * 65}, "FIELD_TOO_MANY"),
    (
        "many certificates in one PEM text",
        {"certificate": "AAAA", "intermediates": [_PEM * 257]},
        "FIELD_TOO_MANY",
    ),
]


@pytest.mark.parametrize(("body", "code"), [pytest.param(b, c, id=n) for n, b, c in UNUSABLE])
def test_unusable_question(client: FlaskClient, body: object, code: str) -> None:
    document = problem_of(post(client, VALIDATE, body), 400, "unusable-question")
    assert document["code"] == code
    assert document["detail"]
    assert document["detail_zh"]


@pytest.mark.parametrize(
    "body",
    [{}, {"items": []}, {"items": {}}, {"items": [1], "more": 1}, {"items": ["x"] * 1001}, {"items": None}],
    ids=["nothing", "none", "an object", "another field", "1,001", "null"],
)
def test_unusable_batch(client: FlaskClient, body: object) -> None:
    problem_of(post(client, BATCH, body), 400, "unusable-question")


@pytest.mark.parametrize(
    "body",
    [{}, {"material": 1}, {"material": "é"}, {"material": "\ud800"}, {"material": ""}, {"material": "AAAA"}],
    ids=["nothing", "a number", "not ASCII", "half a surrogate pair", "empty", "no object"],
)
def test_nothing_to_look_into(client: FlaskClient, body: object) -> None:
    problem_of(post(client, INSPECT, body), 400, "unusable-question")


def _key() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    forms = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    der = key.private_bytes(serialization.Encoding.DER, *forms)
    return base64.b64encode(der).decode(), key.private_bytes(serialization.Encoding.PEM, *forms).decode()


@pytest.mark.parametrize("field", ["certificate", "intermediates", "crls", "ocsp_responses"])
@pytest.mark.parametrize("form", [0, 1], ids=["base64", "PEM"])
def test_private_key_is_refused_and_not_repeated(client: FlaskClient, field: str, form: int) -> None:
    text = _key()[form]
    question: dict[str, Any] = {"certificate": "AAAA", field: text if field == "certificate" else [text]}
    with capture_logs() as logs:
        response = post(client, VALIDATE, question)
        item = post(client, BATCH, {"items": [question]}).get_json()["items"][0]
        inspected = post(client, INSPECT, {"material": text})
    assert problem_of(response, 400, "private-key")["code"] == "PRIVATE_KEY_IN_INPUT"
    assert problem_of(inspected, 400, "private-key")["code"] == "PRIVATE_KEY_IN_INPUT"
    assert item["reasons"][0]["code"] == "PRIVATE_KEY_IN_INPUT"
    assert item["reasons"][0]["actor"] == "holder"
    secret = text.splitlines()[-2 if form else 0][:40]
    assert secret not in response.get_data(as_text=True) + json.dumps(item) + json.dumps(logs)


def test_no_body_is_read_beyond_the_limit(client: FlaskClient) -> None:
    for path, limit in ((VALIDATE, 2 << 20), (INSPECT, 2 << 20), (BATCH, 16 << 20)):
        problem_of(post(client, path, b" " * (limit + 1)), 413, "content-too-large")
        assert post(client, path, b" " * limit).status_code == 400


class _Pieces:
    """A body of unknown length: gives what has come, at most what was asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, size: int) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
        return piece[:size]


def _send_pieces(client: FlaskClient, body: _Pieces) -> TestResponse:
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post(VALIDATE, content_type="application/json", environ_overrides=environ)


def test_body_of_unknown_length_is_counted_as_it_comes(client: FlaskClient) -> None:
    assert _send_pieces(client, _Pieces(b'{"certificate"', b':"AAAA"}')).status_code == 200
    endless = _send_pieces(client, _Pieces(*[b" " * (1 << 20)] * 5))
    problem_of(endless, 413, "content-too-large")


def test_slow_body_is_let_go(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr("ca_bridge.interfaces.rest.reading.monotonic", lambda: next(clock))
    problem_of(_send_pieces(client, _Pieces(*[b" "] * 100)), 408, "request-timeout")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "text/plain",
        "application/jsonx",
        "application/json; charset=gbk",
        "multipart/form-data; boundary=x",
    ],
)
def test_other_content_types(client: FlaskClient, header: str) -> None:
    response = client.post(VALIDATE, data=b"{}", content_type=header)
    problem_of(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("header", ["application/json", "Application/JSON; charset=UTF-8"])
def test_content_types_taken(client: FlaskClient, header: str) -> None:
    assert client.post(VALIDATE, data=b'{"certificate":"AAAA"}', content_type=header).status_code == 200


def test_compressed_body(client: FlaskClient) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    problem_of(client.post(VALIDATE, data=b"\x1f\x8b", headers=headers), 415, "unsupported-media-type")


def test_empty_body(client: FlaskClient) -> None:
    problem_of(post(client, VALIDATE, b""), 400, "bad-request")


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/v1",
        "/v1/domains/",
        "/v1//domains",
        "/v1/reasons/NOPE",
        "/problems/nope",
        "/%ff%00",
        "/v1/reasons/",
    ],
)
def test_nothing_here(client: FlaskClient, path: str) -> None:
    problem_of(client.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", VALIDATE, "POST"),
        ("OPTIONS", VALIDATE, "POST"),
        ("DELETE", BATCH, "POST"),
        ("POST", "/v1/domains", "GET, HEAD"),
        ("TRACE", "/livez", "GET, HEAD"),
        ("FOO", "/livez", "GET, HEAD"),
    ],
)
def test_other_methods(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    response = client.open(path, method=method)
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == allowed


def test_long_uri(client: FlaskClient) -> None:
    problem_of(client.get("/v1/reasons?" + "x" * 3000), 414, "uri-too-long")


def test_request_id_is_taken_only_in_its_form(client: FlaskClient) -> None:
    given = client.get("/nope", headers={"X-Request-Id": "order-1024_A.b"})
    assert problem_of(given, 404, "not-found")["instance"] == "urn:request:order-1024_A.b"
    for hostile in ("a b", "x" * 65, '"><script>', "é"):
        made = client.get("/nope", headers={"X-Request-Id": hostile})
        assert made.headers["X-Request-Id"] != hostile
        problem_of(made, 404, "not-found")


def test_answers_are_guarded(client: FlaskClient) -> None:
    for response in (
        client.get("/docs"),
        client.get("/nope"),
        post(client, VALIDATE, {"certificate": "AAAA"}),
    ):
        headers = response.headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


def test_a_batch_has_only_so_much_time(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    """One hostile batch must not hold a worker: what is not reached is answered as not judged."""
    impatient = create_app(wiring.gateway(settings(tmp_path)), RestLimits(batch_judging_s=0.0))
    answer = post(impatient.test_client(), BATCH, {"items": [{"id": "a", "certificate": "AAAA"}, 1]})
    conforms("AnswerBatch", answer.get_json())
    told = [(a["id"], a["sub_indication"], a["reasons"][0]["code"]) for a in answer.get_json()["items"]]
    assert told == [("a", "TRY_LATER", "BATCH_TIME_SPENT"), (None, "TRY_LATER", "BATCH_TIME_SPENT")]


def test_defect_is_a_500_without_detail(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(demo_questions()["accepted"]["certificate"])

    monkeypatch.setattr(certificates, "report_fields", broken)
    with capture_logs() as logs:
        document = problem_of(post(client, VALIDATE, demo_questions()["accepted"]), 500, "internal")
        batch = post(client, BATCH, {"items": [{"id": "x", "certificate": "AAAA"}]})
    assert set(document) == {"type", "title", "title_zh", "status", "instance"}
    assert batch.status_code == 200
    conforms("AnswerBatch", batch.get_json())
    assert batch.get_json()["items"][0]["reasons"][0]["code"] == "ENGINE_STOPPED"
    assert [log["kind"] for log in logs] == ["RuntimeError", "RuntimeError"]
    assert document["instance"] == f"urn:request:{logs[0]['request_id']}"
    assert demo_questions()["accepted"]["certificate"][:40] not in json.dumps(logs)
    assert any("certificates.py" in frame for frame in logs[0]["frames"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_kind_of_problem_can_be_read_about(client: FlaskClient, kind: Any) -> None:
    response = client.get(f"/problems/{kind.name}")
    assert response.status_code == 200
    conforms("ProblemKind", response.get_json())
    assert response.get_json()["status"] == int(kind.status)


def test_limits_are_those_of_the_contract() -> None:
    assert MAX_COUNTS["intermediates"] >= 200
    assert LINE_NOT_AN_OBJECT.code == "LINE_NOT_AN_OBJECT"
