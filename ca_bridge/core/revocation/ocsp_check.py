"""What the OCSP responses at hand say of one certificate: RFC 6960 §3.2."""

from __future__ import annotations

from collections.abc import Iterator

from ca_bridge.core.budget import Resource
from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.revocation.cert_id import is_about
from ca_bridge.core.revocation.inquiry import Inquiry
from ca_bridge.core.revocation.ocsp_responder import responder_problem
from ca_bridge.core.revocation.parsed_evidence import Answer, ParsedEvidence
from ca_bridge.core.revocation.statement import Revocation, Statement, in_order, told
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.revocation.times import holds_at, ocsp_time_problem
from ca_bridge.core.verdict import Finding, RevocationStatus
from ca_bridge.core.x509.extensions import ReasonFlags
from ca_bridge.core.x509.ocsp import OcspResponse, SingleResponse


def ocsp_statements(subject: Subject, inquiry: Inquiry) -> Iterator[Statement]:
    """One statement for each SingleResponse about the certificate. Raises BudgetExhausted."""
    signers: dict[str, Finding | None] = {}
    for answer in inquiry.evidence.answers_for(subject.certificate.serial_number):
        inquiry.context.budget.spend(Resource.NAME_COMPARISONS)
        if is_about(answer[2].cert_id, subject):
            yield _of_single(answer, subject, inquiry, signers)


def ocsp_hints(evidence: ParsedEvidence) -> tuple[Finding, ...]:
    """Why responses say nothing of a certificate that none is about: errors, other certificates."""
    return in_order(
        told(reasons.OCSP_RESPONDER_ERROR, status=response.response_status)
        if response.signed is None
        else told(reasons.OCSP_NO_MATCHING_RESPONSE, source=f"ocsp:{response.fingerprint}")
        for response in evidence.ocsp_responses
    )


def _of_single(
    answer: Answer, subject: Subject, inquiry: Inquiry, signers: dict[str, Finding | None]
) -> Statement:
    """Revoked for good counts on a stale response too; good and on hold only on a current one.

    ``signers`` keeps what is wrong with the signer of each response, by its source.
    """
    response, signed, single = answer
    source, at = f"ocsp:{response.fingerprint}", inquiry.context.parameters.validation_time
    revocation = _revocation(single, source)
    if revocation is not None and not holds_at(at, revocation.since, single.this_update, revocation.reason):
        revocation = None
    flaw = _flaw(response, single, source, inquiry)
    if flaw is not None and (revocation is None or revocation.is_hold):
        return Statement(source=source, problem=flaw)
    if source not in signers:
        signers[source] = responder_problem(response, signed, subject, inquiry)
    problem = signers[source]
    if problem is not None:
        return Statement(source=source, problem=problem)
    if revocation is not None:
        return Statement(source=source, revocation=revocation)
    return Statement(source=source, cleared=ReasonFlags.ALL, issued=single.this_update)


def _revocation(single: SingleResponse, source: str) -> Revocation | None:
    """Revoked, with its time; a response that leaves the time out counts from its own."""
    if single.status is not RevocationStatus.REVOKED:
        return None
    since = single.this_update if single.revocation_time is None else single.revocation_time
    return Revocation(single.revocation_reason or "unspecified", since, source)


def _flaw(response: OcspResponse, single: SingleResponse, source: str, inquiry: Inquiry) -> Finding | None:
    """Why the response says nobody is good: unknown, critical extensions (§4.4), times (§4.2.2.1)."""
    if single.status is RevocationStatus.UNKNOWN:
        return told(reasons.OCSP_STATUS_UNKNOWN, source=source)
    if response.unknown_critical or single.unknown_critical:
        return told(reasons.OCSP_UNKNOWN_CRITICAL_EXTENSION, source=source)
    return ocsp_time_problem(single, source, inquiry.context.parameters.validation_time)
