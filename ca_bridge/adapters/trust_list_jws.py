"""Signatures of JWS (RFC 7518 §3, RFC 8037): the algorithm follows from the key alone."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ca_bridge.services.trust_list_exchange.errors import signature_invalid

JwsKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey
_P256_OCTETS = 32
_MIN_RSA_BITS = 2048  # RFC 7518 §3.3


def algorithm_of(certificate: x509.Certificate) -> str:
    """The one JWS algorithm of the certificate's key; ValueError for a key that has none here."""
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
        return "RS256"
    raise ValueError("a key is P-256, Ed25519, or RSA of at least 2048 bits")


def sign_jws(key: JwsKey, signed: bytes) -> bytes:
    """The JWS signature over ``signed``."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(signed)
    if isinstance(key, RSAPrivateKey):
        return key.sign(signed, PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(signed, ECDSA(SHA256())))
    return r.to_bytes(_P256_OCTETS, "big") + s.to_bytes(_P256_OCTETS, "big")


def verify_jws(certificate: x509.Certificate, signature: bytes, signed: bytes) -> None:
    """Nothing when ``signature`` is the certificate's key's; TrustListRefused (SIGNATURE_INVALID) else.

    ``algorithm_of`` took the certificate before.
    """
    try:
        _verify(certificate, signature, signed)
    except InvalidSignature as error:
        raise signature_invalid("it does not verify") from error


def _verify(certificate: x509.Certificate, signature: bytes, signed: bytes) -> None:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        key.verify(signature, signed, PKCS1v15(), SHA256())
    elif isinstance(key, Ed25519PublicKey):
        key.verify(signature, signed)
    elif isinstance(key, EllipticCurvePublicKey) and len(signature) == 2 * _P256_OCTETS:
        r, s = (int.from_bytes(signature[i : i + _P256_OCTETS], "big") for i in (0, _P256_OCTETS))
        key.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    else:
        raise InvalidSignature
