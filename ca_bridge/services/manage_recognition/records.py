"""Looking at releases and their trail; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.services.manage_recognition.changes import DocumentChange, change_kinds, document_changes
from ca_bridge.services.manage_recognition.model import (
    RELEASES,
    ChangeKind,
    Release,
    ReleaseState,
    StepSignature,
    TrailEntry,
)
from ca_bridge.services.manage_recognition.standing import state_at
from ca_bridge.services.manage_recognition.trail import first_broken
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.release_errors import UNKNOWN_RELEASE, ReleaseRefused
from ca_bridge.services.release_ports import ReleaseStore

_PAGE = 500
_BEYOND_ALL = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class ReleaseDifference:
    """How a release differs from its base, and how many approvers that asks for."""

    base: int
    changes: tuple[DocumentChange, ...]
    kinds: frozenset[ChangeKind]
    approvers_needed: int


class ReleaseRecords:
    """Readings of the store; each is of the state at the time it is asked."""

    def __init__(self, store: ReleaseStore) -> None:
        self._store = store

    def release(self, number: int) -> Release:
        """The release of this number; UNKNOWN_RELEASE."""
        found = self._store.release(number) if 0 < number <= _BEYOND_ALL else None
        if found is None:
            raise ReleaseRefused(UNKNOWN_RELEASE, release=number)
        return found

    def releases(self, *, before: int = _BEYOND_ALL, limit: int = 100) -> tuple[Release, ...]:
        """At most ``limit`` releases (and no more than 500) numbered below ``before``, newest first."""
        return self._store.releases(before=before, limit=max(1, min(limit, _PAGE)))

    def documents(self, release: Release | None) -> PolicyDocuments:
        """Content of ``release``; of none, none."""
        found = self._store.documents(release.content_sha256) if release else None
        return found or PolicyDocuments(())

    def difference(self, number: int, against: int | None = None) -> ReleaseDifference:
        """How the release differs from its base, or from release ``against`` (0 = from nothing)."""
        release = self.release(number)
        base = release.base if against is None else against
        before = self.documents(self.release(base) if base else None)
        after = self.documents(release)
        kinds = change_kinds(before, after)
        needed = self._store.ledger().accounts.rules.needed(kinds)
        return ReleaseDifference(base, document_changes(before, after), kinds, needed)

    def state(self, release: Release, instant: datetime) -> ReleaseState:
        """State of ``release`` at ``instant``: effective, superseded and rolled back included."""
        return state_at(release, self._store.approved(), instant)

    def states(self, releases: Iterable[Release], instant: datetime) -> tuple[ReleaseState, ...]:
        """State of each of ``releases`` at ``instant``."""
        approved = self._store.approved()
        return tuple(state_at(release, approved, instant) for release in releases)

    def effective_at(self, instant: datetime) -> Release | None:
        """The one release in force at ``instant``; None before the first."""
        return self._store.effective_at(instant)

    def shadow_at(self, instant: datetime) -> Release | None:
        """The approved release that comes into force next after ``instant``."""
        return self._store.next_after(instant)

    def signatures(self, number: int) -> tuple[StepSignature, ...]:
        """Signatures of the steps of a release, for an auditor to check again."""
        return self._store.signatures(RELEASES, self.release(number).number)

    def trail(self, *, after: int = 0, limit: int = _PAGE) -> tuple[TrailEntry, ...]:
        """At most ``limit`` rows (and no more than 500) of the audit trail after row ``after``."""
        return self._store.trail(after=after, limit=max(1, min(limit, _PAGE)))

    def newest(self, limit: int = _PAGE) -> tuple[TrailEntry, ...]:
        """At most ``limit`` rows at the trail's end, in order."""
        return self._store.trail(after=max(0, self._store.trail_head().count - limit), limit=limit)

    def first_broken_row(self) -> int | None:
        """Sequence number of the first row of the trail that was altered or is missing; None = none."""
        head = self._store.trail_head()
        return first_broken(self._all_rows(head.count), head)

    def _all_rows(self, count: int) -> Iterator[TrailEntry]:
        """Rows up to the head that was read; those written since are left for another time."""
        after, page = 0, self._store.trail(after=0, limit=_PAGE)
        while page:
            yield from (entry for entry in page if entry.sequence <= count)
            after = page[-1].sequence
            page = self._store.trail(after=after, limit=_PAGE) if after < count else ()


def release_id(release: Release) -> ReleaseId:
    """The id that answers name the release by."""
    return ReleaseId(release.number, release.content_sha256)
