"""Preparation for the next certificate, RFC 5280 §6.1.4; each step names its letter."""

from __future__ import annotations

from ca_bridge.core.path.candidate import WorkingKey
from ca_bridge.core.path.dsa import inherited
from ca_bridge.core.path.name_constraints import add_constraints
from ca_bridge.core.path.name_forms import MalformedName
from ca_bridge.core.path.policy_graph import delete_mapped_policies, map_policies
from ca_bridge.core.path.purposes import issuer_allows
from ca_bridge.core.path.state import PathState
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.reasons.name_constraints import NAME_CONSTRAINTS_MALFORMED
from ca_bridge.core.request import ANY_POLICY, KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import NameConstraints, PolicyConstraints, PolicyMapping

_VERSION_3 = 3


def prepare_next(state: PathState, certificate: Certificate, position: int) -> None:
    """§6.1.4 for the intermediate at ``position``."""
    extensions = certificate.extensions
    if extensions.policy_mappings is not None:
        check_mappings(state, extensions.policy_mappings, position)
    state.working_issuer_name = certificate.subject
    take_key(state, certificate)
    if extensions.name_constraints is not None:
        narrow_names(state, extensions.name_constraints, position)
    if not certificate.self_issued:
        count_down(state)
    if extensions.policy_constraints is not None:
        apply_policy_constraints(state, extensions.policy_constraints)
    if extensions.inhibit_any_policy is not None:
        apply_inhibit_any_policy(state, extensions.inhibit_any_policy)
    check_basic_constraints(state, certificate, position)
    check_path_length(state, certificate, position)
    apply_path_length(state, certificate)
    check_key_usage(state, certificate, position)
    check_critical_extensions(state, certificate, position)
    check_purpose(state, certificate, position)


def check_mappings(state: PathState, mappings: tuple[PolicyMapping, ...], position: int) -> None:
    """(a) anyPolicy is not mapped from or to."""
    if any(ANY_POLICY in (m.issuer_domain_policy, m.subject_domain_policy) for m in mappings):
        state.fail(reasons.POLICY_MAPPING_OF_ANY_POLICY, position)
    else:
        apply_mappings(state, mappings)


def apply_mappings(state: PathState, mappings: tuple[PolicyMapping, ...]) -> None:
    """(b) Mapped policies expect their equivalents, or go when mapping is inhibited."""
    if state.policy_graph is None:
        return
    if state.policy_mapping > 0:
        state.policy_graph = map_policies(state.policy_graph, mappings, state.budget)
    else:
        state.policy_graph = delete_mapped_policies(state.policy_graph, mappings)


def take_key(state: PathState, certificate: Certificate) -> None:
    """(d), (e), (f) The working key, DSA parameters inherited where it has none of its own."""
    spki = certificate.spki
    state.working_key = WorkingKey(spki, inherited(spki, state.working_key.dsa_parameters))


def narrow_names(state: PathState, constraints: NameConstraints, position: int) -> None:
    """(g) Permitted subtrees are intersected, excluded subtrees united."""
    try:
        state.subtrees = add_constraints(state.subtrees, constraints)
    except MalformedName as error:
        state.fail(NAME_CONSTRAINTS_MALFORMED, position, value=str(error))


def count_down(state: PathState) -> None:
    """(h) The counters go down after a certificate that is not self-issued."""
    if state.explicit_policy:
        state.explicit_policy -= 1
    if state.policy_mapping:
        state.policy_mapping -= 1
    if state.inhibit_any_policy:
        state.inhibit_any_policy -= 1


def apply_policy_constraints(state: PathState, constraints: PolicyConstraints) -> None:
    """(i) policyConstraints lowers explicit_policy and policy_mapping."""
    explicit, mapping = constraints.require_explicit_policy, constraints.inhibit_policy_mapping
    if explicit is not None and explicit < state.explicit_policy:
        state.explicit_policy = explicit
    if mapping is not None and mapping < state.policy_mapping:
        state.policy_mapping = mapping


def apply_inhibit_any_policy(state: PathState, skip_certificates: int) -> None:
    """(j) inhibitAnyPolicy lowers inhibit_anyPolicy."""
    state.inhibit_any_policy = min(state.inhibit_any_policy, skip_certificates)


def check_basic_constraints(state: PathState, certificate: Certificate, position: int) -> None:
    """(k) The certificate says that it is a CA; before version 3 none can, so none is taken."""
    basic = certificate.extensions.basic_constraints
    if basic is not None and basic.ca:
        return
    if basic is not None:
        state.fail(reasons.ISSUER_NOT_A_CA, position)
    elif certificate.version == _VERSION_3:
        state.fail(reasons.ISSUER_WITHOUT_BASIC_CONSTRAINTS, position)
    else:
        state.fail(reasons.CA_NOT_VERSION_3, position, version=str(certificate.version))


def check_path_length(state: PathState, certificate: Certificate, position: int) -> None:
    """(l) max_path_length is greater than 0 and goes down, self-issued certificates aside."""
    if certificate.self_issued:
        return
    if state.max_path_length > 0:
        state.max_path_length -= 1
    elif state.length_limit_is_asked:
        asked = str(state.parameters.max_path_length)
        state.fail(reasons.REQUESTED_PATH_LENGTH_EXCEEDED, position, max_path_length=asked)
    else:
        state.fail(reasons.PATH_LENGTH_EXCEEDED, position)


def apply_path_length(state: PathState, certificate: Certificate) -> None:
    """(m) pathLenConstraint lowers max_path_length."""
    basic = certificate.extensions.basic_constraints
    if basic is None or basic.path_length is None or basic.path_length >= state.max_path_length:
        return
    state.max_path_length = basic.path_length
    state.length_limit_is_asked = False


def check_key_usage(state: PathState, certificate: Certificate, position: int) -> None:
    """(n) keyUsage, where present, has keyCertSign."""
    usage = certificate.extensions.key_usage
    if usage is not None and KeyUsageBit.KEY_CERT_SIGN not in usage:
        state.fail(reasons.CA_MAY_NOT_SIGN_CERTIFICATES, position)


def check_critical_extensions(state: PathState, certificate: Certificate, position: int) -> None:
    """(o) No critical extension is left unprocessed."""
    for oid in certificate.extensions.unknown_critical:
        state.fail(reasons.CA_UNKNOWN_CRITICAL_EXTENSION, position, extension=oid)


def check_purpose(state: PathState, certificate: Certificate, position: int) -> None:
    """The CA's extended key usage, where present, holds the purpose asked (RFC 5280 §4.2.1.12)."""
    purpose = state.parameters.purpose
    if not issuer_allows(certificate.extensions.extended_key_usage, purpose):
        state.fail(reasons.CA_PURPOSE_FORBIDDEN, position, purpose=purpose.value)
