"""Who may sign an OCSP response about a certificate: RFC 6960 §4.2.2.2."""

from __future__ import annotations

from collections.abc import Iterator

from ca_bridge.core.path.candidate import CandidatePath, ValidatedPath, WorkingKey
from ca_bridge.core.path.dsa import inherited
from ca_bridge.core.path.purposes import EXTENDED_KEY_USAGE_OF
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.path.validation import validate_path
from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.request import KeyUsageBit, Purpose
from ca_bridge.core.revocation.cert_id import hash_of_key
from ca_bridge.core.revocation.inquiry import Inquiry
from ca_bridge.core.revocation.statement import told
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.verdict import Finding, RevocationStatus
from ca_bridge.core.x509.certificate import Certificate, SignedBytes
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.ocsp import OcspResponse

_OCSP_SIGNING = EXTENDED_KEY_USAGE_OF[Purpose.OCSP_SIGNING]
_SIGNING_BITS = frozenset({KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.CONTENT_COMMITMENT})


def responder_problem(
    response: OcspResponse, signed: SignedBytes, subject: Subject, inquiry: Inquiry
) -> Finding | None:
    """None if the issuer of ``subject``, or a responder it named, signed ``response``.

    The responder is the one that ResponderID tells. Raises BudgetExhausted.
    """
    source = f"ocsp:{response.fingerprint}"
    problems: list[Finding] = []
    if _is_named(response, subject.certificate.issuer, subject.issuer_key.spki.key):
        problem = _signature_problem(signed, source, subject.issuer_key, inquiry)
        if problem is None:
            return None
        problems.append(problem)
    for certificate in _candidates(response, inquiry):
        inquiry.charge()
        key = WorkingKey(certificate.spki, inherited(certificate.spki, subject.issuer_key.dsa_parameters))
        problem = _signature_problem(signed, source, key, inquiry)
        if problem is None:
            problem = _delegate_problem(certificate, source, subject, inquiry)
        if problem is None:
            return None
        problems.append(problem)
    if not problems:
        return told(reasons.OCSP_RESPONDER_CERTIFICATE_MISSING, source=source)
    return min(problems, key=lambda f: (f.reason.rank, f.reason.code, f.params))


def is_exempt_responder(certificate: Certificate) -> bool:
    """id-pkix-ocsp-nocheck on a certificate for OCSP signing (RFC 6960 §4.2.2.2.1)."""
    extensions = certificate.extensions
    return extensions.ocsp_nocheck and _OCSP_SIGNING in (extensions.extended_key_usage or ())


def _is_named(response: OcspResponse, name: Name, key: bytes) -> bool:
    if response.responder_name is not None:
        return response.responder_name == name
    return response.responder_key_hash == hash_of_key(key)


def _candidates(response: OcspResponse, inquiry: Inquiry) -> Iterator[Certificate]:
    """Certificates of the responder: those sent along, then those the caller supplied."""
    found: dict[str, Certificate] = {}
    for der in response.certificates:
        try:
            certificate = inquiry.context.trust.pool.certificate(der)
        except Malformed:
            continue
        if _is_named(response, certificate.subject, certificate.spki.key):
            found[certificate.fingerprint] = certificate
    if response.responder_name is not None:
        supplied = inquiry.certificates_of(response.responder_name)
    else:
        supplied = inquiry.supplied_with_key(response.responder_key_hash)
    found.update((c.fingerprint, c) for c in supplied)
    yield from sorted(found.values(), key=lambda c: c.fingerprint)


def _signature_problem(signed: SignedBytes, source: str, key: WorkingKey, inquiry: Inquiry) -> Finding | None:
    problem = inquiry.signature_problem(signed, source, key)
    if problem is None:
        return None
    return told(reasons.OCSP_SIGNATURE_INVALID, source=source, cause=problem.reason.code)


def _delegate_problem(
    certificate: Certificate, source: str, subject: Subject, inquiry: Inquiry
) -> Finding | None:
    """Why a certificate whose key signed the response may not speak for the issuer.

    The issuer has been validated with the certificate asked about and delegates directly, so the
    responder is validated as its subject: policies and names asked of the target are not asked of it.
    """
    if not _is_delegated(certificate, subject, inquiry):
        return told(reasons.OCSP_RESPONDER_NOT_AUTHORIZED, source=source)
    issuer = TrustAnchor(certificate=subject.issuer, enforce_validity=False, enforce_constraints=False)
    path = validate_path(CandidatePath(certificates=(certificate,), anchor=issuer), inquiry.signer_context)
    if not isinstance(path, ValidatedPath):
        cause = max(path, key=lambda f: (f.reason.rank, f.reason.code)).reason.code
        return told(reasons.OCSP_RESPONDER_CERTIFICATE_INVALID, source=source, cause=cause)
    if not _is_trusted_now(path, inquiry):
        return told(reasons.OCSP_RESPONDER_STATUS, source=source)
    return None


def _is_delegated(certificate: Certificate, subject: Subject, inquiry: Inquiry) -> bool:
    """Marked for OCSP signing and issued directly by the key that issued the certificate asked about.

    anyExtendedKeyUsage is not enough (§4.2.2.2); keyUsage must fit where present (RFC 5280 §4.2.1.12).
    """
    extensions = certificate.extensions
    usage = extensions.key_usage
    if _OCSP_SIGNING not in (extensions.extended_key_usage or ()):
        return False
    if usage is not None and usage.isdisjoint(_SIGNING_BITS):
        return False
    if certificate.issuer != subject.certificate.issuer or certificate == subject.issuer:
        return False
    key = subject.issuer_key
    return inquiry.signature_problem(certificate.signed, certificate.fingerprint, key) is None


def _is_trusted_now(path: ValidatedPath, inquiry: Inquiry) -> bool:
    """The responder is not under judgement itself and not revoked; nocheck waives the proof of it."""
    responder = path.certificates[0]
    if not inquiry.may_go_deeper((responder,)):
        return False
    standing = inquiry.standing(Subject(path, 0))
    if is_exempt_responder(responder):
        return standing.status is not RevocationStatus.REVOKED
    return inquiry.accepts(standing)
