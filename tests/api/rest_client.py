"""The REST application over the demonstration's policies, and its answers held against its document."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from ca_bridge import wiring
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.cli.demo import demo_policies
from ca_bridge.interfaces.rest.openapi import document
from ca_bridge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
VALIDATE, BATCH, INSPECT = (f"/v1/certificates:{name}" for name in ("validate", "validateBatch", "inspect"))
DOMAIN = "demo-hong-kong"
WHOLE_PKI = "whole-test-pki"


@cache
def cases() -> list[dict[str, Any]]:
    """Every case of the test PKI."""
    files = sorted((ROOT / "certs-test" / "cases").glob("*.json"))
    return [case for path in files for case in json.loads(path.read_text("utf-8"))]


@cache
def demo_questions() -> dict[str, dict[str, Any]]:
    """The demonstration's questions by id, without anchors."""
    lines = (ROOT / "certs-test/demo/batch.jsonl").read_text("utf-8").splitlines()
    questions = {line["id"]: line for line in map(json.loads, lines)}
    for question in questions.values():
        del question["trust_anchors"]
    return questions


def settings(folder: Path) -> Settings:
    """Settings over the demonstration's policies, made in ``folder`` with a domain of every test anchor."""
    demo_policies(folder, ROOT / "policies")
    pins = []
    for text in sorted({a for case in cases() for a in case["line"].get("trust_anchors", ())}):
        try:
            anchor = parse_certificate(base64.b64decode(text))
        except (Malformed, ValueError):
            continue  # cases about anchors that cannot be read
        (folder / "anchors" / f"{anchor.fingerprint}.der").write_bytes(anchor.der)
        pins.append({"sha256": anchor.fingerprint, "name": "test"})
    domain = {
        "domain": WHOLE_PKI,
        "title": {"zh": "全部", "en": "All"},
        "anchors": pins,
        "revocation": "none",
    }
    (folder / "domains" / f"{WHOLE_PKI}.yaml").write_text(json.dumps(domain), "utf-8")
    return Settings(policies=folder, anchors=folder / "anchors", default_domain=DOMAIN)


def application(folder: Path) -> Flask:
    """The application over ``settings``."""
    return wiring.rest_app(settings(folder))


def post(client: FlaskClient, path: str, body: object) -> TestResponse:
    """``body`` as JSON, or the bytes themselves."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, data=data, content_type="application/json")


@cache
def _validator(name: str) -> Draft202012Validator:
    components = document()["components"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


def conforms(name: str, answer: object) -> None:
    """Fail unless ``answer`` is what the document says of schema ``name``."""
    problems = [f"{e.json_path}: {e.message[:300]}" for e in _validator(name).iter_errors(answer)]
    assert not problems, problems[:5]


def problem_of(response: TestResponse, status: int, kind: str) -> dict[str, Any]:
    """The problem document, checked."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    document_ = response.get_json(force=True)
    conforms("Problem", document_)
    assert document_["type"] == f"/problems/{kind}"
    assert document_["status"] == status
    assert document_["instance"] == f"urn:request:{response.headers['X-Request-Id']}"
    return document_
