"""A tree's right edge: all that is needed to append to it and to know its root."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.merkle.errors import OutsideTree
from ca_bridge.core.merkle.hashing import EMPTY_ROOT, HASH_BYTES, node_hash

MAX_SIZE = (1 << 63) - 1
"""The largest number of leaves: what databases keep as a whole number."""


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The first ``size`` leaves as the hashes of their largest complete subtrees, from left to right.

    There is one for each one bit of ``size``. OutsideTree when ``hashes`` are not so many.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what is the right edge of no tree."""
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            raise OutsideTree("not the right edge of a tree")
        if any(len(one) != HASH_BYTES for one in self.hashes):
            raise OutsideTree("not the hashes of a tree")

    def append(self, leaf_hash: bytes) -> CompactRange:
        """The range with one more leaf."""
        hashes, size = list(self.hashes), self.size
        node = leaf_hash
        while size & 1:
            node = node_hash(hashes.pop(), node)
            size >>= 1
        return CompactRange(self.size + 1, (*hashes, node))

    @property
    def root(self) -> bytes:
        """MTH of the leaves."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node

    def peaks(self) -> tuple[tuple[int, int, bytes], ...]:
        """(level, index, hash) of each subtree, from left to right; it spans 2**level leaves."""
        found, start = [], 0
        levels = (level for level in reversed(range(self.size.bit_length())) if self.size >> level & 1)
        for level, one in zip(levels, self.hashes, strict=True):
            found.append((level, start >> level, one))
            start += 1 << level
        return tuple(found)


EMPTY = CompactRange(0, ())
