"""The audit log in SQL: one transaction for each append."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from ca_bridge.adapters import sql_log_rows as rows
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log_rows import append_in
from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import NodeMissing
from ca_bridge.core.merkle.proving import NodeSource, consistency_proof, inclusion_proof
from ca_bridge.core.merkle.tiles import TileNodes
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import Appended, KeptNote, LogRow, LogView, Recorded
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

__all__ = ["SqlLog", "append_in"]


class SqlLog:
    """LogStore (services/audit/log_port.py) over a database that upgrade() has been run on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entries: Sequence[NewEntry]) -> Appended:
        """Append all, in order, or none; they are durable when this returns."""
        with self._database.writing() as connection:
            return append_in(connection, entries)

    def head(self) -> CompactRange:
        """Size and right edge of the log."""
        with self._database.reading() as connection:
            return rows.read_head(connection)

    @contextmanager
    def view(self) -> Iterator[LogView]:
        """The log as it is kept at one instant."""
        with self._database.reading() as connection:
            yield SqlLogView(connection)

    def entries(self, start: int, limit: int) -> tuple[LogRow, ...]:
        """At most ``limit`` entries from index ``start`` on, in order."""
        with self._database.reading() as connection:
            return rows.read_rows(connection, max(0, start), limit)

    def leaf_hashes(self, start: int, limit: int) -> tuple[bytes, ...]:
        """At most ``limit`` hashes from leaf ``start`` on, up to the first that is missing."""
        with self._database.reading() as connection:
            return rows.read_hashes(connection, 0, start, limit)

    def by_key(self, key: str) -> Recorded | None:
        """The entry of this key; "" is none."""
        with self._database.reading() as connection:
            return rows.read_by_key(connection, key)

    def save_checkpoint(self, head: SealedHead) -> None:
        """Keep a signed head; once more is no error."""
        with self._database.writing() as connection:
            rows.write_checkpoint(connection, head)

    def checkpoints(self) -> tuple[SealedHead, ...]:
        """All that are kept, the smallest first."""
        with self._database.reading() as connection:
            return tuple(rows.read_checkpoints(connection))

    def latest_checkpoint(self) -> SealedHead | None:
        """The largest, and of these the last signed."""
        with self._database.reading() as connection:
            return rows.read_latest_checkpoint(connection)

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that leaf ``index`` is in the tree of ``size``; NotInLog."""
        if not 0 <= index < size:
            raise NotInLog
        with self._nodes(size) as node:
            return inclusion_proof(index, size, node)

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Proof that the tree of ``second`` leaves adds to that of ``first``; NotInLog."""
        if not 0 <= first <= second:
            raise NotInLog
        with self._nodes(second) as node:
            return consistency_proof(first, second, node)

    @contextmanager
    def _nodes(self, size: int) -> Iterator[NodeSource]:
        """The nodes of a tree of ``size`` leaves, if the log has so many."""
        with self._database.reading() as connection:
            if size > rows.read_head(connection).size:
                raise NotInLog
            try:
                yield TileNodes(lambda level, start, limit: rows.read_hashes(connection, level, start, limit))
            except NodeMissing as error:
                raise StoreDamaged("a hash of the audit log is missing") from error


class SqlLogView:
    """LogView over one connection."""

    keeps_head = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> CompactRange | None:
        """Size and right edge, as they are kept apart; None when they are the edge of no tree."""
        try:
            return rows.read_head(self._connection)
        except StoreDamaged:
            return None

    def rows(self, start: int, limit: int) -> Sequence[LogRow]:
        """At most ``limit`` rows from index ``start`` on, in order, gaps or not."""
        return rows.read_rows(self._connection, start, limit)

    def subtrees(self, level: int, start: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """(index, hash) of stored complete subtrees of 2**level leaves, in order."""
        return rows.read_subtrees(self._connection, level, start, limit)

    def checkpoints(self) -> Iterator[KeptNote]:
        """All that are kept, the smallest first."""
        return rows.read_notes(self._connection)
