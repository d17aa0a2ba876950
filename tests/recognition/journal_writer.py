"""A writer of stored requests in a process of its own."""

from __future__ import annotations

from pathlib import Path

from ca_bridge.adapters.request_journal import JournalLimits, RequestJournalFolder
from tests.recognition.replays import NOW


def write_rows(folder: str, writer: int, rows: int) -> None:
    journal = RequestJournalFolder(Path(folder), JournalLimits(segment_bytes=20_000))
    for row in range(rows):
        journal.append(NOW, {"writer": writer, "row": row, "text": "y" * 300}, {"c": b"z" * 200})
