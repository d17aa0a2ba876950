"""What a ceremony is held with and what comes of it, and its rows for the register and the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.services.key_management.approval import KeyApproval
from ca_bridge.services.key_management.model import (
    KeyPlan,
    KeyTranscript,
    KeyWish,
    RegisteredKey,
    key_id_of,
)
from ca_bridge.services.key_management.ports import MadeKey
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.signing import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms:
    """Where keys are kept: names of the installation and this node, and the least number of approvals."""

    installation: str
    node: str
    software: str
    floor: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A ceremony that was held: the key as registered, and what vouches for it."""

    key: RegisteredKey
    transcript: KeyTranscript


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A ceremony whose intent is durable. ``log_key``: the log's key, which signs the transcript too."""

    plan: KeyPlan
    approvals: Sequence[KeyApproval]
    started: datetime
    log_key: tuple[RegisteredKey, SigningKey] | None


def registered(plan: KeyPlan, wish: KeyWish, made: MadeKey, at: datetime) -> RegisteredKey:
    """The row of a key that the ceremony of ``plan`` made."""
    return RegisteredKey(
        key_id=key_id_of(wish.use, made.spki),
        use=wish.use,
        kind=made.kind,
        algorithm=made.algorithm,
        uri=wish.uri,
        spki=made.spki,
        custody=made.custody,
        state=wish.state,
        created=at,
        since=at,
        ceremony=plan.sha256,
        certificate=made.certificate,
        csr=made.csr,
        attestation=made.attestation,
        claims=made.claims,
    )


def members(plan: KeyPlan) -> dict[str, object]:
    """What the log says of every act of ``plan``."""
    about: dict[str, object] = {"plan_sha256": plan.sha256}
    if plan.wish is not None:
        return about | {"use": plan.wish.use.value, "key_kind": plan.wish.kind}
    return about | {"key_id": plan.key_id}


def approved(approvals: Sequence[KeyApproval]) -> dict[str, object]:
    """Who approved, for the log."""
    return {"accounts": [approval.account for approval in approvals]}


def cause_of(refused: KeyRefused) -> str:
    """A refusal in one line, for the log and the register."""
    cause = refused.params.get("cause", "")
    return f"{refused.refusal.code}: {cause}" if cause else refused.refusal.code
