"""What no store would write: the check names it, ends, and does so soon."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from ca_bridge.adapters.sql_log_rows import append_in, read_head, write_checkpoint
from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from tests.audit.log_values import Ed25519Seal, entries
from tests.audit.test_verification import faults, filled
from tests.fakes.log_store import OpenedLog

GARBAGE: list[tuple[str, list[tuple[str, int, int]]]] = [
    (
        "UPDATE log_checkpoints SET note = CAST(x'ff' AS TEXT) WHERE size = 300",
        [("CHECKPOINT_FORGED", 300, 300)],
    ),
    ("UPDATE log_checkpoints SET note = x'ff00' WHERE size = 300", [("CHECKPOINT_FORGED", 300, 300)]),
    ("UPDATE log_checkpoints SET size = -5 WHERE size = 300", [("CHECKPOINT_FORGED", -5, -5)]),
    ("UPDATE log_checkpoints SET size = 'zz' WHERE size = 300", [("CHECKPOINT_FORGED", 0, 0)]),
    ("UPDATE log_checkpoints SET root = 'zz' WHERE size = 300", [("CHECKPOINT_FORGED", 300, 300)]),
    ("INSERT INTO log_subtrees VALUES (8, 'x', x'00')", [("SUBTREE_ALTERED", 8, 0)]),
    ("INSERT INTO log_subtrees VALUES (8, 1.5, x'00')", [("SUBTREE_ALTERED", 8, 1)]),
    ("INSERT INTO log_subtrees VALUES ('y', -1, x'00')", []),
    ("UPDATE log_subtrees SET hash = 'abc' WHERE node_index = 1", [("SUBTREE_ALTERED", 8, 1)]),
    ("UPDATE log_entries SET leaf_hash = 'abc' WHERE entry_index = 5", [("LEAF_HASH_ALTERED", 5, 5)]),
    ("UPDATE log_entries SET leaf_hash = 12 WHERE entry_index = 5", [("LEAF_HASH_ALTERED", 5, 5)]),
    ("UPDATE log_entries SET data = 1.5 WHERE entry_index = 5", [("ENTRY_ALTERED", 5, 5)]),
    ("UPDATE log_entries SET entry_key = 'aa' WHERE entry_index = 5", [("KEY_ALTERED", 5, 5)]),
    (
        "INSERT INTO log_entries SELECT -3, data, leaf_hash, NULL FROM log_entries WHERE entry_index = 1",
        [("ENTRY_ADDED", -3, -3)],
    ),
    (
        "INSERT INTO log_entries SELECT 0x7fffffffffffffff, data, leaf_hash, NULL FROM log_entries LIMIT 1",
        [("ENTRY_ADDED", 9223372036854775807, 9223372036854775807)],
    ),
    ("UPDATE log_head SET size = 'x'", [("HEAD_ALTERED", 700, 700)]),
    ("UPDATE log_head SET size = -1", [("HEAD_ALTERED", 700, 700)]),
    ("UPDATE log_head SET hashes = 12", [("HEAD_ALTERED", 700, 700)]),
]
LOOSE = (
    "CREATE TABLE kept AS SELECT * FROM log_entries",
    "DROP TABLE log_entries",
    "CREATE TABLE log_entries (entry_index, data, leaf_hash, entry_key)",
)
BACK = "INSERT INTO log_entries SELECT * FROM kept ORDER BY entry_index"


@pytest.mark.parametrize(("statement", "expected"), GARBAGE)
def test_garbage_is_named(
    sqlite_log: OpenedLog, statement: str, expected: list[tuple[str, int, int]]
) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute(statement)
    assert faults(sqlite_log, seal) == expected


@pytest.mark.parametrize(
    ("put_in", "expected"),
    [
        # Of two of one index, the first is held against the rest.
        (
            "SELECT entry_index, x'7b7d', leaf_hash, NULL FROM kept WHERE entry_index = 5",
            [("ENTRY_ADDED", 5, 5), ("ENTRY_ALTERED", 5, 5)],
        ),
        ("SELECT 'x', data, leaf_hash, NULL FROM kept WHERE entry_index = 5", [("ENTRY_ADDED", 0, 0)]),
        ("SELECT 1.5, data, leaf_hash, NULL FROM kept WHERE entry_index = 5", [("ENTRY_ADDED", 1, 1)]),
        ("SELECT NULL, data, leaf_hash, NULL FROM kept WHERE entry_index = 5", []),
        ("SELECT 'x' || entry_index, data, leaf_hash, NULL FROM kept", [("ENTRY_ADDED", 0, 0)]),
    ],
)
def test_rows_of_a_table_without_its_key(
    sqlite_log: OpenedLog, put_in: str, expected: list[tuple[str, int, int]]
) -> None:
    seal = filled(sqlite_log)
    for statement in (*LOOSE, f"INSERT INTO log_entries {put_in}", BACK):
        sqlite_log.execute(statement)
    assert faults(sqlite_log, seal) == expected


def test_more_rows_without_an_index_than_are_read_together(
    sqlite_log: OpenedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ca_bridge.services.audit.blocks._PAGE", 256)
    seal = filled(sqlite_log)
    more = "SELECT 'x' || entry_index, data, leaf_hash, NULL FROM kept"
    for statement in (*LOOSE, BACK, f"INSERT INTO log_entries {more}"):
        sqlite_log.execute(statement)
    for index in range(300):
        sqlite_log.execute("INSERT INTO log_subtrees VALUES (8, :text, x'00')", text=f"x{index}")
    assert faults(sqlite_log, seal) == [("ENTRY_ADDED", 0, 0), ("SUBTREE_ALTERED", 8, 0)]


@pytest.mark.parametrize("column", ["time", "root", "note", "signatures", "size"])
def test_a_last_checkpoint_of_another_type_is_damage_or_is_read(sqlite_log: OpenedLog, column: str) -> None:
    filled(sqlite_log)
    statement = {
        "time": "UPDATE log_checkpoints SET time = 'zz'",
        "root": "UPDATE log_checkpoints SET root = 'zz'",
        "note": "UPDATE log_checkpoints SET note = x'ff00'",
        "signatures": "UPDATE log_checkpoints SET signatures = x'ff00'",
        "size": "UPDATE log_checkpoints SET size = 'zz' WHERE size = 699",
    }[column]
    sqlite_log.execute(statement)
    if column == "time":
        with pytest.raises(StoreDamaged):
            sqlite_log.latest_checkpoint()
        return
    found: Any = sqlite_log.latest_checkpoint()
    expected = {"root": b"zz", "note": "\ufffd\x00", "signatures": (), "size": 0}
    assert getattr(found, column) == expected[column]


def test_a_large_log_that_was_tampered_with_is_checked_soon(sqlite_log: OpenedLog) -> None:
    """102,400 entries under 1,600 heads; the first blocks contradict themselves, and no head is reached."""
    seal, done = Ed25519Seal(), 0
    with sqlite_log.database.writing() as connection:
        while done < 102_400:
            append_in(connection, entries(done, 64))
            done += 64
            write_checkpoint(connection, seal.of(read_head(connection)))
    forged = b'{"n":33}'
    sqlite_log.execute(
        "UPDATE log_entries SET data = :data, leaf_hash = :hash WHERE entry_index = 3",
        data=forged,
        hash=leaf_hash(forged),
    )
    growth = Growth(EMPTY, [row.leaf_hash for row in sqlite_log.entries(0, 256)])
    (first,) = growth.completed(8)
    sqlite_log.execute(
        "UPDATE log_subtrees SET hash = :hash WHERE level = 8 AND node_index = 0", hash=first[1]
    )
    for block in (1, 2, 3, 4):
        at = 260 * block
        sqlite_log.execute(
            "UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = :at", hash=bytes(32), at=at
        )
        sqlite_log.execute(
            "UPDATE log_subtrees SET hash = :hash WHERE node_index = :at", hash=bytes(32), at=block
        )
    start_s = monotonic()
    found = faults(sqlite_log, seal)
    assert monotonic() - start_s < 15
    assert ("ENTRY_ALTERED", 0, 63) in found
    assert ("LEAF_HASH_ALTERED", 260, 260) in found or ("ENTRY_ALTERED", 260, 260) in found


def test_many_contradictory_blocks_before_the_only_head(sqlite_log: OpenedLog) -> None:
    """All by their rows, or all by what is stored: nothing in between is tried."""
    seal = filled(sqlite_log, 2_600, (2_599,))
    for block in range(8):
        at = 256 * block + 7
        sqlite_log.execute("UPDATE log_entries SET data = :data WHERE entry_index = :at", data=b"{}", at=at)
    found = faults(sqlite_log, seal)
    assert found == [("ENTRY_ALTERED", 256 * block + 7, 256 * block + 7) for block in range(8)]


@pytest.mark.parametrize("blocks", [(0, 3, 5), (0, 1, 2, 3)])
def test_a_few_contradictory_blocks_are_decided_one_by_one(
    sqlite_log: OpenedLog, blocks: tuple[int, ...]
) -> None:
    """In the first the stored hashes are right; in the others, where both were altered, the rows."""
    seal = filled(sqlite_log, 2_600, (2_599,))
    first, *others = blocks
    sqlite_log.execute(
        "UPDATE log_entries SET data = :data WHERE entry_index = :at", data=b"{}", at=256 * first + 7
    )
    for block in others:
        at = 256 * block + 7
        sqlite_log.execute(
            "UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = :at", hash=bytes(32), at=at
        )
        sqlite_log.execute(
            "UPDATE log_subtrees SET hash = :hash WHERE node_index = :at", hash=bytes(32), at=block
        )
    expected = [("ENTRY_ALTERED", 256 * first + 7, 256 * first + 7)]
    for block in others:
        expected += [("LEAF_HASH_ALTERED", 256 * block + 7, 256 * block + 7), ("SUBTREE_ALTERED", 8, block)]
    assert sorted(faults(sqlite_log, seal)) == sorted(expected)
