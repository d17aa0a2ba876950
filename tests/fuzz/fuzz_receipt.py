"""Fuzz check_receipt: a result for any bytes; and none but the seed holds.

By hand: ``python tests/fuzz/fuzz_receipt.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_receipt.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.receipt.canonical import canonical_bytes
from tests.fuzz import campaign
from tests.receipts.house import house, statement

HOUSE = house("all")
SEEDS = (*HOUSE.receipts(3, old=2), *house("ed25519").receipts(1))
STATED = frozenset(canonical_bytes(statement(n)) for n in range(3))


def check(data: bytes) -> None:
    """Anything that escapes, and any other receipt that holds, is a defect."""
    result = HOUSE.check(data)
    # A signature left out leaves a receipt of the others; what is stated stays what was signed.
    if result.holds and (result.receipt is None or result.receipt.leaf not in STATED):
        raise AssertionError("a receipt that nobody signed")
    if not result.holds and not all(all(finding.texts()) for finding in result.findings):
        raise AssertionError("a finding without text")


def test_seeds_and_their_single_edits() -> None:
    assert [HOUSE.check(seed).holds for seed in SEEDS] == [True, True, True, False]
    for at in range(0, len(SEEDS[0]), 7):
        for octet in (0x00, 0x22, 0x7F, 0xFF):
            check(SEEDS[0][:at] + bytes((octet,)) + SEEDS[0][at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
