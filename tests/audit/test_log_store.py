"""What every store of the log does: append all or none, in order, without a gap, and each key once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from ca_bridge.adapters.sql_log import append_in
from ca_bridge.core.merkle.compact_range import EMPTY, CompactRange
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_consistency, verify_inclusion
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from tests.audit.log_values import NOON, Ed25519Seal, entries, entry, key, numbers
from tests.fakes.log_store import OpenedLog

ROOT = Path(__file__).resolve().parents[2]


def all_data(log: LogStore) -> list[bytes]:
    rows = log.entries(0, 1_000_000)
    assert [row.index for row in rows] == list(range(len(rows)))
    assert [leaf_hash(row.data or b"") for row in rows] == [row.leaf_hash for row in rows]
    assert Growth(EMPTY, [row.leaf_hash for row in rows]).after == log.head()
    return [row.data for row in rows if row.data is not None]


def edge(data: list[bytes]) -> CompactRange:
    return Growth(EMPTY, map(leaf_hash, data)).after


def test_an_empty_log(log: LogStore) -> None:
    assert log.head() == EMPTY
    assert log.entries(0, 10) == ()
    assert log.leaf_hashes(0, 10) == ()
    assert log.latest_checkpoint() is None
    assert log.checkpoints() == ()
    assert log.by_key("") is None
    assert log.by_key(key("x")) is None
    assert log.append([]).after == EMPTY
    assert log.consistency_proof(0, 0) == ()


def test_what_an_append_gives_back(log: LogStore) -> None:
    first = log.append(entries(0, 3))
    assert (first.first_index, first.before) == (0, EMPTY)
    second = log.append(entries(3, 2))
    assert second.before == first.after == edge([one.data for one in entries(0, 3)])
    assert second.after == log.head() == edge([one.data for one in entries(0, 5)])
    assert second.leaf_hashes == tuple(leaf_hash(one.data) for one in entries(3, 2))
    assert [(one.index, one.data, one.new) for one in second.recorded] == [
        (3, entry(3).data, True),
        (4, entry(4).data, True),
    ]
    assert second.first_index == 3
    assert numbers(all_data(log)) == [0, 1, 2, 3, 4]


def test_pages_of_entries(log: LogStore) -> None:
    log.append(entries(0, 7))
    assert [row.index for row in log.entries(2, 3)] == [2, 3, 4]
    assert [row.index for row in log.entries(5, 100)] == [5, 6]
    assert [row.index for row in log.entries(-5, 2)] == [0, 1]
    assert log.entries(7, 5) == log.entries(1 << 70, 5) == log.entries(0, 0) == log.entries(0, -1) == ()
    assert log.leaf_hashes(2, 3) == tuple(leaf_hash(entry(n).data) for n in (2, 3, 4))


def test_a_key_is_recorded_once(log: LogStore) -> None:
    log.append([entry(0), entry(1, key("a"))])
    again = log.append([entry(2, key("a")), entry(3, key("b")), entry(4, key("b")), entry(5)])
    assert [(one.index, numbers([one.data])[0], one.new) for one in again.recorded] == [
        (1, 1, False),
        (2, 3, True),
        (2, 3, False),
        (3, 5, True),
    ]
    assert numbers(all_data(log)) == [0, 1, 3, 5]
    assert again.after == log.head()
    found = log.by_key(key("b"))
    assert found is not None
    assert (found.index, found.data, found.new) == (2, entry(3).data, False)
    before = log.head()
    nothing = log.append([entry(9, key("a"))])
    assert (nothing.before, nothing.after, nothing.leaf_hashes) == (before, before, ())
    assert log.head() == before


def test_more_keys_than_a_query_has_parameters(log: LogStore) -> None:
    many = [entry(n, key(str(n))) for n in range(2_000)]
    log.append(many[::2])
    made = log.append(many)
    assert [one.new for one in made.recorded] == [n % 2 == 1 for n in range(2_000)]
    assert log.head().size == 2_000


def test_proofs(log: LogStore) -> None:
    log.append(entries(0, 700))
    data = all_data(log)
    for size in (1, 255, 256, 257, 512, 700):
        root = edge(data[:size]).root
        for index in {0, size // 2, size - 1}:
            proof = log.inclusion_proof(index, size)
            assert verify_inclusion(leaf_hash(data[index]), index, size, proof, root)
        for first in {1, size // 3 or 1, size - 1, size} - {0}:
            proof = log.consistency_proof(first, size)
            assert verify_consistency(first, size, proof, edge(data[:first]).root, root)
    assert log.consistency_proof(0, 700) == ()


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, 6), (5, 1 << 70)])
def test_leaves_the_log_has_not(log: LogStore, index: int, size: int) -> None:
    log.append(entries(0, 5))
    with pytest.raises(NotInLog):
        log.inclusion_proof(index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 5), (5, 4), (0, 6), (1, 1 << 70)])
def test_sizes_the_log_has_not(log: LogStore, first: int, second: int) -> None:
    log.append(entries(0, 5))
    with pytest.raises(NotInLog):
        log.consistency_proof(first, second)


def test_checkpoints_are_kept(log: LogStore) -> None:
    seal = Ed25519Seal()
    log.append(entries(0, 3))
    first = seal.of(log.head())
    again = seal.of(log.head())
    log.append(entries(3, 3))
    last = seal.of(log.head())
    for head in (last, first, again, first, last):
        log.save_checkpoint(head)
    assert log.checkpoints() == (first, again, last)
    assert log.latest_checkpoint() == last
    assert last.time.tzinfo is not None
    assert last.time > NOON


def test_a_view(log: LogStore) -> None:
    log.append(entries(0, 600))
    log.save_checkpoint(Ed25519Seal().of(log.head()))
    with log.view() as view:
        assert view.head() == log.head()
        assert [row.index for row in view.rows(598, 10)] == [598, 599]
        hashes = log.leaf_hashes(0, 600)
        expected = [(n, Growth(EMPTY, hashes[n * 256 : (n + 1) * 256]).after.root) for n in (0, 1)]
        assert list(view.subtrees(8, 0, 10)) == expected
        assert list(view.subtrees(8, 1, 10)) == expected[1:]
        assert list(view.subtrees(16, 0, 10)) == []
        kept = [(one.size, one.root, one.note) for one in view.checkpoints()]
        assert kept == [(one.size, one.root, one.note) for one in log.checkpoints()]
        assert view.keeps_head


def test_a_view_is_of_one_instant(sql_log: OpenedLog) -> None:
    sql_log.append(entries(0, 3))
    with sql_log.view() as view:
        assert view.head() == sql_log.head()
        sql_log.append(entries(3, 3))
        assert len(view.rows(0, 100)) == 3
    assert sql_log.head().size == 6


def test_threads_appending_at_once(log: LogStore) -> None:
    barrier = Barrier(8)

    def take(who: int) -> list[int]:
        barrier.wait(60)
        mine = []
        for n in range(0, 30, 3):
            made = log.append([NewEntry(b"%d:%d" % (who, n + more)) for more in range(3)])
            mine += [one.index for one in made.recorded]
        return mine

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(8)))
    assert sorted(index for mine in taken for index in mine) == list(range(240))
    data = all_data(log)
    for who, mine in enumerate(taken):
        assert [data[index] for index in mine] == [b"%d:%d" % (who, n) for n in range(30)]


def children(what: str, url: str, count: int) -> list[list[list[str]]]:
    command = [sys.executable, "-m", "tests.audit.append_race", what, url]
    runs = [
        subprocess.Popen(
            [*command, who, str(count)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for who in "abcd"
    ]
    said = [run.communicate("go\n", timeout=120) for run in runs]
    assert [error for _, error in said] == [""] * 4
    return [[line.split() for line in out.splitlines()] for out, _ in said]


def test_processes_appending_at_once(sql_log: OpenedLog) -> None:
    children("append", sql_log.url, 150)
    data = all_data(sql_log)
    for who in "abcd":
        mine = [one.decode().partition(":") for one in data if one.startswith(who.encode())]
        assert [int(number) for _, _, number in mine] == list(range(150))
    assert len(data) == 600
    subtrees = sql_log.scalar("SELECT COUNT(*) FROM log_subtrees")
    assert subtrees == 2


def test_processes_appending_the_same_at_once(sql_log: OpenedLog) -> None:
    said = children("share", sql_log.url, 60)
    data = all_data(sql_log)
    assert len(data) == 60
    for lines in zip(*said, strict=True):
        assert len({tuple(line[:3]) for line in lines}) == 1, "all are given the first one"
        assert sorted(line[3] for line in lines) == ["0", "0", "0", "1"]
        assert data[int(lines[0][1])].decode() == lines[0][2]


def test_other_writers_append_in_their_own_transaction(sql_log: OpenedLog) -> None:
    with sql_log.database.writing() as connection:
        made = append_in(connection, entries(0, 2))
        assert sql_log.head() == EMPTY
    assert sql_log.head() == made.after

    def taken_back() -> None:
        with sql_log.database.writing() as connection:
            append_in(connection, entries(2, 2))
            raise LookupError

    with pytest.raises(LookupError):
        taken_back()
    assert sql_log.head() == made.after
    assert numbers(all_data(sql_log)) == [0, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_head",
        "UPDATE log_head SET size = size + 1",
        "UPDATE log_head SET size = -1",
        "UPDATE log_head SET hashes = leaf_hash FROM log_entries WHERE entry_index = 0",
    ],
)
def test_a_head_that_was_tampered_with_stops_every_append(sql_log: OpenedLog, statement: str) -> None:
    sql_log.append(entries(0, 3))
    sql_log.execute(statement)
    with pytest.raises(StoreDamaged):
        sql_log.append(entries(3, 1))
    with pytest.raises(StoreDamaged):
        sql_log.head()
    with sql_log.view() as view:
        assert view.head() is None
    assert len(sql_log.entries(0, 10)) == 3


def test_a_row_slipped_in_stops_every_append(sql_log: OpenedLog) -> None:
    sql_log.append(entries(0, 3))
    sql_log.execute(
        "INSERT INTO log_entries SELECT 3, data, leaf_hash, NULL FROM log_entries WHERE entry_index=0"
    )
    with pytest.raises(StoreDamaged):
        sql_log.append(entries(3, 1))


def test_a_hash_that_is_missing_proves_nothing(sql_log: OpenedLog) -> None:
    sql_log.append(entries(0, 5))
    sql_log.execute("DELETE FROM log_entries WHERE entry_index = 2")
    with pytest.raises(StoreDamaged):
        sql_log.inclusion_proof(4, 5)
    with pytest.raises(StoreDamaged):
        sql_log.consistency_proof(1, 5)
    assert sql_log.leaf_hashes(0, 10) == tuple(leaf_hash(entry(n).data) for n in (0, 1))


def test_what_sqlite_would_give_back_as_another_type(sqlite_log: OpenedLog) -> None:
    sqlite_log.append(entries(0, 2))
    sqlite_log.save_checkpoint(Ed25519Seal().of(sqlite_log.head()))
    sqlite_log.execute("UPDATE log_entries SET data = 'text', leaf_hash = 7 WHERE entry_index = 1")
    sqlite_log.execute("UPDATE log_checkpoints SET note = x'6162', root = 'r', signatures = x'00'")
    sqlite_log.execute("UPDATE log_head SET size = 'many'")
    row = sqlite_log.entries(1, 1)[0]
    assert (row.data, row.leaf_hash) == (b"text", b"7")
    head = sqlite_log.latest_checkpoint()
    assert head is not None
    assert (head.note, head.root, head.signatures, head.body) == ("ab", b"r", (), b"\n")
    with pytest.raises(StoreDamaged):
        sqlite_log.head()


@pytest.mark.parametrize("signatures", ["", "{}", "7", "null", "[1]", '[{"form": "jws"}]'])
def test_signatures_beside_a_note_that_cannot_be_read(sqlite_log: OpenedLog, signatures: str) -> None:
    sqlite_log.append(entries(0, 1))
    sqlite_log.save_checkpoint(Ed25519Seal().of(sqlite_log.head()))
    sqlite_log.execute("UPDATE log_checkpoints SET signatures = :signatures", signatures=signatures)
    assert sqlite_log.checkpoints()[0].signatures == ()


@pytest.mark.parametrize("time", ["soon", 7, b"\0"])
def test_a_checkpoint_of_no_time(sqlite_log: OpenedLog, time: Any) -> None:
    sqlite_log.append(entries(0, 1))
    sqlite_log.save_checkpoint(Ed25519Seal().of(sqlite_log.head()))
    sqlite_log.execute("UPDATE log_checkpoints SET time = :time", time=time)
    for look in (sqlite_log.checkpoints, sqlite_log.latest_checkpoint):
        with pytest.raises(StoreDamaged):
            look()


def test_an_account_that_may_not_change_entries(request: pytest.FixtureRequest) -> None:
    """The grants of docs/audit-log.md are all that appending needs."""
    page = (ROOT / "docs/audit-log.md").read_text("utf-8")
    grants = [line for line in page.splitlines() if line.startswith("GRANT ")]
    assert len(grants) == 2
    server = request.getfixturevalue("postgresql")
    owner = OpenedLog(server.create())
    for statement in ("CREATE ROLE gateway LOGIN", *grants):
        owner.execute(statement)
    limited = OpenedLog(owner.url.replace("postgres@", "gateway@"))
    limited.append(entries(0, 300))
    limited.append([entry(300, key("a")), entry(301, key("a"))])
    limited.save_checkpoint(Ed25519Seal().of(limited.head()))
    limited.save_checkpoint(Ed25519Seal().of(limited.head()))
    assert len(limited.inclusion_proof(7, 301)) == 9
    for statement in (
        "UPDATE log_entries SET data = leaf_hash",
        "DELETE FROM log_entries",
        "DELETE FROM log_subtrees",
        "UPDATE log_checkpoints SET size = 1",
        "DELETE FROM log_head",
    ):
        with pytest.raises(StoreUnavailable):
            limited.execute(statement)
    limited.database.close()
    owner.execute("DROP OWNED BY gateway")
    owner.execute("DROP ROLE gateway")
    owner.database.close()
    server.drop(owner.url)


def test_a_log_that_is_locked(sql_log: OpenedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ca_bridge.adapters.sql_database._BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr("ca_bridge.adapters.sql_database._POSTGRESQL_OPTIONS", "-c lock_timeout=50")
    waiting: Any = OpenedLog(sql_log.url)
    with sql_log.database.writing() as connection:
        append_in(connection, entries(0, 1))
        with pytest.raises(StoreUnavailable):
            waiting.append(entries(1, 1))
    assert waiting.append(entries(1, 1)).recorded[0].index == 1
    waiting.database.close()
