from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import pytest

from ca_bridge.services.audit.entries import EntryKind, new_entry
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.decision_log.heartbeat import Heartbeat
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable
from tests.fakes.log_store import MemoryLog

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Signing:
    """Signs heads of a log, or does not."""

    def __init__(self, log: MemoryLog, error: Exception | None = None) -> None:
        self.log, self.error, self.asked, self.sizes = log, error, Event(), list[int]()

    def __call__(self) -> SealedHead:
        self.asked.set()
        if self.error is not None:
            raise self.error
        head = self.log.head()
        made = SealedHead(size=head.size, root=head.root, body=b"", note="", signatures=(), time=NOW)
        self.log.sealed = [made]
        self.sizes.append(head.size)
        return made


def write(log: MemoryLog, number: int) -> None:
    log.append((new_entry(EntryKind.ADMINISTRATION, time=NOW, node="n1", members={"number": number}),))


def reach(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_was_written_is_signed_after_the_interval_though_nothing_follows() -> None:
    log = MemoryLog()
    signing = Signing(log)
    beat = Heartbeat(log, signing, lambda: True, every_s=0.2)
    write(log, 1)
    beat()
    write(log, 2)
    beat()
    assert not signing.asked.is_set()
    reach(lambda: signing.sizes == [2])
    time.sleep(0.3)
    assert signing.sizes == [2]
    write(log, 3)
    beat()
    reach(lambda: signing.sizes == [2, 3])


def test_what_others_have_signed_by_then_is_not_signed_again() -> None:
    log = MemoryLog()
    signing = Signing(log)
    write(log, 1)
    beat = Heartbeat(log, signing, lambda: True, every_s=0.1)
    beat()
    signing()
    time.sleep(0.3)
    assert signing.sizes == [1]


def test_without_keys_nothing_is_asked_of_them() -> None:
    log = MemoryLog()
    signing = Signing(log)
    write(log, 1)
    Heartbeat(log, signing, lambda: False, every_s=0)()
    assert not signing.asked.wait(0.3)


def test_closed_it_signs_nothing_more() -> None:
    log = MemoryLog()
    signing = Signing(log)
    write(log, 1)
    beat = Heartbeat(log, signing, lambda: True, every_s=0.1)
    beat.close()
    beat()
    beat.close()
    assert not signing.asked.wait(0.3)
    beat()
    assert signing.asked.wait(5)


@pytest.mark.parametrize("error", [SignerUnavailable("away"), StoreUnavailable("away"), StoreDamaged("no")])
def test_what_is_away_is_asked_again_though_nothing_follows(error: Exception) -> None:
    log = MemoryLog()
    signing = Signing(log, error)
    write(log, 1)
    Heartbeat(log, signing, lambda: True, every_s=0.05)()
    assert signing.asked.wait(5)
    signing.error = None
    reach(lambda: signing.sizes == [1])


def test_the_child_of_a_fork_has_a_timer_of_its_own() -> None:
    log = MemoryLog()
    signing = Signing(log)
    write(log, 1)
    beat = Heartbeat(log, signing, lambda: True, every_s=0.3)
    beat()
    child = os.fork()
    if child == 0:
        beat()
        os._exit(0 if signing.asked.wait(5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    reach(lambda: signing.sizes == [1])
