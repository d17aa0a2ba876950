"""Signatures that were announced in the log and of which nothing more is known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ca_bridge.services.audit.entries import EntryKind, KeyUseStatus

_KEY_USE = f'"kind":"{EntryKind.KEY_USE.value}"'.encode()
_MAX_NODES = 1000


@dataclass(slots=True)
class OpenIntents:
    """Intents from entry ``since`` on that no failure of their node follows: (first, how many) of each node.

    A process that is killed between intent and signature leaves one; the next checkpoint covers it.
    """

    since: int
    _nodes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, index: int, data: bytes) -> None:
        """The next entry."""
        if index < self.since or _KEY_USE not in data:
            return
        entry = _read(data)
        node, status = str(entry.get("node")), entry.get("status")
        if status == KeyUseStatus.FAILED:
            self._nodes.pop(node, None)
        elif status == KeyUseStatus.INTENDED and (node in self._nodes or len(self._nodes) < _MAX_NODES):
            first, count = self._nodes.get(node, (index, 0))
            self._nodes[node] = first, count + 1

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(count for _, count in self._nodes.values())

    @property
    def first(self) -> int | None:
        """Index of the first; None when there is none."""
        return min((first for first, _ in self._nodes.values()), default=None)


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
