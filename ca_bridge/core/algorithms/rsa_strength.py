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
# By exponent k: primes q with k | q - 1. A k-th power is 1 to the (q - 1) / k modulo each.
_POWER_WITNESSES = {
    2: (3, 5, 7, 11, 13, 17, 19, 23),
    3: (7, 13, 19, 31, 37, 43, 61, 67),
    5: (11, 31, 41, 61, 71, 101, 131, 151),
    7: (29, 43, 71, 113, 127, 197, 211, 239),
}
# CA/Browser Forum BR §6.1.1.3 names 100 rounds for CVE-2022-26320.
_FERMAT_ROUNDS = 100
_SQUARES_MOD_64 = frozenset(n * n % 64 for n in range(64))
_SQUARES = [(m, frozenset(n * n % m for n in range(m))) for m in (63, 65, 11)]
_RESIDUE_PERIOD = 64 * prod(m for m, _ in _SQUARES)


def factorable(modulus: int) -> Finding | None:
    """Why ``modulus`` can be factored at once, or None when none of the known ways works."""
    if modulus % 2 == 0:
        return fault(reasons.RSA_MODULUS_EVEN)
    common = gcd(modulus, _PRODUCT)
    if common != 1:
        factor = next(prime for prime in _ODD_PRIMES_BELOW_752 if common % prime == 0)
        return fault(reasons.RSA_MODULUS_SMALL_FACTOR, factor=factor)
    if any(_is_power(modulus, exponent) for exponent in _POWER_WITNESSES):
        return fault(reasons.RSA_MODULUS_PERFECT_POWER)
    if has_roca_fingerprint(modulus):
        return fault(reasons.RSA_MODULUS_ROCA)
    if _has_close_primes(modulus):
        return fault(reasons.RSA_PRIMES_TOO_CLOSE)
    return None


def _is_power(modulus: int, exponent: int) -> bool:
    """Whether ``modulus``, without small factors, is the ``exponent``-th power of an integer."""
    for witness in _POWER_WITNESSES[exponent]:
        if pow(modulus % witness, (witness - 1) // exponent, witness) != 1:
            return False
    return bool(_integer_root(modulus, exponent) ** exponent == modulus)


def _integer_root(value: int, exponent: int) -> int:
    """Largest integer whose ``exponent``-th power is at most ``value`` (Newton from above)."""
    root = 1 << -(-value.bit_length() // exponent)
    while True:
        lower = ((exponent - 1) * root + value // root ** (exponent - 1)) // exponent
        if lower >= root:
            return root
        root = lower


def _has_close_primes(modulus: int) -> bool:
    """Whether Fermat's method finds the factors in a few rounds (CVE-2022-26320).

    Round i asks whether (middle + i)^2 - modulus is a square; small residues answer no for all but
    one round in a hundred.
    """
    middle = isqrt(modulus) + 1
    rest = middle * middle - modulus
    small_middle, small_rest = middle % _RESIDUE_PERIOD, rest % _RESIDUE_PERIOD
    for i in range(_FERMAT_ROUNDS):
        small = small_rest + i * (2 * small_middle + i)
        if small % 64 in _SQUARES_MOD_64 and all(small % m in squares for m, squares in _SQUARES):
            candidate = rest + i * (2 * middle + i)
            if isqrt(candidate) ** 2 == candidate:
                return True
    return False
