"""Changes for validity periods: renewal, waiting, and the time of an act that is proven."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.describe import name_text
from ca_bridge.services.minimal_fix import other_changes as changes
from ca_bridge.services.minimal_fix.making import (
    Changes,
    certificate_name,
    evidence_change,
    later,
    time_change,
)
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.safety import is_told_revoked
from ca_bridge.services.minimal_fix.steps import Renewal, RenewStep


def target_expired(case: Case) -> Changes:
    """The holder renews it, or the act is proven to be from its time."""
    target = case.target
    if target is None or _is_told_revoked(case, target):
        return
    yield from earlier(case, target.not_after)
    yield evidence_change(
        case,
        changes.CERTIFICATE_RENEWED,
        RenewStep(Renewal(target)),
        target,
        issuer=name_text(target.issuer),
        not_after=time_text(target.not_after),
    )


def authority_expired(case: Case) -> Changes:
    """The CA's renewed certificate is sent along, or the act is proven to be from before."""
    authority = _at_finding(case)
    if authority is None or _is_told_revoked(case, authority):
        return
    yield from earlier(case, authority.not_after)
    yield evidence_change(
        case,
        changes.CA_CERTIFICATE_RENEWED,
        RenewStep(Renewal(authority)),
        authority,
        name=certificate_name(authority),
        not_after=time_text(authority.not_after),
    )


def anchor_expired(case: Case) -> Changes:
    """The act is proven to be from before; a new root is a decision of its own, and not judged here."""
    anchor = _at_finding(case)
    if anchor is not None:
        yield from earlier(case, anchor.not_after)


def not_yet_valid(case: Case) -> Changes:
    """Wait until the certificate at the finding is valid."""
    certificate = _at_finding(case)
    if certificate is not None:
        yield from later(case, certificate.not_before)


def earlier(case: Case, time: datetime) -> Changes:
    """To judge the act at ``time``, if that is proven; never to get round a revocation."""
    revoked = any(_is_told_revoked(case, c) for c in case.obstacle.certificates)
    if time < case.at and not revoked:
        yield time_change(case, changes.TIME_EARLIER, time)


def _at_finding(case: Case) -> Certificate | None:
    position = case.finding.position
    return None if position is None else case.certificate(position)


def _is_told_revoked(case: Case, certificate: Certificate) -> bool:
    return is_told_revoked(certificate, case.world.question.evidence, case.judged.domain.trust.pool)
