"""Merged inputs are never looser than either, and order does not matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.path.trust_anchor import PathInputs, inputs_of_anchor, merge_inputs
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.x509.extensions import BasicConstraints, PolicyConstraints, PolicyInformation
from tests.fakes import certificates as make

count = st.none() | st.integers(0, 4)
inputs = st.builds(
    PathInputs,
    user_initial_policy_set=st.frozensets(st.sampled_from(["1.1", "1.2", ANY_POLICY]), max_size=2),
    explicit_policy=count,
    policy_mapping=count,
    inhibit_any_policy=count,
    max_path_length=count,
)


def allows(one: PathInputs, policy: str) -> bool:
    return policy in one.user_initial_policy_set or ANY_POLICY in one.user_initial_policy_set


def counters(one: PathInputs) -> list[float]:
    found = (one.explicit_policy, one.policy_mapping, one.inhibit_any_policy, one.max_path_length)
    return [float("inf") if value is None else value for value in found]


@given(first=inputs, second=inputs)
def test_never_looser(first: PathInputs, second: PathInputs) -> None:
    both = merge_inputs(first, second)
    for policy in ("1.1", "1.2", "1.3"):
        assert allows(both, policy) == (allows(first, policy) and allows(second, policy))
    assert counters(both) == [min(pair) for pair in zip(counters(first), counters(second), strict=True)]


@given(first=inputs, second=inputs, third=inputs)
def test_order_does_not_matter(first: PathInputs, second: PathInputs, third: PathInputs) -> None:
    def same(one: PathInputs, other: PathInputs) -> bool:
        policies = ("1.1", "1.2", "1.3")
        return counters(one) == counters(other) and all(allows(one, p) == allows(other, p) for p in policies)

    assert same(merge_inputs(first, second), merge_inputs(second, first))
    left = merge_inputs(merge_inputs(first, second), third)
    assert same(left, merge_inputs(first, merge_inputs(second, third)))
    assert same(merge_inputs(first, first), first)


def test_an_anchor_is_its_certificate() -> None:
    certificate = make.root()
    anchor = make.path(anchor=certificate).anchor
    assert (anchor.name, anchor.fingerprint) == (certificate.subject, certificate.fingerprint)


def test_what_an_anchor_says() -> None:
    anchor = make.path(
        anchor=make.root(
            certificate_policies=(PolicyInformation("1.1"),),
            policy_constraints=PolicyConstraints(1, 2),
            inhibit_any_policy=3,
            basic_constraints=BasicConstraints(ca=True, path_length=4),
        )
    ).anchor
    assert inputs_of_anchor(anchor) == PathInputs(frozenset({"1.1"}), 1, 2, 3, 4)
    assert inputs_of_anchor(make.path(anchor=make.root(basic_constraints=None)).anchor) == PathInputs()
