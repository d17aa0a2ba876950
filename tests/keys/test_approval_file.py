"""Approval files: whatever they hold, it is an approval or a refusal."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.evidence import Evidence
from ca_bridge.services.key_management.approval import (
    MAX_APPROVAL_BYTES,
    KeyApproval,
    approval_text,
    read_approval,
)
from ca_bridge.services.key_management.model import KeyAction
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.statements import KeyStatement
from ca_bridge.services.manage_recognition.commands import SignatureProof

NONCE = "nonce-of-this-test"
STATEMENT = KeyStatement(action=KeyAction.CEREMONY, installation="here", subject="0" * 64).signed_by(
    "ann", NONCE
)
PROOF = SignatureProof(
    account="ann",
    nonce=NONCE,
    certificate=b"certificate",
    algorithm=b"algorithm",
    signature=b"signature",
    evidence=Evidence(certificates=(b"c",), crls=(b"r", b"l"), ocsp_responses=(b"o",)),
)
TEXT = approval_text(STATEMENT, PROOF)
DATA: dict[str, Any] = json.loads(TEXT)
SAID: dict[str, Any] = json.loads(STATEMENT)


def test_what_is_written_comes_back() -> None:
    assert read_approval(TEXT.encode()) == KeyApproval(
        account="ann",
        statement=STATEMENT,
        action="key_ceremony",
        installation="here",
        plan_sha256="0" * 64,
        proof=PROOF,
    )


def cause(raw: bytes) -> str:
    with pytest.raises(KeyRefused) as caught:
        read_approval(raw)
    assert caught.value.refusal.code == "KEY_APPROVAL_MALFORMED"
    return caught.value.params["cause"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"account": "ben"}, "account: not the statement's"),
        ({"account": 7}, "account"),
        ({"account": "a\u202eb"}, "account"),
        ({"more": 1}, "members"),
        ({"ca_bridge_approval": 2}, "ca_bridge_approval"),
        ({"ca_bridge_approval": True}, "ca_bridge_approval"),
        ({"statement": []}, "statement"),
        ({"statement": "a" * 9000}, "statement"),
        ({"statement": "{}"}, "members"),
        ({"statement": "{"}, "LINE_NOT_JSON"),
        ({"statement": json.dumps(SAID)}, "statement: not canonical JSON"),
        ({"statement": json.dumps(SAID | {"nonce": 7}, separators=(",", ":"))}, "nonce"),
        ({"certificate": "*"}, "certificate"),
        ({"certificate": 1}, "certificate"),
        ({"algorithm": "a"}, "algorithm"),
        ({"signature": "é"}, "signature"),
        ({"evidence": []}, "evidence"),
        ({"evidence": {"certificates": []}}, "evidence"),
        ({"evidence": {"certificates": {}, "crls": [], "ocsp_responses": []}}, "evidence: certificates"),
        ({"evidence": {"certificates": [1], "crls": [], "ocsp_responses": []}}, "evidence: certificates"),
        (
            {"evidence": {"certificates": [""] * 65, "crls": [], "ocsp_responses": []}},
            "evidence: certificates",
        ),
    ],
)
def test_refused(changes: dict[str, Any], told: str) -> None:
    assert cause(json.dumps(DATA | changes).encode()) == told


def test_bytes_that_are_no_approval() -> None:
    assert cause(b" " * (MAX_APPROVAL_BYTES + 1)) == "LINE_TOO_LARGE"
    assert cause(b"\xff") == "LINE_NOT_UTF8"
    assert cause(b"[" * 50) == "LINE_TOO_DEEP"
    assert cause(TEXT.replace('"account"', '"account": "ann", "account"', 1).encode()) == "members"
    missing = {name: value for name, value in DATA.items() if name != "evidence"}
    assert cause(json.dumps(missing).encode()) == "members"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(DATA)), JSON)
def test_any_member_of_any_type(name: str, value: Any) -> None:
    with suppress(KeyRefused):
        read_approval(json.dumps(DATA | {name: value}).encode())


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    with pytest.raises(KeyRefused):
        read_approval(raw)
