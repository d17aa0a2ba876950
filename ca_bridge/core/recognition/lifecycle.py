"""What is in force when: intervals hold their first instant and not their last."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.recognition.agreement import Agreement, RecognitionStatus
from ca_bridge.core.recognition.domain import PrincipalCa
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.times import time_text


def is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    """Whether ``at`` lies in [since, until); None is no bound."""
    return (since is None or since <= at) and (until is None or at < until)


def agreement_problem(agreement: Agreement, at: datetime) -> Finding | None:
    """Why the agreement, not a draft, does not count at ``at``; None = it is in force."""
    name = ("agreement", agreement.identifier)
    if agreement.status is RecognitionStatus.SUSPENDED:
        return Finding(reason=reasons.AGREEMENT_SUSPENDED, params=(name,))
    if agreement.status is RecognitionStatus.TERMINATED:
        return Finding(reason=reasons.AGREEMENT_TERMINATED, params=(name,))
    if at < agreement.effective_from:
        params = (name, ("effective_from", time_text(agreement.effective_from)))
        return Finding(reason=reasons.AGREEMENT_NOT_YET_EFFECTIVE, params=params)
    if agreement.effective_until is not None and at >= agreement.effective_until:
        params = (name, ("effective_until", time_text(agreement.effective_until)))
        return Finding(reason=reasons.AGREEMENT_EXPIRED, params=params)
    return None


def licence_problem(authority: PrincipalCa, at: datetime, position: int) -> Finding | None:
    """Why the authority's licence, where one is recorded, does not cover ``at``."""
    licence = authority.licence
    if licence is None or is_within(at, licence.not_before, licence.not_after):
        return None
    who = (("authority", authority.identifier), ("licence", licence.number))
    if licence.not_after is None or at < licence.not_before:
        params = (*who, ("not_before", time_text(licence.not_before)))
        return Finding(reason=reasons.LICENCE_NOT_YET_VALID, position=position, params=params)
    params = (*who, ("not_after", time_text(licence.not_after)))
    return Finding(reason=reasons.LICENCE_EXPIRED, position=position, params=params)
