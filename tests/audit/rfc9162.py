"""RFC 9162 2.1 written straight from its text, recursively, over whole lists: nothing of the code under test.

D is a list of leaves' bytes. Verification of proofs here rebuilds roots by the recursion that made the
proof (2.1.3.1, 2.1.4.1), not by the bit arithmetic of 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib


def HASH(octets: bytes) -> bytes:  # noqa: N802 - as the RFC writes it
    return hashlib.sha256(octets).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def MTH(D: list[bytes]) -> bytes:  # noqa: N802, N803
    n = len(D)
    if n == 0:
        return HASH(b"")
    if n == 1:
        return HASH(b"\x00" + D[0])
    k = largest_power_below(n)
    return HASH(b"\x01" + MTH(D[:k]) + MTH(D[k:]))


def PATH(m: int, D: list[bytes]) -> list[bytes]:  # noqa: N802, N803
    n = len(D)
    if n == 1:
        return []
    k = largest_power_below(n)
    if m < k:
        return [*PATH(m, D[:k]), MTH(D[k:])]
    return [*PATH(m - k, D[k:]), MTH(D[:k])]


def PROOF(m: int, D: list[bytes]) -> list[bytes]:  # noqa: N802, N803
    return SUBPROOF(m, D, b=True)


def SUBPROOF(m: int, D: list[bytes], *, b: bool) -> list[bytes]:  # noqa: N802, N803
    n = len(D)
    if m == n:
        return [] if b else [MTH(D)]
    k = largest_power_below(n)
    if m <= k:
        return [*SUBPROOF(m, D[:k], b=b), MTH(D[k:])]
    return [*SUBPROOF(m - k, D[k:], b=False), MTH(D[:k])]


def root_of_path(leaf: bytes, m: int, n: int, path: list[bytes]) -> bytes | None:
    """The root that PATH(m, D[n]) = ``path`` leads to from the leaf's hash; None: wrong length."""
    if n == 1:
        return leaf if not path else None
    if not path:
        return None
    k = largest_power_below(n)
    *below, last = path
    if m < k:
        left = root_of_path(leaf, m, k, below)
        return None if left is None else HASH(b"\x01" + left + last)
    right = root_of_path(leaf, m - k, n - k, below)
    return None if right is None else HASH(b"\x01" + last + right)


def included(leaf: bytes, m: int, n: int, path: list[bytes], root: bytes) -> bool:
    return 0 <= m < n and root_of_path(leaf, m, n, path) == root


def roots_of_proof(
    m: int, n: int, proof: list[bytes], first_root: bytes, *, b: bool
) -> tuple[bytes, bytes] | None:
    """(root of the first m, root of the n) that SUBPROOF(m, D[n], b) = ``proof`` leads to."""
    if m == n:
        if b:
            return (first_root, first_root) if not proof else None
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof:
        return None
    k = largest_power_below(n)
    *below, last = proof
    if m <= k:
        found = roots_of_proof(m, k, below, first_root, b=b)
        return None if found is None else (found[0], HASH(b"\x01" + found[1] + last))
    found = roots_of_proof(m - k, n - k, below, first_root, b=False)
    return None if found is None else (HASH(b"\x01" + last + found[0]), HASH(b"\x01" + last + found[1]))


def consistent(m: int, n: int, proof: list[bytes], first_root: bytes, second_root: bytes) -> bool:
    return 0 < m <= n and roots_of_proof(m, n, proof, first_root, b=True) == (first_root, second_root)
