"""What of a verdict a change of policy is measured by, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.verdict import Verdict

PASSED = "-"
"""Stands where a refusal has its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Indication, code of the leading reason (PASSED when passed), and what recognised the certificate.

    ``model``, ``level`` and ``references`` are empty for a refusal.
    """

    indication: Indication
    reason: str = PASSED
    model: str = ""
    level: str = ""
    references: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the certificate can be relied on."""
        return self.indication is Indication.TOTAL_PASSED


class Change(StrEnum):
    """What became of an answer. OTHER_REASON: refused before and after, by another reason or indication."""

    NONE = "none"
    PASSED_TO_REFUSED = "passed_to_refused"
    REFUSED_TO_PASSED = "refused_to_passed"
    LEVEL = "level"
    MODEL = "model"
    REFERENCES = "references"
    OTHER_REASON = "other_reason"


FLIPS = (Change.PASSED_TO_REFUSED, Change.REFUSED_TO_PASSED)


def outcome_of(verdict: Verdict) -> Outcome:
    """The outcome of a verdict under a domain."""
    if verdict.findings:
        return Outcome(indication=verdict.indication, reason=verdict.findings[0].reason.code)
    carried = verdict.recognition.carried_by if verdict.recognition is not None else None
    if carried is None:
        return Outcome(indication=verdict.indication)
    return Outcome(
        indication=verdict.indication,
        model=carried.model.value,
        level=carried.level,
        references=carried.references,
    )


def change(live: Outcome, draft: Outcome) -> Change:
    """The gravest difference between the two."""
    if live.passed != draft.passed:
        return Change.PASSED_TO_REFUSED if live.passed else Change.REFUSED_TO_PASSED
    differences = (
        (Change.LEVEL, live.level != draft.level),
        (Change.MODEL, live.model != draft.model),
        (Change.REFERENCES, live.references != draft.references),
        (Change.OTHER_REASON, (live.indication, live.reason) != (draft.indication, draft.reason)),
    )
    return next((kind for kind, differs in differences if differs), Change.NONE)
