"""Keys, signatures and a checker over the real algorithm table, for tests of algorithms."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.algorithms.sm2 import Sm2Verifier
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.algorithm_identifier import decode_subject_public_key_info
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SignedBytes, SubjectPublicKeyInfo
from tests.certificate_der import NULL, bits, integer, oid, seq

AT = datetime(2026, 1, 1, tzinfo=UTC)
USER_ID = b"1234567812345678"
POLICIES = Path(__file__).resolve().parents[1] / "policies"

RSA, RSA_PSS, EC, DSA = (
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.10",
    "1.2.840.10045.2.1",
    "1.2.840.10040.4.1",
)
ED25519, ED448 = "1.3.101.112", "1.3.101.113"
P256, P384, P521 = "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"
SM2_CURVE, SM3_WITH_SM2 = "1.2.156.10197.1.301", "1.2.156.10197.1.501"
HASH_OIDS = {
    "SHA-1": "1.3.14.3.2.26",
    "SHA-224": "2.16.840.1.101.3.4.2.4",
    "SHA-256": "2.16.840.1.101.3.4.2.1",
    "SHA-384": "2.16.840.1.101.3.4.2.2",
    "SHA-512": "2.16.840.1.101.3.4.2.3",
}
RSA_OIDS = {
    "SHA-1": "1.2.840.113549.1.1.5",
    "SHA-224": "1.2.840.113549.1.1.14",
    "SHA-256": "1.2.840.113549.1.1.11",
    "SHA-384": "1.2.840.113549.1.1.12",
    "SHA-512": "1.2.840.113549.1.1.13",
}
ECDSA_OIDS = {
    "SHA-1": "1.2.840.10045.4.1",
    "SHA-224": "1.2.840.10045.4.3.1",
    "SHA-256": "1.2.840.10045.4.3.2",
    "SHA-384": "1.2.840.10045.4.3.3",
    "SHA-512": "1.2.840.10045.4.3.4",
}
DSA_OIDS = {
    "SHA-1": "1.2.840.10040.4.3",
    "SHA-224": "2.16.840.1.101.3.4.3.1",
    "SHA-256": "2.16.840.1.101.3.4.3.2",
}


@cache
def rules() -> AlgorithmRules:
    return read_algorithm_rules(POLICIES / "algorithms.yaml", POLICIES / "schema" / "algorithms.schema.json")


@cache
def _libcrypto() -> LibcryptoSm2:
    return LibcryptoSm2()


def checker(engine: Sm2Verifier | None = None, **bounds: int) -> SignatureChecker:
    return SignatureChecker(engine or _libcrypto(), rules(), **bounds)


def parse_key(der: bytes) -> SubjectPublicKeyInfo:
    return decode_subject_public_key_info(der, 0, len(der))[0]


def key_of(public: object) -> SubjectPublicKeyInfo:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return parse_key(public.public_bytes(serialization.Encoding.DER, form))


def raw_key(algorithm: str, parameters: bytes, octets: bytes) -> SubjectPublicKeyInfo:
    return parse_key(seq(seq(oid(algorithm), parameters), bits(octets)))


def rsa_key(modulus: int, exponent: int = 65537, parameters: bytes = NULL) -> SubjectPublicKeyInfo:
    return raw_key(RSA, parameters, seq(integer(modulus), integer(exponent)))


def ec_key(curve: str, octets: bytes) -> SubjectPublicKeyInfo:
    return raw_key(EC, oid(curve), octets)


def signed(message: bytes, signature: bytes, algorithm: str, parameters: bytes | None = None) -> SignedBytes:
    return SignedBytes(message, AlgorithmIdentifier(algorithm, parameters), signature)


def pair(r: int, s: int) -> bytes:
    return seq(integer(r), integer(s))


def code(finding: Finding | None) -> str | None:
    return None if finding is None else finding.reason.code


def verify(
    signature: SignedBytes,
    key: SubjectPublicKeyInfo,
    *,
    profile: str = "default",
    at: datetime = AT,
    user_ids: tuple[bytes, ...] = (USER_ID,),
    dsa_parameters: bytes | None = None,
    using: SignatureChecker | None = None,
) -> str | None:
    finding = (using or checker()).verify(
        signature, key, profile=profile, at=at, sm2_user_ids=user_ids, dsa_parameters=dsa_parameters
    )
    return code(finding)


def problem(
    key: SubjectPublicKeyInfo,
    profile: str = "default",
    at: datetime = AT,
    dsa_parameters: bytes | None = None,
) -> str | None:
    return code(checker().key_problem(key, profile=profile, at=at, dsa_parameters=dsa_parameters))
