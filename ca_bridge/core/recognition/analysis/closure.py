"""What each node of a directed graph reaches, as bits of integers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def closure(seed: Sequence[int], successors: Sequence[Sequence[int]]) -> list[int]:
    """For each node the union of ``seed`` over itself and all that it reaches.

    Passes in postorder until nothing changes: one more than the deepest nesting of back edges.
    """
    order = tuple(_postorder(successors))
    found = list(seed)
    changed = True
    while changed:
        changed = False
        for node in order:
            bits = found[node]
            for successor in successors[node]:
                bits |= found[successor]
            if bits != found[node]:
                found[node] = bits
                changed = True
    return found


def bits_of(number: int) -> Iterator[int]:
    """Places of the bits set in ``number``, lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _postorder(successors: Sequence[Sequence[int]]) -> Iterator[int]:
    """Every node after those it leads to, but for back edges."""
    seen = [False] * len(successors)
    for root in range(len(successors)):
        stack = [] if seen[root] else [(root, iter(successors[root]))]
        seen[root] = True
        while stack:
            node, rest = stack[-1]
            following = next((s for s in rest if not seen[s]), None)
            if following is None:
                stack.pop()
                yield node
            else:
                seen[following] = True
                stack.append((following, iter(successors[following])))
