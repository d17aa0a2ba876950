"""The record of candidates that were not accepted: complete up to a bound, then the best-ranked."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import algorithm_keys
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding, RejectedPath
from ca_bridge.core.x509.certificate import Certificate

MAX_REJECTED = 32
"""Kept per decision: a person reads a handful, and an answer must not grow with the input."""

_ABOUT_KEYS = frozenset(row for row in vars(algorithm_keys).values() if isinstance(row, Reason))


def placed(problem: Finding, position: int) -> Finding:
    """``problem`` of checking the signature at ``position``; a fault of the key stands at its holder."""
    return replace(problem, position=position + (problem.reason in _ABOUT_KEYS))


def reject(
    context: Context,
    path: tuple[Certificate, ...],
    findings: tuple[Finding, ...],
    trust_anchor: str | None = None,
) -> None:
    """Add a candidate to ``context.rejected``; beyond twice MAX_REJECTED the lowest-ranked go."""
    fingerprints = tuple(c.fingerprint for c in path)
    context.rejected.append(
        RejectedPath(certificates=fingerprints, trust_anchor=trust_anchor, findings=findings)
    )
    if len(context.rejected) > 2 * MAX_REJECTED:
        context.rejected.sort(key=_farthest_then_cause)
        del context.rejected[MAX_REJECTED:]


def _farthest_then_cause(rejected: RejectedPath) -> tuple[bool, int]:
    """Candidates that reached an anchor first, then by the reason nearest the cause."""
    return rejected.trust_anchor is None, -max(f.reason.rank for f in rejected.findings)
