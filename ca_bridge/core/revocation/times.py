"""Times of evidence against the time of validation: only signed times count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.revocation.statement import told
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.ocsp import SingleResponse
from ca_bridge.core.x509.times import time_text

CLOCK_SKEW = timedelta(0)
"""Tolerance on every comparison. None: the time of validation is an argument, not a clock's reading."""

OCSP_MAX_AGE_WITHOUT_NEXT_UPDATE = timedelta(hours=24)
"""RFC 6960 §4.2.2.1 lets a responder leave nextUpdate out, meaning that newer information is always to be
had; how old an answer may then be is local policy. A day: RFC 5019 §6 asks clients to fetch before it
runs out, and the CA/Browser Forum's Baseline Requirements §4.9.10 bound intervals by 8 hours to 10 days."""

COMPROMISE = frozenset({"key_compromise", "ca_compromise", "aa_compromise"})
"""Reasons after which nothing signed before is safe: nobody knows how long the key was in other hands."""


def crl_time_problem(crl: CertificateList, at: datetime) -> Finding | None:
    """Why the CRL is not current at ``at``: thisUpdate <= at <= nextUpdate (RFC 5280 §6.3.3 (a))."""
    source = f"crl:{crl.fingerprint}"
    if crl.this_update > at + CLOCK_SKEW:
        return told(reasons.CRL_NOT_YET_VALID, source=source, this_update=time_text(crl.this_update))
    if crl.next_update is None:
        return told(reasons.CRL_WITHOUT_NEXT_UPDATE, source=source)
    if crl.next_update < _whole_second(at) - CLOCK_SKEW:
        return told(reasons.CRL_STALE, source=source, next_update=time_text(crl.next_update))
    return None


def ocsp_time_problem(single: SingleResponse, source: str, at: datetime) -> Finding | None:
    """Why the response is not current at ``at``: thisUpdate <= at <= nextUpdate (RFC 6960 §4.2.2.1)."""
    if single.this_update > at + CLOCK_SKEW:
        return told(reasons.OCSP_NOT_YET_VALID, source=source, this_update=time_text(single.this_update))
    until = single.next_update
    if until is None:
        until = single.this_update + min(
            OCSP_MAX_AGE_WITHOUT_NEXT_UPDATE, datetime.max.replace(tzinfo=UTC) - single.this_update
        )
    if until < _whole_second(at) - CLOCK_SKEW:
        return told(reasons.OCSP_STALE, source=source, until=time_text(until))
    return None


def holds_at(
    at: datetime, since: datetime, told: datetime, reason: str, invalidity_date: str | None = None
) -> bool:
    """Whether a revocation dated ``since``, which evidence of ``told`` tells of, counts at ``at``.

    One that was both dated and told later does not; the date is the earlier of revocationDate and
    invalidityDate (ISO 8601). A compromise always counts, because nobody can tell when it began.
    What was revoked by the word of evidence already out is revoked, whatever date stands beside
    it (RFC 5280 §6.3.3 asks for none).
    """
    if reason in COMPROMISE or told <= at + CLOCK_SKEW:
        return True
    if invalidity_date is not None:
        since = min(since, datetime.fromisoformat(invalidity_date))
    return since <= at + CLOCK_SKEW


def _whole_second(time: datetime) -> datetime:
    """A signed time lasts to the end of its second."""
    return time.replace(microsecond=0)
