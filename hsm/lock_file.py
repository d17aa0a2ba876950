"""Files that processes lock against each other, never waiting for one that hangs, and never past a fork."""

from __future__ import annotations

import fcntl
import os
import time

_LOOK_S = 0.005


class LockFile:
    """An open file that may be locked until it is closed.

    A lock belongs to the open file, which a forked child has too: it would keep what its parent let go of.
    So a child closes its own at once.
    """

    def __init__(self, descriptor: int) -> None:
        """``descriptor`` is this object's to close."""
        self.descriptor = descriptor
        _open.add(self)

    @property
    def is_open(self) -> bool:
        """False once it was closed, or in a child that was forked since it was opened."""
        return self in _open

    def lock(self, wait_s: float) -> bool:
        """Whether the lock was got within ``wait_s``; at least one try is made."""
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= end:
                    return False
                time.sleep(_LOOK_S)
            else:
                return True

    def close(self) -> None:
        """Let go; harmless when done twice, and in a forked child."""
        if self.is_open:
            _open.discard(self)
            os.close(self.descriptor)


def _let_go_in_child() -> None:
    for held in tuple(_open):
        held.close()


_open: set[LockFile] = set()
os.register_at_fork(after_in_child=_let_go_in_child)
