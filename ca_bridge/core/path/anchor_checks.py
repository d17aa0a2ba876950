"""The trust anchor judged by its own certificate, RFC 5937 §3.2."""

from __future__ import annotations

from ca_bridge.core.path.conformance import check_conformance
from ca_bridge.core.path.next_certificate import narrow_names
from ca_bridge.core.path.purposes import issuer_allows
from ca_bridge.core.path.state import PathState
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text

_VERSION_3 = 3


def check_anchor(state: PathState, anchor: TrustAnchor, position: int) -> None:
    """Validity period and extensions of the anchor, as far as the domain has them enforced.

    Its policies, policy counters and path length are in the initial state already.
    """
    if anchor.enforce_validity:
        check_validity(state, anchor.certificate, position)
    if anchor.enforce_constraints:
        check_issuing(state, anchor.certificate, position)
        check_conformance(state, anchor.certificate, position)
        if anchor.certificate.extensions.name_constraints is not None:
            narrow_names(state, anchor.certificate.extensions.name_constraints, position)


def check_validity(state: PathState, certificate: Certificate, position: int) -> None:
    """The anchor's validity period holds the validation time."""
    time = state.parameters.validation_time
    if time > certificate.not_after and time.replace(microsecond=0) > certificate.not_after:
        state.fail(
            reasons.ANCHOR_EXPIRED,
            position,
            not_after=time_text(certificate.not_after),
            validation_time=time_text(time),
        )
    elif time < certificate.not_before:
        state.fail(
            reasons.ANCHOR_NOT_YET_VALID,
            position,
            not_before=time_text(certificate.not_before),
            validation_time=time_text(time),
        )


def check_issuing(state: PathState, certificate: Certificate, position: int) -> None:
    """The anchor's certificate lets its key issue certificates, for the purpose asked."""
    extensions, purpose = certificate.extensions, state.parameters.purpose
    basic, usage = extensions.basic_constraints, extensions.key_usage
    if certificate.version == _VERSION_3 and not (basic is not None and basic.ca):
        state.fail(reasons.ANCHOR_NOT_A_CA, position)
    if usage is not None and KeyUsageBit.KEY_CERT_SIGN not in usage:
        state.fail(reasons.ANCHOR_MAY_NOT_SIGN_CERTIFICATES, position)
    if not issuer_allows(extensions.extended_key_usage, purpose):
        state.fail(reasons.ANCHOR_PURPOSE_FORBIDDEN, position, purpose=purpose.value)
    for oid in extensions.unknown_critical:
        state.fail(reasons.ANCHOR_UNKNOWN_CRITICAL_EXTENSION, position, extension=oid)
