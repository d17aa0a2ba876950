"""SubjectPublicKeyInfo out of a module's attributes, whatever form it gives them in."""

from __future__ import annotations

from collections.abc import Mapping

from hsm.errors import Unsupported
from hsm.pkcs11.attributes import number
from hsm.pkcs11.constants import (
    CKA_EC_PARAMS,
    CKA_EC_POINT,
    CKA_KEY_TYPE,
    CKA_MODULUS,
    CKA_PUBLIC_EXPONENT,
    CKA_PUBLIC_KEY_INFO,
    CKK_EC,
    CKK_EC_EDWARDS,
    CKK_RSA,
)
from hsm.pkcs11.sm2_profiles import SM2_CURVE, Sm2Profile
from hsm.spki import kind_of_spki, spki_of_point, spki_of_rsa
from hsm.token import KeyKind

CURVES = {
    KeyKind.P256: bytes.fromhex("06082a8648ce3d030107"),
    KeyKind.P384: bytes.fromhex("06052b81040022"),
    # The curve's name, as PKCS #11 3.0 has it; modules that know the identifier only give that back.
    KeyKind.ED25519: b"\x13\x0cedwards25519",
}
_ED25519_OID = bytes.fromhex("06032b6570")
_KIND_OF_CURVE = {octets: kind for kind, octets in CURVES.items()} | {
    _ED25519_OID: KeyKind.ED25519,
    SM2_CURVE: KeyKind.SM2,
}
_POINT_BYTES = {KeyKind.P256: 65, KeyKind.P384: 97, KeyKind.ED25519: 32, KeyKind.SM2: 65}
_OCTET_STRING = 0x04

WANTED = (CKA_KEY_TYPE, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT, CKA_PUBLIC_KEY_INFO)


def spki_of(values: Mapping[int, bytes], profile: Sm2Profile | None) -> bytes:
    """DER of the public key; Unsupported when the attributes are not of a key of a kind known here."""
    key_type = number(values.get(CKA_KEY_TYPE))
    if key_type == CKK_RSA and CKA_MODULUS in values and CKA_PUBLIC_EXPONENT in values:
        return spki_of_rsa(_unsigned(values[CKA_MODULUS]), _unsigned(values[CKA_PUBLIC_EXPONENT]))
    kind = _kind_of_curve(key_type, values.get(CKA_EC_PARAMS, b""), profile)
    if kind is not None and CKA_EC_POINT in values:
        return spki_of_point(kind, _point(kind, values[CKA_EC_POINT]))
    info = values.get(CKA_PUBLIC_KEY_INFO, b"")
    kind_of_spki(info)
    return info


def _kind_of_curve(key_type: int | None, params: bytes, profile: Sm2Profile | None) -> KeyKind | None:
    if profile is not None and key_type == profile.key_type and params == profile.ec_params:
        return KeyKind.SM2
    if key_type not in (CKK_EC, CKK_EC_EDWARDS):
        return None
    return _KIND_OF_CURVE.get(params)


def _point(kind: KeyKind, octets: bytes) -> bytes:
    """The point without the OCTET STRING that the standard has around it and some modules leave out."""
    size = _POINT_BYTES[kind]
    if len(octets) == size:
        return octets
    if octets[:2] == bytes((_OCTET_STRING, size)) and len(octets) == size + 2:
        return octets[2:]
    raise Unsupported(f"the module gives no public point of {kind}")


def _unsigned(octets: bytes) -> int:
    return int.from_bytes(octets, "big")
