"""No process signs a tree that does not extend what it signed, nor gives out a proof that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any

import pytest

from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_inclusion
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.sequencer import Included, Sequencer
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from tests.audit.log_values import Ed25519Seal, entries, entry, key
from tests.audit.test_sequencer import reach, told
from tests.fakes.log_store import OpenedLog

FORGED = b'{"n":-1}'


@pytest.fixture
def make(sqlite_log: OpenedLog) -> Iterator[Callable[..., Sequencer]]:
    made: list[Sequencer] = []

    def sequencer(seal: Any, **options: Any) -> Sequencer:
        made.append(Sequencer(sqlite_log, seal, **options))
        return made[-1]

    yield sequencer
    for one in made:
        one.close()


def rewrite(log: OpenedLog, *at: int) -> None:
    """As a database's administrator would: entries, and everything derived from them; no checkpoints left."""
    for index in at:
        log.execute("UPDATE log_entries SET data = :data WHERE entry_index = :at", data=FORGED, at=index)
    rows = log.entries(0, 100_000)
    growth = Growth(EMPTY, [leaf_hash(row.data or b"") for row in rows])
    for row in rows:
        log.execute(
            "UPDATE log_entries SET leaf_hash = :hash WHERE entry_index = :at",
            hash=leaf_hash(row.data or b""),
            at=row.index,
        )
    for index, one in growth.completed(8):
        log.execute("UPDATE log_subtrees SET hash = :hash WHERE node_index = :at", hash=one, at=index)
    edge = b"".join(growth.after.hashes)
    log.execute("UPDATE log_head SET size = :size, hashes = :edge", size=growth.after.size, edge=edge)


def forget(log: OpenedLog) -> None:
    log.execute("DELETE FROM log_checkpoints")


def holds(one: Included) -> bool:
    return verify_inclusion(leaf_hash(one.data), one.index, one.tree_size, one.proof, one.head.root)


@pytest.mark.parametrize("since", [0, 3, 1500], ids=["at once", "after a few", "after many"])
def test_a_rewritten_log_is_not_signed(sqlite_log: OpenedLog, make: Any, since: int) -> None:
    seal = Ed25519Seal()
    sequencer = make(seal, key_use=told)
    sequencer.include_all(entries(0, 5))
    sequencer.record_all(entries(5, since))
    rewrite(sqlite_log, 2)
    forget(sqlite_log)
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            sequencer.include(entry(9000))
    with pytest.raises(StoreDamaged):
        sequencer.checkpoint_now()
    assert len(seal.sealed) == 1
    assert sequencer.record(entry(9001)).new
    sequencer.close()
    data = [row.data or b"" for row in sqlite_log.entries(0, 10_000)]
    assert sum(b'"status":"failed"' in one for one in data) == 3, "each intent has its end"


@pytest.mark.parametrize("since", [0, 1, 700, 1500])
def test_a_log_that_only_grew_is_signed(sqlite_log: OpenedLog, make: Any, since: int) -> None:
    seal = Ed25519Seal()
    sequencer, other = make(seal), make(seal)
    sequencer.include_all(entries(0, 5))
    other.record_all(entries(5, since))
    assert holds(sequencer.include(entry(9000)))
    assert holds(other.include(entry(9001)))
    assert [head.size for head in seal.sealed] == [5, since + 6, since + 7]


@pytest.mark.parametrize("size", [5, 300, 1500])
def test_a_head_of_other_entries_is_not_signed(sqlite_log: OpenedLog, make: Any, size: int) -> None:
    """Nothing was signed yet: the head is held against the hashes that are stored."""
    sqlite_log.append(entries(0, size))
    garbage = bytes(32 * size.bit_count())
    sqlite_log.execute("UPDATE log_head SET hashes = :garbage", garbage=garbage)
    seal = Ed25519Seal()
    with pytest.raises(StoreDamaged, match="head"):
        make(seal).include(entry(9000))
    assert seal.sealed == []


def test_a_head_without_its_entries_is_not_signed(sqlite_log: OpenedLog, make: Any) -> None:
    sqlite_log.append(entries(0, 5))
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index = 1")
    with pytest.raises(StoreDamaged, match="missing"):
        make(Ed25519Seal()).include(entry(9000))


def test_a_garbled_head_is_not_signed_after_one_that_was(sqlite_log: OpenedLog, make: Any) -> None:
    seal = Ed25519Seal()
    sequencer = make(seal)
    sequencer.include_all(entries(0, 5))
    sqlite_log.execute("UPDATE log_head SET hashes = :garbage", garbage=bytes(64))
    with pytest.raises(StoreDamaged):
        sequencer.include(entry(9000))
    assert len(seal.sealed) == 1


@pytest.mark.parametrize("size", [2, 300])
def test_a_log_that_was_cut_is_not_signed(sqlite_log: OpenedLog, make: Any, size: int) -> None:
    seal = Ed25519Seal()
    sequencer = make(seal)
    sequencer.include_all(entries(0, 700))
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index >= :size", size=size)
    sqlite_log.execute("DELETE FROM log_subtrees WHERE (node_index + 1) * 256 > :size", size=size)
    rewrite(sqlite_log)
    forget(sqlite_log)
    with pytest.raises(StoreDamaged, match="smaller"):
        sequencer.include(entry(9000))
    assert len(seal.sealed) == 1


def test_a_new_process_holds_the_log_against_its_last_checkpoint(sqlite_log: OpenedLog, make: Any) -> None:
    seal = Ed25519Seal()
    make(seal).include_all(entries(0, 5))
    first = make(seal)
    first.checkpoint_now()
    rewrite(sqlite_log, 3)
    with pytest.raises(StoreDamaged, match="extend"):
        make(seal).include(entry(9000))
    sqlite_log.execute("DELETE FROM log_entries WHERE entry_index > 1")
    rewrite(sqlite_log)
    with pytest.raises(StoreDamaged, match="smaller"):
        make(seal).include(entry(9001))


def test_a_checkpoint_of_another_process_may_be_the_larger(sqlite_log: OpenedLog, make: Any) -> None:
    seal, slow = Ed25519Seal(), Ed25519Seal()
    store = sqlite_log
    latest = store.latest_checkpoint

    def meanwhile() -> Any:
        other = Sequencer(store, seal)
        store.latest_checkpoint = latest  # type: ignore[method-assign]
        other.include_all(entries(10, 20))
        other.checkpoint_now()
        other.close()
        return latest()

    store.latest_checkpoint = meanwhile  # type: ignore[method-assign]
    assert holds(make(slow).include(entry(0)))
    assert [head.size for head in slow.sealed] == [1]
    assert seal.sealed[-1].size == 21


def test_what_an_older_entry_is_answered_with_is_what_was_signed(sqlite_log: OpenedLog, make: Any) -> None:
    seal = Ed25519Seal()
    sequencer = make(seal)
    sequencer.include_all([entry(0, key("a")), entry(1, key("b")), entry(2)])
    again = sequencer.include(entry(9, key("a")))
    assert (again.new, again.index, holds(again)) == (False, 0, True)
    sqlite_log.execute("UPDATE log_entries SET data = :data WHERE entry_index = 0", data=FORGED)
    with pytest.raises(StoreDamaged, match="not what was signed"):
        sequencer.include(entry(9, key("a")))
    sqlite_log.execute("UPDATE log_entries SET entry_index = 99 WHERE entry_index = 1")
    with pytest.raises(StoreDamaged, match="place"):
        sequencer.include(entry(9, key("b")))


def test_a_damaged_entry_is_the_trouble_of_those_who_ask_for_it(sqlite_log: OpenedLog, make: Any) -> None:
    """Both are in one group, under one head."""
    seal, go, begun = Ed25519Seal(), Event(), Event()

    def slow(size: int, root: bytes) -> SealedHead:
        begun.set()
        assert go.wait(20)
        return seal(size, root)

    sequencer = make(slow)
    sequencer.record(entry(0, key("a")))
    sqlite_log.execute("UPDATE log_entries SET data = :data WHERE entry_index = 0", data=FORGED)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(sequencer.include, entry(1))
        assert begun.wait(20)
        bad = pool.submit(sequencer.include, entry(9, key("a")))
        good = pool.submit(sequencer.include, entry(2))
        reach(lambda: sqlite_log.head().size == 3)
        sleep(0.2)
        go.set()
        assert holds(first.result(20))
        assert holds(good.result(20))
        with pytest.raises(StoreDamaged):
            bad.result(20)
    assert len(seal.sealed) == 2


def test_a_store_that_is_away_when_it_is_asked_for_what_others_wrote(
    sqlite_log: OpenedLog, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = Ed25519Seal()
    sequencer = make(seal, key_use=told)
    sequencer.include(entry(0))
    sqlite_log.append(entries(1, 3))

    def away(*_: object) -> Any:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite_log, "leaf_hashes", away)
        with pytest.raises(StoreUnavailable):
            sequencer.include(entry(4))
    assert holds(sequencer.include(entry(5)))
    assert sum(b'"status":"failed"' in (row.data or b"") for row in sqlite_log.entries(0, 100)) == 1


def test_a_first_head_over_a_hash_of_another_length(sqlite_log: OpenedLog, make: Any) -> None:
    sqlite_log.append(entries(0, 3))
    sqlite_log.execute("UPDATE log_entries SET leaf_hash = x'00' WHERE entry_index = 2")
    with pytest.raises(StoreDamaged, match="missing"):
        make(Ed25519Seal()).checkpoint_now()


def test_a_stored_hash_of_another_length_is_named(sqlite_log: OpenedLog, make: Any) -> None:
    sequencer = make(Ed25519Seal())
    sequencer.include_all(entries(0, 4))
    sequencer.record(entry(4))
    sqlite_log.execute("UPDATE log_entries SET leaf_hash = x'00' WHERE entry_index = 4")
    with pytest.raises(StoreDamaged):
        sequencer.checkpoint_now()
