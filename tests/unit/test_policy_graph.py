from __future__ import annotations

import pytest

from ca_bridge.core.budget import Budget, BudgetExhausted, Limits
from ca_bridge.core.path.policy_graph import (
    NO_POLICIES,
    PolicyGraph,
    assert_policies,
    constrain_policies,
    delete_mapped_policies,
    initial_policy_graph,
    map_policies,
)
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.verdict import PolicyQualifier
from ca_bridge.core.x509.extensions import PolicyInformation, PolicyMapping

ANY = frozenset({ANY_POLICY})


def asserted(
    graph: PolicyGraph | None, *policies: str | PolicyInformation, any_counts: bool = True
) -> PolicyGraph | None:
    assert graph is not None
    given = tuple(PolicyInformation(p) if isinstance(p, str) else p for p in policies)
    return assert_policies(graph, given, Budget(), any_policy_counts=any_counts)


def mapped(graph: PolicyGraph | None, *pairs: tuple[str, str]) -> PolicyGraph:
    assert graph is not None
    return map_policies(graph, tuple(PolicyMapping(*pair) for pair in pairs), Budget())


def authorities(graph: PolicyGraph | None) -> set[str]:
    return set(constrain_policies(graph, ANY, Budget()).authorities)


def test_null_graph_has_no_policies() -> None:
    assert constrain_policies(None, ANY, Budget()) == NO_POLICIES


def test_asserting_nothing_expected_gives_null() -> None:
    first = asserted(initial_policy_graph(), "1.1")
    assert asserted(first, "1.2") is None


def test_any_policy_stands_for_what_is_expected_unless_inhibited() -> None:
    first = asserted(initial_policy_graph(), "1.1", "1.2")
    assert authorities(asserted(first, "1.1", ANY_POLICY)) == {"1.1", "1.2"}
    assert authorities(asserted(first, "1.1", ANY_POLICY, any_counts=False)) == {"1.1"}
    assert asserted(first, ANY_POLICY, any_counts=False) is None


def test_one_node_with_two_parents() -> None:
    """RFC 9618 figure of an exact match: Red and Blue both expect Gold, one child stands for both."""
    graph = mapped(
        asserted(initial_policy_graph(), "red", "blue"),
        ("red", "gold"),
        ("red", "white"),
        ("blue", "gold"),
        ("blue", "yellow"),
    )
    below = asserted(graph, "gold")
    assert below is not None
    assert [n.valid_policy for n in below.nodes["gold"].parents] == ["red", "blue"]
    assert authorities(below) == {"red", "blue"}


def test_mapping_of_what_any_policy_covers() -> None:
    graph = mapped(asserted(initial_policy_graph(), ANY_POLICY), ("1.1", "2.1"), ("1.1", "2.1"))
    assert authorities(asserted(graph, "2.1")) == {"1.1"}
    assert authorities(asserted(graph, "3.1")) == {"3.1"}
    assert authorities(graph) == {"1.1", ANY_POLICY}


def test_mapping_of_what_is_not_valid_changes_nothing() -> None:
    graph = mapped(asserted(initial_policy_graph(), "1.1"), ("9.9", "2.1"))
    assert asserted(graph, "2.1") is None
    assert authorities(asserted(graph, "1.1")) == {"1.1"}


def test_deleting_what_is_mapped() -> None:
    graph = asserted(initial_policy_graph(), "1.1", "1.2")
    assert graph is not None
    assert authorities(delete_mapped_policies(graph, (PolicyMapping("1.1", "2.1"),))) == {"1.2"}
    both = (PolicyMapping("1.1", "2.1"), PolicyMapping("1.2", "2.1"))
    assert delete_mapped_policies(graph, both) is None


@pytest.mark.parametrize(
    ("policies", "asked", "expected"),
    [
        (("1.1", "1.2"), {"1.2", "1.3"}, {"1.2"}),
        (("1.1", ANY_POLICY), {"1.1", "1.3"}, {"1.1", "1.3"}),
        (("1.1",), {"1.3"}, set()),
        (("1.1",), {"1.3", ANY_POLICY}, {"1.1"}),
        ((ANY_POLICY,), {ANY_POLICY}, {ANY_POLICY}),
        (("1.1",), set(), set()),
    ],
)
def test_policies_of_the_user(policies: tuple[str, ...], asked: set[str], expected: set[str]) -> None:
    graph = asserted(initial_policy_graph(), *policies)
    assert constrain_policies(graph, frozenset(asked), Budget()).user == expected


def test_qualifiers_of_the_node_its_ancestors_and_descendants() -> None:
    """RFC 9618 §5.5 (g)(4)(ii); a branch that ended does not count."""

    def told(policy: str, text: bytes) -> PolicyInformation:
        return PolicyInformation(policy, (("q", text),))

    top = asserted(initial_policy_graph(), told(ANY_POLICY, b"any"))
    first = mapped(
        asserted(top, told("1.1", b"one"), told("1.2", b"two"), told("1.3", b"dead")),
        ("1.1", "2.1"),
        ("1.2", "2.1"),
        ("1.1", "2.2"),
    )
    last = asserted(asserted(first, told("2.1", b"below"), "2.2"), told("2.1", b"deep"), "2.2")
    found = constrain_policies(last, ANY, Budget()).qualifiers
    assert {(q.policy, q.qualifier_der) for q in found} == {
        ("1.1", b"any"),
        ("1.1", b"one"),
        ("1.1", b"below"),
        ("1.1", b"deep"),
        ("1.2", b"any"),
        ("1.2", b"two"),
        ("1.2", b"below"),
        ("1.2", b"deep"),
    }
    assert PolicyQualifier(policy="1.1", qualifier_id="q", qualifier_der=b"one") in found
    assert len(found) == 8


def test_qualifiers_below_a_diamond_are_given_once() -> None:
    first = mapped(asserted(initial_policy_graph(), "1.1"), ("1.1", "2.1"), ("1.1", "2.2"))
    second = mapped(asserted(first, "2.1", "2.2"), ("2.1", "3.1"), ("2.2", "3.1"))
    last = asserted(second, PolicyInformation("3.1", (("q", b"x"),)))
    found = constrain_policies(last, ANY, Budget()).qualifiers
    assert found == (PolicyQualifier(policy="1.1", qualifier_id="q", qualifier_der=b"x"),)


def test_budget_is_spent() -> None:
    many = tuple(PolicyInformation(f"1.{i}") for i in range(11))
    with pytest.raises(BudgetExhausted):
        assert_policies(initial_policy_graph(), many, Budget(Limits(policy_nodes=10)), any_policy_counts=True)
    graph = asserted(initial_policy_graph(), *many)
    assert graph is not None
    mappings = tuple(PolicyMapping("1.1", f"2.{i}") for i in range(11))
    with pytest.raises(BudgetExhausted):
        map_policies(graph, mappings, Budget(Limits(policy_nodes=10)))
    any_policy = (PolicyInformation(ANY_POLICY),)
    with pytest.raises(BudgetExhausted):
        assert_policies(graph, any_policy, Budget(Limits(policy_nodes=10)), any_policy_counts=True)
    with pytest.raises(BudgetExhausted):
        constrain_policies(graph, ANY, Budget(Limits(policy_nodes=10)))


def test_qualifiers_spend_it_too() -> None:
    """Else each of 1,000 policies takes along 64 qualifiers of every depth above."""
    qualified = PolicyInformation(ANY_POLICY, tuple(("q", b"%d" % i) for i in range(40)))
    any_policy = asserted(initial_policy_graph(), qualified)
    graph = asserted(any_policy, *(f"1.{i}" for i in range(300)))
    with pytest.raises(BudgetExhausted):
        constrain_policies(graph, ANY, Budget())
    below = mapped(asserted(initial_policy_graph(), *(f"1.{i}" for i in range(300))), *_ALL_TO_ONE)
    shared = asserted(below, PolicyInformation("2.1", qualified.qualifiers))
    with pytest.raises(BudgetExhausted):
        constrain_policies(shared, ANY, Budget())


_ALL_TO_ONE = tuple((f"1.{i}", "2.1") for i in range(300))


def test_the_hostile_path_stays_small() -> None:
    """CVE-2023-0464: two policies each mapped to both, thirty times, is sixty nodes and not 2**30."""
    graph: PolicyGraph | None = asserted(initial_policy_graph(), "1", "2")
    budget = Budget()
    for _ in range(30):
        crossed = mapped(graph, ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"))
        graph = assert_policies(
            crossed, (PolicyInformation("1"), PolicyInformation("2")), budget, any_policy_counts=True
        )
    assert constrain_policies(graph, ANY, budget).authorities == {"1", "2"}
