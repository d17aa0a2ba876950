"""The values a decision is made of: findings, notes, statuses, and the verdict itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.reasons.model import Indication, Reason, SubIndication


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked and did not hold.

    ``position`` counts from the target: 0 = target ... n = the certificate below the
    anchor, n + 1 = the anchor itself; None = the whole path or the request.
    """

    reason: Reason
    position: int | None = None
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A named, harmless deviation that was read, not refused (docs/divergences.md)."""

    code: str
    detail: str = ""


class RevocationStatus(StrEnum):
    """Status of one certificate, RFC 6960 §2.2, and "not_checked" where the rule asks nothing."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """Revocation status of the certificate at ``position`` and what said so.

    ``source`` is "crl:<sha256>", "ocsp:<sha256>", "nocheck", "no_rev_avail" or "none".
    """

    position: int
    status: RevocationStatus
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPath:
    """A candidate that was built and not accepted: fingerprints target first, and why."""

    certificates: tuple[str, ...]
    trust_anchor: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyQualifier:
    """A qualifier that came with an authorities-constrained policy (RFC 5280 §4.2.1.4)."""

    policy: str
    qualifier_id: str
    qualifier_der: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer: passed with a path and no finding, or not passed with at least one finding.

    ``path`` holds SHA-256 fingerprints, target first, anchor left out. When nothing was accepted it is
    the candidate the leading finding speaks of, and ``trust_anchor`` the anchor that one reached, if any.
    """

    findings: tuple[Finding, ...]
    path: tuple[str, ...] = ()
    trust_anchor: str | None = None
    user_constrained_policy_set: tuple[str, ...] = ()
    authorities_constrained_policy_set: tuple[str, ...] = ()
    policy_qualifiers: tuple[PolicyQualifier, ...] = ()
    revocation: tuple[CertificateStatus, ...] = ()
    rejected_paths: tuple[RejectedPath, ...] = ()
    notes: tuple[tuple[int | None, Note], ...] = ()

    def __post_init__(self) -> None:
        """Nothing found wrong is not found right: no path and no finding cannot be said."""
        if not self.findings and (not self.path or self.trust_anchor is None):
            raise ValueError("a verdict needs a path under an anchor, or a finding")

    @property
    def indication(self) -> Indication:
        """TOTAL_PASSED without findings, else what the leading finding's reason says."""
        return self.findings[0].reason.indication if self.findings else Indication.TOTAL_PASSED

    @property
    def sub_indication(self) -> SubIndication | None:
        """Sub-indication of the leading finding; None when passed."""
        return self.findings[0].reason.sub_indication if self.findings else None
