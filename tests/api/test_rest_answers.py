"""What is answered: accepted, refused, a whole test PKI at once, and what was looked into."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.rest_client import (
    BATCH,
    DOMAIN,
    INSPECT,
    ROOT,
    VALIDATE,
    WHOLE_PKI,
    cases,
    conforms,
    demo_questions,
    post,
)


def _ask(client: FlaskClient, question: dict[str, Any]) -> dict[str, Any]:
    response = post(client, VALIDATE, question)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    answer: dict[str, Any] = response.get_json()
    conforms("Answer", answer)
    return answer


def test_sm2_certificate_is_accepted_across_the_bridge(client: FlaskClient) -> None:
    answer = _ask(client, demo_questions()["accepted"])
    assert (answer["indication"], answer["sub_indication"], answer["reasons"]) == ("TOTAL_PASSED", None, [])
    assert answer["id"] == "accepted"
    assert answer["domain"] == DOMAIN
    assert answer["validation_time"] == "2026-01-15T08:00:00Z"
    assert [c["fingerprint"] for c in answer["certificates"]] == answer["path"]
    assert answer["trust_anchor_certificate"]["fingerprint"] == answer["trust_anchor"]
    assert [s["status"] for s in answer["revocation"]] == ["good"] * 4
    assert answer["user_constrained_policy_set"] == ["2.999.344.1.3"]
    assert answer["identity"]["kind"] == "org"
    assert answer["identity"]["unified_social_credit_code"].startswith("9144")
    assert answer["certificates"][0]["key"] == "SM2"
    assert answer["subject"].startswith("CN=测试企业一有限公司")


@pytest.mark.parametrize(
    ("name", "code", "indication"),
    [
        ("refused-encryption", "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE", "INDETERMINATE"),
        ("refused-level", "EXPLICIT_POLICY_LOST", "INDETERMINATE"),
        ("refused-revoked", "TARGET_REVOKED", "TOTAL_FAILED"),
    ],
)
def test_refusal_says_why_in_both_languages(
    client: FlaskClient, name: str, code: str, indication: str
) -> None:
    answer = _ask(client, demo_questions()[name])
    assert answer["indication"] == indication
    assert answer["user_constrained_policy_set"] == []
    leading = answer["reasons"][0]
    assert leading["code"] == code
    assert all(leading[key] for key in ("message", "message_zh", "remedy", "remedy_zh", "clause", "actor"))
    assert answer["rejected_path_count"] >= len(answer["rejected_paths"])


def test_equal_questions_get_equal_bytes(client: FlaskClient) -> None:
    bodies = []
    for _ in range(2):
        answer = _ask(client, demo_questions()["refused-level"])
        del answer["elapsed_us"]
        bodies.append(json.dumps(answer))
    assert bodies[0] == bodies[1]


def test_unreadable_certificate_is_a_verdict(client: FlaskClient) -> None:
    answer = _ask(client, {"certificate": "AAAA"})
    assert (answer["indication"], answer["sub_indication"]) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert answer["reasons"][0]["code"] == "NOT_A_CERTIFICATE"
    assert [answer[k] for k in ("subject", "issuer", "validity", "identity")] == [None] * 4


def test_a_caller_cannot_loosen_the_domain(client: FlaskClient) -> None:
    """The demonstration's domain requires revocation evidence for the whole path."""
    question = {**demo_questions()["accepted"], "revocation": "none", "crls": []}
    answer = _ask(client, question)
    assert answer["revocation_rule"] == "require_all"
    assert answer["indication"] == "INDETERMINATE"


def test_every_case_of_the_test_pki_is_answered_by_the_document(client: FlaskClient) -> None:
    asked = [case for case in cases() if "runs" not in case]
    questions = [
        {k: v for k, v in case["line"].items() if k not in {"trust_anchors", "algorithm_profile"}}
        | {"domain": WHOLE_PKI}
        for case in asked
    ]
    response = post(client, BATCH, {"items": questions})
    assert response.status_code == 200
    answers = response.get_json()
    conforms("AnswerBatch", answers)
    assert [a["id"] for a in answers["items"]] == [q["id"] for q in questions]
    assert "ENGINE_STOPPED" not in {r["code"] for a in answers["items"] for r in a["reasons"]}
    passed = {a["id"] for a in answers["items"] if a["indication"] == "TOTAL_PASSED"}
    expected = {
        case["id"]
        for case in asked
        if case["expect"]["indication"] == "TOTAL_PASSED" and "algorithm_profile" not in case["line"]
    }
    assert expected <= passed


def test_items_are_judged_apart(client: FlaskClient) -> None:
    good = demo_questions()["accepted"]
    items = [
        good,
        3,
        {"id": "no certificate"},
        {"id": "anchors", "certificate": "AAAA", "trust_anchors": []},
        {"id": "half \ud800", "certificate": "AAAA"},
        {"id": 1 << 63, "certificate": "AAAA"},
        {"id": "legacy", "certificate": "AAAA", "algorithm_profile": "legacy"},
        {"id": "domain", "certificate": "AAAA", "domain": "nowhere"},
        {"id": "many", "certificate": "AAAA", "crls": ["AAAA"] * 65},
        {"id": 7, "certificate": "AAAA"},
    ]
    response = post(client, BATCH, {"items": items})
    assert response.status_code == 200
    answers = response.get_json()
    conforms("AnswerBatch", answers)
    seen = [(a["id"], (a["reasons"] or [{"code": None}])[0]["code"]) for a in answers["items"]]
    assert seen == [
        ("accepted", None),
        (None, "LINE_NOT_AN_OBJECT"),
        ("no certificate", "FIELD_MISSING"),
        ("anchors", "FIELD_NOT_TAKEN"),
        (None, "FIELD_VALUE_UNUSABLE"),
        (None, "FIELD_VALUE_UNUSABLE"),
        ("legacy", "PROFILE_NEEDS_TRUST_ANCHORS"),
        ("domain", "DOMAIN_UNKNOWN"),
        ("many", "FIELD_TOO_MANY"),
        (7, "NOT_A_CERTIFICATE"),
    ]
    assert {a["sub_indication"] for a in answers["items"][1:]} == {"FORMAT_FAILURE"}


def test_repeated_field_in_an_item_fails_only_it(client: FlaskClient) -> None:
    body = b'{"items":[{"id":"a","certificate":"AAAA","certificate":"AAAB"},{"id":"b","certificate":"AAAA"}]}'
    answers = post(client, BATCH, body).get_json()["items"]
    assert [a["reasons"][0]["code"] for a in answers] == ["FIELD_REPEATED", "NOT_A_CERTIFICATE"]


def _material() -> list[bytes]:
    demo = sorted((ROOT / "certs-test/demo").glob("*.[cp]*"))
    rest = [p for name in ("crls", "ocsp") for p in sorted((ROOT / "certs-test" / name).iterdir())]
    return [path.read_bytes() for path in (*demo, *rest) if path.is_file()]


def test_everything_of_the_test_pki_can_be_looked_into(client: FlaskClient) -> None:
    kinds = set()
    for data in _material():
        text = data.decode() if b"-----BEGIN" in data else base64.b64encode(data).decode()
        response = post(client, INSPECT, {"material": text})
        assert response.status_code == 200
        conforms("Inspection", response.get_json())
        kinds |= {item["kind"] for item in response.get_json()["items"]}
    assert kinds == {"certificate", "crl", "ocsp"}


def test_inspection_names_what_it_saw(client: FlaskClient) -> None:
    der = (ROOT / "certs-test/demo/accepted.cer").read_bytes()
    (item,) = post(client, INSPECT, {"material": base64.b64encode(der).decode()}).get_json()["items"]
    assert item["fingerprint"] == hashlib.sha256(der).hexdigest()
    assert item["bytes"] == len(der)
    assert "keyUsage" in {e["name"] for e in item["extensions"]}


def test_unreadable_object_of_a_bundle_has_its_reason(client: FlaskClient) -> None:
    """A BOOLEAN that is neither 00 nor FF is not DER."""
    der = (ROOT / "certs-test/demo/accepted.cer").read_bytes().replace(b"\x01\x01\xff", b"\x01\x01\x01")
    response = post(client, INSPECT, {"material": base64.b64encode(der).decode()})
    assert response.status_code == 200
    conforms("Inspection", response.get_json())
    assert response.get_json()["items"][0]["unreadable"]["code"]
