"""Private keys in this process: made, read from PKCS#8, and used. Development only.

Python keeps what it reads: the PEM and DER octets that pass through here are not wiped, and SM2's scalar
only where it stands in a ``bytearray``. That is why keys kept so are never called anything but PROCESS.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hsm import sm2
from hsm.errors import TokenUnavailable
from hsm.libcrypto_sm2 import Sm2PrivateKey, generate_scalar, wipe
from hsm.spki import NIST_CURVES, RSA_BITS, spki_of_key
from hsm.token import KeyKind, SignatureAlgorithm
from hsm.verifying import DIGESTS, rsa_padding

MAX_PEM_BYTES = 8192
_RSA_EXPONENT = 65537
# PrivateKeyInfo (RFC 5208) on 1.2.156.10197.1.301 with ECPrivateKey (RFC 5915), up to the scalar, and between
# the scalar and the public point: the form that `openssl genpkey -algorithm SM2` writes.
_SM2_BEFORE = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
_SM2_BETWEEN = bytes.fromhex("a144034200")
_SM2_LENGTH = len(_SM2_BEFORE) + sm2.FIELD_BYTES + len(_SM2_BETWEEN) + sm2.POINT_BYTES
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END PRIVATE KEY-----\n")

_PEM_LINE = 64

_Library = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftPrivateKey:
    """A private key in memory and its public key's SubjectPublicKeyInfo."""

    spki: bytes
    private: _Library | Sm2PrivateKey


def generate(kind: KeyKind) -> tuple[bytes, bytes]:
    """A new key: its PKCS#8 PEM, unencrypted, and its SubjectPublicKeyInfo."""
    if kind is KeyKind.SM2:
        return _generate_sm2()
    key: _Library
    if kind is KeyKind.ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
    elif kind in NIST_CURVES:
        key = ec.generate_private_key(NIST_CURVES[kind])
    else:
        key = rsa.generate_private_key(_RSA_EXPONENT, RSA_BITS[kind])
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, spki_of_key(key.public_key())


def load(pem: bytes, kind: KeyKind) -> SoftPrivateKey:
    """The key in a file that ``generate`` made; TokenUnavailable when it holds something else."""
    if kind is KeyKind.SM2:
        return _load_sm2(pem)
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _unreadable() from None
    if not isinstance(key, _Library):
        raise _unreadable()
    return SoftPrivateKey(spki=spki_of_key(key.public_key()), private=key)


def sign(key: SoftPrivateKey, algorithm: SignatureAlgorithm, message: bytes, signer_id: bytes) -> bytes:
    """The signature, not verified; the algorithm is one of the key's kind."""
    private = key.private
    if isinstance(private, Sm2PrivateKey):
        return private.sign(message, signer_id)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(message, rsa_padding(algorithm), DIGESTS[algorithm])
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(DIGESTS[algorithm]))
    return private.sign(message)


def _generate_sm2() -> tuple[bytes, bytes]:
    scalar = generate_scalar()
    try:
        key = Sm2PrivateKey(scalar)
        text = base64.b64encode(_SM2_BEFORE + scalar + _SM2_BETWEEN + key.point)
    finally:
        wipe(scalar)
    lines = [text[start : start + _PEM_LINE] for start in range(0, len(text), _PEM_LINE)]
    pem = (b"-----BEGIN PRIVATE KEY-----", *lines, b"-----END PRIVATE KEY-----", b"")
    return b"\n".join(pem), key.spki


def _load_sm2(pem: bytes) -> SoftPrivateKey:
    match = _PEM.fullmatch(pem)
    try:
        der = base64.b64decode(match[1].replace(b"\n", b""), validate=True) if match else b""
    except binascii.Error:
        der = b""
    scalar = bytearray(der[len(_SM2_BEFORE) : len(_SM2_BEFORE) + sm2.FIELD_BYTES])
    middle = len(_SM2_BEFORE) + sm2.FIELD_BYTES
    if len(der) != _SM2_LENGTH or not der.startswith(_SM2_BEFORE) or not der.startswith(_SM2_BETWEEN, middle):
        raise _unreadable()
    try:
        key = Sm2PrivateKey(scalar)
    finally:
        wipe(scalar)
    if not der.endswith(key.point):
        raise _unreadable()
    return SoftPrivateKey(spki=key.spki, private=key)


def _unreadable() -> TokenUnavailable:
    return TokenUnavailable("a key's file does not hold a PKCS#8 key of the kind that the index says")
