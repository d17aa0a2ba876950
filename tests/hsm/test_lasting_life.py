"""How a LastingToken ends, and what is left of it in a forked child."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from hsm.errors import TokenUnavailable
from hsm.lasting import LastingToken
from hsm.token import SignatureAlgorithm
from tests.hsm.scripted_token import (
    RETRY_S,
    SHORT_S,
    Stage,
    lasting_fixture,
    stage_fixture,
    token_threads,
    wait_until,
)

__all__ = ["lasting_fixture", "stage_fixture"]

ECDSA = SignatureAlgorithm.ECDSA_SHA256


def test_closing_ends_the_threads(stage: Stage) -> None:
    wait_until(lambda: token_threads() == 0)
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S)
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"text")
    assert token_threads() == 5
    lasting.close()
    lasting.close()
    assert stage.opened[0].closed == 1
    wait_until(lambda: token_threads() == 0)
    with pytest.raises(TokenUnavailable, match="the token was closed"):
        lasting.sign(ref, ECDSA, b"text")
    assert not lasting.health(ref).usable
    assert len(stage.opened) == 1


def test_closing_before_the_first_call_opens_nothing(stage: Stage) -> None:
    lasting = LastingToken(stage.open)
    lasting.close()
    with pytest.raises(TokenUnavailable, match="closed"):
        lasting.keys()
    assert stage.opened == []


def test_closing_waits_for_a_stuck_call_no_longer_than_its_limit(stage: Stage) -> None:
    wait_until(lambda: token_threads() == 0)
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S)
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"text")
    stage.free.clear()
    with pytest.raises(TokenUnavailable):
        lasting.sign(ref, ECDSA, b"stuck")
    start = time.monotonic()
    lasting.close()
    assert time.monotonic() - start < SHORT_S + 1.5
    assert stage.opened[0].closed == 0
    stage.free.set()
    wait_until(lambda: token_threads() == 0)
    assert stage.opened[0].closed == 1
    assert not stage.closed_while_inside
    assert len(stage.opened) == 1


def test_closing_while_it_opens_closes_what_was_opened(stage: Stage) -> None:
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S)
    stage.opening_free.clear()
    with pytest.raises(TokenUnavailable, match="being opened"):
        lasting.keys()
    lasting.close()
    stage.opening_free.set()
    wait_until(lambda: stage.opened[0].closed == 1)


def test_one_that_nobody_has_any_more_lets_go(stage: Stage) -> None:
    wait_until(lambda: token_threads() == 0)
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S)
    lasting.sign(stage.add_key(b"1"), ECDSA, b"text")
    del lasting
    gc.collect()
    wait_until(lambda: token_threads() == 0)
    assert stage.opened[0].closed == 1


def in_child(work: Callable[[], bool]) -> bool:
    """What it says in a forked child."""
    child = os.fork()
    if child == 0:
        answer = False
        try:
            answer = work()
        finally:
            os._exit(0 if answer else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_forked_child_opens_for_itself(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"parent")

    def child() -> bool:
        signed = bool(lasting.sign(ref, ECDSA, b"child"))
        lasting.close()
        return signed and len(stage.opened) == 2 and [token.closed for token in stage.opened] == [0, 1]

    assert in_child(child)
    assert lasting.sign(ref, ECDSA, b"parent again")
    assert len(stage.opened) == 1


def test_a_child_forked_in_the_middle_of_a_fault_is_not_stuck(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"parent")
    stage.free.clear()
    with pytest.raises(TokenUnavailable):
        lasting.sign(ref, ECDSA, b"stuck")

    def child() -> bool:
        stage.free = threading.Event()
        stage.free.set()
        return bool(lasting.sign(ref, ECDSA, b"child"))

    assert in_child(child)


def test_a_child_that_drops_its_parents_token_waits_for_no_lock_of_the_parents(stage: Stage) -> None:
    kept = [LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S)]
    kept[0].sign(stage.add_key(b"1"), ECDSA, b"parent")
    keeper = kept[0]._by_process[os.getpid()][0]
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with keeper._changed:
            held.set()
            over.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)

    def child() -> bool:
        signal.alarm(30)
        kept.clear()
        gc.collect()
        return True

    assert in_child(child)
    over.set()
    holder.join(10)
    kept[0].close()


def test_a_closed_token_stays_closed_in_a_child(stage: Stage) -> None:
    lasting = LastingToken(stage.open)
    lasting.close()

    def child() -> bool:
        try:
            lasting.keys()
        except TokenUnavailable:
            return not stage.opened
        return False

    assert in_child(child)
