"""The tables of the audit log; ``migrations/`` makes them.

Rows of the first two are only ever added. Whoever may write to the log needs no more than to insert
everywhere and to update log_head.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, String, Table, Text

from ca_bridge.adapters.sql_tables import HASH, ONLY_ROW, metadata
from ca_bridge.adapters.sql_types import UtcTime

POSITION = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of eight bytes; SQLite keeps rows by it only under this name."""

log_entries = Table(
    "log_entries",
    metadata,
    Column("entry_index", POSITION, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("entry_key", String(64), nullable=True, unique=True),
)
"""The leaves, from index 0 on without a gap."""

log_subtrees = Table(
    "log_subtrees",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("node_index", POSITION, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Hashes of the complete subtrees of 2**level leaves, for each eighth level above the leaves."""

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),
)
"""One row: the right edge of the tree. Who appends holds the lock on it."""

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", POSITION, primary_key=True, autoincrement=False),
    Column("note_sha256", HASH, primary_key=True),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signatures", Text, nullable=False),
    Column("time", UtcTime, nullable=False),
)
"""Heads that were signed: the whole note, and the further signatures over its body as JSON."""
