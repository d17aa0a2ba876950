"""Conditions 2 and 3 of a trust-list entry: the root and the issuing CA, now or in the entry's history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.reasons import trust_list as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.lifecycle import is_within
from ca_bridge.core.recognition.rules import ListedEntry
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustListEntry,
    UndatedHistory,
)
from ca_bridge.core.verdict import Finding


def authority_problem(listed: ListedEntry, path: ValidatedPath, at: datetime) -> Finding | None:
    """Why the path's anchor and its target's issuer are not those of the entry at ``at``; None = they are.

    Certificates are compared by fingerprint alone. The issuer's certificate may be the anchor's.
    """
    entry, root = listed.entry, path.anchor.fingerprint
    issuer = path.certificates[1].fingerprint if len(path.certificates) > 1 else root
    if _names(entry.roots, root) and _names(entry.issuers, issuer) and _stand(entry, at):
        return None
    former = [row for row in entry.history if _names(row.roots, root) and _names(row.issuers, issuer)]
    if any(_counts(row, at) for row in former):
        return None
    length = len(path.certificates)
    if former and not any(_is_declared(row) for row in former):
        return _about(listed, reasons.TRUST_LIST_FORMER_UNDATED, length)
    if _names(entry.roots, root) or (former and not _names(entry.issuers, issuer)):
        return _about(listed, _issuer_reason(entry, issuer), min(1, length))
    return _about(listed, _root_reason(entry, root), length)


def _stand(entry: TrustListEntry, at: datetime) -> bool:
    """Whether the present authorities stand in the entry at ``at``: since former ones ended."""
    return all(row.until is None or row.until <= at for row in entry.history)


def _issuer_reason(entry: TrustListEntry, issuer: str) -> Reason:
    known = any(_names(row.issuers, issuer) for row in entry.history)
    return reasons.TRUST_LIST_ISSUER_FORMER if known else reasons.TRUST_LIST_ISSUER_OTHER


def _root_reason(entry: TrustListEntry, root: str) -> Reason:
    known = any(_names(row.roots, root) for row in entry.history)
    return reasons.TRUST_LIST_ROOT_FORMER if known else reasons.TRUST_LIST_ROOT_OTHER


def _counts(row: FormerAuthorities, at: datetime) -> bool:
    """Whether the row was in force at ``at``; a missing end only counts where an operator declared it."""
    return _is_declared(row) and is_within(at, row.since, row.until)


def _is_declared(row: FormerAuthorities) -> bool:
    """Whether both ends are known, or an operator chose that a missing one is no bound."""
    dated = row.since is not None and row.until is not None
    return dated or row.undated is UndatedHistory.ACCEPT


def _names(pins: Iterable[AuthorityPin], fingerprint: str) -> bool:
    return any(pin.sha256 == fingerprint for pin in pins)


def _about(listed: ListedEntry, reason: Reason, position: int) -> Finding:
    return Finding(reason=reason, position=position, params=(("entry", listed.reference),))
