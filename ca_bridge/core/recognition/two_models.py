"""One verdict from the answers of both trust models; a yes of one never outweighs a revocation or a block."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.reasons import revocation
from ca_bridge.core.reasons.model import Indication, SubIndication
from ca_bridge.core.verdict import Finding, ModelOutcome, Recognition, TrustModel, Verdict

_AGAINST_THE_TARGET = frozenset({reasons.CERTIFICATE_BLOCKED, reasons.KEY_BLOCKED, reasons.SUBJECT_BLOCKED})


def combine(verdicts: tuple[tuple[TrustModel, Verdict], ...]) -> Verdict:
    """The verdict that carries the answer, with what each model said (at least one verdict).

    Passed when one model passes and none knows the target to be revoked, on hold or blocked. Refused, the
    model that came nearest to accepting leads. The order of ``verdicts`` breaks ties.
    """
    recognition = Recognition(
        carried_by=None, outcomes=tuple(_outcome(model, verdict) for model, verdict in verdicts)
    )
    against = [v for _, v in verdicts if any(map(_is_against_the_target, v.findings))]
    passed = [v for _, v in verdicts if v.indication is Indication.TOTAL_PASSED]
    if against or not passed:
        leading = max(against or [v for _, v in verdicts], key=_nearness)
        return replace(leading, recognition=recognition)
    carrying = passed[0]
    return replace(carrying, recognition=replace(recognition, carried_by=carrying.basis))


def _outcome(model: TrustModel, verdict: Verdict) -> ModelOutcome:
    return ModelOutcome(
        model=model,
        indication=verdict.indication,
        speaks=verdict.trust_anchor is not None,
        basis=verdict.basis,
        findings=verdict.findings,
    )


def _is_against_the_target(finding: Finding) -> bool:
    """Whether the finding is about the target alone, so that no other path to it helps."""
    if finding.position != 0:
        return False
    return (
        finding.reason in _AGAINST_THE_TARGET
        or finding.reason is revocation.TARGET_ON_HOLD
        or finding.reason.sub_indication is SubIndication.REVOKED
    )


def _nearness(verdict: Verdict) -> tuple[bool, int]:
    return verdict.trust_anchor is not None, verdict.findings[0].reason.rank
