"""RSA keys that are refused, each for its own reason."""

from __future__ import annotations

from functools import cache
from math import gcd, prod

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ca_bridge.core.algorithms.roca import has_roca_fingerprint
from ca_bridge.core.algorithms.rsa_strength import factorable
from tests.algorithm_samples import RSA, problem, raw_key, rsa_key
from tests.certificate_der import NULL, integer, seq

_PRIMES = [n for n in range(2, 1000) if all(n % d for d in range(2, n))]


@cache
def _private() -> rsa.RSAPrivateNumbers:
    return rsa.generate_private_key(65537, 2048).private_numbers()


def _n() -> int:
    return _private().public_numbers.n


def _odd_without_small_factors(start: int, step: int = 2) -> int:
    product = prod(_PRIMES[1:133])
    while gcd(start, product) != 1:
        start += step
    return start


def _is_probable_prime(number: int) -> bool:
    return all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7))


def _roca_prime(bits: int, seed: int) -> int:
    """A prime k*M + (65537^a mod M) of the flawed library: M is the product of 71 primes."""
    modulus = prod(_PRIMES[:71])
    k = (3 << bits - 2) // modulus + seed
    while True:
        k += 1
        candidate = k * modulus + pow(65537, seed + k % 1000, modulus)
        if _is_probable_prime(candidate):
            return candidate


def test_a_sound_key_is_taken() -> None:
    assert problem(rsa_key(_n())) is None
    assert problem(rsa_key(_n(), 3)) is None
    assert problem(rsa_key(_n(), (1 << 32) + 1)) is None


@pytest.mark.parametrize(
    ("exponent", "code"),
    [
        (1, "RSA_EXPONENT_TOO_SMALL"),
        (2, "RSA_EXPONENT_TOO_SMALL"),
        (4, "RSA_EXPONENT_EVEN"),
        (65536, "RSA_EXPONENT_EVEN"),
        ((1 << 32) + 3, "RSA_EXPONENT_TOO_LARGE"),
        ((1 << 2000) + 1, "RSA_EXPONENT_TOO_LARGE"),
        (0, "KEY_ENCODING_INVALID"),
        (-3, "KEY_ENCODING_INVALID"),
    ],
)
def test_exponents(exponent: int, code: str) -> None:
    assert problem(rsa_key(_n(), exponent)) == code


def test_sizes() -> None:
    assert problem(rsa_key(_odd_without_small_factors((1 << 1022) + 1)), "legacy") == "RSA_MODULUS_TOO_SMALL"
    small = rsa.generate_private_key(65537, 1024).public_key().public_numbers().n  # noqa: S505 - legacy
    assert problem(rsa_key(small)) == "RSA_MODULUS_TOO_SMALL"
    assert problem(rsa_key(small), "legacy") is None
    largest = _odd_without_small_factors((1 << 8191) + 12345)
    assert problem(rsa_key(largest)) is None
    for bits in (8193, 16384):
        assert problem(rsa_key((1 << bits - 1) + 1), "legacy") == "RSA_MODULUS_TOO_LARGE"
    assert problem(rsa_key((1 << 20000) + 1), "legacy") == "KEY_ENCODING_INVALID"


def test_even_and_small_factors() -> None:
    assert problem(rsa_key(_n() + 1)) == "RSA_MODULUS_EVEN"
    for factor in (3, 5, 743, 751):
        cofactor = next(c for c in range((1 << 2040) + 1, (1 << 2040) + 9999, 2) if c % 3 and c % 5)
        assert factorable(factor * cofactor).reason.code == "RSA_MODULUS_SMALL_FACTOR"
    assert problem(rsa_key(751 * _private().p ** 2)) == "RSA_MODULUS_SMALL_FACTOR"


def test_the_smallest_factor_is_named() -> None:
    finding = factorable(7 * 11 * _private().p)
    assert finding is not None
    assert finding.params == (("factor", "7"),)


@pytest.mark.parametrize("exponent", [2, 3, 5, 7])
def test_perfect_powers(exponent: int) -> None:
    root = _odd_without_small_factors((1 << 2100 // exponent) + 987654321)
    assert problem(rsa_key(root**exponent)) == "RSA_MODULUS_PERFECT_POWER"
    assert problem(rsa_key(_odd_without_small_factors(root**exponent + 2))) is None


def test_a_power_of_every_witness_is_still_rooted() -> None:
    """A number that is a cube modulo every witness, and none."""
    root = _odd_without_small_factors((1 << 700) + 5)
    period = 7 * 13 * 19 * 31 * 37 * 43 * 61 * 67
    near = _odd_without_small_factors(root**3 + 2 * period, 2 * period)
    assert factorable(near) is None


@pytest.mark.parametrize("distance", [0, 1, 40])
def test_close_primes(distance: int) -> None:
    p = _private().p
    q = _odd_without_small_factors(p + 2 + 2 * distance)
    assert problem(rsa_key(p * q)) == "RSA_PRIMES_TOO_CLOSE"


def test_a_near_square_in_the_residues_is_rooted() -> None:
    """Half a million rounds apart: residues may agree, the root never does."""
    p = _private().p
    q = _odd_without_small_factors(p + (1 << 600))
    assert factorable(p * q) is None


def test_roca() -> None:
    p, q = _roca_prime(512, 5), _roca_prime(512, 977)
    assert has_roca_fingerprint(p * q)
    assert problem(rsa_key(p * q), "legacy") == "RSA_MODULUS_ROCA"
    assert not has_roca_fingerprint(_n())


def test_roca_asks_for_one_exponent_everywhere() -> None:
    """A power of 65537 modulo each prime, but of exponents that no single one explains."""
    primes = _PRIMES[1:39]
    residues = dict.fromkeys(primes, 1)
    residues[7] = 65537 % 7
    value, modulus = 0, 1
    for prime, residue in residues.items():
        value += modulus * ((residue - value) * pow(modulus, -1, prime) % prime)
        modulus *= prime
    assert not has_roca_fingerprint(value)
    assert has_roca_fingerprint(1)


@pytest.mark.parametrize("parameters", [b"", b"\x30\x00", b"\x02\x01\x00"])
def test_parameters_must_be_null(parameters: bytes) -> None:
    assert problem(rsa_key(_n(), parameters=parameters)) == "KEY_PARAMETERS_INVALID"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00",
        seq(integer(5)),
        seq(integer(5), integer(3), integer(3)),
        seq(integer(5), integer(3)) + b"\x00",
        seq(b"\x02\x02\x00\x05", integer(3)),
        seq(integer(-5), integer(3)),
    ],
)
def test_encodings(octets: bytes) -> None:
    assert problem(raw_key(RSA, NULL, octets)) == "KEY_ENCODING_INVALID"
