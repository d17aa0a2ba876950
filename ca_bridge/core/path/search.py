"""The search for paths that hold: building and validation, one candidate after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.building import candidate_paths
from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.validation import validate_path
from ca_bridge.core.verdict import RejectedPath
from ca_bridge.core.x509.certificate import Certificate


def validated_paths(target: Certificate, context: Context) -> Iterator[ValidatedPath]:
    """Paths from ``target`` that pass RFC 5280 §6.1 without (a)(3), lazily, best first.

    Every candidate that fails is appended to ``context.rejected``; raises BudgetExhausted.
    The caller must still check status, purpose and names.
    """
    for candidate in candidate_paths(target, context):
        context.budget.spend(Resource.PATHS)
        outcome = validate_path(candidate, context)
        if isinstance(outcome, ValidatedPath):
            yield outcome
            continue
        context.rejected.append(
            RejectedPath(
                certificates=tuple(c.fingerprint for c in candidate.certificates),
                trust_anchor=candidate.anchor.fingerprint,
                findings=outcome,
            )
        )
