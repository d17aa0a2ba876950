"""Checking proofs, step by step as RFC 9162 2.1.3.2 and 2.1.4.2 say."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from ca_bridge.core.merkle.hashing import EMPTY_ROOT, HASH_BYTES, node_hash


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows the leaf at ``index`` of the tree of ``size`` leaves and ``root`` (2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes((leaf_hash, root, *proof)):
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not (fn & 1 or fn == 0):
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and compare_digest(r, root)


def verify_consistency(
    first_size: int, second_size: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether ``proof`` shows that the second tree only adds leaves to the first (2.1.4.2).

    Of equal sizes, the proof is empty and the roots are equal. The tree without leaves is part of every
    tree: its proof is empty, and ``first_root`` is the hash of nothing.
    """
    if not 0 <= first_size <= second_size or not _all_hashes((first_root, second_root, *proof)):
        return False
    if first_size == second_size:
        return not proof and compare_digest(first_root, second_root)
    if first_size == 0:
        return not proof and compare_digest(first_root, EMPTY_ROOT)
    if not proof:
        return False
    path = (first_root, *proof) if first_size.bit_count() == 1 else tuple(proof)
    fn, sn = first_size - 1, second_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not (fn & 1 or fn == 0):
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and compare_digest(fr, first_root) and compare_digest(sr, second_root)


def _all_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
