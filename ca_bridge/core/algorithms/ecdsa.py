"""ECDSA keys and signatures (RFC 5480, RFC 5758) on P-256, P-384 and P-521."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bridge.core.algorithms.ec_key import NamedCurve, ec_point
from ca_bridge.core.algorithms.encodings import signature_pair
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import EcdsaKey
from ca_bridge.core.algorithms.registry import HASHES, SignatureAlgorithm
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes

_CURVES: dict[NamedCurve, ec.EllipticCurve] = {
    NamedCurve.P256: ec.SECP256R1(),
    NamedCurve.P384: ec.SECP384R1(),
    NamedCurve.P521: ec.SECP521R1(),
}


def load_ecdsa(curve: NamedCurve, octets: bytes) -> EcdsaKey | Finding:
    """The point of ``octets`` on ``curve``, or why it is none."""
    group = _CURVES[curve]
    point = ec_point(curve, octets)
    if isinstance(point, Finding):
        return point
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(group, octets)
    except ValueError:
        return fault(algorithm_keys.EC_POINT_NOT_ON_CURVE, curve=curve)
    return EcdsaKey(curve, group.key_size, group.group_order, public)


def verify_ecdsa(signed: SignedBytes, key: EcdsaKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """Why ``signed`` is not signed by ``key`` (FIPS 186-5 §6.4.2), or None; the signature is strict DER."""
    if signature_pair(signed.signature, key.order) is None:
        return fault(algorithms.SIGNATURE_ENCODING_INVALID, algorithm=algorithm.name)
    try:
        key.public.verify(signed.signature, signed.tbs, ec.ECDSA(HASHES[algorithm.hash_name]))
    except InvalidSignature:
        return fault(algorithms.SIGNATURE_DOES_NOT_VERIFY, algorithm=algorithm.name)
    return None
