"""Status of every certificate of a validated path: RFC 5280 §6.1.3 (a)(3), and the rule that is asked for.

The only maker of StatusCheckedPath. Whatever the rule, but for "none": a certificate that usable
evidence calls revoked is refused; so is one of which evidence speaks that can't be used, unless
other evidence says good. A certificate nobody speaks of is refused only where the rule asks for proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.request import RevocationRule
from ca_bridge.core.revocation.crl_check import crl_statements
from ca_bridge.core.revocation.inquiry import Inquiry
from ca_bridge.core.revocation.ocsp_check import ocsp_hints, ocsp_statements
from ca_bridge.core.revocation.ocsp_responder import is_exempt_responder
from ca_bridge.core.revocation.parsed_evidence import ParsedEvidence
from ca_bridge.core.revocation.statement import Revocation, Standing, standing_of
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.verdict import CertificateStatus, Finding, RevocationStatus
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text

__all__ = ["ParsedEvidence", "StatusCheckedPath", "check_status"]

_OCSP_ACCESS = "1.3.6.1.5.5.7.48.1"
_NO_EVIDENCE = Standing(status=RevocationStatus.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCheckedPath:
    """A validated path whose status evidence satisfies the rule; one status a certificate, target first."""

    path: ValidatedPath
    statuses: tuple[CertificateStatus, ...]


def check_status(
    path: ValidatedPath, evidence: ParsedEvidence, context: Context
) -> StatusCheckedPath | tuple[Finding, ...]:
    """The path with the status of each certificate, or why it is refused (at least one finding).

    The anchor has no status: it is trusted by decision. Raises BudgetExhausted.
    """
    rule = context.parameters.revocation
    if rule is RevocationRule.NONE:
        return _unchecked(path, RevocationStatus.NOT_CHECKED)
    if evidence.is_empty and rule is RevocationRule.IF_AVAILABLE:
        return _unchecked(path, RevocationStatus.UNKNOWN)
    inquiry = Inquiry(context, evidence, path.anchor, _judge)
    statuses: list[CertificateStatus] = []
    findings: list[Finding] = []
    for position, certificate in enumerate(path.certificates):
        standing = _NO_EVIDENCE if evidence.is_empty else inquiry.standing(Subject(path, position))
        exemption = _exemption(certificate) if position == 0 else None
        findings += (
            replace(finding, position=position if finding not in evidence.unreadable else None)
            for finding in _against(standing, position, evidence, rule, exempt=exemption is not None)
        )
        statuses.append(_status(position, standing, exemption))
    if findings:
        return tuple(dict.fromkeys(findings))
    return StatusCheckedPath(path=path, statuses=tuple(statuses))


def _unchecked(path: ValidatedPath, status: RevocationStatus) -> StatusCheckedPath:
    return StatusCheckedPath(path=path, statuses=_same_for_all(len(path.certificates), status))


@lru_cache(maxsize=64)
def _same_for_all(length: int, status: RevocationStatus) -> tuple[CertificateStatus, ...]:
    return tuple(CertificateStatus(position=i, status=status, source="none") for i in range(length))


def _judge(inquiry: Inquiry, subject: Subject) -> Standing:
    """All evidence is heard before the answer: revoked wins over good whoever spoke first."""
    return standing_of([*crl_statements(subject, inquiry), *ocsp_statements(subject, inquiry)])


def _against(
    standing: Standing, position: int, evidence: ParsedEvidence, rule: RevocationRule, *, exempt: bool
) -> tuple[Finding, ...]:
    """What stands against relying on a certificate of this standing under ``rule``."""
    if standing.revocation is not None:
        return (_revoked(standing.revocation, position),)
    if standing.status is RevocationStatus.GOOD or exempt:
        return ()
    problems = (*standing.problems, *evidence.unreadable)
    required = rule is RevocationRule.REQUIRE_ALL or (rule is RevocationRule.REQUIRE_TARGET and position == 0)
    if not required or standing.problems:
        return problems
    missing = Finding(reason=reasons.REVOCATION_EVIDENCE_MISSING)
    return (*problems, *standing.hints, *ocsp_hints(evidence), missing)


def _revoked(revocation: Revocation, position: int) -> Finding:
    target = (reasons.TARGET_ON_HOLD, reasons.TARGET_REVOKED)
    authority = (reasons.CA_ON_HOLD, reasons.CA_REVOKED)
    reason = (authority if position else target)[not revocation.is_hold]
    return Finding(
        reason=reason,
        params=(
            ("reason", revocation.reason),
            ("since", time_text(revocation.since)),
            ("source", revocation.source),
        ),
    )


def _exemption(target: Certificate) -> str | None:
    """Why the target needs no proof of its status (RFC 9608 §4), as a source; None = it does."""
    extensions = target.extensions
    if is_exempt_responder(target):
        return "nocheck"
    has_source = (
        extensions.crl_distribution_points
        or extensions.freshest_crl
        or any(access.method == _OCSP_ACCESS for access in extensions.authority_info_access)
    )
    basic = extensions.basic_constraints
    is_ca = basic is not None and basic.ca
    return "no_rev_avail" if extensions.no_rev_avail and not has_source and not is_ca else None


def _status(position: int, standing: Standing, exemption: str | None) -> CertificateStatus:
    if standing.status is RevocationStatus.UNKNOWN and exemption is not None:
        return CertificateStatus(position=position, status=RevocationStatus.NOT_CHECKED, source=exemption)
    return CertificateStatus(
        position=position, status=standing.status, source=standing.source, issued=standing.issued
    )
