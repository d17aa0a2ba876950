"""Merging a domain's parameters with a caller's is never looser than either, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.request import (
    ANY_POLICY,
    KeyUsageBit,
    Parameters,
    RevocationRule,
    common_policies,
    tighten,
)

_POLICIES = ("1.2.3", "1.2.4", "1.2.5")
_sets = st.one_of(
    st.just(frozenset({ANY_POLICY})), st.frozensets(st.sampled_from(_POLICIES)), st.just(frozenset())
)
_parameters = st.builds(
    Parameters,
    validation_time=st.just(datetime(2025, 1, 1, tzinfo=UTC)),
    key_usage=st.frozensets(st.sampled_from(list(KeyUsageBit))),
    revocation=st.sampled_from(list(RevocationRule)),
    user_initial_policy_set=_sets,
    initial_explicit_policy=st.booleans(),
    initial_policy_mapping_inhibit=st.booleans(),
    initial_any_policy_inhibit=st.booleans(),
    max_path_length=st.one_of(st.none(), st.integers(0, 9)),
    algorithm_profile=st.sampled_from(["default", "legacy"]),
)
_ORDER = list(RevocationRule)


def _allows(policies: frozenset[str], policy: str) -> bool:
    return ANY_POLICY in policies or policy in policies


def _limit(length: int | None) -> float:
    return float("inf") if length is None else length


@given(_parameters, _parameters)
def test_never_looser_than_either(base: Parameters, asked: Parameters) -> None:
    merged = tighten(base, asked)
    for side in (base, asked):
        assert _ORDER.index(merged.revocation) >= _ORDER.index(side.revocation)
        assert merged.key_usage >= side.key_usage
        assert merged.initial_explicit_policy >= side.initial_explicit_policy
        assert merged.initial_policy_mapping_inhibit >= side.initial_policy_mapping_inhibit
        assert merged.initial_any_policy_inhibit >= side.initial_any_policy_inhibit
        assert _limit(merged.max_path_length) <= _limit(side.max_path_length)
        for policy in _POLICIES:
            assert _allows(side.user_initial_policy_set, policy) or not _allows(
                merged.user_initial_policy_set, policy
            )
    assert merged.algorithm_profile == base.algorithm_profile


@given(_parameters, _parameters)
def test_order_does_not_matter_for_what_is_merged(one: Parameters, other: Parameters) -> None:
    there = tighten(one, other)
    back = replace(tighten(other, one), algorithm_profile=there.algorithm_profile)
    assert there == back


@given(_sets, _sets)
def test_common_policies_is_intersection(one: frozenset[str], other: frozenset[str]) -> None:
    common = common_policies(one, other)
    for policy in _POLICIES:
        assert _allows(common, policy) == (_allows(one, policy) and _allows(other, policy))
