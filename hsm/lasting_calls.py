"""Calls into a token's module on threads of their own: one that never comes back holds up no caller."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from hsm.errors import TokenError, TokenUnavailable

T = TypeVar("T")


class Call(Generic[T]):
    """One call: it is made at most once, and what it returns reaches the one who asked for it or nobody.

    ``slow``: it makes a key. ``inner``: it is the keeper's own.
    """

    def __init__(self, work: Callable[[], T], *, slow: bool = False, inner: bool = False) -> None:
        self._work = work
        self._value: list[T] = []
        self.slow = slow
        self.inner = inner
        self.error: TokenError | None = None
        self.begun = False
        self.given_up = False
        self.crashed = False
        self.ended = threading.Event()

    def run(self) -> None:
        """Do the work. An exception that is no TokenError goes on to the thread, noted as a broken token."""
        try:
            self._value.append(self._work())
        except TokenError as error:
            self.error = error
        finally:
            if not self._value and self.error is None:
                self.crashed = True
                self.error = TokenUnavailable("the token's driver failed in a way that it should not")

    def refuse(self, error: TokenError) -> None:
        """Answer the caller without doing the work."""
        self.error = error
        self.ended.set()

    def result(self) -> T:
        """What the work returned; its error is raised."""
        if self.error is not None:
            raise self.error
        return self._value[0]


class Workers:
    """A fixed number of daemon threads that take calls in turn.

    ``begin`` is asked before each call whether it is still to be made, and answers the caller if not; ``end``
    is told of each that was made, and answers the caller. A thread that dies of an unforeseen exception
    shows it and is replaced.
    """

    def __init__(
        self, count: int, *, begin: Callable[[Call[Any]], bool], end: Callable[[Call[Any]], None]
    ) -> None:
        self._count = count
        self._begin = begin
        self._end = end
        self._calls: SimpleQueue[Call[Any] | None] = SimpleQueue()

    def start(self) -> None:
        """All threads, begun."""
        for _ in range(self._count):
            self._spawn()

    def put(self, call: Call[Any]) -> None:
        """Hand over a call; never waits."""
        self._calls.put(call)

    def stop(self) -> None:
        """Every thread ends with the call that it has in hand."""
        for _ in range(self._count):
            self._calls.put(None)

    def _spawn(self) -> None:
        threading.Thread(target=self._take_calls, name="token-call", daemon=True).start()

    def _take_calls(self) -> None:
        while (call := self._calls.get()) is not None:
            if self._begin(call):
                self._make(call)
            del call  # a waiting thread keeps no result alive

    def _make(self, call: Call[Any]) -> None:
        try:
            call.run()
        finally:
            if call.crashed:
                self._spawn()
            self._end(call)
