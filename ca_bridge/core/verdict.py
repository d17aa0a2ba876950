"""The values a decision is made of: findings, notes, statuses, and the verdict itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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

    ``source`` is "crl:<sha256>", "ocsp:<sha256>", "nocheck", "no_rev_avail" or "none"; ``issued`` is the
    thisUpdate of that evidence, None without any.
    """

    position: int
    status: RevocationStatus
    source: str
    issued: datetime | None = None


class TrustModel(StrEnum):
    """How trust crosses from one PKI domain to another (RFC 5217 §4, RFC 4158 §1.4)."""

    CROSS_CERTIFICATION = "cross_certification"
    TRUST_LIST = "trust_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionBasis:
    """What lets the relying domain recognise a path under one trust model.

    ``references``: agreements by identifier, or "list/entry"; () for a path within the domain. ``level`` is
    of ``scale``, the relying domain's, and "" where nothing grades the path; ``purposes`` it holds for;
    ``policies`` it holds under, in the relying domain's terms or as the entry names them.
    """

    model: TrustModel
    references: tuple[str, ...] = ()
    level: str = ""
    scale: str = ""
    purposes: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutcome:
    """The answer under one trust model. ``speaks``: some path of it reached an anchor, good or not."""

    model: TrustModel
    indication: Indication
    speaks: bool
    basis: RecognitionBasis | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Which trust model carried a verdict, and what each model said.

    ``disagree``: more than one model speaks of the certificate, and not with one voice.
    """

    carried_by: RecognitionBasis | None
    outcomes: tuple[ModelOutcome, ...]

    @property
    def disagree(self) -> bool:
        """Whether the models that speak differ in passing."""
        said = {o.indication is Indication.TOTAL_PASSED for o in self.outcomes if o.speaks}
        return len(said) > 1


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
    ``basis``: what the relying domain recognised the path by; ``recognition``: every trust model's answer.
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
    basis: RecognitionBasis | None = None
    recognition: Recognition | None = None

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
