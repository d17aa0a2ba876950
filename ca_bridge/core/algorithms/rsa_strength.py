"""Cheap tests that find moduli anyone can factor. Each is bounded by the size of the modulus."""

from __future__ import annotations

from math import gcd, isqrt, prod

from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.roca import has_roca_fingerprint
from ca_bridge.core.reasons import algorithm_keys as reasons
from ca_bridge.core.verdict import Finding

# SP 800-89 §5.3.3: no factor below 752.
_ODD_PRIMES_BELOW_752 = [n for n in range(3, 752, 2) if all(n % d for d in range(3, isqrt(n) + 1, 2))]
_PRODUCT = prod(_ODD_PRIMES_BELOW_752)
_POWERS = (2, 3, 5, 7)
# CA/Browser Forum BR §6.1.1.3 names 100 rounds for CVE-2022-26320.
_FERMAT_ROUNDS = 100
_SQUARES_MOD_64 = frozenset(n * n % 64 for n in range(64))


def factorable(modulus: int) -> Finding | None:
    """Why ``modulus`` can be factored at once, or None when none of the known ways works."""
    if modulus % 2 == 0:
        return fault(reasons.RSA_MODULUS_EVEN)
    common = gcd(modulus, _PRODUCT)
    if common != 1:
        factor = next(prime for prime in _ODD_PRIMES_BELOW_752 if common % prime == 0)
        return fault(reasons.RSA_MODULUS_SMALL_FACTOR, factor=factor)
    if any(_integer_root(modulus, power) ** power == modulus for power in _POWERS):
        return fault(reasons.RSA_MODULUS_PERFECT_POWER)
    if has_roca_fingerprint(modulus):
        return fault(reasons.RSA_MODULUS_ROCA)
    if _has_close_primes(modulus):
        return fault(reasons.RSA_PRIMES_TOO_CLOSE)
    return None


def _integer_root(value: int, power: int) -> int:
    """Largest integer whose ``power``-th power is at most ``value`` (Newton from above)."""
    root = 1 << -(-value.bit_length() // power)
    while True:
        lower = ((power - 1) * root + value // root ** (power - 1)) // power
        if lower >= root:
            return root
        root = lower


def _has_close_primes(modulus: int) -> bool:
    """Whether Fermat's method finds the factors in a few rounds (CVE-2022-26320)."""
    middle = isqrt(modulus) + 1
    rest = middle * middle - modulus
    for _ in range(_FERMAT_ROUNDS):
        if rest % 64 in _SQUARES_MOD_64 and isqrt(rest) ** 2 == rest:
            return True
        rest += 2 * middle + 1
        middle += 1
    return False
