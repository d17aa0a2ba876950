"""The transcript of a ceremony: canonical JSON of all that it was, for whoever must believe it later."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ca_bridge.services.key_management.approval import KeyApproval, approval_fields
from ca_bridge.services.key_management.model import KeyPlan, KeyTranscript, RegisteredKey
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.policy_documents import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A ceremony that came to its end. ``found``: whether a key to be destroyed was still on its token."""

    plan: KeyPlan
    approvals: Sequence[KeyApproval]
    key: RegisteredKey
    started: datetime
    ended: datetime
    software: str
    node: str
    found: bool = True


def transcript_text(happened: Happened) -> str:
    """The bytes that the keys sign; they begin with an opening brace, as nothing else does that keys sign."""
    plan = happened.plan
    data = {
        "ca_bridge_key_transcript": 1,
        "action": plan.action.value,
        "plan": json.loads(plan.text),
        "plan_sha256": plan.sha256,
        "approvals": [approval_fields(approval) for approval in happened.approvals],
        "key": key_fields(happened.key),
        "key_was_on_the_token": happened.found,
        "started": rfc3339(happened.started),
        "ended": rfc3339(happened.ended),
        "software": happened.software,
        "node": happened.node,
    }
    return canonical_json(data)


def key_fields(key: RegisteredKey) -> dict[str, Any]:
    """A key as plain data; binary values in base64, None where there is none."""
    return {
        "key_id": key.key_id,
        "use": key.use.value,
        "kind": key.kind,
        "algorithm": key.algorithm,
        "uri": key.uri,
        "spki": _b64(key.spki),
        "custody": key.custody,
        "state": key.state.value,
        "created": rfc3339(key.created),
        "since": rfc3339(key.since),
        "ceremony": key.ceremony or None,
        "certificate": _b64(key.certificate),
        "csr": _b64(key.csr),
        "attestation": _b64(key.attestation),
        "claims": dict(key.claims),
    }


def transcript_fields(transcript: KeyTranscript) -> dict[str, Any]:
    """A transcript with its signatures, as written to a file: ``transcript`` is the text that was signed."""
    return {
        "transcript": transcript.text,
        "signatures": [
            {"key_id": one.key_id, "algorithm": one.algorithm, "signature": _b64(one.signature)}
            for one in transcript.signatures
        ],
    }


def _b64(octets: bytes | None) -> str | None:
    return None if octets is None else base64.b64encode(octets).decode()
