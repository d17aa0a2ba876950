"""A tree that has grown by some leaves: what their proofs are, known from its right edge alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ca_bridge.core.merkle import proving
from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import NodeMissing, OutsideTree
from ca_bridge.core.merkle.hashing import node_hash


class Growth:
    """The tree of ``before`` and then ``leaf_hashes``; ``after`` is its right edge.

    Proofs are of the new leaves only: all that their paths need is on the right edge, or new.
    """

    __slots__ = ("_nodes", "after", "before")

    def __init__(self, before: CompactRange, leaf_hashes: Iterable[bytes]) -> None:
        self.before = before
        nodes = {(level, index): one for level, index, one in before.peaks()}
        stack, size = list(before.hashes), before.size
        for leaf in leaf_hashes:
            node, level, index = leaf, 0, size
            nodes[0, index] = node
            while index & 1:
                node = node_hash(stack.pop(), node)
                index, level = index >> 1, level + 1
                nodes[level, index] = node
            stack.append(node)
            size += 1
        self.after = CompactRange(size, tuple(stack))
        self._nodes = nodes

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Proof that the new leaf ``index`` is in the tree of ``after``; OutsideTree when it is not new."""
        if not self.before.size <= index:
            raise OutsideTree("not one of the new leaves")
        return proving.inclusion_proof(index, self.after.size, self._node)

    def completed(self, level: int) -> Iterator[tuple[int, bytes]]:
        """(index, hash) of the subtrees of 2**level leaves that the new leaves have made complete."""
        first, end = self.before.size >> level, self.after.size >> level
        return ((index, self._nodes[level, index]) for index in range(first, end))

    def _node(self, level: int, index: int) -> bytes:
        try:
            return self._nodes[level, index]
        except KeyError as error:
            raise NodeMissing("neither new nor on the right edge") from error
