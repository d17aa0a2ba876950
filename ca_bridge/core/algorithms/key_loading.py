"""Which loader reads which SubjectPublicKeyInfo."""

from __future__ import annotations

from ca_bridge.core.algorithms.dsa import DSA_OID, load_dsa
from ca_bridge.core.algorithms.ec_key import EC_PUBLIC_KEY_OID, NamedCurve, named_curve
from ca_bridge.core.algorithms.ecdsa import load_ecdsa
from ca_bridge.core.algorithms.eddsa import ED448_OID, ED25519_OID, load_edwards
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import LoadedKey
from ca_bridge.core.algorithms.pss import RSASSA_PSS_OID
from ca_bridge.core.algorithms.rsa import RSA_ENCRYPTION_OID, load_rsa
from ca_bridge.core.algorithms.sm2 import load_sm2
from ca_bridge.core.reasons import algorithm_keys as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SubjectPublicKeyInfo


def load_key(key: SubjectPublicKeyInfo, dsa_parameters: bytes | None) -> LoadedKey | Finding:
    """The key, sound under at least one profile, or the fault that makes it none to rely on."""
    oid = key.algorithm.oid
    if oid in (RSA_ENCRYPTION_OID, RSASSA_PSS_OID):
        return load_rsa(key)
    if oid == EC_PUBLIC_KEY_OID:
        return _load_ec(key)
    if oid in (ED25519_OID, ED448_OID):
        return load_edwards(key)
    if oid == DSA_OID:
        return load_dsa(key, dsa_parameters)
    return fault(reasons.KEY_ALGORITHM_UNSUPPORTED, oid=oid)


def _load_ec(key: SubjectPublicKeyInfo) -> LoadedKey | Finding:
    curve = named_curve(key.algorithm.parameters)
    if isinstance(curve, Finding):
        return curve
    return load_sm2(key.key) if curve is NamedCurve.SM2 else load_ecdsa(curve, key.key)
