"""Rows of the audit log, written and read over a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, LargeBinary, cast, select
from sqlalchemy.dialects import postgresql, sqlite

from ca_bridge.adapters import sql_log_tables as tables
from ca_bridge.adapters.sql_tables import ONLY_ROW
from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import OutsideTree
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import HASH_BYTES, leaf_hash
from ca_bridge.core.merkle.tiles import TILE_LEVELS
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.log_port import Appended, KeptNote, LogRow, Recorded
from ca_bridge.services.audit.sealed import SealedHead, StatementSignature
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

FIRST, LAST = -1 << 63, (1 << 63) - 1
_AT_ONCE = 500
"""Checkpoints fetched together."""
_SQLITE = "sqlite"
_KEYED_SQLITE = (
    "SELECT entry_key, CAST(entry_index AS INTEGER), CAST(data AS BLOB) FROM log_entries"
    " WHERE entry_key IN (SELECT value FROM json_each(?))"
)
_KEYED_POSTGRESQL = "SELECT entry_key, entry_index, data FROM log_entries WHERE entry_key = ANY(%s)"
_ENTRY = "INSERT INTO log_entries (entry_index, data, leaf_hash, entry_key) VALUES (?, ?, ?, ?)"
_SUBTREE = "INSERT INTO log_subtrees (level, node_index, hash) VALUES (?, ?, ?)"
_BLANK_LINE = "\n\n"
_HEAD = "UPDATE log_head SET size = ?, hashes = ? WHERE id = 1"
_SIGNATURE = ("form", "key_id", "algorithm", "value")
_ENTRIES, _SUBTREES, _CHECKPOINTS = tables.log_entries.c, tables.log_subtrees.c, tables.log_checkpoints.c


def append_in(connection: Connection, entries: Sequence[NewEntry]) -> Appended:
    """Append in the transaction of ``connection``, which has to be one of Database.writing().

    The head of the log is locked until that transaction ends: do everything else before. Entries whose
    keys the log has, or that come twice, are not appended; the first one is given back.
    """
    before = _read_head(connection, lock=True)
    known = _by_keys(connection, [key for entry in entries for key in entry.keys])
    recorded: list[Recorded] = []
    new: list[NewEntry] = []
    for entry in entries:
        found = next((known[key] for key in entry.keys if key in known), None)
        if found is None:
            found = Recorded(index=before.size + len(new), data=entry.data, new=True)
            new.append(entry)
            if entry.key:
                known[entry.key] = Recorded(index=found.index, data=found.data, new=False)
        recorded.append(found)
    hashes = tuple(leaf_hash(entry.data) for entry in new)
    growth = Growth(before, hashes)
    if new:
        _write(connection, new, hashes, growth)
    return Appended(before=before, after=growth.after, leaf_hashes=hashes, recorded=tuple(recorded))


def _write(connection: Connection, new: Sequence[NewEntry], hashes: Sequence[bytes], growth: Growth) -> None:
    before, after = growth.before, growth.after
    rows = [
        (index, entry.data, one, entry.key or None)
        for index, (entry, one) in enumerate(zip(new, hashes, strict=True), start=before.size)
    ]
    connection.exec_driver_sql(_sql(connection, _ENTRY), rows)
    subtrees = [
        (level, index, one)
        for level in range(TILE_LEVELS, after.size.bit_length(), TILE_LEVELS)
        for index, one in growth.completed(level)
    ]
    if subtrees:
        connection.exec_driver_sql(_sql(connection, _SUBTREE), subtrees)
    connection.exec_driver_sql(_sql(connection, _HEAD), (after.size, b"".join(after.hashes)))


def read_head(connection: Connection) -> CompactRange:
    """Size and right edge as the row apart has them; StoreDamaged when that is the edge of no tree."""
    return _read_head(connection, lock=False)


def read_rows(connection: Connection, start: int, limit: int) -> tuple[LogRow, ...]:
    """At most ``limit`` rows from index ``start`` on, in order, gaps or not."""
    columns = (
        cast(_ENTRIES.entry_index, BigInteger),
        cast(_ENTRIES.data, LargeBinary),
        cast(_ENTRIES.leaf_hash, LargeBinary),
        _octets(connection, _ENTRIES.entry_key),
    )
    query = select(*columns).where(_ENTRIES.entry_index >= _bound(start)).order_by(_ENTRIES.entry_index)
    found = connection.execute(query.limit(max(0, limit)))
    return tuple(LogRow(index=row[0], data=row[1], leaf_hash=row[2], key=_text(row[3])) for row in found)


def read_subtrees(
    connection: Connection, level: int, start: int, limit: int
) -> tuple[tuple[int, bytes], ...]:
    """(index, hash) of at most ``limit`` nodes from index ``start`` on, in order; level 0 are the leaves."""
    leaves = level == 0
    index, digest = (
        (_ENTRIES.entry_index, _ENTRIES.leaf_hash) if leaves else (_SUBTREES.node_index, _SUBTREES.hash)
    )
    query = select(cast(index, BigInteger), cast(digest, LargeBinary)).where(index >= max(0, _bound(start)))
    if not leaves:
        query = query.where(_SUBTREES.level == level)
    return tuple((row[0], row[1]) for row in connection.execute(query.order_by(index).limit(max(0, limit))))


def read_hashes(connection: Connection, level: int, start: int, limit: int) -> tuple[bytes, ...]:
    """Hashes from index ``start`` on, up to the first that is missing."""
    rows = read_subtrees(connection, level, start, limit)
    return tuple(digest for at, (index, digest) in enumerate(rows, start=start) if index == at)


def read_by_key(connection: Connection, key: str) -> Recorded | None:
    """The entry of this key; "" is none."""
    return _by_keys(connection, [key] if key else []).get(key)


def write_checkpoint(connection: Connection, head: SealedHead) -> None:
    """Keep ``head``; once more is no error."""
    signatures = [{name: getattr(one, name) for name in _SIGNATURE} for one in head.signatures]
    values = {
        "size": head.size,
        "note_sha256": sha256(head.note.encode()).hexdigest(),
        "root": head.root,
        "note": head.note,
        "signatures": json.dumps(signatures, separators=(",", ":")),
        "time": head.time,
    }
    of = sqlite if connection.dialect.name == _SQLITE else postgresql
    connection.execute(of.insert(tables.log_checkpoints).values(values).on_conflict_do_nothing())


def read_checkpoints(connection: Connection) -> Iterator[SealedHead]:
    """All, the smallest first, and of one size in the order of their times."""
    order = (_CHECKPOINTS.size, _CHECKPOINTS.time, _CHECKPOINTS.note_sha256)
    query = select(*_checkpoint_row(connection), _CHECKPOINTS.time).order_by(*order)
    with _of_its_type():
        for row in connection.execute(query).yield_per(_AT_ONCE):
            yield _sealed(row)


def read_notes(connection: Connection) -> Iterator[KeptNote]:
    """The notes of all, the smallest first."""
    order = (_CHECKPOINTS.size, _CHECKPOINTS.note_sha256)
    rows = connection.execute(select(*_checkpoint_row(connection)).order_by(*order)).yield_per(_AT_ONCE)
    return (KeptNote(size=row.size or 0, root=row.root or b"", note=_text(row.note)) for row in rows)


def read_latest_checkpoint(connection: Connection) -> SealedHead | None:
    """The last of read_checkpoints."""
    order = (_CHECKPOINTS.size.desc(), _CHECKPOINTS.time.desc(), _CHECKPOINTS.note_sha256.desc())
    query = select(*_checkpoint_row(connection), _CHECKPOINTS.time).order_by(*order).limit(1)
    with _of_its_type():
        row = connection.execute(query).first()
        return None if row is None else _sealed(row)


@contextmanager
def _of_its_type() -> Iterator[None]:
    """What SQLite keeps as a time may be none, and any column a value of another type."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise StoreDamaged("a checkpoint cannot be read") from error


def _checkpoint_row(connection: Connection) -> tuple[ColumnElement[Any], ...]:
    """What SQLite gives back is of the column's type only when asked to be so."""
    return (
        cast(_CHECKPOINTS.size, BigInteger).label("size"),
        cast(_CHECKPOINTS.root, LargeBinary).label("root"),
        _octets(connection, _CHECKPOINTS.note).label("note"),
        _octets(connection, _CHECKPOINTS.signatures).label("signatures"),
    )


def _read_head(connection: Connection, *, lock: bool) -> CompactRange:
    table = tables.log_head
    columns = cast(table.c.size, BigInteger), cast(table.c.hashes, LargeBinary)
    query = select(*columns).where(table.c.id == ONLY_ROW)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None or None in row:
        raise StoreDamaged("the head of the audit log is gone")
    size, octets = row
    parts = (octets[at : at + HASH_BYTES] for at in range(0, len(octets), HASH_BYTES))
    try:
        return CompactRange(size, tuple(parts))
    except OutsideTree as error:
        raise StoreDamaged("the head of the audit log is that of no tree") from error


def _by_keys(connection: Connection, keys: Sequence[str]) -> dict[str, Recorded]:
    if not keys:
        return {}
    if connection.dialect.name == _SQLITE:
        rows = connection.exec_driver_sql(_KEYED_SQLITE, (json.dumps(keys),))
    else:
        rows = connection.exec_driver_sql(_KEYED_POSTGRESQL, (list(keys),))
    return {key: Recorded(index=index, data=data, new=False) for key, index, data in rows}


def _sealed(row: Any) -> SealedHead:
    """The head as it is kept, right or wrong: checking it is for who relies on it."""
    note = _text(row.note)
    return SealedHead(
        size=int(row.size),
        root=bytes(row.root),
        body=f"{note.rpartition(_BLANK_LINE)[0]}\n".encode(),
        note=note,
        signatures=_signatures(_text(row.signatures)),
        time=row.time,
    )


def _signatures(text: str) -> tuple[StatementSignature, ...]:
    """Those that are kept beside the note; none when they cannot be read, for receipts carry their own."""
    try:
        rows = [{name: one[name] for name in _SIGNATURE} for one in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return ()
    return tuple(StatementSignature(**row) for row in rows)


def _sql(connection: Connection, statement: str) -> str:
    """``statement`` with the marks of the driver's parameters."""
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")


def _octets(connection: Connection, column: Column[str]) -> ColumnElement[Any]:
    """A text column as octets where it may hold any: in SQLite."""
    return cast(column, LargeBinary) if connection.dialect.name == _SQLITE else column


def _text(value: bytes | str | None) -> str:
    """What _octets() gives, as text; no value is an empty one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def _bound(start: int) -> int:
    return max(FIRST, min(start, LAST))
