"""Those who wait for the log: what each gave, what each gets, and the line they stand in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Generic, TypeVar

from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.log_port import Appended, Recorded
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.errors import GatewayError


class Ticket:
    """One caller's entries; ``sealed`` asks for a signed head over them, ``kept`` that it be stored too."""

    __slots__ = (
        "_done",
        "_error",
        "entries",
        "given_up",
        "head",
        "kept",
        "proofs",
        "recorded",
        "sealed",
        "written_s",
    )
    head: SealedHead
    """There when the ticket was settled without an error, if it asked for one."""

    def __init__(self, entries: Sequence[NewEntry], *, sealed: bool = False, kept: bool = False) -> None:
        self.entries = entries
        self.sealed = sealed
        self.kept = kept
        self.recorded: tuple[Recorded, ...] = ()
        self.proofs: tuple[tuple[bytes, ...], ...] = ()
        self.written_s: float | None = None
        self.given_up = False
        self._error: GatewayError | None = None
        self._done = Lock()
        self._done.acquire()

    @property
    def waiting(self) -> bool:
        """Whether the caller is still to be told."""
        return self._done.locked() and not self.given_up

    def settle(self, error: GatewayError | None = None) -> None:
        """Tell the caller; the first time counts."""
        if self._done.locked():
            self._error = error
            self._done.release()

    def wait(self, timeout_s: float) -> bool:
        """Whether the caller was told within the time; raises what went wrong."""
        if not self._done.acquire(timeout=max(0.0, timeout_s)):
            return False
        if self._error is not None:
            raise self._error
        return True


@dataclass(frozen=True, slots=True)
class Written:
    """What one append did, and who waits for a signed head over it."""

    appended: Appended
    tickets: tuple[Ticket, ...]


_Item = TypeVar("_Item")


class Line(Generic[_Item]):
    """First come, first served; whoever serves takes several at once."""

    def __init__(self) -> None:
        self._items: deque[_Item] = deque()
        self._changed = Condition(Lock())
        self._closed = False

    def put(self, item: _Item) -> None:
        """Stand in line."""
        with self._changed:
            self._items.append(item)
            self._changed.notify()

    def close(self) -> None:
        """Nobody comes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether anybody stands in line, when somebody comes or the time is over; at once when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            return bool(self._items)

    def take(self, at_most: int, weigh: Callable[[_Item], int]) -> list[_Item]:
        """Those in front, together no heavier than ``at_most``, but for the first; without waiting."""
        taken: list[_Item] = []
        with self._changed:
            while self._items:
                at_most -= weigh(self._items[0])
                if taken and at_most < 0:
                    break
                taken.append(self._items.popleft())
        return taken

    @property
    def closed(self) -> bool:
        """Whether nobody comes any more."""
        return self._closed
