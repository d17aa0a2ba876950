"""A bounded table of answers already worked out, for values that outside data chooses."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Memo(Generic[_Value]):
    """Two generations of a dict: what was used since the last turn stays, the rest goes.

    Keys are whole values, never digests cut short nor ids of objects, so no two questions share
    an answer; Python's keyed hash withstands chosen collisions. A generation turns when it holds
    ``max_entries`` or ``max_bytes``, so at most twice that is kept. Each step is one dict
    operation: with threads, the worst is that an answer is worked out twice.
    """

    __slots__ = ("_bytes", "_max_bytes", "_max_entries", "_old", "_young")

    def __init__(self, *, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._young: dict[Hashable, _Value] = {}
        self._old: dict[Hashable, _Value] = {}
        self._bytes = 0

    def get(self, key: Hashable, size_bytes: int) -> _Value | None:
        """The answer kept for ``key``, or None; ``size_bytes`` as ``put`` was told."""
        value = self._young.get(key)
        if value is None and (value := self._old.get(key)) is not None:
            self.put(key, value, size_bytes)
        return value

    def put(self, key: Hashable, value: _Value, size_bytes: int) -> None:
        """Keep ``value``; ``size_bytes`` is what keeping ``key`` alive may cost."""
        if len(self._young) >= self._max_entries or self._bytes + size_bytes > self._max_bytes:
            self._old, self._young, self._bytes = self._young, {}, 0
        self._young[key] = value
        self._bytes += size_bytes

    def __len__(self) -> int:
        """Entries held, those in both generations counted twice."""
        return len(self._young) + len(self._old)
