"""Issues of a list: each published change has its own number, time and promise of the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ca_bridge.core.recognition.trust_list import TrustList


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemePublisher:
    """What TS 119 612 asks of a scheme operator beside the list (§5.3.5, §5.3.7, §5.3.11).

    ``country`` is ISO 3166-1 alpha-2; addresses are those of the operator, and stand in for providers
    whose own the list does not hold.
    """

    street: str
    locality: str
    country: str
    electronic_address: str
    information_uri: str
    legal_notice_zh: str
    legal_notice_en: str


def next_issue(
    trust_list: TrustList, published: TrustList | None, now: datetime, period: timedelta
) -> TrustList:
    """``trust_list`` as it is to be published at ``now``, to be updated after ``period``.

    The published issue itself while it says the same and half its period is left; else an issue with
    the next number, also for another side's list that is published again.
    """
    issued = now.replace(microsecond=0)
    if published is None:
        number = trust_list.sequence_number
    elif _same_content(trust_list, published) and _has_time_left(published, now):
        return published
    else:
        number = max(published.sequence_number + 1, trust_list.sequence_number)
    return replace(trust_list, sequence_number=number, issued=issued, next_update=issued + period)


def _same_content(one: TrustList, other: TrustList) -> bool:
    return one == replace(
        other, sequence_number=one.sequence_number, issued=one.issued, next_update=one.next_update
    )


def _has_time_left(published: TrustList, now: datetime) -> bool:
    if published.next_update is None:
        return True
    return now < published.issued + (published.next_update - published.issued) / 2
