"""The search for paths that hold: building and validation, one candidate after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.building import candidate_paths
from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.rejections import reject
from ca_bridge.core.path.validation import validate_path
from ca_bridge.core.reasons import conformance
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

_TARGET_ALONE = frozenset(
    {
        reasons.TARGET_EXPIRED,
        reasons.TARGET_NOT_YET_VALID,
        reasons.TARGET_UNKNOWN_CRITICAL_EXTENSION,
        conformance.EXTENSION_MUST_NOT_BE_CRITICAL,
        conformance.EXTENSION_MUST_BE_CRITICAL,
        conformance.CERT_SIGN_WITHOUT_CA,
        conformance.NAME_CONSTRAINTS_WITHOUT_CA,
        conformance.TARGET_WITHOUT_NAME,
        conformance.ALTERNATIVE_NAME_MUST_BE_CRITICAL,
    }
)
"""Reasons that, said of the target, hold on every path to it."""


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
        reject(context, candidate.certificates, outcome, candidate.anchor.fingerprint)
        if any(map(_holds_on_every_path, outcome)):
            return


def _holds_on_every_path(finding: Finding) -> bool:
    """Whether another path cannot help: a search would only spend the budget and hide the cause."""
    return finding.position == 0 and finding.reason in _TARGET_ALONE
