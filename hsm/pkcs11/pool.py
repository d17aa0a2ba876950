"""Sessions of one login, kept and lent to one thread each. One more, never lent, holds the login."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from hsm.errors import TokenUnavailable
from hsm.pkcs11.library import Library
from hsm.pkcs11.return_values import CKR_SESSION_COUNT, Returned
from hsm.pkcs11.session import Session
from hsm.pkcs11.slots import Slot

MAX_SESSIONS = 16
_WAIT_S = 5.0


class Pool:
    """At most 16 sessions, fewer if the token has fewer; whoever finds none free waits up to 5 s."""

    def __init__(self, library: Library, slot: Slot) -> None:
        self._library = library
        self._slot = slot
        # The session that holds the login, and one for writing, are not lent from here.
        self._most = max(1, min(MAX_SESSIONS, (slot.max_sessions or MAX_SESSIONS + 2) - 2))
        self._free: list[Session] = []
        self._open = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def lent(self) -> Iterator[Session]:
        """A session; closed and not lent again after any error, for an operation may be active in it."""
        with ExitStack() as undoing:
            session = self._take()
            undoing.callback(self._drop, session)
            yield session
            undoing.pop_all()
        self._give_back(session)

    def close(self) -> None:
        """Closes the free ones now, and the lent ones as they come back."""
        with self._changed:
            self._closed = True
            free, self._free = self._free, []
            self._open -= len(free)
        for session in free:
            session.close()

    @property
    def size(self) -> int:
        """Sessions that are open now."""
        return self._open

    def _take(self) -> Session:
        with self._changed:
            if not self._changed.wait_for(lambda: self._free or self._open < self._most, _WAIT_S):
                raise TokenUnavailable("all sessions are in use and none came free")
            if self._free:
                return self._free.pop()
            self._open += 1
        try:
            return Session(self._library, self._slot.number)
        except Returned as returned:
            self._one_less()
            return self._without_more(returned)

    def _without_more(self, returned: Returned) -> Session:
        """After a refused opening: one of the others, if the token's own limit was reached."""
        if returned.value != CKR_SESSION_COUNT or not self._open:
            raise returned
        with self._changed:
            self._most = max(1, self._open)
            if not self._changed.wait_for(lambda: self._free, _WAIT_S):
                raise TokenUnavailable("all sessions are in use and none came free")
            return self._free.pop()

    def _give_back(self, session: Session) -> None:
        with self._changed:
            if not self._closed:
                self._free.append(session)
                self._changed.notify()
                return
        self._drop(session)

    def _drop(self, session: Session) -> None:
        self._one_less()
        session.close()

    def _one_less(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify()
