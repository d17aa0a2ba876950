"""The wrap-up procedure for the target certificate, RFC 5280 §6.1.5."""

from __future__ import annotations

from ca_bridge.core.path.next_certificate import take_key
from ca_bridge.core.path.policy_graph import NO_POLICIES, ConstrainedPolicies, constrain_policies
from ca_bridge.core.path.state import PathState
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.x509.certificate import Certificate


def wrap_up(state: PathState, target: Certificate) -> ConstrainedPolicies:
    """§6.1.5 (a)-(g): the constrained policy sets of §6.1.6; what fails is in ``state.findings``."""
    count_down_explicit_policy(state)
    apply_require_explicit_policy(state, target)
    take_key(state, target)
    check_critical_extensions(state, target)
    return intersect_policies(state)


def count_down_explicit_policy(state: PathState) -> None:
    """(a) explicit_policy goes down."""
    if state.explicit_policy:
        state.explicit_policy -= 1


def apply_require_explicit_policy(state: PathState, target: Certificate) -> None:
    """(b) requireExplicitPolicy of 0 in the target counts."""
    constraints = target.extensions.policy_constraints
    if constraints is not None and constraints.require_explicit_policy == 0:
        state.explicit_policy = 0


def check_critical_extensions(state: PathState, target: Certificate) -> None:
    """(f) No critical extension is left unprocessed."""
    for oid in target.extensions.unknown_critical:
        state.fail(reasons.TARGET_UNKNOWN_CRITICAL_EXTENSION, 0, extension=oid)


def intersect_policies(state: PathState) -> ConstrainedPolicies:
    """(g) The constrained policy sets; with explicit_policy at 0 the user's must not be empty."""
    if state.policy_graph is None and state.explicit_policy > 0:
        return NO_POLICIES
    policies = constrain_policies(state.policy_graph, state.user_initial_policy_set, state.budget)
    if state.explicit_policy == 0 and not policies.user and not state.policy_lost:
        if policies.authorities:
            shown = ", ".join(sorted(policies.authorities)[:_MAX_SHOWN_POLICIES])
            state.fail(reasons.POLICY_NOT_ACCEPTED, 0, policies=shown)
        else:
            state.fail(reasons.EXPLICIT_POLICY_LOST, 0)
    return policies


_MAX_SHOWN_POLICIES = 10
