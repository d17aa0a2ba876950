"""SM2 keys and signatures with SM3 (GB/T 32918.2, GB/T 35276), on the curve of GB/T 32918.5.

Everything but the arithmetic of one verification is done here, alike for every engine: the point, the
encoding and range of the signature, the user ID and the digest e = SM3(Z || message).
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives import hashes

from ca_bridge.core.algorithms.ec_key import NamedCurve, ec_point
from ca_bridge.core.algorithms.encodings import signature_pair
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import Sm2Key
from ca_bridge.core.algorithms.registry import SignatureAlgorithm
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes

PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_A = PRIME - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_CURVE_OCTETS = b"".join(value.to_bytes(32, "big") for value in (_A, _B, *_G))
# ENTL, the length of the ID in bits, is two octets (GB/T 32918.2 §5.5).
MAX_USER_ID_BYTES = 8191


class Sm2Verifier(Protocol):
    """The arithmetic of SM2 verification, steps B5 to B7 of GB/T 32918.2 §7.1."""

    @property
    def name(self) -> str:
        """Which engine this is, as /readyz and ``ca-bridge doctor`` show it."""
        ...

    @property
    def version(self) -> str:
        """Version of the library it runs on."""
        ...

    def verify_digest(self, point: bytes, digest: bytes, r: int, s: int) -> bool:
        """Whether (r, s) signs ``digest`` (32 octets, e) under ``point`` (64 octets, X || Y).

        r and s are in [1, n - 1] and r + s is not n: the caller has checked. A point that is not
        on the curve gives False. Raises nothing, keeps no error state, and may be called from threads.
        """
        ...


def is_on_curve(point: bytes) -> bool:
    """Whether X || Y are reduced coordinates on the SM2 curve. Infinity has no such form."""
    x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
    return x < PRIME and y < PRIME and (y * y - (x * x + _A) * x - _B) % PRIME == 0


def load_sm2(octets: bytes) -> Sm2Key | Finding:
    """The SM2 key, or why it is none."""
    point = ec_point(NamedCurve.SM2, octets)
    if isinstance(point, Finding):
        return point
    if not is_on_curve(point):
        return fault(algorithm_keys.EC_POINT_NOT_ON_CURVE, curve="SM2")
    return Sm2Key(point)


def sm2_digest(user_id: bytes, point: bytes, message: bytes) -> bytes:
    """Digest e = SM3(Z || message), Z of ``user_id`` and ``point`` (GB/T 32918.2 §5.5, §7.1)."""
    entitlement = (8 * len(user_id)).to_bytes(2, "big")
    return sm3(sm3(entitlement, user_id, _CURVE_OCTETS, point), message)


def sm3(*parts: bytes) -> bytes:
    """SM3 (GB/T 32905) of ``parts`` one after the other."""
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def verify_sm2(
    engine: Sm2Verifier,
    signed: SignedBytes,
    key: Sm2Key,
    algorithm: SignatureAlgorithm,
    user_ids: tuple[bytes, ...],
) -> Finding | None:
    """Why ``signed`` is not signed by ``key`` under any of ``user_ids``, tried in order, or None.

    An ID longer than 8191 octets, which no Z can be made of, is nobody's.
    """
    pair = signature_pair(signed.signature, ORDER)
    if pair is None:
        return fault(algorithms.SIGNATURE_ENCODING_INVALID, algorithm=algorithm.name)
    r, s = pair
    if r + s != ORDER:
        for user_id in user_ids:
            if len(user_id) <= MAX_USER_ID_BYTES and engine.verify_digest(
                key.point, sm2_digest(user_id, key.point, signed.tbs), r, s
            ):
                return None
    return fault(algorithms.SIGNATURE_DOES_NOT_VERIFY, algorithm=algorithm.name)
