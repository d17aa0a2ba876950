"""An approval as a file: read within bounds, strictly, and written; whether it holds is judged elsewhere."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import RepeatingObject, read_object
from ca_bridge.services.key_management.errors import APPROVAL_MALFORMED
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.commands import SignatureProof
from ca_bridge.services.policy_documents import canonical_json

MAX_APPROVAL_BYTES = 4 << 20
_MAX_STATEMENT_CHARS, _MAX_EVIDENCE = 8 << 10, 64
_MEMBERS = frozenset(
    {"ca_bridge_approval", "account", "statement", "certificate", "algorithm", "signature", "evidence"}
)
_STATEMENT = frozenset({"ca_bridge_statement", "action", "installation", "plan_sha256", "account", "nonce"})
_EVIDENCE = ("certificates", "crls", "ocsp_responses")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyApproval:
    """One person's signed yes to one plan: ``statement`` is what was signed, and what it says."""

    account: str
    statement: bytes
    action: str
    installation: str
    plan_sha256: str
    proof: SignatureProof


def read_approval(raw: bytes) -> KeyApproval:
    """The approval in ``raw``; APPROVAL_MALFORMED."""
    data = _object(raw, MAX_APPROVAL_BYTES, _MEMBERS, "ca_bridge_approval")
    statement = _text(data, "statement")
    if len(statement) > _MAX_STATEMENT_CHARS:
        raise _malformed("statement")
    account = _text(data, "account")
    said = read_statement(statement.encode("utf-8", "surrogatepass"))
    if said["account"] != account:
        raise _malformed("account: not the statement's")
    return KeyApproval(
        account=account,
        statement=statement.encode(),
        action=said["action"],
        installation=said["installation"],
        plan_sha256=said["plan_sha256"],
        proof=SignatureProof(
            account=account,
            nonce=said["nonce"],
            certificate=_octets(data["certificate"], "certificate"),
            algorithm=_octets(data["algorithm"], "algorithm"),
            signature=_octets(data["signature"], "signature"),
            evidence=_evidence(data["evidence"]),
        ),
    )


def read_statement(raw: bytes) -> dict[str, str]:
    """The members of a statement on a plan, all text; APPROVAL_MALFORMED unless it is canonical JSON."""
    said = _object(raw, _MAX_STATEMENT_CHARS, _STATEMENT, "ca_bridge_statement")
    texts = {name: _text(said, name) for name in sorted(_STATEMENT - {"ca_bridge_statement"})}
    if canonical_json(said).encode("utf-8", "surrogatepass") != raw:
        raise _malformed("statement: not canonical JSON")
    return texts


def approval_text(statement: bytes, proof: SignatureProof) -> str:
    """The file of an approval: what read_approval reads."""
    evidence = {name: [_b64(octets) for octets in getattr(proof.evidence, name)] for name in _EVIDENCE}
    data = {
        "ca_bridge_approval": 1,
        "account": proof.account,
        "statement": statement.decode(),
        "certificate": _b64(proof.certificate),
        "algorithm": _b64(proof.algorithm),
        "signature": _b64(proof.signature),
        "evidence": evidence,
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def approval_fields(approval: KeyApproval) -> dict[str, str]:
    """What a transcript keeps of an approval: enough to check the signature again."""
    return {
        "account": approval.account,
        "statement": approval.statement.decode(),
        "certificate": _b64(approval.proof.certificate),
        "algorithm": _b64(approval.proof.algorithm),
        "signature": _b64(approval.proof.signature),
    }


def _object(raw: bytes, most: int, members: frozenset[str], version: str) -> dict[str, Any]:
    try:
        data = read_object(raw, most)
    except UnusableQuestion as error:
        raise _malformed(error.finding.reason.code) from error
    if isinstance(data, RepeatingObject) or data.keys() != members:
        raise _malformed("members")
    if type(data[version]) is not int or data[version] != 1:
        raise _malformed(version)
    return data


def _text(data: dict[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str) or not value.isprintable():
        raise _malformed(name)
    return value


def _octets(value: Any, name: str) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed(name) from error


def _evidence(value: Any) -> Evidence:
    if not isinstance(value, dict) or value.keys() != set(_EVIDENCE):
        raise _malformed("evidence")
    found: dict[str, tuple[bytes, ...]] = {}
    for name in _EVIDENCE:
        rows = value[name]
        if not isinstance(rows, list) or len(rows) > _MAX_EVIDENCE:
            raise _malformed(f"evidence: {name}")
        found[name] = tuple(_octets(row, f"evidence: {name}") for row in rows)
    return Evidence(**found)


def _b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _malformed(cause: str) -> KeyRefused:
    return KeyRefused(APPROVAL_MALFORMED, cause=cause)
