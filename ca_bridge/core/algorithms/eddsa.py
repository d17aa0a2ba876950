"""Ed25519 and Ed448 keys and signatures (RFC 8032, RFC 8410).

A key of small order "signs" anything: the equation holds for fixed signatures whatever the message is
in OpenSSL and everything built on it. Such keys, and encodings that are not the one RFC 8032 §5.1.3 and
§5.2.3 define, are refused before any verification.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import EdwardsKey
from ca_bridge.core.algorithms.registry import SignatureAlgorithm
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class _Curve:
    """a*x^2 + y^2 = 1 + d*x^2*y^2 modulo ``prime``; ``torsion``: the y of all points of small order."""

    name: str
    size_bytes: int
    prime: int
    a: int
    d: int
    torsion: frozenset[int]
    public_key: type[Ed25519PublicKey | Ed448PublicKey]


_P25519 = 2**255 - 19
_P448 = 2**448 - 2**224 - 1
# y of the four points of order 8, which come in pairs y and -y.
_ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826

_CURVES = {
    "1.3.101.112": _Curve(
        "Ed25519",
        32,
        _P25519,
        -1,
        -121665 * pow(121666, -1, _P25519),
        frozenset({0, 1, _P25519 - 1, _ORDER_8_Y, _P25519 - _ORDER_8_Y}),
        Ed25519PublicKey,
    ),
    "1.3.101.113": _Curve("Ed448", 57, _P448, 1, -39081, frozenset({0, 1, _P448 - 1}), Ed448PublicKey),
}
ED25519_OID, ED448_OID = _CURVES


def load_edwards(key: SubjectPublicKeyInfo) -> EdwardsKey | Finding:
    """The Ed25519 or Ed448 key, or why it is none to rely on."""
    curve = _CURVES[key.algorithm.oid]
    if key.algorithm.parameters is not None:
        return fault(algorithm_keys.KEY_PARAMETERS_INVALID, key=curve.name)
    if len(key.key) != curve.size_bytes:
        return fault(algorithm_keys.KEY_ENCODING_INVALID, key=curve.name)
    y = int.from_bytes(key.key, "little") & ((1 << (8 * curve.size_bytes - 1)) - 1)
    if y % curve.prime in curve.torsion:
        return fault(algorithm_keys.EDWARDS_POINT_SMALL_ORDER, curve=curve.name)
    if y >= curve.prime or not _has_x(curve, y):
        return fault(algorithm_keys.EDWARDS_POINT_INVALID, curve=curve.name)
    return EdwardsKey(curve.name, curve.prime.bit_length(), curve.public_key.from_public_bytes(key.key))


def _has_x(curve: _Curve, y: int) -> bool:
    """Whether some x goes with ``y``: x^2 = (1 - y^2) / (a - d*y^2) must have a root (never 0 here)."""
    quotient_sign = (1 - y * y) * (curve.a - curve.d * y * y)
    return pow(quotient_sign, (curve.prime - 1) // 2, curve.prime) == 1


def verify_edwards(signed: SignedBytes, key: EdwardsKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """Why ``signed`` is not signed by ``key`` (RFC 8032 §5.1.7, §5.2.7), or None."""
    try:
        key.public.verify(signed.signature, signed.tbs)
    except InvalidSignature:
        return fault(algorithms.SIGNATURE_DOES_NOT_VERIFY, algorithm=algorithm.name)
    return None
