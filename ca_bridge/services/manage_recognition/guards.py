"""What must hold before a step is taken; each guard refuses with its own reason, and returns nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_time
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Release, Role
from ca_bridge.services.manage_recognition.permissions import is_acting_approver
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import (
    ALREADY_APPROVED_BY_YOU,
    BASE_SUPERSEDED,
    CONTENT_CHANGED,
    EFFECTIVE_TIME_ORDER,
    EFFECTIVE_TIME_PAST,
    LOCK_OUT,
    ROLLBACK_AGREEMENT_EXPIRED,
    ROLLBACK_AGREEMENT_LAPSED,
    SELF_APPROVAL,
    STALE_VERSION,
    ReleaseRefused,
)

_ACTIVE = "active"
_LAPSED = ("suspended", "terminated")


def check_version(version: int, seen: int) -> None:
    """The version that was seen is the one there is."""
    if version != seen:
        raise ReleaseRefused(STALE_VERSION, seen=seen, version=version)


def check_content(sha256: str, seen: str) -> None:
    """The content that was seen is the one there is."""
    if sha256 != seen:
        raise ReleaseRefused(CONTENT_CHANGED, sha256=sha256)


def check_base(base: int, head: Release | None) -> None:
    """A change is made from the newest approved release."""
    newest = head.number if head else 0
    if base != newest:
        raise ReleaseRefused(BASE_SUPERSEDED, base=base, head=newest)


def check_four_eyes(release: Release, actor: Account) -> None:
    """Nobody approves what they wrote, and nobody twice."""
    if actor.name in release.authors:
        raise ReleaseRefused(SELF_APPROVAL, account=actor.name)
    if any(approval.account == actor.name for approval in release.approvals):
        raise ReleaseRefused(ALREADY_APPROVED_BY_YOU, account=actor.name)


def check_effective_time(effective_from: datetime | None, now: datetime, head: Release | None) -> None:
    """The effective time is to come, and after that of the release it follows; None means ``now``."""
    if effective_from is not None and effective_from <= now:
        raise ReleaseRefused(EFFECTIVE_TIME_PAST, effective_from=rfc3339(effective_from))
    start = effective_from or now
    if head is not None and head.effective_from is not None and start <= head.effective_from:
        raise ReleaseRefused(
            EFFECTIVE_TIME_ORDER,
            effective_from=rfc3339(start),
            base=head.number,
            base_from=rfc3339(head.effective_from),
        )


def check_lock_out(accounts: AccountSet, able: Callable[[Account], bool]) -> None:
    """Some author could still write a change of any kind, and enough others approve it.

    ``able`` says whether an account could prove itself under what is to come.
    """
    acting = tuple(account for account in accounts.accounts if account.enabled and able(account))
    approvers = frozenset(account.name for account in acting if is_acting_approver(account))
    authors = tuple(account.name for account in acting if Role.AUTHOR in account.roles)
    needed = max((count for _, count in accounts.rules.required), default=1)
    most = max((len(approvers - {author}) for author in authors), default=0)
    if most < needed:
        raise ReleaseRefused(LOCK_OUT, needed=needed, able=most)


def check_rollback(old: PolicyDocuments, current: PolicyDocuments, number: int, at: datetime) -> None:
    """No agreement that ``old`` holds as active has expired by ``at`` or was ended since."""
    now_by_name = _agreements(current)
    for name, agreement in _agreements(old).items():
        if agreement.get("status") != _ACTIVE:
            continue
        until = agreement.get("effective_until")
        if until is not None and _has_come(until, at):
            raise ReleaseRefused(ROLLBACK_AGREEMENT_EXPIRED, release=number, agreement=name, until=str(until))
        status = now_by_name.get(name, {}).get("status")
        if status in _LAPSED:
            raise ReleaseRefused(ROLLBACK_AGREEMENT_LAPSED, release=number, agreement=name, status=status)


def _agreements(documents: PolicyDocuments) -> dict[str, dict[str, Any]]:
    """Agreements by their identifiers, as far as the documents have the shape of any."""
    rows = (data for name, data in documents.data().items() if name.startswith("agreements/"))
    return {str(row.get("agreement")): row for row in rows if isinstance(row, dict)}


def _has_come(time: Any, at: datetime) -> bool:
    """Whether ``time`` is not after ``at``; one that cannot be read has come."""
    try:
        return read_time("effective_until", time) <= at
    except UnusableQuestion:
        return True
