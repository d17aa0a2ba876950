"""The release store in memory: the same compare-and-set as in SQL, under one lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

from ca_bridge.services.manage_recognition.model import (
    AccountProposal,
    AccountSet,
    Attempt,
    Release,
    ReleaseState,
    StepSignature,
    TrailEntry,
    TrailHead,
)
from ca_bridge.services.manage_recognition.trail import EMPTY_TRAIL, linked
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_ports import Commit, Ledger, StateMoved


class MemoryReleases:
    def __init__(self) -> None:
        self._lock = Lock()
        self.generation = 0
        self.rows: dict[int, Release] = {}
        self.contents: dict[str, PolicyDocuments] = {}
        self.account_set = AccountSet()
        self.proposal_rows: dict[int, AccountProposal] = {}
        self.signature_rows: list[tuple[str, int, StepSignature]] = []
        self.entries: list[TrailEntry] = []

    def dump(self) -> Any:
        """Everything but the trail, as values."""
        return (
            self.generation,
            dict(self.rows),
            dict(self.contents),
            self.account_set,
            dict(self.proposal_rows),
            tuple(self.signature_rows),
        )

    def ledger(self) -> Ledger:
        with self._lock:
            approved = self._approved()
            return Ledger(
                generation=self.generation,
                accounts=self.account_set,
                head=approved[-1] if approved else None,
                newest_number=max(self.rows, default=0),
                newest_proposal=max(self.proposal_rows, default=0),
            )

    def release(self, number: int) -> Release | None:
        return self.rows.get(number)

    def releases(self, *, before: int, limit: int) -> tuple[Release, ...]:
        return tuple(self.rows[n] for n in sorted(self.rows, reverse=True) if n < before)[:limit]

    def approved(self) -> tuple[Release, ...]:
        with self._lock:
            return self._approved()

    def _approved(self) -> tuple[Release, ...]:
        rows = (row for row in self.rows.values() if row.state is ReleaseState.APPROVED)
        return tuple(sorted(rows, key=_start))

    def documents(self, sha256: str) -> PolicyDocuments | None:
        return self.contents.get(sha256)

    def effective_at(self, instant: datetime) -> Release | None:
        return next((row for row in reversed(self.approved()) if _start(row) <= instant), None)

    def next_after(self, instant: datetime) -> Release | None:
        return next((row for row in self.approved() if _start(row) > instant), None)

    def proposal(self, number: int) -> AccountProposal | None:
        return self.proposal_rows.get(number)

    def proposals(self) -> tuple[AccountProposal, ...]:
        return tuple(self.proposal_rows[n] for n in sorted(self.proposal_rows, reverse=True))

    def nonce_used(self, account: str, nonce: str) -> bool:
        return any((e.attempt.account, e.attempt.nonce) == (account, nonce) for e in self.entries)

    def signatures(self, subject: str, number: int) -> tuple[StepSignature, ...]:
        return tuple(s for where, n, s in self.signature_rows if (where, n) == (subject, number))

    def commit(self, commit: Commit) -> TrailEntry:
        with self._lock:
            self._check(commit)
            self.generation += 1
            if commit.documents is not None:
                self.contents[commit.documents.sha256] = commit.documents
            if commit.release is not None:
                self.rows[commit.release.number] = commit.release
            if commit.proposal is not None:
                self.proposal_rows[commit.proposal.number] = commit.proposal
            if commit.accounts is not None:
                self.account_set = commit.accounts
            if commit.signature is not None:
                where = (commit.attempt.subject, commit.attempt.release)
                self.signature_rows.append((*where, commit.signature))
            return self._append(commit.attempt)

    def _check(self, commit: Commit) -> None:
        attempt = commit.attempt
        stale = commit.generation != self.generation
        used = bool(attempt.nonce) and self.nonce_used(attempt.account, attempt.nonce)
        for row, rows in ((commit.release, self.rows), (commit.proposal, self.proposal_rows)):
            if row is not None:
                stored = rows.get(row.number)
                stale = stale or row.version != (stored.version if stored else 0) + 1
        starts = {_start(row) for row in self._approved() if row != commit.release}
        release = commit.release
        clash = release is not None and release.state is ReleaseState.APPROVED and _start(release) in starts
        if stale or used or clash:
            raise StateMoved

    def record(self, attempt: Attempt) -> TrailEntry:
        with self._lock:
            used = self.nonce_used(attempt.account, attempt.nonce)
            return self._append(replace(attempt, nonce="") if used else attempt)

    def _append(self, attempt: Attempt) -> TrailEntry:
        self.entries.append(linked(attempt, self._head()))
        return self.entries[-1]

    def trail(self, *, after: int, limit: int) -> tuple[TrailEntry, ...]:
        return tuple(self.entries[after : after + limit])

    def trail_head(self) -> TrailHead:
        return self._head()

    def _head(self) -> TrailHead:
        last = self.entries[-1] if self.entries else None
        return TrailHead(last.sequence, last.sha256) if last else EMPTY_TRAIL


def _start(release: Release) -> datetime:
    assert release.effective_from is not None
    return release.effective_from
