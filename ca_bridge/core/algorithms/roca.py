"""The fingerprint of moduli made by the flawed Infineon library (CVE-2017-15361, "ROCA").

Its primes are k*M + (65537^a mod M) with M a product of the first primes, so the modulus is a power
of 65537 modulo M. That is tested modulo each small prime, and that all exponents found agree.
"""

from __future__ import annotations

from itertools import combinations
from math import gcd

# All of M for the smallest keys affected (512 bits); larger keys use a multiple of it.
_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97),
    *(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)
_GENERATOR = 65537


def _logarithms(prime: int) -> dict[int, int]:
    """Exponent of each power of the generator modulo ``prime``."""
    table: dict[int, int] = {}
    value = 1
    while value not in table:
        table[value] = len(table)
        value = value * _GENERATOR % prime
    return table


# Primes with the smallest share of residues first: a sound modulus fails within a few.
_TABLES = sorted(
    ((prime, _logarithms(prime)) for prime in _PRIMES), key=lambda entry: len(entry[1]) / entry[0]
)


def has_roca_fingerprint(modulus: int) -> bool:
    """Whether ``modulus`` is a power of 65537 modulo the product of the primes 3 to 167.

    A sound modulus passes for one by chance less than once in 2^150.
    """
    logarithms: list[tuple[int, int]] = []
    for prime, table in _TABLES:
        exponent = table.get(modulus % prime)
        if exponent is None:
            return False
        logarithms.append((exponent, len(table)))
    return all((a - b) % gcd(m, n) == 0 for (a, m), (b, n) in combinations(logarithms, 2))
