"""Path validation, RFC 5280 §6.1 without (a)(3), which revocation does on the outcome.

The only maker of ValidatedPath. Signatures have verified (CandidatePath); keys, periods,
names, policies and extensions are judged here, the trust anchor's own with them (RFC 5937).
The caller must still check status (revocation) and the target's purpose (path.target).
"""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.core.path.anchor_checks import check_anchor
from ca_bridge.core.path.basic_processing import process_certificate
from ca_bridge.core.path.candidate import CandidatePath, ValidatedPath, WorkingKey
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.next_certificate import prepare_next
from ca_bridge.core.path.state import PathState, initial_state
from ca_bridge.core.path.target import check_target
from ca_bridge.core.path.wrap_up import wrap_up
from ca_bridge.core.verdict import Finding

__all__ = ["check_target", "validate_path"]


def validate_path(candidate: CandidatePath, context: Context) -> ValidatedPath | tuple[Finding, ...]:
    """The candidate as a ValidatedPath, or everything on it that does not hold (at least one).

    Findings go from the anchor down, at most MAX_FINDINGS. Raises BudgetExhausted.
    """
    certificates, anchor = candidate.certificates, candidate.anchor
    state = initial_state(candidate, context)
    check_anchor(state, anchor, len(certificates))
    _check_key(state, context, state.working_key, len(certificates))
    for position in range(len(certificates) - 1, 0, -1):
        process_certificate(state, certificates[position], position)
        prepare_next(state, certificates[position], position)
        _check_key(state, context, state.working_key, position)
    process_certificate(state, certificates[0], 0)
    policies = wrap_up(state, certificates[0])
    _check_key(state, context, state.working_key, 0)
    if state.findings:
        return tuple(state.findings)
    return ValidatedPath(
        certificates=certificates,
        anchor=anchor,
        issuer_keys=tuple(reversed(state.issuer_keys)),
        authorities_constrained_policy_set=policies.authorities,
        user_constrained_policy_set=policies.user,
        policy_qualifiers=policies.qualifiers,
    )


def _check_key(state: PathState, context: Context, key: WorkingKey, position: int) -> None:
    """Every key is judged, the target's and the anchor's included (THREATS: nobody loads the leaf's)."""
    parameters = state.parameters
    finding = context.trust.signatures.key_problem(
        key.spki,
        profile=parameters.algorithm_profile,
        at=parameters.validation_time,
        dsa_parameters=key.dsa_parameters,
    )
    if finding is not None:
        state.add(replace(finding, position=position))
