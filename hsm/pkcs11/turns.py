"""Processes that open a token, or change what is on it, do so one after the other.

SoftHSM writes its token's file anew at every login, in place; a process that reads it at that moment finds
no token, or one without a PIN. So it is with objects that are made and destroyed. Processes that log in
with one PIN file are those that would meet, so the lock is on that file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

OPENING_S = 5.0
AGAIN_S = 0.5
_LOOK_S = 0.005


@contextmanager
def turn(pin_source: str, wait_s: float) -> Iterator[None]:
    """A turn; after ``wait_s`` it goes on without one, for the process before may hang in its module."""
    try:
        descriptor = os.open(pin_source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        # No PIN file, or not for us: reading the PIN will say so.
        yield
        return
    try:
        _wait(descriptor, time.monotonic() + wait_s)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, end: float) -> None:
    """Returns with the lock, or when it is time."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= end:
                return
            time.sleep(_LOOK_S)
        else:
            return
