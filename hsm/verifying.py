"""Whether a signature is one: asked by every driver before a signature leaves it, and by whoever has one."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hsm import libcrypto_sm2
from hsm.errors import Unsupported
from hsm.spki import LoadedKey, kind_of_key, kind_of_spki, load_key, sm2_point, spki_of_point, spki_of_rsa
from hsm.token import SM2_DEFAULT_ID, KeyKind, SignatureAlgorithm

__all__ = [
    "algorithms_of",
    "check_algorithm",
    "default_algorithm",
    "kind_of_spki",
    "spki_of_point",
    "spki_of_rsa",
    "verify",
]

_RSA = (
    SignatureAlgorithm.RSA_PKCS1_SHA256,
    SignatureAlgorithm.RSA_PKCS1_SHA384,
    SignatureAlgorithm.RSA_PKCS1_SHA512,
    SignatureAlgorithm.RSA_PSS_SHA256,
)
# The first is the default. A digest is at least as strong as its curve (FIPS 186-5 section 6.1.1).
_ALGORITHMS = {
    KeyKind.RSA_2048: _RSA,
    KeyKind.RSA_3072: _RSA,
    KeyKind.RSA_4096: _RSA,
    KeyKind.P256: (SignatureAlgorithm.ECDSA_SHA256, SignatureAlgorithm.ECDSA_SHA384),
    KeyKind.P384: (SignatureAlgorithm.ECDSA_SHA384,),
    KeyKind.ED25519: (SignatureAlgorithm.ED25519,),
    KeyKind.SM2: (SignatureAlgorithm.SM2_SM3,),
}
DIGESTS: dict[SignatureAlgorithm, hashes.HashAlgorithm] = {
    SignatureAlgorithm.RSA_PKCS1_SHA256: hashes.SHA256(),
    SignatureAlgorithm.RSA_PKCS1_SHA384: hashes.SHA384(),
    SignatureAlgorithm.RSA_PKCS1_SHA512: hashes.SHA512(),
    SignatureAlgorithm.RSA_PSS_SHA256: hashes.SHA256(),
    SignatureAlgorithm.ECDSA_SHA256: hashes.SHA256(),
    SignatureAlgorithm.ECDSA_SHA384: hashes.SHA384(),
}
_CACHED_KEYS = 256


def default_algorithm(kind: KeyKind) -> SignatureAlgorithm:
    """The algorithm of a key of this kind when nothing else was asked for."""
    return _ALGORITHMS[kind][0]


def algorithms_of(kind: KeyKind) -> tuple[SignatureAlgorithm, ...]:
    """All algorithms that a key of this kind may sign with, the default first."""
    return _ALGORITHMS[kind]


def check_algorithm(kind: KeyKind, algorithm: SignatureAlgorithm) -> None:
    """Unsupported unless a key of this kind signs with this algorithm."""
    if algorithm not in _ALGORITHMS[kind]:
        raise Unsupported(f"a key of kind {kind} does not sign with {algorithm}")


def verify(
    spki: bytes,
    algorithm: SignatureAlgorithm,
    message: bytes,
    signature: bytes,
    *,
    signer_id: bytes = SM2_DEFAULT_ID,
) -> bool:
    """Whether ``signature`` over ``message`` verifies under the key, in the encoding ``Token.sign`` promises.

    Unsupported for a key of no known kind, for an algorithm that is not of the key's kind, and for an SM2
    user ID (``signer_id``; of no meaning to other kinds) of more than 8191 bytes.
    """
    kind, key = _loaded(spki)
    check_algorithm(kind, algorithm)
    if key is None:
        return libcrypto_sm2.verify(sm2_point(spki), message, signature, signer_id)
    try:
        _verify(key, algorithm, message, signature)
    except InvalidSignature:
        return False
    return True


def rsa_padding(algorithm: SignatureAlgorithm) -> padding.PKCS1v15 | padding.PSS:
    """Padding of an RSA algorithm; PSS with MGF1 of the same digest and a salt of its length (RFC 7518)."""
    if algorithm is SignatureAlgorithm.RSA_PSS_SHA256:
        return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return padding.PKCS1v15()


def _verify(key: LoadedKey, algorithm: SignatureAlgorithm, message: bytes, signature: bytes) -> None:
    """InvalidSignature when it does not verify."""
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, rsa_padding(algorithm), DIGESTS[algorithm])
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(DIGESTS[algorithm]))
    else:
        key.verify(signature, message)


@lru_cache(maxsize=_CACHED_KEYS)
def _loaded(spki: bytes) -> tuple[KeyKind, LoadedKey | None]:
    """The kind, and the library's key unless it is SM2; both are immutable."""
    kind = kind_of_spki(spki)
    if kind is KeyKind.SM2:
        return kind, None
    key = load_key(spki)
    return kind_of_key(key), key
