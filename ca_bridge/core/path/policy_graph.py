"""The valid_policy_graph of RFC 9618, which takes the place of RFC 5280's policy tree.

Every depth holds at most one node per policy, so the graph grows with the certificates and
not exponentially with the path (CVE-2023-0464). Nodes point to their parents only; a node
that no node of the deepest depth descends from is never reached again, which is what the
standard's pruning steps say with more work. An empty deepest depth is the graph NULL: it is
``None`` here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ca_bridge.core.budget import Budget, Resource
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.verdict import PolicyQualifier
from ca_bridge.core.x509.extensions import PolicyInformation, PolicyMapping

Qualifiers = tuple[tuple[str, bytes], ...]


@dataclass(slots=True, eq=False)
class PolicyNode:
    """A node of RFC 9618 §5.2; ``expected`` is its expected_policy_set."""

    valid_policy: str
    qualifiers: Qualifiers
    expected: tuple[str, ...]
    parents: tuple[PolicyNode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyGraph:
    """The nodes of the deepest depth by valid_policy; the depths above hang on their parents.

    ``mapped``: some node expects another policy than its own.
    """

    nodes: dict[str, PolicyNode]
    mapped: bool = False

    def expecting(self) -> dict[str, tuple[PolicyNode, ...]]:
        """Nodes of this depth by every policy they expect."""
        if not self.mapped:
            return {policy: (node,) for policy, node in self.nodes.items()}
        expecting: dict[str, list[PolicyNode]] = {}
        for node in self.nodes.values():
            for policy in node.expected:
                expecting.setdefault(policy, []).append(node)
        return {policy: tuple(nodes) for policy, nodes in expecting.items()}


@dataclass(frozen=True, slots=True)
class ConstrainedPolicies:
    """The policies a path is valid under, in the terms of the trust anchor's domain (RFC 9618 §5.5)."""

    authorities: frozenset[str]
    user: frozenset[str]
    qualifiers: tuple[PolicyQualifier, ...]


NO_POLICIES = ConstrainedPolicies(authorities=frozenset(), user=frozenset(), qualifiers=())


def initial_policy_graph() -> PolicyGraph:
    """The single anyPolicy node of depth zero (RFC 5280 §6.1.2 (a), RFC 9618 §5.2)."""
    return _INITIAL


# One for all: graphs and nodes are made, never changed.
_INITIAL = PolicyGraph({ANY_POLICY: PolicyNode(ANY_POLICY, (), (ANY_POLICY,), ())})


def assert_policies(
    graph: PolicyGraph, policies: tuple[PolicyInformation, ...], budget: Budget, *, any_policy_counts: bool
) -> PolicyGraph | None:
    """The next depth after a certificate's policies (RFC 5280 §6.1.3 (d), RFC 9618 §5.3).

    ``any_policy_counts``: inhibit_anyPolicy is greater than 0, or the certificate is a
    self-issued intermediate (d)(2).
    """
    budget.spend(Resource.POLICY_NODES, len(policies))
    expecting = graph.expecting()
    any_node = graph.nodes.get(ANY_POLICY)
    under_any = (any_node,) if any_node is not None else None
    nodes: dict[str, PolicyNode] = {}
    any_qualifiers: Qualifiers | None = None
    for information in policies:
        policy = information.policy
        if policy == ANY_POLICY:
            any_qualifiers = information.qualifiers
            continue
        parents = expecting.get(policy) or under_any
        if parents is not None:
            nodes[policy] = PolicyNode(policy, information.qualifiers, (policy,), parents)
    if any_qualifiers is not None and any_policy_counts:
        budget.spend(Resource.POLICY_NODES, len(expecting))
        for policy, parents in expecting.items():
            if policy not in nodes:
                nodes[policy] = PolicyNode(policy, any_qualifiers, (policy,), parents)
    return PolicyGraph(nodes) if nodes else None


def map_policies(graph: PolicyGraph, mappings: tuple[PolicyMapping, ...], budget: Budget) -> PolicyGraph:
    """The graph after mapping while policy_mapping > 0 (RFC 5280 §6.1.4 (b)(1), RFC 9618 §5.4)."""
    budget.spend(Resource.POLICY_NODES, len(mappings))
    equivalents: dict[str, dict[str, None]] = {}
    for mapping in mappings:
        equivalents.setdefault(mapping.issuer_domain_policy, {})[mapping.subject_domain_policy] = None
    nodes = dict(graph.nodes)
    any_node = nodes.get(ANY_POLICY)
    for policy, subject_policies in equivalents.items():
        node = nodes.get(policy, any_node)
        if node is not None:
            nodes[policy] = PolicyNode(policy, node.qualifiers, tuple(subject_policies), node.parents)
    return PolicyGraph(nodes, mapped=True)


def delete_mapped_policies(graph: PolicyGraph, mappings: tuple[PolicyMapping, ...]) -> PolicyGraph | None:
    """The graph after mapping while policy_mapping = 0: mapped policies go (RFC 5280 §6.1.4 (b)(2))."""
    mapped = {mapping.issuer_domain_policy for mapping in mappings}
    nodes = {policy: node for policy, node in graph.nodes.items() if policy not in mapped}
    return PolicyGraph(nodes) if nodes else None


def constrain_policies(
    graph: PolicyGraph | None, user_initial_policy_set: frozenset[str], budget: Budget
) -> ConstrainedPolicies:
    """The authorities- and user-constrained policy sets (RFC 5280 §6.1.5 (g), RFC 9618 §5.5)."""
    if graph is None:
        return NO_POLICIES
    live = _ancestors_and_self(graph.nodes.values())
    budget.spend(Resource.POLICY_NODES, len(live))
    node_set = [n for n in live if n.valid_policy != ANY_POLICY and n.parents[0].valid_policy == ANY_POLICY]
    if ANY_POLICY in graph.nodes:
        node_set.append(graph.nodes[ANY_POLICY])
    authorities = frozenset(n.valid_policy for n in node_set)
    if ANY_POLICY in user_initial_policy_set:
        user = authorities
    elif ANY_POLICY in authorities:
        user = user_initial_policy_set
    else:
        user = authorities & user_initial_policy_set
    qualifiers: tuple[PolicyQualifier, ...] = ()
    if any(n.qualifiers for n in live):
        qualifiers = _qualifiers(node_set, live, budget)
    return ConstrainedPolicies(authorities=authorities, user=user, qualifiers=qualifiers)


def _ancestors_and_self(nodes: Iterable[PolicyNode]) -> list[PolicyNode]:
    """``nodes`` and all above them, each once, deepest first."""
    found = dict.fromkeys(nodes)
    pending = list(found)
    while pending:
        for parent in pending.pop().parents:
            if parent not in found:
                found[parent] = None
                pending.append(parent)
    return list(found)


def _qualifiers(
    node_set: list[PolicyNode], live: list[PolicyNode], budget: Budget
) -> tuple[PolicyQualifier, ...]:
    """Qualifiers of each policy's node, its ancestors and descendants (RFC 9618 §5.5 (g)(4)(ii))."""
    children: dict[PolicyNode, list[PolicyNode]] = {}
    for node in live:
        for parent in node.parents:
            children.setdefault(parent, []).append(node)
    found: dict[tuple[str, str, bytes], None] = {}
    for node in node_set:
        above = node.parents
        while above:  # only anyPolicy lies above these nodes, and it has one parent
            budget.spend(Resource.POLICY_NODES, len(above[0].qualifiers))
            for qualifier_id, der in above[0].qualifiers:
                found[node.valid_policy, qualifier_id, der] = None
            above = above[0].parents
        for relative in _descendants_and_self(node, children, budget):
            for qualifier_id, der in relative.qualifiers:
                found[node.valid_policy, qualifier_id, der] = None
    return tuple(
        PolicyQualifier(policy=policy, qualifier_id=qualifier_id, qualifier_der=der)
        for policy, qualifier_id, der in found
    )


def _descendants_and_self(
    node: PolicyNode, children: dict[PolicyNode, list[PolicyNode]], budget: Budget
) -> dict[PolicyNode, None]:
    found = {node: None}
    pending = [node]
    while pending:
        for child in children.get(pending.pop(), ()):
            if child not in found:
                budget.spend(Resource.POLICY_NODES, 1 + len(child.qualifiers))
                found[child] = None
                pending.append(child)
    return found
