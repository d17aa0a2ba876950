"""RSA keys (RFC 8017 §3.1, RFC 4055 §1.2, §3.1) and the signatures RSASSA-PKCS1-v1_5 and RSASSA-PSS."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from ca_bridge.core.algorithms.encodings import NULL_DER, integer_sequence
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import PssParameters, RsaKey
from ca_bridge.core.algorithms.pss import RSASSA_PSS_OID, decode_pss_parameters
from ca_bridge.core.algorithms.registry import HASHES, Scheme, SignatureAlgorithm
from ca_bridge.core.algorithms.rsa_strength import factorable
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo

RSA_ENCRYPTION_OID = "1.2.840.113549.1.1.1"
# No table row reaches outside these, so a key outside costs no arithmetic at all.
_MIN_BITS, _MAX_BITS = 1024, 8192
_MIN_EXPONENT, _MAX_EXPONENT = 3, (1 << 32) + 1


def load_rsa(key: SubjectPublicKeyInfo) -> RsaKey | Finding:
    """The RSA key, or why it is none to rely on under any profile."""
    restriction = _restriction(key)
    if isinstance(restriction, Finding):
        return restriction
    numbers = integer_sequence(key.key, 2)
    if numbers is None or min(numbers) <= 0:
        return fault(algorithm_keys.KEY_ENCODING_INVALID, key="RSA")
    modulus, exponent = numbers
    problem = _out_of_bounds(modulus.bit_length(), exponent) or factorable(modulus)
    if problem is not None:
        return problem
    pss_only = key.algorithm.oid == RSASSA_PSS_OID
    return RsaKey(
        modulus.bit_length(), RSAPublicNumbers(exponent, modulus).public_key(), pss_only, restriction
    )


def _restriction(key: SubjectPublicKeyInfo) -> PssParameters | Finding | None:
    """What the key's AlgorithmIdentifier restricts it to: nothing, or one kind of PSS (RFC 4055 §3.1)."""
    parameters = key.algorithm.parameters
    if key.algorithm.oid == RSASSA_PSS_OID:
        return None if parameters is None else decode_pss_parameters(parameters)
    if parameters != NULL_DER:
        return fault(algorithm_keys.KEY_PARAMETERS_INVALID, key="RSA")
    return None


def _out_of_bounds(bits: int, exponent: int) -> Finding | None:
    if bits < _MIN_BITS:
        return fault(algorithm_keys.RSA_MODULUS_TOO_SMALL, bits=bits, minimum=_MIN_BITS)
    if bits > _MAX_BITS:
        return fault(algorithm_keys.RSA_MODULUS_TOO_LARGE, bits=bits, maximum=_MAX_BITS)
    if exponent < _MIN_EXPONENT:
        return fault(algorithm_keys.RSA_EXPONENT_TOO_SMALL, exponent=exponent)
    if exponent > _MAX_EXPONENT:
        return fault(algorithm_keys.RSA_EXPONENT_TOO_LARGE, bits=exponent.bit_length())
    if exponent % 2 == 0:
        return fault(algorithm_keys.RSA_EXPONENT_EVEN, exponent=exponent)
    return None


def verify_rsa(signed: SignedBytes, key: RsaKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """Why ``signed`` is not signed by ``key`` with PKCS#1 v1.5 or PSS (RFC 8017 §8.1.2, §8.2.2), or None."""
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    hash_algorithm = HASHES[algorithm.hash_name]
    if algorithm.scheme is Scheme.PSS:
        problem = _restricted(key, algorithm) or _salt_too_long(key, algorithm)
        if problem is not None:
            return problem
        scheme = padding.PSS(padding.MGF1(hash_algorithm), algorithm.salt_bytes)
    try:
        key.public.verify(signed.signature, signed.tbs, scheme, hash_algorithm)
    except InvalidSignature:
        return fault(algorithms.SIGNATURE_DOES_NOT_VERIFY, algorithm=algorithm.name)
    return None


def _restricted(key: RsaKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """RFC 4055 §3.3: same hash, and a salt at least as long as the key's parameters ask."""
    limit = key.pss
    if limit is None or (limit.hash_name == algorithm.hash_name and limit.salt_bytes <= algorithm.salt_bytes):
        return None
    return fault(algorithms.PSS_KEY_RESTRICTION_VIOLATED)


def _salt_too_long(key: RsaKey, algorithm: SignatureAlgorithm) -> Finding | None:
    """RFC 8017 §9.1.2 step 3: emLen is at least hLen + sLen + 2, with emLen of modBits - 1 bits."""
    encoded_bytes = (key.bits + 6) // 8
    if encoded_bytes < HASHES[algorithm.hash_name].digest_size + algorithm.salt_bytes + 2:
        return fault(algorithms.PSS_PARAMETERS_INVALID, part="saltLength")
    return None
