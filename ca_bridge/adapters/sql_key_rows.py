"""Keys, ceremonies and transcripts as rows, and back."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyAction,
    KeyCeremony,
    KeyPlace,
    KeyState,
    KeyTranscript,
    KeyUse,
    RegisteredKey,
    TranscriptSignature,
    key_id_of,
)
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from ca_bridge.services.policy_documents import canonical_json


def key_row(key: RegisteredKey) -> dict[str, Any]:
    """Every column but the sequence."""
    return {
        "key_id": key.key_id,
        "use": key.use.value,
        "kind": key.kind,
        "algorithm": key.algorithm,
        "uri": key.uri,
        "spki": key.spki,
        "custody": key.custody,
        "state": key.state.value,
        "created": key.created,
        "since": key.since,
        "ceremony": key.ceremony,
        "certificate": key.certificate,
        "csr": key.csr,
        "attestation": key.attestation,
        "claims": canonical_json(dict(key.claims)),
    }


def key_of(row: Row[Any]) -> RegisteredKey:
    """The key; StoreDamaged when its name is not that of its public key."""
    use, spki = KeyUse(row.use), bytes(row.spki)
    if row.key_id != key_id_of(use, spki):
        raise StoreDamaged(f"key {row.key_id} is not what was written")
    return RegisteredKey(
        key_id=row.key_id,
        use=use,
        kind=row.kind,
        algorithm=row.algorithm,
        uri=row.uri,
        spki=spki,
        custody=row.custody,
        state=KeyState(row.state),
        created=row.created,
        since=row.since,
        ceremony=row.ceremony,
        certificate=_octets(row.certificate),
        csr=_octets(row.csr),
        attestation=_octets(row.attestation),
        claims=tuple(sorted(json.loads(row.claims).items())),
    )


def ceremony_row(ceremony: KeyCeremony) -> dict[str, Any]:
    """Every column but the sequence."""
    return {
        "plan_sha256": ceremony.plan_sha256,
        "action": ceremony.action.value,
        "plan": ceremony.plan,
        "state": ceremony.state.value,
        "uri": ceremony.place.uri,
        "device": ceremony.place.device,
        "label": ceremony.place.label,
        "identifier": ceremony.place.identifier,
        "started": ceremony.started,
        "ended": ceremony.ended,
        "key_id": ceremony.key_id,
        "detail": ceremony.detail,
    }


def ceremony_of(row: Row[Any]) -> KeyCeremony:
    """The ceremony; StoreDamaged when its plan is not the one of this hash."""
    if sha256(row.plan.encode()).hexdigest() != row.plan_sha256:
        raise StoreDamaged(f"plan {row.plan_sha256} is not what was written")
    return KeyCeremony(
        plan_sha256=row.plan_sha256,
        action=KeyAction(row.action),
        plan=row.plan,
        state=CeremonyState(row.state),
        place=KeyPlace(uri=row.uri, device=row.device, label=row.label, identifier=row.identifier),
        started=row.started,
        ended=row.ended,
        key_id=row.key_id,
        detail=row.detail,
    )


def transcript_row(transcript: KeyTranscript) -> dict[str, Any]:
    """Every column."""
    signatures = [
        {
            "key_id": one.key_id,
            "algorithm": one.algorithm,
            "signature": base64.b64encode(one.signature).decode(),
        }
        for one in transcript.signatures
    ]
    return {
        "plan_sha256": transcript.plan_sha256,
        "text": transcript.text,
        "signatures": canonical_json(signatures),
    }


def transcript_of(row: Row[Any]) -> KeyTranscript:
    """The transcript; whether its signatures hold is for whoever believes it to check."""
    return KeyTranscript(
        plan_sha256=row.plan_sha256,
        text=row.text,
        signatures=tuple(
            TranscriptSignature(
                key_id=one["key_id"],
                algorithm=one["algorithm"],
                signature=base64.b64decode(one["signature"]),
            )
            for one in json.loads(row.signatures)
        ),
    )


def _octets(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
