"""Where stored requests lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ca_bridge.services.errors import GatewayError


class JournalFailed(GatewayError):
    """A request could not be kept, or none can be read; the text is for operators."""


@dataclass(frozen=True, slots=True)
class JournalContents:
    """What can be read: CA certificates (DER by SHA-256), and requests as JSON lines, oldest day first."""

    certificates: Mapping[str, bytes]
    count: int
    lines: Iterable[bytes]


class RequestJournal(Protocol):
    """Keeps requests for a while, up to a size. May be written from threads and processes."""

    def digest(self, text: str) -> str:
        """A keyed digest, hexadecimal; the key lies with the requests and never leaves."""
        ...

    def append(self, time: datetime, record: Mapping[str, Any], certificates: Mapping[str, bytes]) -> None:
        """Keep ``record``, and those of ``certificates`` that are not kept yet. Raises JournalFailed."""
        ...

    def contents(self) -> JournalContents:
        """Everything that is kept now. Raises JournalFailed."""
        ...
