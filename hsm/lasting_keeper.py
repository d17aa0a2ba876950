"""Keeps one token open in one process: notices faults, lets nobody wait for a broken token, opens it again.

Rules. Nothing of the module is called outside the worker threads. A token is closed only after every call
into it has come back. It is opened by one thread only, at most once in ``retry_after_s``. A refused PIN
ends all trying for good.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar, cast

from hsm.errors import BadSignature, PinRefused, TokenError, TokenUnavailable
from hsm.lasting_calls import Call, Workers
from hsm.lasting_opening import let_go
from hsm.token import Token

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for a call, for one that makes a key, and between two openings; threads for calls."""

    timeout_s: float = 2.0
    generate_s: float = 60.0
    retry_after_s: float = 1.0
    threads: int = 4


class _State(Enum):
    NEW = auto()
    OPENING = auto()
    READY = auto()
    FAULTY = auto()
    REFUSED = auto()
    CLOSED = auto()


_FINAL = frozenset({_State.REFUSED, _State.CLOSED})


class Keeper:
    """One token of this process. Its threads begin with the first call."""

    def __init__(
        self, open_token: Callable[[], Token], open_again: Callable[[], Token], limits: Limits
    ) -> None:
        """``open_again`` opens after a fault, and makes sure that the token signs."""
        self._open = open_token
        self._open_again = open_again
        self._limits = limits
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._state = _State.NEW
        self._why = ""
        self._token: Token | None = None
        self._running = 0
        self._slow_running = 0
        self._workers = Workers(limits.threads, begin=self._begin, end=self._end)

    @property
    def fault(self) -> str:
        """Why the token cannot be used now; empty when it can, or was not asked for anything yet."""
        with self._changed:
            return self._why

    @property
    def refused(self) -> bool:
        """Whether the PIN was refused."""
        with self._changed:
            return self._state is _State.REFUSED

    def call(self, work: Callable[[Token], T], *, slow: bool = False) -> T:
        """What ``work`` returns for the open token, within the time limit; the errors of Token."""
        limit_s = self._limits.generate_s if slow else self._limits.timeout_s
        end = time.monotonic() + limit_s
        # Which token that is, is settled when the call is made: it cannot be replaced from then on.
        call = Call(lambda: work(cast("Token", self._token)), slow=slow)
        with self._changed:
            self._await_ready(end)
            self._workers.put(call)
        if not call.ended.wait(max(0.0, end - time.monotonic())):
            self._give_up(call, limit_s)
        return call.result()

    def stop(self) -> None:
        """Nobody gets the token any more; it is closed, and the threads end, as soon as that can be.

        Nothing happens in a forked child, which has neither the threads nor the right to the handles.
        """
        if self._pid != os.getpid():
            return
        with self._changed:
            self._turn(_State.CLOSED, "the token was closed")

    def close(self) -> None:
        """As ``stop``, and waits for it, no longer than a call may take."""
        with self._changed:
            self.stop()
            self._changed.wait_for(lambda: self._token is None and not self._running, self._limits.timeout_s)

    def _await_ready(self, end: float) -> None:
        """Returns when there is a token, waiting for its first opening only; raises otherwise. Locked."""
        if self._state is _State.NEW:
            self._turn(_State.OPENING, "")
            self._workers.start()
            threading.Thread(target=self._keep, name="token-keeper", daemon=True).start()
        self._changed.wait_for(lambda: self._state is not _State.OPENING, end - time.monotonic())
        if self._state is not _State.READY:
            raise self._refusal()

    def _refusal(self) -> TokenError:
        """What callers get while the token is not READY. Locked."""
        if self._state is _State.OPENING:
            return TokenUnavailable("the token is being opened and does not answer")
        return (PinRefused if self._state is _State.REFUSED else TokenUnavailable)(self._why)

    def _turn(self, state: _State, why: str) -> None:
        """The one place where the state changes; CLOSED stays, and REFUSED changes only to it. Locked."""
        if self._state not in _FINAL or (self._state, state) == (_State.REFUSED, _State.CLOSED):
            self._state, self._why = state, why
            self._changed.notify_all()

    def _give_up(self, call: Call[Any], limit_s: float) -> None:
        """The caller's time is over: what the call may still return is for nobody."""
        why = f"the token does not answer: nothing came within {limit_s:g} s"
        with self._changed:
            if call.ended.is_set():
                return
            call.given_up = True
            # While a key is being made, a module that does one thing at a time is busy and not broken.
            if call.begun and (call.slow or not self._slow_running) and self._state is _State.READY:
                self._turn(_State.FAULTY, why)
        raise TokenUnavailable(why)

    def _begin(self, call: Call[Any]) -> bool:
        """Whether a call taken off the queue is still to be made; an unwanted one is answered here."""
        with self._changed:
            if not (call.given_up or call.inner or self._state is _State.READY):
                call.refuse(self._refusal())
            if call.given_up or call.ended.is_set():
                return False
            call.begun = True
            self._running += 1
            self._slow_running += call.slow
            return True

    def _end(self, call: Call[Any]) -> None:
        with self._changed:
            self._running -= 1
            self._slow_running -= call.slow
            if isinstance(call.error, PinRefused):
                self._turn(_State.REFUSED, str(call.error))
            elif isinstance(call.error, TokenUnavailable | BadSignature) and self._state is _State.READY:
                self._turn(_State.FAULTY, str(call.error))
            call.ended.set()
            if self._state is not _State.READY:
                self._changed.notify_all()

    def _keep(self) -> None:
        """The keeper's thread: whatever is not READY is let go of, and opened again unless that is final."""
        next_opening, open_token = 0.0, self._open
        while self._must_open(next_opening):
            next_opening = time.monotonic() + self._limits.retry_after_s
            opening = self._inside(open_token)
            open_token = self._open_again
            with self._changed:
                if opening.error is None:
                    self._token = opening.result()
                    self._turn(_State.READY, "")
                else:
                    self._turn(_State.FAULTY, str(opening.error))
        self._workers.stop()

    def _must_open(self, not_before: float) -> bool:
        """True when it is time to open; False when the token is closed for good and let go of."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._state is not _State.READY and not self._running)
                token = self._token
            if token is not None:
                self._inside(partial(let_go, token))
            with self._changed:
                self._token = None
                self._changed.notify_all()
                if self._state is _State.REFUSED:
                    self._changed.wait_for(lambda: self._state is _State.CLOSED)
                self._changed.wait_for(lambda: self._state is _State.CLOSED, not_before - time.monotonic())
                return self._state is not _State.CLOSED

    def _inside(self, work: Callable[[], T]) -> Call[T]:
        """A call of the keeper's own, ended: it may take any time, since nobody waits for it."""
        call = Call(work, inner=True)
        self._workers.put(call)
        call.ended.wait()
        return call
