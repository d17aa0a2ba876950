"""SM2 signing with SM3 (GB/T 32918.2) for test keys only: not constant time, k derived.

The scalar of a test key and each k come from SHA-256, so that the same input gives the same
bytes. Nothing here may ever sign for a real key.
"""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.hazmat.primitives import hashes

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
DEFAULT_USER_ID = b"1234567812345678"

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    yy = y * y % P
    s = 4 * x * yy % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(left: _Jacobian, right: _Jacobian) -> _Jacobian:
    if left[2] == 0:
        return right
    if right[2] == 0:
        return left
    z1z1, z2z2 = left[2] ** 2 % P, right[2] ** 2 % P
    u1, u2 = left[0] * z2z2 % P, right[0] * z1z1 % P
    s1, s2 = left[1] * right[2] * z2z2 % P, right[1] * left[2] * z1z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return _double(left) if r == 0 else (1, 1, 0)
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * left[2] * right[2] % P


def multiply(scalar: int, point: Point = G) -> Point:
    result: _Jacobian = (1, 1, 0)
    base: _Jacobian = (*point, 1)
    for bit in f"{scalar:b}":
        result = _double(result)
        if bit == "1":
            result = _add(result, base)
    inverse = pow(result[2], -1, P)
    return result[0] * inverse**2 % P, result[1] * inverse**3 % P


@cache
def scalar_of(label: str) -> int:
    """Private scalar of the test key called ``label``, in [1, n-2]."""
    return (
        int.from_bytes(hashlib.sha256(b"ca-bridge test key: " + label.encode()).digest(), "big") % (N - 2) + 1
    )


@cache
def public_point(label: str) -> Point:
    return multiply(scalar_of(label))


def encode_point(point: Point) -> bytes:
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def _digest(message: bytes, public: Point, user_id: bytes) -> int:
    curve = b"".join(value.to_bytes(32, "big") for value in (A, B, *G, *public))
    z = sm3((len(user_id) * 8).to_bytes(2, "big") + user_id + curve)
    return int.from_bytes(sm3(z + message), "big")


def sign(label: str, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> tuple[int, int]:
    """(r, s) of GB/T 32918.2 §6.1 with a derived k."""
    d = scalar_of(label)
    e = _digest(message, public_point(label), user_id)
    for attempt in range(256):
        seed = d.to_bytes(32, "big") + e.to_bytes(32, "big") + bytes([attempt])
        k = int.from_bytes(hashlib.sha256(b"k" + seed).digest(), "big") % (N - 1) + 1
        r = (e + multiply(k)[0]) % N
        s = pow(1 + d, -1, N) * (k - r * d) % N
        if r and s and r + k != N:
            return r, s
    raise AssertionError("no k in 256 attempts")
