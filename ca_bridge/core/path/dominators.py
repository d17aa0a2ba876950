"""Immediate dominators of a graph: through which node every way from the roots to a node leads.

The method is Cooper, Harvey and Kennedy's ("A Simple, Fast Dominance Algorithm", 2001):
intersect the dominators of all predecessors in reverse postorder until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def immediate_dominators(
    roots: Sequence[T],
    successors: Callable[[T], Iterable[T]],
) -> dict[T, T | None]:
    """Each node reachable from ``roots`` to its immediate dominator; None = no single node is."""
    order = _reverse_postorder(roots, successors)
    number = {node: index for index, node in enumerate(order, start=1)}
    predecessors: list[list[int]] = [[] for _ in range(len(order) + 1)]
    for root in roots:
        predecessors[number[root]].append(0)
    for node in order:
        for child in successors(node):
            predecessors[number[child]].append(number[node])
    above = _fixpoint(predecessors)
    return {node: order[above[index] - 1] if above[index] else None for node, index in number.items()}


def _reverse_postorder(roots: Sequence[T], successors: Callable[[T], Iterable[T]]) -> list[T]:
    seen: set[T] = set()
    postorder: list[T] = []
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


def _fixpoint(predecessors: list[list[int]]) -> list[int]:
    """Index 0 is a root above all roots; a node's dominator always has a smaller index."""
    above = [-1] * len(predecessors)
    above[0] = 0
    changed = True
    while changed:
        changed = False
        for node in range(1, len(predecessors)):
            new = -1
            for predecessor in predecessors[node]:
                if above[predecessor] >= 0:
                    new = predecessor if new < 0 else _common(above, new, predecessor)
            if above[node] != new:
                above[node] = new
                changed = True
    return above


def _common(above: list[int], left: int, right: int) -> int:
    while left != right:
        while left > right:
            left = above[left]
        while right > left:
            right = above[right]
    return left
