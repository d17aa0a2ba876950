"""A list that came from outside, its signature verified: may it replace the one that is stored?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.trust_list_exchange.changes import Change, changes
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused, malformed
from ca_bridge.services.trust_list_exchange.plain_data import (
    content_sha256,
    document_name,
    read_trust_list,
    trust_list_data,
)

_CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A list that may be proposed: what it changes, and the document for a draft release.

    Nothing is in force by this: ``documents`` go through the same approval as any change, and are empty
    when the very same issue is stored already.
    """

    trust_list: TrustList
    changes: tuple[Change, ...]
    documents: Mapping[str, Any]


def import_list(
    trust_list: TrustList, stored: TrustList | None, now: datetime, *, identifier: str | None = None
) -> Imported:
    """What importing ``trust_list`` over ``stored`` (None = never seen) at ``now`` would change.

    TrustListRefused: OTHER_LIST unless it is ``identifier`` and of the stored list's territory and
    operator; REPLAYED, SEQUENCE_REUSED by its number; STALE and ISSUED_IN_FUTURE by its times.
    """
    _same("trust_list", identifier or trust_list.identifier, trust_list.identifier)
    if stored is not None:
        _same("trust_list", stored.identifier, trust_list.identifier)
        _same("territory", stored.territory, trust_list.territory)
        _same("scheme_operator", stored.scheme_operator, trust_list.scheme_operator)
    _fresh(trust_list, now)
    if stored is not None and not _newer(trust_list, stored):
        return Imported(trust_list=trust_list, changes=(), documents={})
    return Imported(
        trust_list=trust_list,
        changes=changes(stored, trust_list),
        documents={document_name(trust_list.identifier): trust_list_data(trust_list)},
    )


def import_page(entries: Sequence[Mapping[str, Any]], stored: TrustList, now: datetime) -> Imported:
    """What entries transcribed from a page would change in ``stored``: nobody signed them.

    They replace entries of the same identifier, whose conditions they keep, since a page has none, and
    are added after the others. The issue is the next one, by the operator, without a promise of another.
    TrustListRefused (MALFORMED) when anything in them is wrong.
    """
    data = trust_list_data(stored) | {"sequence_number": stored.sequence_number + 1, "issued": time_text(now)}
    data.pop("next_update", None)
    rows = {row["entry"]: row for row in data.get("entries", [])}
    named = [entry["entry"] for entry in entries]
    if len(set(named)) < len(named):
        raise malformed("entry", "stands twice on the page")
    for entry in entries:
        limits = rows.get(entry["entry"], {}).get("conditions")
        rows[entry["entry"]] = dict(entry) if limits is None else {**entry, "conditions": limits}
    trust_list = read_trust_list(data | {"entries": list(rows.values())})
    return Imported(
        trust_list=trust_list,
        changes=changes(stored, trust_list),
        documents={document_name(trust_list.identifier): trust_list_data(trust_list)},
    )


def _same(element: str, expected: str, found: str) -> None:
    if expected != found:
        raise TrustListRefused(ExchangeCode.OTHER_LIST, element=element, expected=expected, found=found)


def _fresh(trust_list: TrustList, now: datetime) -> None:
    if trust_list.next_update is not None and trust_list.next_update <= now:
        raise TrustListRefused(ExchangeCode.STALE, next_update=time_text(trust_list.next_update))
    if trust_list.issued > now + _CLOCK_TOLERANCE:
        raise TrustListRefused(
            ExchangeCode.ISSUED_IN_FUTURE, issued=time_text(trust_list.issued), now=time_text(now)
        )


def _newer(trust_list: TrustList, stored: TrustList) -> bool:
    """Whether it is a later issue; False = the very issue that is stored."""
    found, known = trust_list.sequence_number, stored.sequence_number
    if found < known:
        raise TrustListRefused(ExchangeCode.REPLAYED, found=str(found), stored=str(known))
    if found > known:
        return True
    if content_sha256(trust_list) != content_sha256(stored):
        raise TrustListRefused(ExchangeCode.SEQUENCE_REUSED, found=str(found))
    return False
