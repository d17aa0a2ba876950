from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event

import pytest

from ca_bridge.services.audit.entries import EntryKind, new_entry
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.decision_log.heartbeat import Heartbeat
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
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
        self.log.save_checkpoint(made)
        self.sizes.append(head.size)
        return made


def write(log: MemoryLog, number: int) -> None:
    log.append((new_entry(EntryKind.ADMINISTRATION, time=NOW, node="n1", members={"number": number}),))


def test_a_log_that_grows_is_signed_after_the_interval_and_not_before() -> None:
    log = MemoryLog()
    signing = Signing(log)
    beat = Heartbeat(log, signing, lambda: True, every_s=0.2)
    write(log, 1)
    beat()
    assert not signing.asked.is_set()
    time.sleep(0.25)
    beat()
    assert signing.asked.wait(5)
    time.sleep(0.25)
    beat()  # nothing was written since
    time.sleep(0.25)
    write(log, 2)
    beat()
    deadline = time.monotonic() + 5
    while len(signing.sizes) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert signing.sizes == [1, 2]


def test_without_keys_nothing_is_asked_of_them() -> None:
    log = MemoryLog()
    signing = Signing(log)
    write(log, 1)
    Heartbeat(log, signing, lambda: False, every_s=0)()
    assert not signing.asked.wait(0.3)


@pytest.mark.parametrize("error", [SignerUnavailable("away"), StoreUnavailable("away")])
def test_what_is_away_is_asked_again_later(error: Exception) -> None:
    log = MemoryLog()
    signing = Signing(log, error)
    write(log, 1)
    beat = Heartbeat(log, signing, lambda: True, every_s=0)
    beat()
    assert signing.asked.wait(5)
    signing.asked.clear()
    signing.error = None
    beat()
    assert signing.asked.wait(5)
