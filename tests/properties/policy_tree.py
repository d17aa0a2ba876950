"""The valid_policy_tree of RFC 5280 §6.1, as its text says it: the oracle for the policy graph."""

from __future__ import annotations

from dataclasses import dataclass, field

ANY = "2.5.29.32.0"


@dataclass(eq=False)
class Node:
    valid_policy: str
    expected: set[str]
    depth: int
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def grow(self, policy: str, expected: set[str]) -> None:
        self.children.append(Node(policy, expected, self.depth + 1, self))


@dataclass(frozen=True)
class Step:
    """One certificate: policies (None = no extension), mappings, self-issued."""

    policies: tuple[str, ...] | None
    mappings: tuple[tuple[str, str], ...] = ()
    self_issued: bool = False


def nodes(root: Node) -> list[Node]:
    return [root, *(n for child in root.children for n in nodes(child))]


def at(root: Node, depth: int) -> list[Node]:
    return [n for n in nodes(root) if n.depth == depth]


def pruned(root: Node, depth: int) -> Node | None:
    """Delete childless nodes of ``depth`` or less until there are none."""
    while True:
        bare = [n for n in nodes(root) if n.depth <= depth and not n.children]
        if root in bare:
            return None
        if not bare:
            return root
        for node in bare:
            assert node.parent is not None
            node.parent.children.remove(node)


def user_constrained(
    steps: list[Step], user: set[str], *, inhibit_any: int, inhibit_mapping: int
) -> set[str]:
    """The user-constrained policy set of the path of ``steps``, anchor side first."""
    any_left, mapping_left = inhibit_any, inhibit_mapping
    tree: Node | None = Node(ANY, {ANY}, 0)
    for i, step in enumerate(steps, 1):
        last = i == len(steps)
        if tree is not None:
            tree = asserted(tree, step, i, any_counts=any_left > 0 or (not last and step.self_issued))
        if not last and tree is not None and step.mappings:
            tree = mapped(tree, step, i, allowed=mapping_left > 0)
        if not step.self_issued:
            any_left, mapping_left = max(any_left - 1, 0), max(mapping_left - 1, 0)
    return set() if tree is None else intersected(tree, user, len(steps))


def asserted(tree: Node, step: Step, i: int, *, any_counts: bool) -> Node | None:
    if step.policies is None:
        return None
    parents = at(tree, i - 1)
    for policy in step.policies:
        if policy == ANY:
            continue
        matching = [p for p in parents if policy in p.expected]
        for parent in matching or [p for p in parents if p.valid_policy == ANY]:
            parent.grow(policy, {policy})
    if ANY in step.policies and any_counts:
        for parent in parents:
            for policy in parent.expected - {c.valid_policy for c in parent.children}:
                parent.grow(policy, {policy})
    return pruned(tree, i - 1)


def mapped(tree: Node, step: Step, i: int, *, allowed: bool) -> Node | None:
    for issuer_policy in dict.fromkeys(pair[0] for pair in step.mappings):
        subject_policies = {pair[1] for pair in step.mappings if pair[0] == issuer_policy}
        found = [n for n in at(tree, i) if n.valid_policy == issuer_policy]
        if allowed:
            for node in found:
                node.expected = subject_policies
            if not found:
                for node in [n for n in at(tree, i) if n.valid_policy == ANY]:
                    assert node.parent is not None
                    node.parent.grow(issuer_policy, subject_policies)
        else:
            for node in found:
                assert node.parent is not None
                node.parent.children.remove(node)
    return tree if allowed else pruned(tree, i - 1)


def intersected(tree: Node, user: set[str], n: int) -> set[str]:
    valid = [
        node
        for node in nodes(tree)
        if node.parent is not None
        and node.parent.valid_policy == ANY
        and (node.valid_policy != ANY or node.depth == n)
    ]
    found = {node.valid_policy for node in valid}
    if ANY in user:
        return found
    return (found & user) | (user if ANY in found else set())
