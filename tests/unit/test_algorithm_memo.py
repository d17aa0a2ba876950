"""The bounded table of answers."""

from __future__ import annotations

from ca_bridge.core.algorithms.memo import Memo


def test_keeps_what_was_put() -> None:
    memo: Memo[str] = Memo(max_entries=2, max_bytes=100)
    assert memo.get("a", 1) is None
    memo.put("a", "A", 1)
    assert memo.get("a", 1) == "A"


def test_what_is_used_survives_and_the_rest_goes() -> None:
    memo: Memo[int] = Memo(max_entries=3, max_bytes=1000)
    for number in range(100):
        memo.put(number, number + 1, 1)
        assert memo.get(0, 1) == 1
        assert len(memo) <= 6
    assert memo.get(1, 1) is None


def test_bytes_are_bounded_too() -> None:
    memo: Memo[int] = Memo(max_entries=1000, max_bytes=10)
    for number in range(100):
        memo.put(number, 1, 4)
        assert len(memo) <= 4
    memo.put("huge", 1, 10_000)
    memo.put("next", 1, 1)
    memo.put("after", 1, 1)
    assert len(memo) <= 3
