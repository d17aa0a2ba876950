"""Immediate dominators of a graph: through which node every way from the roots to a node leads.

The method is Cooper, Harvey and Kennedy's ("A Simple, Fast Dominance Algorithm", 2001):
intersect the dominators of all predecessors in reverse postorder until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)

MAX_STEPS_PER_EDGE = 50
"""Graphs of CAs need 2 or 3; one made to need many more is given up on."""


def immediate_dominators(
    roots: Sequence[_Node], successors: Callable[[_Node], Iterable[_Node]]
) -> dict[_Node, _Node | None]:
    """Each node reachable from ``roots`` to its immediate dominator; None = no single node is.

    Empty for a graph made to be slow (quadratic at worst): dominators are a short cut only.
    """
    order = _reverse_postorder(roots, successors)
    number = {node: index for index, node in enumerate(order, start=1)}
    predecessors: list[list[int]] = [[] for _ in range(len(order) + 1)]
    for root in roots:
        predecessors[number[root]].append(0)
    for node in order:
        for child in successors(node):
            predecessors[number[child]].append(number[node])
    above = _fixpoint(predecessors)
    if above is None:
        return {}
    return {node: order[above[index] - 1] if above[index] else None for node, index in number.items()}


def _reverse_postorder(roots: Sequence[_Node], successors: Callable[[_Node], Iterable[_Node]]) -> list[_Node]:
    seen: set[_Node] = set()
    postorder: list[_Node] = []
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(successors(root)))]
        while stack:
            node, children = stack[-1]
            child = next((c for c in children if c not in seen), None)
            if child is None:
                postorder.append(node)
                stack.pop()
            else:
                seen.add(child)
                stack.append((child, iter(successors(child))))
    return postorder[::-1]


def _fixpoint(predecessors: list[list[int]]) -> list[int] | None:
    """Dominators by index; index 0 is a root above all roots. None when it takes too long."""
    steps = MAX_STEPS_PER_EDGE * sum(map(len, predecessors))
    above = [-1] * len(predecessors)
    above[0] = 0
    changed = True
    while changed:
        changed = False
        for node in range(1, len(predecessors)):
            known = [p for p in predecessors[node] if above[p] >= 0]
            common = known[0]
            for predecessor in known[1:]:
                common, taken = _common(above, common, predecessor)
                steps -= taken
            steps -= len(predecessors[node])
            changed = changed or above[node] != common
            above[node] = common
            if steps < 0:
                return None
    return above


def _common(above: list[int], left: int, right: int) -> tuple[int, int]:
    """The nearest dominator of both, and how many steps it took; a dominator's index is smaller."""
    steps = 0
    while left != right:
        if left > right:
            left = above[left]
        else:
            right = above[right]
        steps += 1
    return left, steps
