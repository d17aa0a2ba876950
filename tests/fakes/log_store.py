"""The audit log in memory, and the three stores of it behind one fixture.

A conftest imports the fixtures to have them, and those of tests/fakes/release_stores.py they stand on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import text

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.core.merkle.compact_range import EMPTY, CompactRange
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.proving import NodeSource, consistency_proof, inclusion_proof
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import Appended, KeptNote, LogRow, Recorded
from ca_bridge.services.audit.sealed import SealedHead
from tests.fakes.release_stores import KINDS, SQL_KINDS


class MemoryLog:
    """LogStore."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.data: list[bytes] = []
        self.keys: dict[str, int] = {}
        self.edge = EMPTY
        self.sealed: list[SealedHead] = []

    def append(self, entries: Sequence[NewEntry]) -> Appended:
        with self._lock:
            before, recorded = self.edge, []
            for entry in entries:
                index = next((self.keys[key] for key in entry.keys if key in self.keys), None)
                new = index is None
                if index is None:
                    index = len(self.data)
                    self.data.append(entry.data)
                    if entry.key:
                        self.keys[entry.key] = index
                recorded.append(Recorded(index=index, data=self.data[index], new=new))
            hashes = tuple(map(leaf_hash, self.data[before.size :]))
            self.edge = Growth(before, hashes).after
            return Appended(before=before, after=self.edge, leaf_hashes=hashes, recorded=tuple(recorded))

    def head(self) -> CompactRange:
        return self.edge

    @contextmanager
    def view(self) -> Iterator[MemoryView]:
        yield MemoryView(self)

    def rows(self, start: int, limit: int) -> tuple[LogRow, ...]:
        start = max(0, start)
        part = self.data[start : start + max(0, limit)]
        return tuple(
            LogRow(index=n, data=data, leaf_hash=leaf_hash(data)) for n, data in enumerate(part, start)
        )

    entries = rows

    def leaf_hashes(self, start: int, limit: int) -> tuple[bytes, ...]:
        return tuple(row.leaf_hash for row in self.rows(start, limit))

    def subtrees(self, level: int, start: int, limit: int) -> tuple[tuple[int, bytes], ...]:
        end, node = min(start + limit, len(self.data) >> level), self._node
        return tuple((index, node(level, index)) for index in range(start, end))

    def by_key(self, key: str) -> Recorded | None:
        index = self.keys.get(key)
        return None if index is None else Recorded(index=index, data=self.data[index], new=False)

    def save_checkpoint(self, head: SealedHead) -> None:
        with self._lock:
            if all(one.note != head.note for one in self.sealed):
                self.sealed = sorted([*self.sealed, head], key=lambda one: (one.size, one.time))

    def checkpoints(self) -> tuple[SealedHead, ...]:
        return tuple(self.sealed)

    def latest_checkpoint(self) -> SealedHead | None:
        return self.sealed[-1] if self.sealed else None

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        if not 0 <= index < size <= len(self.data):
            raise NotInLog
        return inclusion_proof(index, size, self._node)

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        if not 0 <= first <= second <= len(self.data):
            raise NotInLog
        return consistency_proof(first, second, self._node)

    @property
    def _node(self) -> NodeSource:
        growth = Growth(EMPTY, map(leaf_hash, self.data))
        return growth._node


class MemoryView:
    """LogView of a MemoryLog."""

    keeps_head = True

    def __init__(self, log: MemoryLog) -> None:
        self.head, self.rows, self.subtrees, self._log = log.head, log.rows, log.subtrees, log

    def checkpoints(self) -> Iterator[KeptNote]:
        return (KeptNote(one.size, one.root, one.note) for one in self._log.sealed)


class OpenedLog(SqlLog):
    """The SQL store, and what tests do past it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        super().__init__(self.database)

    def execute(self, statement: str, **values: Any) -> None:
        """Written past the store, as one who has the database's password can."""
        with self.database.writing() as connection:
            connection.execute(text(statement), values)

    def scalar(self, statement: str, **values: Any) -> Any:
        with self.database.reading() as connection:
            return connection.execute(text(statement), values).scalar()


def open_log(kind: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A new, empty log of ``kind``."""
    if kind == "memory":
        yield MemoryLog()
        return
    if kind == "sqlite":
        file = request.getfixturevalue("tmp_path") / "log.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_file"), file)
        log = OpenedLog(f"sqlite:///{file}")
        yield log
        log.database.close()
        return
    server = request.getfixturevalue("postgresql")
    log = OpenedLog(server.create())
    yield log
    log.database.close()
    server.drop(log.url)


@pytest.fixture(params=KINDS)
def log(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each store in turn."""
    yield from open_log(request.param, request)


@pytest.fixture(params=SQL_KINDS)
def sql_log(request: pytest.FixtureRequest) -> Iterator[OpenedLog]:
    """Each store in SQL in turn."""
    yield from open_log(request.param, request)


@pytest.fixture
def sqlite_log(request: pytest.FixtureRequest) -> Iterator[OpenedLog]:
    """A log in SQLite."""
    yield from open_log("sqlite", request)
