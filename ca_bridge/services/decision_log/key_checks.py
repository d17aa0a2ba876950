"""The gateway's keys and log as checks of the gateway upon itself: health, and custody as it is now."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

from ca_bridge.services.decision_log.live_seal import KeySet
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.key_management.model import KeyState, RegisteredKey
from ca_bridge.services.key_management.ports import KeyHealth
from ca_bridge.services.ports import Check

_FRESH_S = 1.0


class KeyChecks:
    """One check for each key that signs, and one of the log.

    Asked often, it makes no more than one signature a second with each key: whoever polls cannot wear a
    token down.
    """

    def __init__(
        self,
        keys: Callable[[], KeySet],
        health: Callable[[RegisteredKey], KeyHealth],
        log_size: Callable[[], int],
    ) -> None:
        self._keys = keys
        self._health = health
        self._log_size = log_size
        self._looking, self._waiting = Lock(), Lock()
        self._last: tuple[float, tuple[Check, ...]] | None = None

    def __call__(self) -> tuple[Check, ...]:
        """The checks, a second old or as old as the look that is under way; never raises."""
        last = self._last
        if last is not None and monotonic() - last[0] <= _FRESH_S:
            return last[1]
        if last is not None and not self._looking.acquire(blocking=False):
            return last[1]  # somebody looks, and a token may take its time: nobody else waits for it
        if last is None:
            with self._waiting:  # the first answer of all is waited for
                return self._last[1] if self._last is not None else self._fresh()
        try:
            return self._fresh()
        finally:
            self._looking.release()

    def _fresh(self) -> tuple[Check, ...]:
        found = self._look()
        self._last = (monotonic(), found)
        return found

    def _look(self) -> tuple[Check, ...]:
        try:
            size, keys = self._log_size(), self._keys().keys
        except GatewayError as error:
            return (_check("log", type(error).__name__, passed=False),)
        signing = (key for key in keys if key.state is KeyState.CURRENT)
        return (_check("log", f"{size}", entries=size), *(self._key(key) for key in signing))

    def _key(self, key: RegisteredKey) -> Check:
        found = self._health(key)
        custody = found.custody or "?"
        # What drivers say may name paths: it is for the logs of whoever runs this, not for whoever asks.
        cause = found.detail.partition(":")[0]
        text = f"{key.algorithm}, custody {custody}: {cause}" if not found.usable else ""
        return Check(
            name=f"key:{key.key_id}",
            passed=found.usable,
            detail_en=text or f"{key.algorithm}, custody {custody}, signs",
            detail_zh=text or f"{key.algorithm}，私钥位置 {custody}，可签名",
            facts=(("use", key.use.value), ("algorithm", key.algorithm), ("custody", custody)),
            needed=False,
        )


def _check(name: str, text: str, *, passed: bool = True, **facts: int) -> Check:
    return Check(
        name=name,
        passed=passed,
        detail_en=f"audit log: {text} entries" if passed else f"audit log: {text}",
        detail_zh=f"审计日志：{text} 条" if passed else f"审计日志：{text}",
        facts=tuple(facts.items()),
    )
