"""Flip any byte of a receipt, to any value, and it no longer holds; both verifiers agree on every one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.receipts.house import House, flips, house, verdicts

KINDS = ("p256", "ed25519", "sm2", "all")


@pytest.mark.parametrize(("kind", "seed"), [("p256", 1), ("ed25519", 2), ("sm2", 3), ("all", 4)])
def test_every_position(kind: str, seed: int) -> None:
    one = house(kind)
    raw = one.receipts(5, old=2)[3]
    assert verdicts(one, raw) == (True, True)
    for flipped in flips(raw, seed):
        assert verdicts(one, flipped) == (False, False)


@pytest.mark.parametrize("kind", ["p256", "sm2"])
def test_all_values_at_some_positions(kind: str) -> None:
    one = house(kind)
    raw = one.receipts(3)[0]
    for position in random.Random(5).sample(range(len(raw)), 16):  # noqa: S311 - a test's choice
        for value in set(range(256)) - {raw[position]}:
            flipped = raw[:position] + bytes([value]) + raw[position + 1 :]
            assert verdicts(one, flipped) == (False, False)


@pytest.mark.parametrize("kind", ["ed25519", "all"])
def test_every_single_bit_of_what_is_not_signed_itself(kind: str) -> None:
    """Proof, index, algorithm names, key names, signatures: bound by being recomputed or compared."""
    one = house(kind)
    raw = one.receipts(3, old=4)[1]
    start, end = raw.index(b'"inclusion_proof"'), raw.index(b'"statement"')
    for position in range(start, end, 13):
        for bit in range(8):
            flipped = raw[:position] + bytes([raw[position] ^ 1 << bit]) + raw[position + 1 :]
            assert verdicts(one, flipped) == (False, False)


def _one(kind: str) -> tuple[House, bytes]:
    return house(kind), house(kind).receipts(2)[1]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_cuts_swaps_and_insertions(data: st.DataObject) -> None:
    one, raw = _one(data.draw(st.sampled_from(KINDS)))
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 80)))
    put = data.draw(
        st.binary(max_size=40) | st.sampled_from([b" ", b"\n", b",", b"0", b'"', b"[]", b"\\u0041"])
    )
    other = raw[:start] + put + raw[end:]
    assert verdicts(one, other) == ((True, True) if other == raw else (False, False))
