"""Workers killed while they write: nothing that was answered is lost, and nothing is written twice."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.kill_workers import run


def test_killed_workers_lose_and_double_nothing(tmp_path: Path) -> None:
    counts = run(tmp_path, 5, workers=4)
    assert counts.wrong() == []
    assert counts.kills == 5
    assert counts.answered == sum(counts.logged.values()) > 0
