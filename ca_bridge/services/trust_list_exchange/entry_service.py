"""An entry as the service that a reader of TS 119 612 sees: derived, so that the two never differ."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.trust_list import AuthorityPin, TrustListEntry
from ca_bridge.services.trust_list_exchange.listed_service import (
    DEPRECATED_NATIONALLY,
    ISSUING_CA,
    RECOGNISED_NATIONALLY,
    ListedService,
    ServicePeriod,
)


def service_of(entry: TrustListEntry, issued: datetime) -> ListedService:
    """The service of ``entry`` in a list issued at ``issued``.

    The current period begins with the last change that is known: recognition itself, or the end of
    former authorities. What is not ACTIVE is deprecated since its end, or since the list was issued when
    that end is not known. Former authorities without a beginning stand in the conditions alone.
    """
    if entry.status is RecognitionStatus.ACTIVE:
        ends = [row.until for row in entry.history if row.until is not None and row.until <= issued]
        status, since = RECOGNISED_NATIONALLY, max([entry.recognised_from, *ends])
    else:
        status, since = DEPRECATED_NATIONALLY, entry.recognised_until or issued
    former = [
        _period(entry, row.issuers, RECOGNISED_NATIONALLY, row.since)
        for row in entry.history
        if row.since is not None and row.since < since
    ]
    return ListedService(
        provider=(("en", entry.authority),),
        current=_period(entry, entry.issuers, status, since),
        history=tuple(sorted(former, key=lambda period: period.since, reverse=True)),
    )


def _period(
    entry: TrustListEntry, issuers: tuple[AuthorityPin, ...], status: str, since: datetime
) -> ServicePeriod:
    return ServicePeriod(
        service_type=ISSUING_CA,
        names=(("en", entry.title_en), ("zh", entry.title_zh)),
        certificates=frozenset(pin.sha256 for pin in issuers),
        status=status,
        since=since,
    )
