"""Signatures of the gateway's own keys verified, by a public key alone: receipts, checkpoints, approvals.

An algorithm is named as hsm names it and belongs to one kind of key; nothing in what was signed chooses it.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from ca_bridge.adapters.sm2_engine import select_sm2_engine
from ca_bridge.core.algorithms.ecdsa import verify_ecdsa
from ca_bridge.core.algorithms.eddsa import verify_edwards
from ca_bridge.core.algorithms.key_loading import load_key
from ca_bridge.core.algorithms.keys import EcdsaKey, EdwardsKey, LoadedKey, RsaKey, Sm2Key
from ca_bridge.core.algorithms.registry import Scheme, SignatureAlgorithm
from ca_bridge.core.algorithms.rsa import verify_rsa
from ca_bridge.core.algorithms.sm2 import Sm2Verifier, verify_sm2
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.algorithm_identifier import decode_subject_public_key_info
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SignedBytes
from ca_bridge.core.x509.der import finish
from ca_bridge.core.x509.errors import Malformed

SM2_USER_IDS = (b"1234567812345678",)
"""The one user ID of the gateway's SM2 signatures (GM/T 0009)."""

_MIN_RSA_BITS = 2048
# What an algorithm is, and the kind its key must be.
_ALGORITHMS = MappingProxyType(
    {
        "ecdsa-sha256": (SignatureAlgorithm(Scheme.ECDSA, "SHA-256"), "P-256"),
        "ecdsa-sha384": (SignatureAlgorithm(Scheme.ECDSA, "SHA-384"), "P-384"),
        "ed25519": (SignatureAlgorithm(Scheme.ED25519, ""), "Ed25519"),
        "sm2-sm3": (SignatureAlgorithm(Scheme.SM2, "SM3"), "SM2"),
        "rsa-pkcs1-sha256": (SignatureAlgorithm(Scheme.PKCS1, "SHA-256"), "RSA"),
    }
)
# The message, not the identifier inside it, is what is verified here.
_NO_IDENTIFIER = AlgorithmIdentifier("", None)
_CACHED_KEYS = 256


def verify_statement(spki: bytes, algorithm: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` under the key of ``spki`` (DER), with ``algorithm``.

    "ecdsa-sha256" (P-256), "ecdsa-sha384" (P-384), "sm2-sm3" (the default user ID): DER {r, s}, the one
    encoding; "ed25519" and "rsa-pkcs1-sha256" (2048 bits or more): the octets. Anything else, a key that is
    not of the algorithm's kind, and a key that is not sound give False. Sm2EngineError without an SM2 engine.
    """
    named = _ALGORITHMS.get(algorithm)
    key = _load(spki)
    if named is None or key is None or key.kind != named[1]:
        return False
    return _holds(SignedBytes(message, _NO_IDENTIFIER, signature), key, named[0])


def _holds(signed: SignedBytes, key: LoadedKey, algorithm: SignatureAlgorithm) -> bool:
    match key:
        case EcdsaKey():
            return verify_ecdsa(signed, key, algorithm) is None
        case Sm2Key():
            return verify_sm2(_sm2_engine(), signed, key, algorithm, SM2_USER_IDS) is None
        case EdwardsKey():
            return verify_edwards(signed, key, algorithm) is None
        case RsaKey() if not key.pss_only and key.bits >= _MIN_RSA_BITS:
            return verify_rsa(signed, key, algorithm) is None
    return False


@lru_cache(maxsize=_CACHED_KEYS)
def _load(spki: bytes) -> LoadedKey | None:
    """The key of a SubjectPublicKeyInfo that fills ``spki``; None when it is none to rely on."""
    try:
        info, end = decode_subject_public_key_info(spki, 0, len(spki))
        finish(end, len(spki))
    except Malformed:
        return None
    key = load_key(info, None)
    return None if isinstance(key, Finding) else key


@lru_cache(maxsize=1)
def _sm2_engine() -> Sm2Verifier:
    return select_sm2_engine()
