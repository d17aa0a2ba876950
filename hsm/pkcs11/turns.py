"""Processes that open a token, or change what is on it, do so one after the other.

SoftHSM writes its token's file anew at every login, in place; a process that reads it at that moment finds
no token, or one without a PIN. So it is with objects that are made and destroyed. Processes that log in
with one PIN file are those that would meet, so the lock is on that file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from hsm.lock_file import LockFile

OPENING_S = 5.0
AGAIN_S = 0.5


@contextmanager
def turn(pin_source: str, wait_s: float) -> Iterator[None]:
    """A turn; after ``wait_s`` it goes on without one, for the process before may hang in its module."""
    try:
        descriptor = os.open(pin_source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        # No PIN file, or not for us: reading the PIN will say so.
        yield
        return
    held = LockFile(descriptor)
    try:
        held.lock(wait_s)
        yield
    finally:
        held.close()
