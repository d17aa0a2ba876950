"""EC, SM2, Ed25519, Ed448 and DSA keys that are refused, each for its own reason."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519

from ca_bridge.core.algorithms.sm2 import PRIME, is_on_curve
from tests.algorithm_samples import (
    DSA,
    EC,
    ED448,
    ED25519,
    P256,
    P384,
    P521,
    RSA,
    SM2_CURVE,
    ec_key,
    key_of,
    problem,
    raw_key,
)
from tests.certificate_der import NULL, integer, oid, seq

_SM2_POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_P256_POINT = key_of(ec.derive_private_key(5, ec.SECP256R1()).public_key()).key[1:]


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_nist_curves_are_taken(curve: ec.EllipticCurve) -> None:
    assert problem(key_of(ec.derive_private_key(99, curve).public_key())) is None


def test_sm2_is_taken() -> None:
    assert problem(ec_key(SM2_CURVE, b"\x04" + _SM2_POINT)) is None


@pytest.mark.parametrize(("curve", "size"), [(P256, 32), (P384, 48), (P521, 66), (SM2_CURVE, 32)])
def test_points(curve: str, size: int) -> None:
    assert problem(ec_key(curve, b"\x04" + b"\x01" * (2 * size))) == "EC_POINT_NOT_ON_CURVE"
    assert problem(ec_key(curve, b"\x04" + bytes(2 * size))) == "EC_POINT_NOT_ON_CURVE"
    assert problem(ec_key(curve, b"\x02" + b"\x01" * size)) == "EC_POINT_COMPRESSED"
    assert problem(ec_key(curve, b"\x03" + b"\x01" * size)) == "EC_POINT_COMPRESSED"
    for octets in (
        b"",
        b"\x00",
        b"\x04",
        b"\x06" + bytes(2 * size),
        b"\x04" + bytes(2 * size + 1),
        b"\x01" + bytes(size),
    ):
        assert problem(ec_key(curve, octets)) == "KEY_ENCODING_INVALID"


def test_a_point_of_one_curve_is_none_of_another() -> None:
    assert problem(ec_key(SM2_CURVE, b"\x04" + _P256_POINT)) == "EC_POINT_NOT_ON_CURVE"
    assert problem(ec_key(P256, b"\x04" + _SM2_POINT)) == "EC_POINT_NOT_ON_CURVE"


def test_sm2_coordinates_are_reduced() -> None:
    x, y = int.from_bytes(_SM2_POINT[:32], "big"), int.from_bytes(_SM2_POINT[32:], "big")
    assert is_on_curve(_SM2_POINT)
    assert is_on_curve(x.to_bytes(32, "big") + (PRIME - y).to_bytes(32, "big"))
    assert not is_on_curve((PRIME + 1).to_bytes(32, "big") + _SM2_POINT[32:])
    assert not is_on_curve(_SM2_POINT[:32] + b"\xff" * 32)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (seq(integer(1)), "EC_PARAMETERS_EXPLICIT"),
        (b"\x30\x00", "EC_PARAMETERS_EXPLICIT"),
        (NULL, "KEY_PARAMETERS_INVALID"),
        (b"", "KEY_PARAMETERS_INVALID"),
        (oid("1.3.132.0.10"), "EC_CURVE_UNSUPPORTED"),
        (oid("1.2.840.10045.3.1.1"), "EC_CURVE_UNSUPPORTED"),
        (oid("1.3.36.3.3.2.8.1.1.7"), "EC_CURVE_UNSUPPORTED"),
    ],
)
def test_curve_parameters(parameters: bytes, code: str) -> None:
    assert problem(raw_key(EC, parameters, b"\x04" + _P256_POINT)) == code


@pytest.mark.parametrize("algorithm", ["1.2.156.10197.1.301", "1.3.101.110", "1.2.840.113549.1.3.1", "2.999"])
def test_unknown_key_algorithms(algorithm: str) -> None:
    assert problem(raw_key(algorithm, b"", bytes(32))) == "KEY_ALGORITHM_UNSUPPORTED"


def test_edwards_keys_are_taken() -> None:
    assert problem(key_of(ed25519.Ed25519PrivateKey.from_private_bytes(b"1" * 32).public_key())) is None
    assert problem(key_of(ed448.Ed448PrivateKey.from_private_bytes(b"1" * 57).public_key())) is None


_P25519, _P448 = 2**255 - 19, 2**448 - 2**224 - 1
_D25519, _D448 = -121665 * pow(121666, -1, _P25519), -39081


def _root(square: int, prime: int) -> int | None:
    if prime % 8 == 5:
        root = pow(square, (prime + 3) // 8, prime)
        if root * root % prime != square % prime:
            root = root * pow(2, (prime - 1) // 4, prime) % prime
    else:
        root = pow(square, (prime + 1) // 4, prime)
    return root if root * root % prime == square % prime else None


def _add(p: tuple[int, int], q: tuple[int, int], a: int, d: int, prime: int) -> tuple[int, int]:
    product = d * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + p[1] * q[0]) * pow(1 + product, -1, prime)
    y = (p[1] * q[1] - a * p[0] * q[0]) * pow(1 - product, -1, prime)
    return x % prime, y % prime


def _torsion(order: int, cofactor: int, a: int, d: int, prime: int) -> set[tuple[int, int]]:
    """Every point of small order, found by clearing the large factor off arbitrary points."""
    found: set[tuple[int, int]] = set()
    y = 2
    while len(found) < cofactor:
        y += 1
        x = _root((1 - y * y) * pow(a - d * y * y, -1, prime), prime)
        if x is None:
            continue
        point, left, result = (x, y), order, (0, 1)
        while left:
            if left & 1:
                result = _add(result, point, a, d, prime)
            point, left = _add(point, point, a, d, prime), left >> 1
        multiple = result
        for _ in range(cofactor):
            found.add(multiple)
            multiple = _add(multiple, result, a, d, prime)
    return found


def _encodings(y: int, prime: int, size: int) -> list[bytes]:
    """``y`` with either sign bit, reduced and not, as far as it fits."""
    top = 1 << (8 * size - 1)
    bits = 255 if size == 32 else 448
    values = [value for value in (y, y + prime) if value < 1 << bits]
    return [(value | sign).to_bytes(size, "little") for value in values for sign in (0, top)]


@pytest.mark.parametrize(
    ("algorithm", "size", "prime", "a", "d", "cofactor", "order"),
    [
        (ED25519, 32, _P25519, -1, _D25519, 8, 2**252 + 27742317777372353535851937790883648493),
        (
            ED448,
            57,
            _P448,
            1,
            _D448,
            4,
            2**446 - 13818066809895115352007386748515426880336692474882178609894547503885,
        ),
    ],
    ids=["Ed25519", "Ed448"],
)
def test_every_point_of_small_order(
    algorithm: str, size: int, prime: int, a: int, d: int, cofactor: int, order: int
) -> None:
    torsion = _torsion(order, cofactor, a, d, prime)
    assert len(torsion) == cofactor
    encodings = {e for _, y in torsion for e in _encodings(y, prime, size)}
    assert len(encodings) >= cofactor
    for octets in encodings:
        assert problem(raw_key(algorithm, b"", octets)) == "EDWARDS_POINT_SMALL_ORDER"


def test_edwards_encodings() -> None:
    good = ed25519.Ed25519PrivateKey.from_private_bytes(b"1" * 32).public_key().public_bytes_raw()
    assert problem(raw_key(ED25519, NULL, good)) == "KEY_PARAMETERS_INVALID"
    assert problem(raw_key(ED25519, b"", good[:-1])) == "KEY_ENCODING_INVALID"
    assert problem(raw_key(ED25519, b"", good + b"\x00")) == "KEY_ENCODING_INVALID"
    assert problem(raw_key(ED448, b"", good)) == "KEY_ENCODING_INVALID"
    assert problem(raw_key(ED25519, b"", (2).to_bytes(32, "little"))) == "EDWARDS_POINT_INVALID"
    assert problem(raw_key(ED25519, b"", (_P25519 + 3).to_bytes(32, "little"))) == "EDWARDS_POINT_INVALID"
    assert problem(raw_key(ED448, b"", b"\xff" * 57)) == "EDWARDS_POINT_INVALID"


def test_on_curve_agrees_with_decoding() -> None:
    for y in range(3, 60):
        on_curve = _root((1 - y * y) * pow(-1 - _D25519 * y * y, -1, _P25519), _P25519) is not None
        assert (problem(raw_key(ED25519, b"", y.to_bytes(32, "little"))) is None) == on_curve


_DSA = dsa.generate_private_key(1024).public_key()  # noqa: S505 - legacy
_NUMBERS = _DSA.public_numbers()
_P, _Q, _G, _Y = (
    _NUMBERS.parameter_numbers.p,
    _NUMBERS.parameter_numbers.q,
    _NUMBERS.parameter_numbers.g,
    _NUMBERS.y,
)


def _dss(p: int, q: int, g: int) -> bytes:
    return seq(integer(p), integer(q), integer(g))


def test_dsa_parameters_are_inherited() -> None:
    own = _dss(_P, _Q, _G)
    assert problem(raw_key(DSA, own, integer(_Y)), "legacy") is None
    for lacking in (b"", NULL):
        key = raw_key(DSA, lacking, integer(_Y))
        assert problem(key, "legacy") == "DSA_PARAMETERS_MISSING"
        assert problem(key, "legacy", dsa_parameters=own) is None
        assert problem(key, "legacy", dsa_parameters=seq()) == "KEY_PARAMETERS_INVALID"
    assert problem(raw_key(DSA, own, integer(_Y)), "legacy", dsa_parameters=seq()) is None


@pytest.mark.parametrize(
    ("p", "q", "g"),
    [
        (_P, _Q, 1),
        (_P, _Q, 0),
        (_P, _Q, _P + 1),
        (_P, _Q, 2),
        (_P, _Q + 2, _G),
        (_P >> 1, _Q, _G),
        (-_P, _Q, _G),
        (_P, 0, _G),
        (1 << 1023, 1 << 159, 2),
    ],
    ids=["g=1", "g=0", "g=p+1", "g=2", "q+2", "p/2", "-p", "q=0", "powers of two"],
)
def test_dsa_parameters_that_are_none(p: int, q: int, g: int) -> None:
    assert problem(raw_key(DSA, _dss(p, q, g), integer(_Y)), "legacy") == "KEY_PARAMETERS_INVALID"


@pytest.mark.parametrize(
    "y",
    [0, 1, -1, 2, _P - 1, _P, _P + _Y],
    ids=["0", "1", "-1", "2", "p-1", "p", "p+y"],
)
def test_dsa_values_out_of_the_group(y: int) -> None:
    assert problem(raw_key(DSA, _dss(_P, _Q, _G), integer(y)), "legacy") == "KEY_ENCODING_INVALID"


def test_dsa_key_that_is_no_integer() -> None:
    assert problem(raw_key(DSA, _dss(_P, _Q, _G), b"\x04\x01\x05"), "legacy") == "KEY_ENCODING_INVALID"
    assert problem(raw_key(RSA, NULL, integer(5)), "legacy") == "KEY_ENCODING_INVALID"
