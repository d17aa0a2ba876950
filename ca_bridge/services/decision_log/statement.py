"""What is written down of a decision: enough to prove it later, and nothing personal in clear.

The members answer for those that GM/T signature-verification servers keep of a call (application, name,
address, method, time, serial number, status, result); what such a server signs row by row, a checkpoint
of the log signs for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.services.audit.entries import VERSION, EntryKind, NewEntry, log_time
from ca_bridge.services.audit.retries import retry_keys
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.validate_certificate import Question

Digest = Callable[[str], str]
"""A keyed digest of a personal text (64 hexadecimal digits)."""
SALT_BYTES = 16
_NOT_ASKED = frozenset({"receipt", "id"})
_MAX_REASONS = 64
_SAME = ("indication", "sub_indication", "path", "trust_anchor", "revocation")
_CIRCUMSTANCES = ("domain", "snapshot_id", "purpose", "validation_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the gateway as the door saw it.

    ``request_id`` is "" when the caller named none; ``item`` its place in a batch, from 0. ``address`` is
    the client's, and ``fields`` the question as sent.
    """

    method: str
    request_id: str
    address: str
    fields: Mapping[str, Any]
    item: int | None = None


def request_sha256(fields: Mapping[str, Any]) -> str:
    """SHA-256 of the RFC 8785 form of the question, its ``id`` and ``receipt`` left out."""
    asked = {name: value for name, value in fields.items() if name not in _NOT_ASKED}
    return sha256(canonical_json(asked).encode("utf-8", "surrogatepass")).hexdigest()


def evidence_sha256(evidence: Evidence) -> str:
    """SHA-256 over the sorted SHA-256 digests of everything the caller brought along."""
    supplied = (*evidence.certificates, *evidence.crls, *evidence.ocsp_responses)
    return sha256(b"".join(sorted(sha256(der).digest() for der in supplied))).hexdigest()


def decision_members(
    call: Call, question: Question | None, document: Mapping[str, Any], digest: Digest | None
) -> dict[str, Any]:
    """The decision's own members; ``question`` None = it could not be judged as sent.

    ``document`` is the answer. Without ``digest`` nobody's name, number or address is kept at all.
    """
    reasons = document["reasons"]
    members: dict[str, Any] = {name: document.get(name) for name in (*_SAME, *_CIRCUMSTANCES)}
    return members | {
        "method": call.method,
        "item": call.item,
        "request_id": call.request_id,
        "request_sha256": request_sha256(call.fields),
        "certificate_sha256": None if question is None else sha256(question.certificate).hexdigest(),
        "evidence_sha256": None if question is None else evidence_sha256(question.evidence),
        "application": "" if question is None else question.site,
        "reasons": [{"code": r["code"], "position": r["position"]} for r in reasons[:_MAX_REASONS]],
        "reason_count": len(reasons),
        "level": (document.get("recognition") or {}).get("level"),
        "release": _release(document.get("release")),
        "status": "refused" if question is None else "answered",
        "result": document["indication"],
        **_persons(call, document, digest),
    }


def decision_entry(members: Mapping[str, Any], time: datetime, node: str) -> NewEntry:
    """The entry of the log; a salt of its own keeps it from being guessed from its hash."""
    own = {"ca_bridge_log": VERSION, "kind": EntryKind.DECISION.value, "time": log_time(time), "node": node}
    whole = own | dict(members) | {"salt": token_hex(SALT_BYTES)}
    key, *others = retry_keys(members, time) or ("",)
    data = canonical_json(whole).encode("utf-8", "surrogatepass")
    return NewEntry(data=data, key=key, other_keys=tuple(others))


def _release(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    return {"number": int(number), "sha256": digest}


def _persons(call: Call, document: Mapping[str, Any], digest: Digest | None) -> dict[str, str | None]:
    """Who it was about and who asked, as keyed digests."""
    if digest is None:
        return {"subject": None, "serial_number": None, "address": None}
    subject, issuer = document.get("subject"), document.get("issuer")
    first: Mapping[str, Any] = next(iter(document.get("certificates") or ()), {})
    serial = first.get("serial_number") if first.get("subject") == subject else None
    return {
        "subject": None if subject is None else digest(f"subject:{subject}"),
        "serial_number": None if serial is None else digest(f"serial:{issuer}:{serial}"),
        "address": digest(f"address:{call.address}") if call.address else None,
    }
