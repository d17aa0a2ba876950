"""What the gateway says of itself: domains, reasons, health, metrics, its document and its page."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.interfaces.rest import examples
from ca_bridge.interfaces.rest.openapi import document
from ca_bridge.services.ports import Check
from tests.api.rest_client import BATCH, DOMAIN, INSPECT, ROOT, VALIDATE, WHOLE_PKI, conforms, post

RELEASES = tuple(f"/v1/{name}" for name in ("releases", "trail", "agreements", "trust-lists", "blocklist"))


def test_domains(client: FlaskClient) -> None:
    answer = client.get("/v1/domains").get_json()
    conforms("Domains", answer)
    assert [(d["name"], d["default"]) for d in answer["domains"]] == [(DOMAIN, True), (WHOLE_PKI, False)]
    assert len(answer["domains"][0]["trust_anchors"]) == 1
    assert answer["domains"][0]["revocation"] == "require_all"


def test_reasons(client: FlaskClient) -> None:
    answer = client.get("/v1/reasons").get_json()
    conforms("Reasons", answer)
    assert [row["code"] for row in answer["reasons"]] == sorted(CATALOGUE)
    one = client.get("/v1/reasons/TARGET_REVOKED").get_json()
    assert one in answer["reasons"]


def test_livez(client: FlaskClient) -> None:
    answer = client.get("/livez")
    assert answer.status_code == 200
    conforms("Live", answer.get_json())


def test_readyz_names_the_sm2_engine_and_the_domains(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    answer = response.get_json()
    conforms("Readiness", answer)
    checks = {check["name"]: check for check in answer["checks"]}
    assert checks["sm2"]["facts"]["self_test"] == "passed"
    assert checks["sm2"]["facts"]["engine"] in {"libcrypto", "gmssl"}
    facts = checks[f"domain:{DOMAIN}"]["facts"]
    domain = client.get("/v1/domains").get_json()["domains"][0]
    assert facts == {"trust_anchors": 1, "not_imported": 0, "snapshot_id": domain["snapshot_id"]}


def test_not_ready_is_a_503(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> tuple[Check, ...]:
        return (Check(name="clock", passed=False, detail_en="1970", detail_zh="1970"),)

    monkeypatch.setattr("ca_bridge.adapters.self_diagnosis.SelfDiagnosis.__call__", broken)
    response = client.get("/readyz")
    assert response.status_code == 503
    conforms("Readiness", response.get_json())
    assert response.get_json()["status"] == "not ready"


def test_metrics_have_labels_of_closed_lists_only(client: FlaskClient) -> None:
    client.get("/some/made-up/path")
    client.get("/v1/reasons/MADE_UP")
    client.open("/livez", method="MADEUP")
    post(client, VALIDATE, {"certificate": "AAAA", "id": "made-up"})
    text = client.get("/metrics").get_data(as_text=True)
    assert not re.search(r"made-?_?up", text, re.IGNORECASE)
    routes = set(re.findall(r'route="([^"]*)"', text))
    assert routes <= set(document()["paths"]) | {
        "other",
        "/v1/reasons/<code>",
        "/problems/<name>",
        "/docs",
        "/docs.css",
        "/",
    }
    reasons = set(re.findall(r'reason="([^"]*)"', text))
    assert reasons <= set(CATALOGUE) | {"none"}
    assert 'ca_bridge_verdicts_total{indication="TOTAL_FAILED",reason="NOT_A_CERTIFICATE"}' in text


def test_document_is_served_and_described(client: FlaskClient) -> None:
    served = client.get("/openapi.json").get_json()
    assert served == document()
    assert served["openapi"] == "3.1.0"
    for name, schema in served["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for place, part in _parts(schema, name):
            assert part.get("description") or "$ref" in part, place
    served_paths = {rule for rule in served["paths"] if "{" not in rule}
    kept = {path for path in served_paths if path.startswith((*RELEASES, "/v1/keys", "/v1/log"))}
    for path in served_paths - kept - {VALIDATE, BATCH, INSPECT}:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_without_a_database_there_are_no_releases(client: FlaskClient, method: str) -> None:
    """Each documented place says what is missing, and asks nobody for a secret first."""
    templates = {path for path in document()["paths"] if path.startswith(RELEASES)}
    assert len(templates) > 18
    for template in templates:
        path = template.replace("{number}", "1").replace("{identifier}", "gd-hk")
        response = getattr(client, method)(path)
        assert response.status_code == 404
        conforms("Problem", response.get_json(force=True))
        assert "CA_BRIDGE_DATABASE" in response.get_json(force=True)["detail_zh"]


def _parts(schema: dict[str, Any], place: str) -> Any:
    for name, member in schema.get("properties", {}).items():
        inner = {**member, "description": "-"} if "oneOf" in member else member
        yield f"{place}.{name}", inner
        yield from _parts(member, f"{place}.{name}")
    if "items" in schema:
        yield from _parts(schema["items"], f"{place}[]")


def test_examples_work_as_they_are(client: FlaskClient) -> None:
    cases = ((VALIDATE, "Question", "Answer"), (BATCH, "QuestionBatch", "AnswerBatch"))
    for path, asked, answered in (*cases, (INSPECT, "Material", "Inspection")):
        body = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        conforms(asked, body)
        response = post(client, path, body)
        assert response.status_code == 200
        conforms(answered, response.get_json())
    answer = post(client, VALIDATE, examples.question()).get_json()
    assert answer["subject"].startswith("CN=测试企业一有限公司")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.targets: set[str] = set()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.targets.add(value or "")


def test_page_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    response = client.get("/docs")
    assert response.content_type == "text/html; charset=utf-8"
    page = _Page()
    page.feed(response.get_data(as_text=True))
    assert "script" not in page.tags
    assert "style" not in page.tags | page.attributes
    for link in page.links:
        assert link.startswith(("#", "/")), link
        assert not link.startswith("//")
        if link.startswith("#"):
            assert link[1:] in page.targets, link
        else:
            assert client.get(link).status_code == 200, link


def test_page_shows_commands_for_where_it_was_asked(client: FlaskClient) -> None:
    there = client.get("/docs", headers={"Host": "gateway.example:9000"}).get_data(as_text=True)
    assert "curl -s http://gateway.example:9000/v1/certificates:validate" in there
    hostile = client.get("/docs", headers={"Host": "x';touch${IFS}y"})
    assert "touch" not in hostile.get_data(as_text=True)


def test_home_leads_to_the_page(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/docs"


def test_commands_of_the_page_are_shell(client: FlaskClient) -> None:
    """Each command parses; none is run here (test_serve runs them against a server)."""
    text = client.get("/docs").get_data(as_text=True)
    commands = re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert len(commands) > 10
    for command in commands:
        plain = command.replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&amp;", "&")
        checked = subprocess.run(["sh", "-n", "-c", plain], capture_output=True, check=False)
        assert checked.returncode == 0, plain


def test_committed_example_is_the_demonstration_certificate() -> None:
    import base64

    assert base64.b64decode(examples.SM2_CERTIFICATE) == (ROOT / "certs-test/demo/accepted.cer").read_bytes()
    assert json.loads((ROOT / "docs/openapi.json").read_text("utf-8")) == document()
