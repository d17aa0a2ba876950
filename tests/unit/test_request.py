"""Merging of single inputs; tests/properties/test_tighten.py holds the rule over all of them."""

from __future__ import annotations

import pytest

from ca_bridge.core.request import ANY_POLICY, common_policies, shorter

_ANY = frozenset({ANY_POLICY})
_ONE, _TWO = frozenset({"1.2.3"}), frozenset({"1.2.3", "1.2.4"})


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (_ANY, _ONE, _ONE),
        (_ONE, _ANY, _ONE),
        (_ONE, _TWO, _ONE),
        (_ANY, _ANY, _ANY),
        (_ONE, frozenset(), frozenset()),
    ],
)
def test_common_policies(one: frozenset[str], other: frozenset[str], common: frozenset[str]) -> None:
    assert common_policies(one, other) == common


@pytest.mark.parametrize(
    ("one", "other", "least"), [(None, None, None), (None, 2, 2), (3, None, 3), (3, 2, 2), (0, 5, 0)]
)
def test_shorter(one: int | None, other: int | None, least: int | None) -> None:
    assert shorter(one, other) == least
