"""A signed head of the log within a minute of every write, whether receipts are asked for or not."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock, Timer

from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.errors import GatewayError

EVERY_S = 60.0


class Heartbeat:
    """Told of every write, it signs after the interval what is not signed by then. Never waits or raises."""

    def __init__(
        self,
        store: LogStore,
        checkpoint: Callable[[], SealedHead],
        offered: Callable[[], bool],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        """``checkpoint`` signs and stores a head; it is asked only where ``offered``."""
        self._store = store
        self._checkpoint = checkpoint
        self._offered = offered
        self._every_s = every_s
        self._lock = Lock()
        self._timer: Timer | None = None
        self._process = 0  # whose timer it is: the child of a fork has none

    def __call__(self) -> None:
        """Something was written."""
        with self._lock:
            if self._timer is not None and self._process == os.getpid():
                return
            self._process = os.getpid()
            self._timer = Timer(self._every_s, self._beat)
            self._timer.name, self._timer.daemon = "audit-heartbeat", True
            self._timer.start()

    def close(self) -> None:
        """Sign nothing more until the next write."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _beat(self) -> None:
        with self._lock:
            self._timer = None
        try:
            latest = self._store.latest_checkpoint()
            size = 0 if latest is None else latest.size
            if self._store.head().size > size and self._offered():
                self._checkpoint()
        except GatewayError:
            self()  # a store or a key that is away is tried again after the interval
