"""What RFC 5280 §4.2 requires of any certificate, where letting it pass could widen trust."""

from __future__ import annotations

from ca_bridge.core.path.state import PathState
from ca_bridge.core.reasons import conformance as reasons
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import CertificateExtensions

_NEVER_CRITICAL = frozenset(
    {
        "2.5.29.35",  # authorityKeyIdentifier, §4.2.1.1
        "2.5.29.14",  # subjectKeyIdentifier, §4.2.1.2
        "2.5.29.9",  # subjectDirectoryAttributes, §4.2.1.8
        "2.5.29.46",  # freshestCRL, §4.2.1.15
        "1.3.6.1.5.5.7.1.1",  # authorityInfoAccess, §4.2.2.1
        "1.3.6.1.5.5.7.1.11",  # subjectInfoAccess, §4.2.2.2
    }
)
_BEFORE_RFC_5280 = "legacy"
"""The profile for material of RFC 3280's time, which left policy constraints to the CA (§4.2.1.12)."""
_NAME_CONSTRAINTS = "2.5.29.30"
_POLICY_CONSTRAINTS = "2.5.29.36"
_INHIBIT_ANY_POLICY = "2.5.29.54"


def check_conformance(state: PathState, certificate: Certificate, position: int) -> None:
    """Criticality, names and CA-only contents of the certificate at ``position``."""
    extensions = certificate.extensions
    if not extensions.critical.isdisjoint(_NEVER_CRITICAL):
        for oid in sorted(extensions.critical & _NEVER_CRITICAL):
            state.fail(reasons.EXTENSION_MUST_NOT_BE_CRITICAL, position, extension=oid)
    check_constraint_criticality(state, extensions, position)
    check_ca_only(state, extensions, position)
    check_subject(state, certificate, position)


def check_constraint_criticality(state: PathState, extensions: CertificateExtensions, position: int) -> None:
    """nameConstraints, policyConstraints, inhibitAnyPolicy are critical (§4.2.1.10, .11, .14).

    They are obeyed here either way; what others may ignore is refused. The legacy profile lets
    the latter two pass, as NIST PKITS has them.
    """
    critical = extensions.critical
    if extensions.name_constraints is not None and _NAME_CONSTRAINTS not in critical:
        state.fail(reasons.EXTENSION_MUST_BE_CRITICAL, position, extension=_NAME_CONSTRAINTS)
    if state.parameters.algorithm_profile == _BEFORE_RFC_5280:
        return
    if extensions.policy_constraints is not None and _POLICY_CONSTRAINTS not in critical:
        state.fail(reasons.EXTENSION_MUST_BE_CRITICAL, position, extension=_POLICY_CONSTRAINTS)
    if extensions.inhibit_any_policy is not None and _INHIBIT_ANY_POLICY not in critical:
        state.fail(reasons.EXTENSION_MUST_BE_CRITICAL, position, extension=_INHIBIT_ANY_POLICY)


def check_ca_only(state: PathState, extensions: CertificateExtensions, position: int) -> None:
    """The keyCertSign bit and nameConstraints stand in CA certificates only (§4.2.1.9, §4.2.1.10)."""
    basic, usage = extensions.basic_constraints, extensions.key_usage
    if basic is not None and basic.ca:
        return
    if usage is not None and KeyUsageBit.KEY_CERT_SIGN in usage and position == 0:
        state.fail(reasons.CERT_SIGN_WITHOUT_CA, position)
    if extensions.name_constraints is not None:
        state.fail(reasons.NAME_CONSTRAINTS_WITHOUT_CA, position)


def check_subject(state: PathState, certificate: Certificate, position: int) -> None:
    """A CA has a subject name; without one the target has critical alternative names (§4.1.2.6)."""
    if certificate.subject.rdns:
        return
    basic = certificate.extensions.basic_constraints
    if position or (basic is not None and basic.ca):
        state.fail(reasons.CA_WITHOUT_SUBJECT, position)
    elif not certificate.extensions.subject_alt_name:
        state.fail(reasons.TARGET_WITHOUT_NAME, position)
    elif "2.5.29.17" not in certificate.extensions.critical:
        state.fail(reasons.ALTERNATIVE_NAME_MUST_BE_CRITICAL, position)
