"""What one piece of evidence says of one certificate, and what all of it adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding, RevocationStatus
from ca_bridge.core.x509.extensions import ReasonFlags

HOLD = "certificate_hold"

MAX_TOLD = 8
"""Findings told of one certificate: more of them tell nobody more."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revocation that holds at the time of validation; ``reason`` as in CrlEntryExtensions."""

    reason: str
    since: datetime
    source: str

    @property
    def is_hold(self) -> bool:
        """Whether it may still be taken back (RFC 5280 §5.3.1)."""
        return self.reason == HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One source on one certificate; at most one of ``revocation``, ``cleared`` and ``problem`` is set.

    ``cleared``: reasons for which the source says it is not revoked, as of ``issued`` (thisUpdate).
    ``problem``: why the source, which speaks of the certificate, can't be used. ``hint``: why it does not.
    """

    source: str
    revocation: Revocation | None = None
    cleared: frozenset[str] = frozenset()
    issued: datetime | None = None
    problem: Finding | None = None
    hint: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Status of one certificate: good, revoked (``revocation`` says how) or unknown.

    ``problems`` is not empty when evidence speaks of the certificate and none of it can be used;
    ``hints`` tell why other evidence does not speak of it. Both only when unknown. ``issued``: when the
    newest evidence that says good was issued.
    """

    status: RevocationStatus
    source: str = "none"
    issued: datetime | None = None
    revocation: Revocation | None = None
    problems: tuple[Finding, ...] = ()
    hints: tuple[Finding, ...] = ()


def told(reason: Reason, **params: str) -> Finding:
    """A finding without a position; the certificate it is about is added later."""
    return Finding(reason=reason, params=tuple(sorted(params.items())))


def standing_of(statements: list[Statement]) -> Standing:
    """Revoked wins over good from whatever source; good needs every reason cleared; else unknown.

    A permanent revocation is told before a hold. Order of ``statements`` does not matter.
    """
    revocations = [s.revocation for s in statements if s.revocation is not None]
    if revocations:
        first = min(revocations, key=lambda r: (r.is_hold, r.since, r.source, r.reason))
        return Standing(status=RevocationStatus.REVOKED, source=first.source, revocation=first)
    cleared = frozenset[str]().union(*(s.cleared for s in statements))
    if cleared >= ReasonFlags.ALL:
        best = min((s for s in statements if s.cleared), key=lambda s: (-len(s.cleared), s.source))
        return Standing(status=RevocationStatus.GOOD, source=best.source, issued=_issued(statements))
    problems = {s.problem for s in statements if s.problem is not None}
    if cleared:
        missing = " ".join(sorted(ReasonFlags.ALL - cleared))
        problems.add(told(reasons.CRL_REASONS_NOT_COVERED, reasons=missing))
    return Standing(
        status=RevocationStatus.UNKNOWN,
        problems=in_order(problems),
        hints=in_order(s.hint for s in statements if s.hint is not None),
    )


def _issued(statements: list[Statement]) -> datetime | None:
    """When good was last said: by the newest source for every reason, else by the oldest needed."""
    whole = [s.issued for s in statements if s.cleared >= ReasonFlags.ALL and s.issued is not None]
    if whole:
        return max(whole)
    return min((s.issued for s in statements if s.cleared and s.issued is not None), default=None)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each different finding once, nearest the cause first, at most MAX_TOLD."""
    return tuple(sorted(set(findings), key=lambda f: (-f.reason.rank, f.reason.code, f.params))[:MAX_TOLD])
