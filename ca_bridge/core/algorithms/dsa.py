"""DSA keys with inherited parameters (RFC 3279 §2.3.2) and signatures, for the "legacy" profile only."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.dsa import DSAParameterNumbers, DSAPublicNumbers

from ca_bridge.core.algorithms.encodings import (
    NULL_OR_ABSENT,
    integer_sequence,
    signature_pair,
    whole_integer,
)
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import DsaKey
from ca_bridge.core.algorithms.registry import HASHES, SignatureAlgorithm
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo

DSA_OID = "1.2.840.10040.4.1"
# FIPS 186-4 §4.2: (L, N).
_SIZES = frozenset({(1024, 160), (2048, 224), (2048, 256), (3072, 256)})


def load_dsa(key: SubjectPublicKeyInfo, inherited: bytes | None) -> DsaKey | Finding:
    """The DSA key, its parameters its own or else ``inherited`` (DER of Dss-Parms), or why it is none."""
    own = key.algorithm.parameters
    parameters = inherited if own in NULL_OR_ABSENT else own
    if parameters is None:
        return fault(algorithm_keys.DSA_PARAMETERS_MISSING)
    numbers = integer_sequence(parameters, 3)
    if numbers is None or not _sound(*numbers):
        return fault(algorithm_keys.KEY_PARAMETERS_INVALID, key="DSA")
    p, q, g = numbers
    y = whole_integer(key.key)
    if y is None or not 1 < y < p - 1 or pow(y, q, p) != 1:
        return fault(algorithm_keys.KEY_ENCODING_INVALID, key="DSA")
    public = DSAPublicNumbers(y, DSAParameterNumbers(p, q, g)).public_key()
    return DsaKey(p.bit_length(), q, public)


def _sound(p: int, q: int, g: int) -> bool:
    """Odd, of sizes of FIPS 186-4 §4.2, q divides p - 1, and g generates the subgroup of order q."""
    sizes_known = min(p, q) > 0 and p & q & 1 and (p.bit_length(), q.bit_length()) in _SIZES
    return bool(sizes_known) and (p - 1) % q == 0 and 1 < g < p and pow(g, q, p) == 1


def verify_dsa(signed: SignedBytes, key: DsaKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """Why ``signed`` is not signed by ``key`` (FIPS 186-4 §4.7), or None; the signature is strict DER."""
    if signature_pair(signed.signature, key.order) is None:
        return fault(algorithms.SIGNATURE_ENCODING_INVALID, algorithm=algorithm.name)
    try:
        key.public.verify(signed.signature, signed.tbs, HASHES[algorithm.hash_name])
    except InvalidSignature:
        return fault(algorithms.SIGNATURE_DOES_NOT_VERIFY, algorithm=algorithm.name)
    return None
