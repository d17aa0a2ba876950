"""Many callers, one writer: nothing is acknowledged that is not durable, nothing is written twice."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier, Event, current_thread, main_thread
from time import monotonic, sleep
from typing import Any

import pytest

from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_inclusion
from ca_bridge.services.audit.entries import KeyUseStatus, NewEntry, key_use_entry
from ca_bridge.services.audit.log_port import Appended, LogStore
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.sequencer import Included, Sequencer
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable
from tests.audit.log_values import NOON, Ed25519Seal, entries, entry, key, numbers
from tests.fakes.log_store import MemoryLog, OpenedLog

ROOT = Path(__file__).resolve().parents[2]
Make = Callable[..., Sequencer]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Sequencer] = []

    def sequencer(store: LogStore, seal: Any = None, **options: Any) -> Sequencer:
        made.append(Sequencer(store, seal, **options))
        return made[-1]

    yield sequencer
    for one in made:
        one.close()


def told(status: KeyUseStatus, cause: str) -> NewEntry:
    return key_use_entry(
        status, time=NOON, node="n1", key_ids=("log-0011",), purpose="checkpoint", detail=cause
    )


def holds(one: Included) -> bool:
    assert one.head.size == one.tree_size
    return verify_inclusion(leaf_hash(one.data), one.index, one.tree_size, one.proof, one.head.root)


def whole(log: LogStore) -> list[bytes]:
    rows = log.entries(0, 1_000_000)
    assert [row.index for row in rows] == list(range(log.head().size))
    assert Growth(EMPTY, [row.leaf_hash for row in rows]).after == log.head()
    return [row.data or b"" for row in rows]


class Failing(MemoryLog):
    """Fails when told to; ``slow_s`` is how long each append takes."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Exception | None = None
        self.slow_s = 0.0
        self.sizes: list[int] = []

    def append(self, entries: Sequence[NewEntry]) -> Appended:
        sleep(self.slow_s)
        if self.fault is not None:
            raise self.fault
        self.sizes.append(len(entries))
        return super().append(entries)

    def save_checkpoint(self, head: SealedHead) -> None:
        if self.fault is not None:
            raise self.fault
        super().save_checkpoint(head)


def test_recording(log: LogStore, make: Make) -> None:
    sequencer = make(log)
    assert not sequencer.seals
    one = sequencer.record(entry(0))
    assert (one.index, one.data, one.new) == (0, entry(0).data, True)
    assert [found.index for found in sequencer.record_all(entries(1, 3))] == [1, 2, 3]
    assert sequencer.record_all([]) == sequencer.include_all([]) == ()
    assert numbers(whole(log)) == [0, 1, 2, 3]


def test_including(log: LogStore, make: Make) -> None:
    seal = Ed25519Seal()
    sequencer = make(log, seal)
    assert sequencer.seals
    sequencer.record(entry(0))
    one = sequencer.include(entry(1))
    assert (one.index, one.data, one.new, one.tree_size) == (1, entry(1).data, True, 2)
    assert one.head == seal.sealed[0]
    several = sequencer.include_all(entries(2, 300))
    assert [found.index for found in several] == list(range(2, 302))
    assert all(holds(found) for found in (one, *several))
    assert len(seal.sealed) == 2


def test_a_retried_request_is_logged_once(log: LogStore, make: Make) -> None:
    sequencer = make(log, Ed25519Seal())
    first = sequencer.include(entry(0, key("a")))
    sequencer.record_all(entries(1, 5))
    again = sequencer.include_all([entry(9, key("a")), entry(6)])
    assert (again[0].index, again[0].data, again[0].new) == (first.index, entry(0).data, False)
    assert all(holds(found) for found in (first, *again))
    assert (sequencer.record(entry(9, key("a"))).new, first.new) == (False, True)
    assert numbers(whole(log)) == [0, 1, 2, 3, 4, 5, 6]


def test_64_threads(log: LogStore, make: Make) -> None:
    seal = Ed25519Seal()
    sequencer, barrier = make(log, seal), Barrier(64)

    def work(who: int) -> list[Any]:
        barrier.wait(60)
        return [
            sequencer.include(entry(who * 100 + n)) if n % 2 else sequencer.record(entry(who * 100 + n))
            for n in range(10)
        ]

    with ThreadPoolExecutor(64) as pool:
        given = [one for mine in pool.map(work, range(64)) for one in mine]
    data = whole(log)
    assert sorted(one.index for one in given) == list(range(640))
    assert all(data[one.index] == one.data for one in given)
    assert sorted(numbers(data)) == sorted(who * 100 + n for who in range(64) for n in range(10))
    included = [one for one in given if isinstance(one, Included)]
    assert len(included) == 320
    assert all(holds(one) for one in included)
    assert len(seal.sealed) < 320, "one signature for many"


def test_entries_of_other_processes_in_between(sql_log: OpenedLog, make: Make) -> None:
    """While one signature is under way, several groups are written, and others' entries between them."""
    go, begun = Event(), Event()

    class Slow(Ed25519Seal):
        def __call__(self, size: int, root: bytes) -> SealedHead:
            begun.set()
            assert go.wait(20) or self.sealed
            return super().__call__(size, root)

    seal, other = Slow(), OpenedLog(sql_log.url)
    sequencer = make(sql_log, seal)
    with ThreadPoolExecutor(8) as pool:
        waiting = []
        for n in range(6):
            waiting.append(pool.submit(sequencer.include, entry(n)))
            assert begun.wait(20)
            reach(lambda n=n: sql_log.head().size == 2 * n + 1)
            other.append([NewEntry(b"other %d" % n)])
        go.set()
        given = [future.result(20) for future in waiting]
    other.database.close()
    assert [one.index for one in given] == [0, 2, 4, 6, 8, 10]
    assert all(holds(one) for one in given)
    assert [head.size for head in seal.sealed] == [1, 11], "one signature over all that had been written"
    assert len(whole(sql_log)) == 12


def reach(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    end_s = monotonic() + within_s
    while not condition():
        assert monotonic() < end_s
        sleep(0.002)


def test_groups_grow_while_the_store_is_slow(make: Make) -> None:
    store = Failing()
    store.slow_s = 0.05
    sequencer = make(store, max_batch=8)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(sequencer.record, entries(0, 32)))
    assert len(store.sizes) < 12
    assert max(store.sizes) == 8
    assert sorted(numbers(store.data)) == list(range(32))


def test_more_entries_than_a_group_holds_stay_together(make: Make) -> None:
    store = Failing()
    sequencer = make(store, max_batch=8)
    assert len(sequencer.record_all(entries(0, 20))) == 20
    assert store.sizes == [20]


def test_without_a_key_nothing_can_be_included(make: Make) -> None:
    store = MemoryLog()
    sequencer = make(store)
    with pytest.raises(SignerUnavailable):
        sequencer.include(entry(0))
    with pytest.raises(SignerUnavailable):
        sequencer.checkpoint_now()
    assert store.data == []


def test_a_slow_seal_keeps_no_one_else_waiting(make: Make) -> None:
    seal, begun = Ed25519Seal(), Event()

    def slow(size: int, root: bytes) -> SealedHead:
        begun.set()
        sleep(0.5)
        return seal(size, root)

    store = MemoryLog()
    sequencer = make(store, slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sequencer.include, entry(0))
        assert begun.wait(10)
        start_s = monotonic()
        for n in range(1, 20):
            sequencer.record(entry(n))
        assert monotonic() - start_s < 0.4
        assert not waiting.done()
        assert holds(waiting.result(10))
    assert len(store.data) == 20


def test_a_seal_that_fails(log: LogStore, make: Make) -> None:
    seal, broken = Ed25519Seal(), [True]

    def failing(size: int, root: bytes) -> SealedHead:
        if broken[0]:
            raise SignerUnavailable("log-0011: the token is gone")
        return seal(size, root)

    sequencer = make(log, failing, key_use=told)
    for number in range(2):
        with pytest.raises(SignerUnavailable, match="the token is gone"):
            sequencer.include(entry(number))
    assert sequencer.record(entry(2)).new
    broken[0] = False
    assert holds(sequencer.include(entry(3)))
    sequencer.close()
    data = whole(log)
    said = [one.decode() for one in data if b"key_use" in one]
    assert sum('"status":"intended"' in one for one in said) == 3
    assert sum('"status":"failed"' in one and "the token is gone" in one for one in said) == 2
    assert sorted(numbers(one for one in data if b"key_use" not in one)) == [0, 1, 2, 3], "leaves stay"


def test_each_signature_is_told_of_before_it_is_made(make: Make) -> None:
    store, sizes = MemoryLog(), []
    seal = Ed25519Seal()

    def looking(size: int, root: bytes) -> SealedHead:
        sizes.append((size, [b"key_use" in one for one in store.data[:size]]))
        return seal(size, root)

    sequencer = make(store, looking, key_use=told)
    sequencer.include(entry(0))
    sequencer.record(entry(1))
    sequencer.include_all(entries(2, 2))
    assert sizes == [(2, [False, True]), (6, [False, True, False, False, False, True])]


def test_a_seal_that_hangs(make: Make) -> None:
    store, seal, go = MemoryLog(), Ed25519Seal(), Event()

    def hanging(size: int, root: bytes) -> SealedHead:
        assert go.wait(30)
        return seal(size, root)

    sequencer = make(store, hanging, key_use=told, seal_timeout_s=0.3)
    start_s = monotonic()
    with pytest.raises(SignerUnavailable, match="in time"):
        sequencer.include(entry(0))
    assert 0.25 < monotonic() - start_s < 1.0
    start_s = monotonic()
    for number in (1, 2, 3):
        with pytest.raises(SignerUnavailable, match="does not answer"):
            sequencer.include(entry(number))
        assert sequencer.record(entry(number + 10)).new
    assert monotonic() - start_s < 0.3, "nobody waits for a key that is known not to answer"
    go.set()
    reach(lambda: len(seal.sealed) == 1)
    assert holds(sequencer.include(entry(4)))
    sequencer.close()
    said = [one for one in store.data if b'"status":"failed"' in one]
    assert len(said) == 1, "told once"
    assert b"no answer within 0.3 s" in said[0]
    assert sorted(numbers(one for one in store.data if b"key_use" not in one)) == [0, 1, 2, 3, 4, 11, 12, 13]


def test_a_hanging_seal_that_fails_in_the_end_is_told_once(make: Make) -> None:
    store, go = MemoryLog(), Event()

    def hanging(size: int, root: bytes) -> SealedHead:
        assert go.wait(30)
        raise SignerUnavailable("gone")

    sequencer = make(store, hanging, key_use=told, seal_timeout_s=0.2)
    with pytest.raises(SignerUnavailable, match="in time"):
        sequencer.include(entry(0))
    go.set()
    sequencer.close()
    assert sum(b'"status":"failed"' in one for one in store.data) == 1


def test_who_has_given_up_is_signed_for_no_more(make: Make) -> None:
    store, seal, go = MemoryLog(), Ed25519Seal(), Event()

    def hanging(size: int, root: bytes) -> SealedHead:
        assert go.wait(30)
        return seal(size, root)

    sequencer = make(store, hanging, seal_timeout_s=0.4)

    def ask(number: int) -> str:
        sleep(number * 0.1)
        with pytest.raises(SignerUnavailable) as caught:
            sequencer.include(entry(number))
        return str(caught.value)

    with ThreadPoolExecutor(2) as pool:
        assert all("was signed in time" in said for said in pool.map(ask, range(2)))
    go.set()
    sequencer.close()
    assert [head.size for head in seal.sealed] == [1], "the second one had gone before the key came back"


def test_a_ticket_that_was_served_at_the_last_moment(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryLog()
    sequencer = make(store)

    def late(ticket: Any, *_: float) -> float:
        reach(lambda: ticket.written_s is not None and not ticket.waiting)
        return 0.0

    monkeypatch.setattr("ca_bridge.services.audit.sequencer._deadline_s", late)
    assert sequencer.record(entry(0)).index == 0


def test_three_seconds_are_the_longest_wait(make: Make) -> None:
    go = Event()

    def hanging(size: int, root: bytes) -> SealedHead:
        go.wait(30)
        raise SignerUnavailable("gone")

    sequencer = make(MemoryLog(), hanging)
    start_s = monotonic()
    with pytest.raises(SignerUnavailable):
        sequencer.include(entry(0))
    assert 2.9 < monotonic() - start_s < 3.5
    go.set()


def test_a_seal_of_another_tree_is_no_seal(make: Make) -> None:
    seal = Ed25519Seal()
    sequencer = make(MemoryLog(), lambda size, root: seal(size + 1, root))
    with pytest.raises(SignerUnavailable, match="another head"):
        sequencer.include(entry(0))


@pytest.mark.parametrize("fault", [StoreUnavailable("down"), StoreDamaged("a constraint does not hold")])
def test_a_store_that_fails(make: Make, fault: Exception) -> None:
    store = Failing()
    store.slow_s, store.fault = 0.02, fault
    sequencer = make(store, Ed25519Seal())

    def ask(number: int) -> str:
        door = sequencer.include if number % 2 else sequencer.record
        with pytest.raises(type(fault)) as caught:
            door(entry(number))
        return str(caught.value)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(32))) == {str(fault)}
    store.fault = None
    assert holds(sequencer.include(entry(99)))
    assert numbers(store.data) == [99], "nobody was acknowledged, and nothing was written"


def test_a_store_that_fails_in_the_middle(sql_log: OpenedLog, make: Make) -> None:
    """A row in the way: the transaction has written some rows already and takes them back."""
    sequencer = make(sql_log, Ed25519Seal())
    sequencer.record_all(entries(0, 3))
    sql_log.execute(
        "INSERT INTO log_entries SELECT 7, data, leaf_hash, NULL FROM log_entries WHERE entry_index = 0"
    )
    with pytest.raises(StoreDamaged):
        sequencer.record_all(entries(3, 10))
    with pytest.raises(StoreDamaged):
        sequencer.include_all(entries(3, 10))
    sql_log.execute("DELETE FROM log_entries WHERE entry_index = 7")
    assert [one.index for one in sequencer.record_all(entries(3, 10))] == list(range(3, 13))
    assert numbers(whole(sql_log)) == list(range(13))


def test_a_store_that_does_not_answer(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ca_bridge.services.audit.sequencer._STORE_TIMEOUT_S", 0.2)
    store = Failing()
    store.slow_s = 0.6
    sequencer = make(store, Ed25519Seal())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(sequencer.record, entry(0))
        sleep(0.1)
        second = pool.submit(sequencer.include, entry(1))
        for future in (first, second):
            with pytest.raises(StoreUnavailable, match="in time"):
                future.result(10)
    sequencer.close()
    assert numbers(store.data) == [0], "who was told that it failed, and was not begun with, is left out"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_fails_one_group_and_never_the_log(make: Make) -> None:
    store = Failing()
    seal, broken = Ed25519Seal(), [False]

    def defective(size: int, root: bytes) -> SealedHead:
        if broken[0]:
            raise ZeroDivisionError
        return seal(size, root)

    sequencer = make(store, defective)
    store.fault = ZeroDivisionError()
    with pytest.raises(StoreUnavailable, match="could not be written"):
        sequencer.record(entry(0))
    store.fault, broken[0] = None, True
    assert sequencer.record(entry(1)).index == 0
    with pytest.raises(StoreUnavailable, match="could not be made"):
        sequencer.include(entry(2))
    broken[0] = False
    assert holds(sequencer.include(entry(3)))


def test_a_log_that_is_not_what_was_appended(sql_log: OpenedLog, make: Make) -> None:
    """Hashes of others' entries are read back for the proof: none is given when they are not the same."""
    go, begun = Event(), Event()
    seal = Ed25519Seal()

    def slow(size: int, root: bytes) -> SealedHead:
        begun.set()
        assert go.wait(20)
        return seal(size, root)

    sequencer, other = make(sql_log, slow), OpenedLog(sql_log.url)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(sequencer.include, entry(0))
        assert begun.wait(20)
        second = pool.submit(sequencer.include, entry(1))
        reach(lambda: sql_log.head().size == 2)
        other.append([entry(2)])
        third = pool.submit(sequencer.include, entry(3))
        reach(lambda: sql_log.head().size == 4)
        sql_log.execute("UPDATE log_entries SET leaf_hash = data WHERE entry_index = 2")
        go.set()
        assert holds(first.result(10))
        for future in (second, third):
            with pytest.raises(StoreDamaged, match="not what was appended"):
                future.result(10)
    other.database.close()


def test_a_checkpoint_now(log: LogStore, make: Make) -> None:
    sequencer = make(log, Ed25519Seal(), key_use=told, save_every_s=1_000)
    sequencer.record_all(entries(0, 3))
    head = sequencer.checkpoint_now()
    assert (head.size, head.root) == (4, log.head().root)
    again = sequencer.checkpoint_now()
    assert again.size == 5
    assert log.checkpoints() == (head, again)


def test_a_checkpoint_of_an_empty_log(log: LogStore, make: Make) -> None:
    head = make(log, Ed25519Seal()).checkpoint_now()
    assert (head.size, head.root) == (0, EMPTY.root)
    assert log.checkpoints() == (head,)


def test_a_checkpoint_that_cannot_be_stored(make: Make) -> None:
    class Forgetful(MemoryLog):
        broken = True

        def save_checkpoint(self, head: SealedHead) -> None:
            if self.broken:
                raise StoreUnavailable("down")
            super().save_checkpoint(head)

    store = Forgetful()
    sequencer = make(store, Ed25519Seal(), save_every_s=0.05)
    with pytest.raises(StoreUnavailable):
        sequencer.checkpoint_now()
    assert holds(sequencer.include(entry(0))), "who asked for a proof has it all the same"
    store.broken = False
    reach(lambda: bool(store.sealed))
    assert store.sealed[-1].size == 1


def test_heads_are_stored_now_and_then_and_the_last_one_always(make: Make) -> None:
    store = MemoryLog()
    sequencer = make(store, Ed25519Seal(), save_every_s=0.3)
    for number in range(40):
        sequencer.include(entry(number))
    assert len(store.sealed) < 20
    reach(lambda: bool(store.sealed) and store.sealed[-1].size == 40)
    for number in range(40, 45):
        sequencer.include(entry(number))
    sequencer.close()
    assert store.sealed[-1].size == 45


def test_threads_start_with_the_first_call_and_end_when_closed(make: Make) -> None:
    threads = []

    class Looking(MemoryLog):
        def append(self, entries: Sequence[NewEntry]) -> Appended:
            threads.append(current_thread())
            return super().append(entries)

    sequencer = make(Looking())
    sequencer.close()
    sequencer.record(entry(0))
    sequencer.close()
    assert threads[0] is not main_thread()
    assert threads[0].daemon
    assert not threads[0].is_alive()
    sequencer.record(entry(1))
    assert threads[1] is not threads[0]


def test_a_fork_after_the_sequencer_has_gone() -> None:
    sequencer = Sequencer(MemoryLog(), None)
    del sequencer
    gc.collect()
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_begins_anew(make: Make) -> None:
    store = MemoryLog()
    sequencer = make(store)
    sequencer.record(entry(0))
    child = os.fork()
    if child == 0:  # no thread but this one is left here
        ok = sequencer.record(entry(1)).index == 1
        os._exit(0 if ok else 1)
    end_s = monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        assert monotonic() < end_s
        sleep(0.01)
    assert ended == (child, 0)
    assert sequencer.record(entry(2)).index == 1


KILLS = 20


def test_a_process_that_is_killed_at_any_moment(sql_log: OpenedLog) -> None:
    """What was acknowledged is there, once, at its place; what was signed over is under that root still."""
    chance = Random(4)  # noqa: S311 - moments, not secrets
    acknowledged: list[list[str]] = []
    for run in range(KILLS // 2):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.audit.append_until_killed", sql_log.url, str(run), "8"],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert child.stdout
        first = child.stdout.readline()
        sleep(chance.uniform(0.0, 0.15))
        child.kill()
        rest, error = child.communicate(timeout=60)
        assert error == ""
        lines = (first + rest).splitlines(keepends=True)
        acknowledged += [line.split() for line in lines if line.endswith("\n")]
    data = whole(sql_log)
    assert len(set(data)) == len(data), "nothing twice"
    assert len(acknowledged) > KILLS
    for index, said, *_ in acknowledged:
        assert data[int(index)].decode() == said
    assert len({line[0] for line in acknowledged}) == len(acknowledged)
    hashes = [leaf_hash(one) for one in data]
    signed = {(int(line[2]), line[3]) for line in acknowledged if len(line) > 2}
    assert signed
    for size, root in signed:
        assert Growth(EMPTY, hashes[:size]).after.root.hex() == root
    for head in sql_log.checkpoints():
        assert Growth(EMPTY, hashes[: head.size]).after.root == head.root
