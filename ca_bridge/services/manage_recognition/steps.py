"""Taking one step: prove who asks, look at the state, plan, and write it only if nobody came between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ca_bridge.services.manage_recognition.authority import Authority, Proven
from ca_bridge.services.manage_recognition.commands import Proof
from ca_bridge.services.manage_recognition.model import (
    DONE,
    LOCAL,
    RELEASES,
    Account,
    AccountProposal,
    Action,
    Attempt,
    Release,
    Role,
)
from ca_bridge.services.manage_recognition.permissions import acting_role
from ca_bridge.services.manage_recognition.statement import Statement
from ca_bridge.services.policy_documents import PolicyDocuments, canonical_json
from ca_bridge.services.ports import Clock
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import BUSY, UNKNOWN_RELEASE, ReleaseRefused
from ca_bridge.services.release_ports import Commit, Ledger, ReleaseStore, StateMoved

_TRIES = 16
_LONGEST_NAME, _LONGEST_DETAIL = 64, 4000
_SHOWN_PROBLEMS = 5
_HIGHEST = (1 << 31) - 1
_ON_THE_MACHINE = Proven(Account(name=LOCAL, roles=frozenset({Role.OPERATOR})))


def nothing() -> None:
    """Nobody waits before a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command's common part. ``content_sha256`` "" = that of the release as it is.

    ``proof`` None: whoever works on the machine itself, before there are any accounts.
    """

    proof: Proof | None
    action: Action
    subject: str = RELEASES
    number: int = 0
    version: int = 0
    content_sha256: str = ""
    base: int = 0
    effective_from: datetime | None = None
    note: str = ""

    @property
    def account(self) -> str:
        """The account as claimed."""
        return self.proof.account if self.proof else LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a step is planned from: the state as read, the time, and who acts."""

    ledger: Ledger
    now: datetime
    actor: Account
    release: Release | None
    documents_of: Callable[[str], PolicyDocuments | None]
    release_of: Callable[[int], Release | None]

    def asked_release(self, number: int) -> Release:
        """The release the step is about; UNKNOWN_RELEASE."""
        if self.release is None:
            raise ReleaseRefused(UNKNOWN_RELEASE, release=number)
        return self.release

    def content(self, release: Release | None) -> PolicyDocuments:
        """Documents of ``release``; of none, none."""
        found = self.documents_of(release.content_sha256) if release else None
        return found or PolicyDocuments(())


@dataclass(frozen=True, slots=True)
class Planned:
    """The new value of the release, and its content where that may be new."""

    release: Release
    documents: PolicyDocuments | None = None


Plan = Callable[[Situation], Planned]


@dataclass(slots=True)
class _Known:
    """What is known of an attempt when it ends, however it ends."""

    role: str = ""
    proven: Proven | None = None


class StepTaker:
    """Takes steps over a store, and writes down every attempt.

    ``before_commit`` is called when a step is planned and not yet written: tests race there.
    """

    def __init__(
        self,
        store: ReleaseStore,
        clock: Clock,
        authority: Authority,
        before_commit: Callable[[], None] = nothing,
    ) -> None:
        self.store = store
        self.clock = clock
        self._authority = authority
        self._before_commit = before_commit

    def take(self, asked: Asked, plan: Plan) -> Release:
        """The release after the step; ReleaseRefused, recorded, when there is none."""
        planned: list[Release] = []

        def commit(situation: Situation) -> Commit:
            made = plan(situation)
            planned.append(made.release)
            return Commit(
                generation=situation.ledger.generation,
                attempt=done_attempt(asked, situation.now, made.release),
                release=made.release,
                documents=made.documents,
            )

        self.take_commit(asked, commit)
        return planned[-1]

    def take_commit(self, asked: Asked, plan: Callable[[Situation], Commit]) -> Commit:
        """What was written for a step of any subject."""
        for _ in range(_TRIES):
            written = self._try(asked, plan)
            if written is not None:
                return written
        busy = ReleaseRefused(BUSY)
        self.store.record(_refused(asked, self.clock.now(), _Known(), busy))
        raise busy

    def _try(self, asked: Asked, plan: Callable[[Situation], Commit]) -> Commit | None:
        known, now = _Known(), self.clock.now()
        try:
            commit = self._plan(asked, plan, known, now)
        except ReleaseRefused as refused:
            self.store.record(_refused(asked, now, known, refused))
            raise
        self._before_commit()
        try:
            self.store.commit(commit)
        except StateMoved:
            return None
        return commit

    def _plan(
        self, asked: Asked, plan: Callable[[Situation], Commit], known: _Known, now: datetime
    ) -> Commit:
        ledger = self.store.ledger()  # first: whatever changes after it makes the commit fail
        release = self.store.release(asked.number) if asked.subject == RELEASES and asked.number else None
        proven = _ON_THE_MACHINE
        if asked.proof is not None:
            proven = self._authority.prove(asked.proof, statement_of(asked, release), ledger.accounts, now)
        known.proven = proven
        known.role = acting_role(proven.account, asked.action).value
        commit = plan(
            Situation(
                ledger=ledger,
                now=now,
                actor=proven.account,
                release=release,
                documents_of=self.store.documents,
                release_of=self.store.release,
            )
        )
        attempt = replace(commit.attempt, role=known.role, nonce=proven.nonce)
        return replace(commit, attempt=attempt, signature=proven.signature)


def statement_of(asked: Asked, release: Release | None) -> Statement:
    """What is to be signed for a step: as asked, and where that says nothing, as ``release`` is."""
    chosen = asked.effective_from
    if release and asked.action not in (Action.SUBMIT, Action.ROLL_BACK):
        chosen = release.effective_from
    return Statement(
        action=asked.action,
        release=asked.number,
        version=asked.version,
        content_sha256=asked.content_sha256 or (release.content_sha256 if release else ""),
        base=asked.base or (release.base if release else 0),
        effective_from=chosen,
        note=asked.note,
    )


def done_attempt(asked: Asked, now: datetime, after: Release | AccountProposal) -> Attempt:
    """The row of the trail for a step that led to ``after``; role and nonce are filled in later."""
    note = after.note if isinstance(after, Release) else ""
    return Attempt(
        time=now,
        account=asked.account,
        role="",
        action=asked.action,
        subject=asked.subject,
        release=after.number,
        version=after.version,
        content_sha256=after.content_sha256,
        outcome=DONE,
        detail=canonical_json({"state": after.state.value, "note": asked.note or note}),
    )


def _refused(asked: Asked, now: datetime, known: _Known, refused: ReleaseRefused) -> Attempt:
    """What was asked is kept as far as it can be shown: it may be anything."""
    shown = [f"{p.file}:{p.line}: {p.message_en}" for p in refused.problems[:_SHOWN_PROBLEMS]]
    detail = canonical_json(refused.params | ({"problems": shown} if shown else {}))
    return Attempt(
        time=now,
        account=printable(asked.account, _LONGEST_NAME),
        role=known.role,
        action=asked.action,
        subject=asked.subject,
        release=_kept(asked.number),
        version=_kept(asked.version),
        content_sha256=printable(asked.content_sha256, _LONGEST_NAME),
        outcome=refused.refusal.code,
        detail=printable(detail, _LONGEST_DETAIL),
        nonce=known.proven.nonce if known.proven else "",
    )


def _kept(number: int) -> int:
    """``number`` if a store can keep it, else the nearest that it can."""
    return max(0, min(number, _HIGHEST))
