"""What every certificate of the path goes through, RFC 5280 §6.1.3; each step names its letter."""

from __future__ import annotations

from ca_bridge.core.path.conformance import check_conformance
from ca_bridge.core.path.name_constraints import check_names
from ca_bridge.core.path.policy_graph import assert_policies
from ca_bridge.core.path.state import PathState
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.request import Purpose
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text


def process_certificate(state: PathState, certificate: Certificate, position: int) -> None:
    """§6.1.3 for the certificate at ``position``; (a)(1) was path building's, (a)(3) is revocation's."""
    state.issuer_keys.append(state.working_key)
    check_validity(state, certificate, position)
    check_issuer_name(state, certificate, position)
    if state.subtrees is not None:
        check_name_constraints(state, certificate, position)
    process_policies(state, certificate, position)
    require_explicit_policy(state, position)
    check_conformance(state, certificate, position)


def check_validity(state: PathState, certificate: Certificate, position: int) -> None:
    """(a)(2) The validity period holds the validation time, both ends included.

    Periods are in whole seconds, so a fraction of the validation time does not count.
    """
    time = state.parameters.validation_time
    if time > certificate.not_after and time.replace(microsecond=0) > certificate.not_after:
        reason = reasons.CA_EXPIRED if position else reasons.TARGET_EXPIRED
        state.fail(
            reason, position, not_after=time_text(certificate.not_after), validation_time=time_text(time)
        )
    elif time < certificate.not_before:
        reason = reasons.CA_NOT_YET_VALID if position else reasons.TARGET_NOT_YET_VALID
        state.fail(
            reason, position, not_before=time_text(certificate.not_before), validation_time=time_text(time)
        )


def check_issuer_name(state: PathState, certificate: Certificate, position: int) -> None:
    """(a)(4) The issuer is working_issuer_name."""
    if certificate.issuer != state.working_issuer_name:
        state.fail(reasons.ISSUER_NAME_MISMATCH, position)


def check_name_constraints(state: PathState, certificate: Certificate, position: int) -> None:
    """(b), (c) Names subject to the issuers' constraints. Self-issued intermediates are exempt."""
    if state.subtrees is None or (position and certificate.self_issued):
        return
    host = position == 0 and state.parameters.purpose is Purpose.SERVER_AUTH
    for problem in check_names(certificate, state.subtrees, state.budget, common_name_is_host=host):
        state.fail(problem.reason, position, form=problem.form, name=problem.name)


def process_policies(state: PathState, certificate: Certificate, position: int) -> None:
    """(d), (e) The next depth of the policy graph; NULL without a certificatePolicies extension."""
    graph = state.policy_graph
    if graph is None:
        return
    policies = certificate.extensions.certificate_policies
    if policies is None:
        state.policy_graph = None
        return
    counts = state.inhibit_any_policy > 0 or (position > 0 and certificate.self_issued)
    state.policy_graph = assert_policies(graph, policies, state.budget, any_policy_counts=counts)


def require_explicit_policy(state: PathState, position: int) -> None:
    """(f) explicit_policy is greater than 0, or the graph is not NULL. Said once for a path."""
    if state.explicit_policy == 0 and state.policy_graph is None and not state.policy_lost:
        state.policy_lost = True
        state.fail(reasons.EXPLICIT_POLICY_LOST, position)
