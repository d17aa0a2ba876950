"""Public keys out of the forms that modules give them in."""

from __future__ import annotations

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hsm.errors import Unsupported
from hsm.libcrypto_sm2 import Sm2PrivateKey, generate_scalar
from hsm.pkcs11.attributes import ULONG_BYTES, flag, number
from hsm.pkcs11.constants import (
    CKA_EC_PARAMS,
    CKA_EC_POINT,
    CKA_KEY_TYPE,
    CKA_MODULUS,
    CKA_PUBLIC_EXPONENT,
    CKA_PUBLIC_KEY_INFO,
    CKK_AES,
    CKK_EC,
    CKK_EC_EDWARDS,
    CKK_RSA,
)
from hsm.pkcs11.public_keys import CURVES, spki_of
from hsm.pkcs11.sm2_profiles import SM2_CURVE, Sm2Input, Sm2Output, Sm2Profile
from hsm.token import KeyKind

P256 = ec.derive_private_key(7, ec.SECP256R1()).public_key()
POINT = P256.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
ED25519_POINT = ED25519.public_bytes(Encoding.Raw, PublicFormat.Raw)
INFO = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


def ulong(value: int) -> bytes:
    return value.to_bytes(ULONG_BYTES, sys.byteorder)


def curve(params: bytes, point: bytes, key_type: int = CKK_EC) -> dict[int, bytes]:
    return {CKA_KEY_TYPE: ulong(key_type), CKA_EC_PARAMS: params, CKA_EC_POINT: point}


@pytest.mark.parametrize("point", [POINT, b"\x04\x41" + POINT], ids=["bare", "octet string"])
def test_a_point_with_and_without_its_octet_string(point: bytes) -> None:
    assert spki_of(curve(CURVES[KeyKind.P256], point), None) == P256.public_bytes(*INFO)


@pytest.mark.parametrize("params", [b"\x13\x0cedwards25519", bytes.fromhex("06032b6570")])
@pytest.mark.parametrize("point", [ED25519_POINT, b"\x04\x20" + ED25519_POINT])
def test_ed25519_by_name_and_by_identifier(params: bytes, point: bytes) -> None:
    assert spki_of(curve(params, point, CKK_EC_EDWARDS), None) == ED25519.public_bytes(*INFO)


def test_sm2_by_its_curve_and_by_a_profiles_own_form() -> None:
    key = Sm2PrivateKey(generate_scalar())
    assert spki_of(curve(SM2_CURVE, key.point), None) == key.spki
    own = Sm2Profile(
        name="own",
        sign_mechanism=0x80000002,
        input=Sm2Input.DIGEST,
        output=Sm2Output.RAW,
        key_type=0x80000001,
        ec_params=b"\1",
    )
    assert spki_of(curve(b"\1", key.point, 0x80000001), own) == key.spki
    with pytest.raises(Unsupported):
        spki_of(curve(b"\1", key.point, 0x80000001), None)


def test_the_whole_key_as_newer_modules_give_it() -> None:
    info = P256.public_bytes(*INFO)
    assert spki_of({CKA_KEY_TYPE: ulong(CKK_EC), CKA_PUBLIC_KEY_INFO: info}, None) == info


def test_rsa_of_the_sizes_used_here() -> None:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    values = {
        CKA_KEY_TYPE: ulong(CKK_RSA),
        CKA_MODULUS: numbers.n.to_bytes(257, "big"),
        CKA_PUBLIC_EXPONENT: b"\1\0\1",
    }
    assert spki_of(values, None) == numbers.public_key().public_bytes(*INFO)
    with pytest.raises(Unsupported):
        spki_of(values | {CKA_MODULUS: values[CKA_MODULUS][:128]}, None)
    with pytest.raises(Unsupported):
        spki_of(values | {CKA_PUBLIC_EXPONENT: b""}, None)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {CKA_KEY_TYPE: b"\3"},
        {CKA_KEY_TYPE: ulong(CKK_AES)},
        {CKA_KEY_TYPE: ulong(CKK_RSA)},
        {CKA_PUBLIC_KEY_INFO: b"0"},
        {CKA_PUBLIC_KEY_INFO: b"0" * 5000},
        curve(bytes.fromhex("06052b81040023"), POINT),  # P-521's identifier
        curve(CURVES[KeyKind.P256], POINT[:-1]),
        curve(CURVES[KeyKind.P256], POINT[:-1] + bytes((POINT[-1] ^ 1,))),
        curve(CURVES[KeyKind.P256], b"\x04\x40" + POINT),
        curve(CURVES[KeyKind.P384], POINT),
        curve(CURVES[KeyKind.P256], b"\2" + POINT[1:33]),
        curve(SM2_CURVE, POINT),
        curve(b"", POINT),
    ],
)
def test_what_is_no_key_is_unsupported(values: dict[int, bytes]) -> None:
    with pytest.raises(Unsupported):
        spki_of(values, None)


def test_numbers_and_flags_of_a_wrong_length_are_none() -> None:
    assert number(None) is number(b"\1") is flag(None) is flag(b"") is flag(b"\1\0") is None
    assert number(ulong(7)) == 7
    assert (flag(b"\1"), flag(b"\0"), flag(b"\xff")) == (True, False, True)
