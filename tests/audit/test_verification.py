"""A log that was tampered with, on both databases: each fault is named, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash, node_hash
from ca_bridge.core.receipt.keys import KeyRing, KnownKey, key_id_of
from ca_bridge.services.audit.faults import TEXTS, Fault, FaultKind
from ca_bridge.services.audit.log_port import KeptNote
from ca_bridge.services.audit.references import NoteTrust
from ca_bridge.services.audit.verification import Verification, verify_log
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from tests.audit.log_values import ORIGIN, Ed25519Seal, entries
from tests.fakes.log_store import MemoryLog, MemoryView, OpenedLog

K = FaultKind
SIZE = 700
SIGNED = (3, 300, 512, 699)
"""Sizes at which the log of these tests was signed; its last entry is under no signature yet."""


def trusting(*seals: Ed25519Seal, origin: str = ORIGIN, use: str = "log") -> NoteTrust:
    keys = [
        KnownKey(key_id=key_id_of(use, one.spki), use=use, algorithm="ed25519", spki=one.spki)
        for one in seals
    ]
    return NoteTrust(keys=KeyRing(keys), verify=verify_statement, origin=origin)


def filled(log: Any, size: int = SIZE, signed: Sequence[int] = SIGNED) -> Ed25519Seal:
    """``size`` entries; heads of the sizes in ``signed`` are stored."""
    seal, done = Ed25519Seal(), 0
    for stop in (*signed, size):
        log.append(entries(done, stop - done))
        done = stop
        if stop in signed:
            log.save_checkpoint(seal.of(log.head()))
    return seal


def check(log: Any, seal: Ed25519Seal, **options: Any) -> Verification:
    with log.view() as view:
        return verify_log(view, trusting(seal), **options)


def faults(log: Any, seal: Ed25519Seal, **options: Any) -> list[tuple[str, int, int]]:
    found = check(log, seal, **options)
    assert found.holds is (not found.faults)
    return [(fault.kind.value, fault.first, fault.last) for fault in found.faults]


def test_a_whole_log(log: Any) -> None:
    seal, told = filled(log), list[int]()
    found = check(log, seal, progress=told.append)
    assert found == Verification(size=SIZE, root=log.head().root, proven=699, checkpoints=4, faults=())
    assert found.holds
    assert not found.undecided
    assert told == [256, 512, 700]


def test_an_empty_log(log: Any) -> None:
    assert check(log, Ed25519Seal()) == Verification(
        size=0, root=EMPTY.root, proven=0, checkpoints=0, faults=()
    )
    seal = filled(log, 0, (0,))
    assert faults(log, seal) == []


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 512, 513])
def test_whole_logs_of_any_size(size: int) -> None:
    log = MemoryLog()
    assert faults(log, filled(log, size, (size,))) == []


def test_a_log_with_subtrees_of_subtrees(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log, 66_000, (65_536, 65_999))
    assert faults(sqlite_log, seal) == []
    sqlite_log.execute("UPDATE log_subtrees SET hash = zeroblob(32) WHERE level = 16")
    assert faults(sqlite_log, seal) == [("SUBTREE_ALTERED", 16, 0)]
    sqlite_log.execute("DELETE FROM log_subtrees WHERE level = 16")
    assert faults(sqlite_log, seal) == [("SUBTREE_ALTERED", 16, 0)]


# One statement past the store each, and what has to be said of it, exactly.
TAMPERED: list[tuple[str, list[tuple[str, int, int]]]] = [
    ("UPDATE log_entries SET data = :data WHERE entry_index = 5", [("ENTRY_ALTERED", 5, 5)]),
    ("UPDATE log_entries SET data = :data WHERE entry_index = 0", [("ENTRY_ALTERED", 0, 0)]),
    ("UPDATE log_entries SET data = :data WHERE entry_index = 255", [("ENTRY_ALTERED", 255, 255)]),
    ("UPDATE log_entries SET data = :data WHERE entry_index = 698", [("ENTRY_ALTERED", 698, 698)]),
    ("UPDATE log_entries SET data = :data WHERE entry_index = 699", [("ENTRY_ALTERED", 699, 699)]),
    (
        "UPDATE log_entries SET data = :data WHERE entry_index IN (4, 301, 600)",
        [("ENTRY_ALTERED", 4, 4), ("ENTRY_ALTERED", 301, 301), ("ENTRY_ALTERED", 600, 600)],
    ),
    ("UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = 5", [("LEAF_HASH_ALTERED", 5, 5)]),
    ("UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = 698", [("LEAF_HASH_ALTERED", 698, 698)]),
    ("UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = 699", [("LEAF_HASH_ALTERED", 699, 699)]),
    # Data and hash alike: within what the subtree and the signed heads leave open.
    (
        "UPDATE log_entries SET data = :data, leaf_hash = :its_hash WHERE entry_index = 5",
        [("ENTRY_ALTERED", 3, 255)],
    ),
    (
        "UPDATE log_entries SET data = :data, leaf_hash = :its_hash WHERE entry_index = 1",
        [("ENTRY_ALTERED", 0, 2)],
    ),
    (
        "UPDATE log_entries SET data = :data, leaf_hash = :its_hash WHERE entry_index = 280",
        [("ENTRY_ALTERED", 256, 299)],
    ),
    (
        "UPDATE log_entries SET data = :data, leaf_hash = :its_hash WHERE entry_index = 600",
        [("ENTRY_ALTERED", 512, 698)],
    ),
    (
        "UPDATE log_entries SET data = :data, leaf_hash = :its_hash WHERE entry_index = 699",
        [("ENTRY_ALTERED", 699, 699)],
    ),
    ("DELETE FROM log_entries WHERE entry_index = 5", [("ENTRY_MISSING", 5, 5)]),
    ("DELETE FROM log_entries WHERE entry_index = 0", [("ENTRY_MISSING", 0, 0)]),
    ("DELETE FROM log_entries WHERE entry_index = 600", [("ENTRY_MISSING", 600, 600)]),
    ("DELETE FROM log_entries WHERE entry_index BETWEEN 200 AND 600", [("ENTRY_MISSING", 200, 600)]),
    (
        "DELETE FROM log_entries WHERE entry_index IN (1, 3, 4)",
        [("ENTRY_MISSING", 1, 1), ("ENTRY_MISSING", 3, 4)],
    ),
    ("DELETE FROM log_entries WHERE entry_index = 699", [("TAIL_CUT", 699, 700)]),
    ("DELETE FROM log_entries WHERE entry_index >= 100", [("TAIL_CUT", 100, 700)]),
    ("DELETE FROM log_entries", [("TAIL_CUT", 0, 700)]),
    ("UPDATE log_subtrees SET hash = :hash WHERE node_index = 1", [("SUBTREE_ALTERED", 8, 1)]),
    ("DELETE FROM log_subtrees WHERE node_index = 0", [("SUBTREE_ALTERED", 8, 0)]),
    ("DELETE FROM log_subtrees", [("SUBTREE_ALTERED", 8, 0), ("SUBTREE_ALTERED", 8, 1)]),
    ("DELETE FROM log_head", [("HEAD_ALTERED", 700, 700)]),
    ("UPDATE log_head SET size = 3", [("HEAD_ALTERED", 700, 700)]),
    ("UPDATE log_checkpoints SET note = replace(note, '300', '301')", [("CHECKPOINT_FORGED", 301, 301)]),
    ("UPDATE log_checkpoints SET root = :hash WHERE size = 512", [("CHECKPOINT_FORGED", 512, 512)]),
    ("UPDATE log_checkpoints SET note = 'x' WHERE size = 512", [("CHECKPOINT_FORGED", 512, 512)]),
    ("UPDATE log_checkpoints SET size = 511 WHERE size = 512", [("CHECKPOINT_FORGED", 511, 511)]),
]


@pytest.mark.parametrize(("statement", "expected"), TAMPERED)
def test_one_statement(sqlite_log: OpenedLog, statement: str, expected: list[tuple[str, int, int]]) -> None:
    one_statement(sqlite_log, statement, expected)


@pytest.mark.parametrize(("statement", "expected"), TAMPERED[::4])
def test_one_statement_on_each_database(
    sql_log: OpenedLog, statement: str, expected: list[tuple[str, int, int]]
) -> None:
    one_statement(sql_log, statement, expected)


def one_statement(sql_log: OpenedLog, statement: str, expected: list[tuple[str, int, int]]) -> None:
    seal = filled(sql_log)
    forged = b'{"n":-1}'
    values = {"data": forged, "hash": bytes(range(32)), "its_hash": leaf_hash(forged)}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    sql_log.execute(statement, **used)
    assert faults(sql_log, seal) == expected


def swap(log: OpenedLog, one: int, other: int, *columns: str) -> None:
    chosen = columns or ("data", "leaf_hash")
    rows = {index: log.entries(index, 1)[0] for index in (one, other)}
    for at, of in ((one, other), (other, one)):
        for column in chosen:
            statement = {
                "data": "UPDATE log_entries SET data = :value WHERE entry_index = :at",
                "leaf_hash": "UPDATE log_entries SET leaf_hash = :value WHERE entry_index = :at",
            }[column]
            log.execute(statement, value=getattr(rows[of], column), at=at)


@pytest.mark.parametrize(
    ("one", "other"), [(0, 1), (5, 200), (10, 400), (300, 301), (600, 650), (513, 514), (255, 256), (5, 650)]
)
def test_two_entries_swapped_under_their_hashes(sqlite_log: OpenedLog, one: int, other: int) -> None:
    seal = filled(sqlite_log)
    swap(sqlite_log, one, other, "data")
    assert faults(sqlite_log, seal) == [("ENTRIES_SWAPPED", one, other)]


@pytest.mark.parametrize(
    ("one", "other"), [(0, 1), (5, 200), (10, 400), (300, 301), (600, 650), (513, 514), (255, 256)]
)
def test_two_rows_swapped_whole(sqlite_log: OpenedLog, one: int, other: int) -> None:
    seal = filled(sqlite_log)
    swap(sqlite_log, one, other)
    assert faults(sqlite_log, seal) == [("ENTRIES_SWAPPED", one, other)]


def test_two_rows_swapped_in_a_log_that_nothing_signs_yet(sql_log: OpenedLog) -> None:
    seal = filled(sql_log, 10, (3,))
    swap(sql_log, 4, 7)
    assert faults(sql_log, seal) == [("ENTRIES_SWAPPED", 4, 7)]


def test_the_keys_column_swaps_nothing(sql_log: OpenedLog) -> None:
    seal = filled(sql_log)
    sql_log.execute("UPDATE log_entries SET entry_index = -1 WHERE entry_index = 8")
    sql_log.execute("UPDATE log_entries SET entry_index = 8 WHERE entry_index = 9")
    sql_log.execute("UPDATE log_entries SET entry_index = 9 WHERE entry_index = -1")
    assert faults(sql_log, seal) == [("ENTRIES_SWAPPED", 8, 9)]


def made_consistent(log: OpenedLog, *, head: bool = True) -> None:
    """Everything derived is made anew from the data, as one who knows how it is done would."""
    rows = log.entries(0, 1_000_000)
    growth = Growth(EMPTY, [leaf_hash(row.data or b"") for row in rows])
    for row in rows:
        log.execute(
            "UPDATE log_entries SET leaf_hash = :value WHERE entry_index = :at",
            value=leaf_hash(row.data or b""),
            at=row.index,
        )
    log.execute("DELETE FROM log_subtrees")
    for index, value in growth.completed(8):
        log.execute("INSERT INTO log_subtrees VALUES (8, :index, :value)", index=index, value=value)
    if head:
        hashes = b"".join(growth.after.hashes)
        log.execute(
            "UPDATE log_head SET size = :size, hashes = :hashes", size=growth.after.size, hashes=hashes
        )


@pytest.mark.parametrize(
    ("index", "first", "last"),
    [(1, 0, 2), (3, 3, 299), (299, 3, 299), (300, 300, 511), (511, 300, 511), (698, 512, 698)],
)
def test_an_entry_altered_with_everything_derived_from_it(
    sqlite_log: OpenedLog, index: int, first: int, last: int
) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute("UPDATE log_entries SET data = x'7b7d' WHERE entry_index = :at", at=index)
    made_consistent(sqlite_log)
    assert faults(sqlite_log, seal) == [("ENTRY_ALTERED", first, last)]


def test_an_entry_deleted_and_those_behind_it_moved_up(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index = 400")
    for index in range(401, 700):
        sqlite_log.execute(
            "UPDATE log_entries SET entry_index = entry_index - 1 WHERE entry_index = :at", at=index
        )
    assert faults(sqlite_log, seal)[0] == ("ENTRY_ALTERED", 300, 511)
    made_consistent(sqlite_log)
    assert faults(sqlite_log, seal)[0] == ("ENTRY_ALTERED", 300, 511)


def test_what_no_signature_covers_is_decided_by_the_head(sqlite_log: OpenedLog) -> None:
    """Until the next checkpoint, whoever rewrites everything is not noticed: so checkpoints are frequent."""
    seal = filled(sqlite_log)
    sqlite_log.execute("UPDATE log_entries SET data = x'7b7d' WHERE entry_index = 699")
    made_consistent(sqlite_log, head=False)
    assert faults(sqlite_log, seal) == [("ENTRY_ALTERED", 699, 699)]
    made_consistent(sqlite_log)
    found = check(sqlite_log, seal)
    assert found.holds
    assert (found.proven, found.size) == (699, 700)


def test_the_tail_cut_with_everything_derived_from_it(sqlite_log: OpenedLog) -> None:
    """The checkpoints still tell; without them, the subtrees; without these, a copy kept elsewhere."""
    seal = filled(sqlite_log)
    note = seal.sealed[-1].note.encode()
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index >= 320")
    subtrees = sqlite_log.scalar("SELECT hash FROM log_subtrees WHERE node_index = 1")
    made_consistent(sqlite_log)
    assert faults(sqlite_log, seal) == [("TAIL_CUT", 320, 699)]
    sqlite_log.execute("DELETE FROM log_checkpoints WHERE size > 320")
    sqlite_log.execute("INSERT INTO log_subtrees VALUES (8, 1, :value)", value=subtrees)
    assert faults(sqlite_log, seal) == [("TAIL_CUT", 320, 512)]
    assert faults(sqlite_log, seal, witnesses=[("w", note)]) == [("TAIL_CUT", 320, 699)]
    sqlite_log.execute("DELETE FROM log_subtrees WHERE node_index = 1")
    assert faults(sqlite_log, seal) == []
    found = check(sqlite_log, seal, witnesses=[("w", note)])
    assert found.faults == (Fault(K.BACKUP_RESTORED, 320, 699, source="w"),)


def backed_up(log: OpenedLog) -> Callable[[], None]:
    """Takes a copy of the database; what it gives back puts that copy in its place."""
    file = Path(log.url.removeprefix("sqlite:///"))
    log.database.close()
    copies = {name: name.read_bytes() for name in file.parent.glob(f"{file.name}*")}

    def restore() -> None:
        log.database.close()
        for name in file.parent.glob(f"{file.name}*"):
            name.unlink()
        for name, octets in copies.items():
            name.write_bytes(octets)

    return restore


def test_an_old_backup_restored(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    restore = backed_up(sqlite_log)
    sqlite_log.append(entries(700, 100))
    newest = seal.of(sqlite_log.head())
    sqlite_log.save_checkpoint(newest)
    witnesses = [("old", seal.sealed[0].note.encode()), ("new", newest.note.encode())]
    assert faults(sqlite_log, seal, witnesses=witnesses) == []
    restore()
    assert faults(sqlite_log, seal) == [], "nothing inside the backup can tell"
    found = check(sqlite_log, seal, witnesses=witnesses)
    assert found.faults == (Fault(K.BACKUP_RESTORED, 700, 800, source="new"),)
    # Gone on with: other entries are signed at the same size and beyond.
    sqlite_log.append(entries(5_000, 200))
    assert faults(sqlite_log, seal, witnesses=witnesses) == [("ENTRY_ALTERED", 699, 799)]
    sqlite_log.save_checkpoint(seal.of(sqlite_log.head()))
    assert faults(sqlite_log, seal) == []
    found = check(sqlite_log, seal, witnesses=witnesses)
    assert found.faults == (Fault(K.LOG_FORKED, 699, 800, source="new"),)
    assert "older copy" in found.faults[0].message_en


def test_a_row_put_in_past_the_log(sql_log: OpenedLog) -> None:
    seal = filled(sql_log)
    copied = (
        "INSERT INTO log_entries SELECT :at, data, leaf_hash, NULL FROM log_entries WHERE entry_index = 0"
    )
    for index in (700, 701, 1_000):
        sql_log.execute(copied, at=index)
    assert faults(sql_log, seal) == [("ENTRY_ADDED", 700, 1_000)]
    sql_log.execute("DELETE FROM log_head")
    sql_log.execute("UPDATE log_entries SET entry_index = 4611686018427387904 WHERE entry_index = 1000")
    sql_log.execute("DELETE FROM log_entries WHERE entry_index IN (700, 701)")
    assert faults(sql_log, seal) == [("ENTRY_ADDED", 1 << 62, 1 << 62), ("HEAD_ALTERED", 700, 700)][::-1]


def test_an_altered_head(sql_log: OpenedLog) -> None:
    seal = filled(sql_log, 512, (512,))
    sql_log.execute("UPDATE log_head SET hashes = :value", value=bytes(32))
    assert faults(sql_log, seal) == [("HEAD_ALTERED", 512, 512)]


def test_several_faults_at_once(sql_log: OpenedLog) -> None:
    seal = filled(sql_log)
    sql_log.execute("UPDATE log_entries SET data = :data WHERE entry_index = 9", data=b"{}")
    sql_log.execute("UPDATE log_subtrees SET hash = :hash WHERE node_index = 1", hash=bytes(32))
    sql_log.execute("DELETE FROM log_entries WHERE entry_index = 600")
    assert faults(sql_log, seal) == [
        ("SUBTREE_ALTERED", 8, 1),
        ("ENTRY_ALTERED", 9, 9),
        ("ENTRY_MISSING", 600, 600),
    ]


def test_two_altered_blocks_that_are_no_swap(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute(
        "UPDATE log_entries SET data = x'7b7d', leaf_hash = :hash WHERE entry_index IN (50, 350)",
        hash=leaf_hash(b"{}"),
    )
    assert faults(sqlite_log, seal) == [("ENTRY_ALTERED", 3, 255), ("ENTRY_ALTERED", 300, 511)]


def test_a_subtree_and_rows_that_both_changed(sqlite_log: OpenedLog) -> None:
    """No claim leads to what was signed: then what is proven bounds it."""
    seal = filled(sqlite_log)
    sqlite_log.execute(
        "UPDATE log_entries SET data = x'7b7d', leaf_hash = :hash WHERE entry_index = 350",
        hash=leaf_hash(b"{}"),
    )
    sqlite_log.execute("UPDATE log_subtrees SET hash = zeroblob(32) WHERE node_index = 1")
    assert ("ENTRY_ALTERED", 300, 511) in faults(sqlite_log, seal)


def test_hashes_that_both_columns_have_lost(sqlite_log: OpenedLog) -> None:
    """A whole block deleted, its subtree as well: what follows cannot lead anywhere."""
    seal = filled(sqlite_log)
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index BETWEEN 256 AND 511")
    sqlite_log.execute("DELETE FROM log_subtrees WHERE node_index = 1")
    found = check(sqlite_log, seal)
    assert ("ENTRY_MISSING", 256, 511) in [(one.kind.value, one.first, one.last) for one in found.faults]
    assert found.root is None
    assert found.proven == 3


def test_stored_hashes_altered_before_a_checkpoint_within_a_block(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute("UPDATE log_entries SET leaf_hash = zeroblob(32) WHERE entry_index IN (1, 290, 310)")
    assert faults(sqlite_log, seal) == [("LEAF_HASH_ALTERED", n, n) for n in (1, 290, 310)]


def test_a_head_that_was_cut_back_with_the_tail(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index >= 310")
    sqlite_log.execute("UPDATE log_head SET size = 256, hashes = :hash", hash=bytes(32))
    assert faults(sqlite_log, seal) == [("HEAD_ALTERED", 310, 310), ("TAIL_CUT", 310, 699)]


def test_a_checkpoint_of_the_log_when_it_was_empty() -> None:
    log = MemoryLog()
    assert faults(log, filled(log, 5, (0, 5))) == []


def test_what_is_altered_explains_why_a_witness_is_not_reached(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log)
    witness = ("w", seal.sealed[-1].note.encode())
    sqlite_log.execute("DELETE FROM log_checkpoints WHERE size > 300")
    sqlite_log.execute("UPDATE log_entries SET data = x'7b7d' WHERE entry_index IN (5, 600)")
    made_consistent(sqlite_log)
    assert faults(sqlite_log, seal, witnesses=[witness]) == [("ENTRY_ALTERED", 3, 299)]


def test_a_key_of_an_algorithm_that_signs_no_notes() -> None:
    log = MemoryLog()
    seal = filled(log, 5, (5,))
    ring = KeyRing(
        [
            KnownKey(key_id=key_id_of("log", b"p"), use="log", algorithm="ecdsa-sha384", spki=b"p"),
            *trusting(seal).keys,
        ]
    )
    with log.view() as view:
        assert verify_log(view, NoteTrust(keys=ring, verify=verify_statement)).holds


def test_many_contradictions_are_decided_alike(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log, 2_600, (2_599,))
    sqlite_log.execute("UPDATE log_subtrees SET hash = zeroblob(32) WHERE node_index < 8")
    assert faults(sqlite_log, seal) == [("SUBTREE_ALTERED", 8, n) for n in range(8)]


def test_rows_and_hashes_of_many_blocks_altered_alike(sqlite_log: OpenedLog) -> None:
    seal = filled(sqlite_log, 2_600, (2_599,))
    sqlite_log.execute(
        "UPDATE log_entries SET data = x'7b7d', leaf_hash = :hash WHERE entry_index % 256 = 7",
        hash=leaf_hash(b"{}"),
    )
    assert faults(sqlite_log, seal)[0] == ("ENTRY_ALTERED", 0, 2_559)


def test_a_checkpoint_signed_by_a_key_that_nobody_named(sql_log: OpenedLog) -> None:
    filled(sql_log)
    with sql_log.view() as view:
        found = verify_log(view, trusting(Ed25519Seal(seed=2)))
    assert [(fault.kind, fault.first, fault.last) for fault in found.faults] == [
        (K.KEY_UNKNOWN, 3, 699),
        (K.NOT_SIGNED, 700, 700),
    ]
    assert found.undecided
    assert not found.holds
    assert found.proven == 0


def test_a_log_that_nobody_has_signed(sql_log: OpenedLog) -> None:
    found = check(sql_log, filled(sql_log, 5, ()))
    assert found.faults == (Fault(K.NOT_SIGNED, 5, 5),)
    assert found.undecided


def test_a_key_for_receipts_signs_no_log(sql_log: OpenedLog) -> None:
    seal = filled(sql_log, 5, (5,))
    with sql_log.view() as view:
        found = verify_log(view, trusting(seal, use="receipt"))
    assert [fault.kind for fault in found.faults] == [K.KEY_UNKNOWN, K.NOT_SIGNED]


def test_a_checkpoint_of_another_log(sql_log: OpenedLog) -> None:
    filled(sql_log, 5, ())
    other = Ed25519Seal(origin="elsewhere.example/log", name="elsewhere.example/log")
    sql_log.save_checkpoint(other.of(sql_log.head()))
    found = check(sql_log, other)
    assert found.faults[1:] == (Fault(K.NOT_SIGNED, 5, 5),)
    assert found.faults[0].kind is K.CHECKPOINT_FORGED
    assert "another log" in found.faults[0].detail
    with sql_log.view() as view:
        assert verify_log(view, trusting(other, origin="")).holds, "nobody said which log it has to be"


def test_a_checkpoint_that_was_signed_over_something_else(sql_log: OpenedLog) -> None:
    """By the log's own key: then the log is not what was signed."""
    seal = filled(sql_log, 10, (4, 9))
    sql_log.execute("DELETE FROM log_checkpoints WHERE size = 9")
    sql_log.save_checkpoint(seal(8, node_hash(bytes(32), bytes(32))))
    assert faults(sql_log, seal) == [("ENTRY_ALTERED", 4, 7)]


@pytest.mark.parametrize("note", [b"", b"\xff", b"x\n\nx\n"])
def test_a_witness_that_is_no_note(note: bytes) -> None:
    log = MemoryLog()
    found = check(log, filled(log, 5, (5,)), witnesses=[("w", note)])
    assert [(fault.kind, fault.source) for fault in found.faults] == [(K.CHECKPOINT_FORGED, "w")]


def test_a_witness_that_was_altered() -> None:
    log = MemoryLog()
    seal = filled(log, 5, (5,))
    note = seal.sealed[0].note.replace("\n5\n", "\n6\n").encode()
    found = check(log, seal, witnesses=[("w", note)])
    assert [(fault.kind, fault.first, fault.source) for fault in found.faults] == [
        (K.CHECKPOINT_FORGED, 6, "w")
    ]


def test_a_log_that_cannot_be_read() -> None:
    class Unreadable(MemoryView):
        def checkpoints(self) -> Iterator[KeptNote]:
            raise StoreDamaged("a stored value cannot be read")

    log = MemoryLog()
    found = verify_log(Unreadable(log), trusting(filled(log, 5, (5,))))
    assert found.faults == (Fault(K.LOG_UNREADABLE, 0, 0, "a stored value cannot be read"),)
    assert not found.undecided


def test_every_kind_is_told_in_both_languages() -> None:
    assert set(TEXTS) == set(FaultKind)
    for kind in FaultKind:
        fault = Fault(kind, 3, 5, "why", "file")
        assert fault.message_en.isascii()
        assert not fault.message_zh.isascii()
        assert "{" not in fault.message_en + fault.message_zh
        assert fault.message_en.startswith("file: ")
        assert TEXTS[kind].remedy_en.isascii()
        assert not TEXTS[kind].remedy_zh.isascii()
