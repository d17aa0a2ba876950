"""SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 5480, RFC 8410, GB/T 35276) to and from key kinds."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from hsm import sm2
from hsm.errors import Unsupported
from hsm.token import KeyKind

MAX_SPKI_BYTES = 1024
RSA_BITS = {KeyKind.RSA_2048: 2048, KeyKind.RSA_3072: 3072, KeyKind.RSA_4096: 4096}
NIST_CURVES: dict[KeyKind, ec.EllipticCurve] = {KeyKind.P256: ec.SECP256R1(), KeyKind.P384: ec.SECP384R1()}

LoadedKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_KIND_OF_BITS = {bits: kind for kind, bits in RSA_BITS.items()}
_KIND_OF_CURVE = {curve.name: kind for kind, curve in NIST_CURVES.items()}


def kind_of_spki(spki: bytes) -> KeyKind:
    """The key's kind; Unsupported for another kind or size, an encoding that is not DER, or no valid key."""
    if spki.startswith(sm2.SPKI_PREFIX):
        sm2_point(spki)
        return KeyKind.SM2
    return kind_of_key(load_key(spki))


def kind_of_key(key: LoadedKey) -> KeyKind:
    """The kind of a key of the library's; Unsupported when it is none of KeyKind."""
    kind: KeyKind | None = KeyKind.ED25519
    if isinstance(key, rsa.RSAPublicKey):
        kind = _KIND_OF_BITS.get(key.key_size)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind = _KIND_OF_CURVE.get(key.curve.name)
    if kind is None:
        raise Unsupported("an RSA key of another size, or a key on another curve, than tokens make here")
    return kind


def load_key(spki: bytes) -> LoadedKey:
    """The library's key of any kind but SM2; Unsupported when ``spki`` is not exactly its DER."""
    if len(spki) > MAX_SPKI_BYTES:
        raise Unsupported(f"a public key of more than {MAX_SPKI_BYTES} bytes")
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise Unsupported("not a SubjectPublicKeyInfo of a kind known here") from None
    if not isinstance(key, LoadedKey) or spki_of_key(key) != spki:
        raise Unsupported("a SubjectPublicKeyInfo of a kind, or in a form, not used here")
    return key


def spki_of_key(key: LoadedKey) -> bytes:
    """DER of one of the library's public keys."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def spki_of_point(kind: KeyKind, point: bytes) -> bytes:
    """DER of an elliptic curve's public key; Unsupported when ``point`` is no point of it.

    ``point`` is 04 || X || Y (X9.62), or for Ed25519 the 32 octets of RFC 8032, which are not decompressed
    here; no OCTET STRING around it.
    """
    try:
        if kind is KeyKind.ED25519:
            return spki_of_key(ed25519.Ed25519PublicKey.from_public_bytes(point))
        if kind is KeyKind.SM2 and sm2.is_on_curve(point):
            return sm2.SPKI_PREFIX + point
        if kind in NIST_CURVES:
            return _nist(kind, point)
    except ValueError:
        pass
    raise Unsupported(f"not a public point of {kind}")


def spki_of_rsa(modulus: int, exponent: int) -> bytes:
    """DER of an RSA public key of one of the sizes of KeyKind; Unsupported for others and impossible ones."""
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, OverflowError):
        raise Unsupported("not an RSA public key") from None
    kind_of_key(key)
    return spki_of_key(key)


def sm2_point(spki: bytes) -> bytes:
    """The point 04 || X || Y in an SM2 SubjectPublicKeyInfo; Unsupported when it is not on the curve."""
    point = spki[len(sm2.SPKI_PREFIX) :]
    if not spki.startswith(sm2.SPKI_PREFIX) or not sm2.is_on_curve(point):
        raise Unsupported("not an SM2 public key, or its point is not on the curve")
    return point


def _nist(kind: KeyKind, point: bytes) -> bytes:
    if point[:1] != b"\x04":
        raise Unsupported(f"a point of {kind} is wanted uncompressed")
    return spki_of_key(ec.EllipticCurvePublicKey.from_encoded_point(NIST_CURVES[kind], point))
