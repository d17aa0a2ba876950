"""A verdict as the out line of the batch contract: fixed key order, equal input gives equal bytes."""

from __future__ import annotations

import json
from typing import Any

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.verdict import Finding, Recognition, Verdict
from ca_bridge.services.messages import Language, message, parameters
from ca_bridge.services.policy_documents import ReleaseId

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def answer_fields(
    identity: str | int | None, verdict: Verdict, release: ReleaseId | None = None
) -> dict[str, Any]:
    """The out line but for elapsed_us; messages in English."""
    passed = verdict.indication is Indication.TOTAL_PASSED
    sub = verdict.sub_indication
    return {
        "id": identity,
        "indication": verdict.indication.value,
        "sub_indication": None if sub is None else sub.value,
        "reasons": [reason_fields(finding) for finding in verdict.findings],
        "path": list(verdict.path),
        "trust_anchor": verdict.trust_anchor,
        "user_constrained_policy_set": list(verdict.user_constrained_policy_set) if passed else [],
        "revocation": [
            {"position": s.position, "status": s.status.value, "source": s.source} for s in verdict.revocation
        ],
        "release": None if release is None else str(release),
        "recognition": None if verdict.recognition is None else recognition_fields(verdict.recognition),
    }


def recognition_fields(recognition: Recognition) -> dict[str, Any]:
    """Which trust model carried the verdict, at which level, for what, and what each model said."""
    carried = recognition.carried_by
    return {
        "carried_by": None if carried is None else carried.model.value,
        "level": None if carried is None or not carried.level else carried.level,
        "scale": None if carried is None or not carried.scale else carried.scale,
        "purposes": [] if carried is None else list(carried.purposes),
        "references": [] if carried is None else list(carried.references),
        "disagree": recognition.disagree,
        "models": [
            {
                "model": outcome.model.value,
                "indication": outcome.indication.value,
                "speaks": outcome.speaks,
                "references": [] if outcome.basis is None else list(outcome.basis.references),
                "reasons": [finding.reason.code for finding in outcome.findings],
            }
            for outcome in recognition.outcomes
        ],
    }


def reason_fields(finding: Finding) -> dict[str, Any]:
    """One finding as {"code", "position", "message", "params"}."""
    return {
        "code": finding.reason.code,
        "position": finding.position,
        "message": message(finding, Language.EN),
        "params": parameters(finding),
    }


def refusal(finding: Finding) -> Verdict:
    """The verdict on a question that could not be judged."""
    return Verdict(findings=(finding,))


def encode(answer: dict[str, Any]) -> bytes:
    """One out line, newline included."""
    return _ENCODER.encode(answer).encode("ascii") + b"\n"
