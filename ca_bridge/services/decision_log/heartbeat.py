"""A signed head of the log at least once a minute while it grows, whether receipts are asked for or not."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from time import monotonic

from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.errors import GatewayError

EVERY_S = 60.0


class Heartbeat:
    """Told of every write, it signs once the last signed head is old. Never waits, never raises."""

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
        self._due_s = monotonic() + every_s

    def __call__(self) -> None:
        """Something was written."""
        with self._lock:
            if monotonic() < self._due_s:
                return
            self._due_s = monotonic() + self._every_s
        Thread(target=self._beat, name="audit-heartbeat", daemon=True).start()

    def _beat(self) -> None:
        try:
            latest = self._store.latest_checkpoint()
            size = 0 if latest is None else latest.size
            if self._store.head().size > size and self._offered():
                self._checkpoint()
        except GatewayError:
            return  # a store or a key that is away: the next write after the interval tries again
