"""The store of releases in SQL: one transaction for each step, compare and set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from ca_bridge.adapters import sql_tables as tables
from ca_bridge.adapters.sql_content import (
    read_account_set,
    read_documents,
    write_account_set,
    write_documents,
)
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_release_rows import read_proposals, read_releases, write_proposal, write_release
from ca_bridge.adapters.sql_trail import (
    append_attempt,
    append_step,
    nonce_used,
    read_head,
    read_signatures,
    read_trail,
)
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
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_ports import Commit, Ledger, StateMoved

_HIGHEST, _LAST_ROW = (1 << 31) - 1, (1 << 63) - 1
_APPROVED = tables.releases.c.state == ReleaseState.APPROVED.value
_START = tables.releases.c.effective_from


class SqlReleases:
    """ReleaseStore (services/release_ports.py) over a database that upgrade() has been run on.

    Every method may raise StoreUnavailable, and StoreDamaged when what is stored is not what was written.
    """

    def __init__(self, database: Database, node: str = "node-1") -> None:
        """``node`` is named in the entries of the audit log."""
        self._database = database
        self._node = node

    def ledger(self) -> Ledger:
        """The state as it is, read at one instant."""
        with self._database.reading() as connection:
            accounts, generation = _accounts(connection)
            head = read_releases(connection, _approved().order_by(_START.desc()).limit(1))
            return Ledger(
                generation=generation,
                accounts=accounts,
                head=head[0] if head else None,
                newest_number=connection.scalar(select(func.max(tables.releases.c.number))) or 0,
                newest_proposal=connection.scalar(select(func.max(tables.proposals.c.number))) or 0,
            )

    def release(self, number: int) -> Release | None:
        """The release of this number."""
        if not 0 < number <= _HIGHEST:
            return None
        return self._first(select(tables.releases).where(tables.releases.c.number == number))

    def releases(self, *, before: int, limit: int) -> tuple[Release, ...]:
        """At most ``limit`` releases numbered below ``before``, newest first."""
        number = tables.releases.c.number
        below = max(0, min(before, _HIGHEST))
        query = select(tables.releases).where(number < below).order_by(number.desc())
        return self._read(query.limit(limit))

    def approved(self) -> tuple[Release, ...]:
        """All approved releases, by effective time."""
        return self._read(_approved().order_by(_START))

    def documents(self, sha256: str) -> PolicyDocuments | None:
        """The content of this hash."""
        with self._database.reading() as connection:
            return read_documents(connection, sha256)

    def effective_at(self, instant: datetime) -> Release | None:
        """The approved release with the latest effective time that is not after ``instant``."""
        return self._first(_approved().where(instant >= _START).order_by(_START.desc()).limit(1))

    def next_after(self, instant: datetime) -> Release | None:
        """The approved release with the earliest effective time after ``instant``."""
        return self._first(_approved().where(instant < _START).order_by(_START).limit(1))

    def proposal(self, number: int) -> AccountProposal | None:
        """The proposal of accounts of this number."""
        if not 0 < number <= _HIGHEST:
            return None
        query = select(tables.proposals).where(tables.proposals.c.number == number)
        with self._database.reading() as connection:
            return next(iter(read_proposals(connection, query)), None)

    def proposals(self) -> tuple[AccountProposal, ...]:
        """All proposals of accounts, newest first."""
        query = select(tables.proposals).order_by(tables.proposals.c.number.desc())
        with self._database.reading() as connection:
            return read_proposals(connection, query)

    def nonce_used(self, account: str, nonce: str) -> bool:
        """Whether the trail holds a signature of this account under this nonce."""
        with self._database.reading() as connection:
            return nonce_used(connection, account, nonce)

    def signatures(self, subject: str, number: int) -> tuple[StepSignature, ...]:
        """Signatures of the committed steps of one release or proposal, in order."""
        with self._database.reading() as connection:
            return read_signatures(connection, subject, number)

    def commit(self, commit: Commit) -> TrailEntry:
        """Write the step and its row of the trail; StateMoved when another came first."""
        with self._database.writing() as connection:
            _move(connection, commit.generation)
            if commit.documents is not None:
                write_documents(connection, commit.documents)
            if commit.release is not None:
                write_release(connection, commit.release)
            if commit.proposal is not None:
                write_proposal(connection, commit.proposal)
            if commit.accounts is not None:
                digest = write_account_set(connection, commit.accounts)
                connection.execute(update(tables.state).values(accounts_sha256=digest))
            return append_step(connection, commit.attempt, commit.signature, self._node)

    def record(self, attempt: Attempt) -> TrailEntry:
        """Write a row of the trail and nothing else; a nonce that is used already is left out of it."""
        with self._database.writing() as connection:
            return append_attempt(connection, attempt, self._node)

    def trail(self, *, after: int, limit: int) -> tuple[TrailEntry, ...]:
        """At most ``limit`` rows after sequence number ``after``, in order."""
        with self._database.reading() as connection:
            return read_trail(connection, max(0, min(after, _LAST_ROW)), limit)

    def trail_head(self) -> TrailHead:
        """Count and last hash of the trail."""
        with self._database.reading() as connection:
            return read_head(connection)

    def _read(self, query: Select[Any]) -> tuple[Release, ...]:
        with self._database.reading() as connection:
            return read_releases(connection, query)

    def _first(self, query: Select[Any]) -> Release | None:
        return next(iter(self._read(query)), None)


def _approved() -> Select[Any]:
    return select(tables.releases).where(_APPROVED)


def _accounts(connection: Connection) -> tuple[AccountSet, int]:
    """The set in use, and the generation."""
    query = select(tables.state, tables.account_sets.c.content).outerjoin_from(
        tables.state, tables.account_sets
    )
    row = connection.execute(query).one()
    if row.accounts_sha256 is None:
        return AccountSet(), row.generation
    return read_account_set(row.content, row.accounts_sha256), row.generation


def _move(connection: Connection, seen: int) -> None:
    """The generation is the next one, if it was ``seen``; from here on nobody else can write a step."""
    generation = tables.state.c.generation
    moved = connection.execute(
        update(tables.state).where(generation == seen).values(generation=generation + 1)
    )
    if moved.rowcount != 1:
        raise StateMoved
