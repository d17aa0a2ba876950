"""Making proofs (RFC 9162 2.1.3.1, 2.1.4.1) out of the hashes of complete subtrees."""

from __future__ import annotations

from collections.abc import Callable

from ca_bridge.core.merkle.errors import OutsideTree
from ca_bridge.core.merkle.hashing import node_hash

NodeSource = Callable[[int, int], bytes]
"""Hash of the complete subtree at (level, index): leaves index << level up to (index + 1) << level."""


def inclusion_proof(index: int, size: int, node: NodeSource) -> tuple[bytes, ...]:
    """PATH(index, D_size), the nearest sibling first; OutsideTree unless 0 <= index < size."""
    if not 0 <= index < size:
        raise OutsideTree("no such leaf in a tree of this size")
    proof, level, last = [], 0, size - 1
    while last:
        sibling = index ^ 1
        if sibling <= last:
            proof.append(subtree_hash(level, sibling, size, node))
        index, last, level = index >> 1, last >> 1, level + 1
    return tuple(proof)


def consistency_proof(first: int, second: int, node: NodeSource) -> tuple[bytes, ...]:
    """PROOF(first, D_second); empty when first is 0 or second; OutsideTree unless 0 <= first <= second."""
    if not 0 <= first <= second:
        raise OutsideTree("a tree can only be consistent with a larger one")
    if first in (0, second):
        return ()
    level = (first & -first).bit_length() - 1  # the last complete subtree of the first tree
    index, last = (first - 1) >> level, (second - 1) >> level
    proof = [node(level, index)] if index else []  # else it is all of the first tree, and known
    while last:
        sibling = index ^ 1
        if sibling <= last:
            proof.append(subtree_hash(level, sibling, second, node))
        index, last, level = index >> 1, last >> 1, level + 1
    return tuple(proof)


def subtree_hash(level: int, index: int, size: int, node: NodeSource) -> bytes:
    """Hash of the subtree at (level, index) in a tree of ``size`` leaves, complete or cut by its end."""
    start, end = index << level, min((index + 1) << level, size)
    if end - start == 1 << level:
        return node(level, index)
    if start >= end:
        raise OutsideTree("no such subtree in a tree of this size")
    found = [node(part, at >> part) for part, at in _parts(start, end)]
    whole = found.pop()
    for left in reversed(found):
        whole = node_hash(left, whole)
    return whole


def _parts(start: int, end: int) -> list[tuple[int, int]]:
    """(level, first leaf) of the complete subtrees of an incomplete one, from left to right."""
    count, parts = end - start, []
    for level in reversed(range(count.bit_length())):
        if count >> level & 1:
            parts.append((level, start))
            start += 1 << level
    return parts
