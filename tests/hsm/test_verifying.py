"""Public keys and what verifies under them: every kind with every algorithm, and what is refused."""

from __future__ import annotations

from itertools import product

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm import sm2, softkey_crypto
from hsm.errors import Unsupported
from hsm.spki import load_key, spki_of_rsa
from hsm.token import SM2_DEFAULT_ID, KeyKind, SignatureAlgorithm
from hsm.verifying import algorithms_of, default_algorithm, kind_of_spki, spki_of_point, verify

MADE = {kind: softkey_crypto.generate(kind) for kind in KeyKind if kind is not KeyKind.RSA_4096}
PAIRS = [(kind, algorithm) for kind in MADE for algorithm in algorithms_of(kind)]
SM2_POINT = MADE[KeyKind.SM2][1][-65:]


def _signed(kind: KeyKind, algorithm: SignatureAlgorithm, message: bytes) -> bytes:
    key = softkey_crypto.load(MADE[kind][0], kind)
    return softkey_crypto.sign(key, algorithm, message, SM2_DEFAULT_ID)


@pytest.mark.parametrize(("kind", "algorithm"), PAIRS)
def test_verified_and_not(kind: KeyKind, algorithm: SignatureAlgorithm) -> None:
    spki = MADE[kind][1]
    signature = _signed(kind, algorithm, b"text")
    assert verify(spki, algorithm, b"text", signature)
    assert not verify(spki, algorithm, b"texu", signature)
    assert not verify(spki, algorithm, b"text", signature + b"\x00")
    assert not verify(spki, algorithm, b"text", signature[:-1])
    assert not verify(spki, algorithm, b"text", b"")
    flipped = bytes([*signature[:-1], signature[-1] ^ 1])
    assert not verify(spki, algorithm, b"text", flipped)
    other = softkey_crypto.generate(kind)[1]
    assert not verify(other, algorithm, b"text", signature)


@pytest.mark.parametrize(
    ("kind", "algorithm"), [pair for pair in product(MADE, SignatureAlgorithm) if pair not in PAIRS]
)
def test_an_algorithm_of_another_kind(kind: KeyKind, algorithm: SignatureAlgorithm) -> None:
    with pytest.raises(Unsupported, match=f"a key of kind {kind} does not sign with {algorithm}"):
        verify(MADE[kind][1], algorithm, b"text", b"signature")


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        (KeyKind.RSA_2048, "rsa-pkcs1-sha256"),
        (KeyKind.RSA_3072, "rsa-pkcs1-sha256"),
        (KeyKind.RSA_4096, "rsa-pkcs1-sha256"),
        (KeyKind.P256, "ecdsa-sha256"),
        (KeyKind.P384, "ecdsa-sha384"),
        (KeyKind.ED25519, "ed25519"),
        (KeyKind.SM2, "sm2-sm3"),
    ],
)
def test_defaults(kind: KeyKind, algorithm: str) -> None:
    assert default_algorithm(kind) == algorithm
    assert algorithms_of(kind)[0] is default_algorithm(kind)


def test_one_rsa_algorithm_is_not_another() -> None:
    spki = MADE[KeyKind.RSA_2048][1]
    rsa_ones = algorithms_of(KeyKind.RSA_2048)
    assert len(rsa_ones) == 4
    for made, asked in product(rsa_ones, rsa_ones):
        assert verify(spki, asked, b"text", _signed(KeyKind.RSA_2048, made, b"text")) == (made is asked)


def test_pss_with_another_salt_is_refused() -> None:
    key = rsa.generate_private_key(65537, 2048)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for salt, answer in ((32, True), (20, False), (0, False)):
        signature = key.sign(b"text", padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256())
        assert verify(spki, SignatureAlgorithm.RSA_PSS_SHA256, b"text", signature) is answer


def test_ecdsa_in_another_encoding_is_refused() -> None:
    signature = _signed(KeyKind.P256, SignatureAlgorithm.ECDSA_SHA256, b"text")
    for changed in (
        b"\x30\x81" + signature[1:],
        signature + b"\x00",
        b"\x30\x80" + signature[2:] + b"\x00\x00",
    ):
        assert not verify(MADE[KeyKind.P256][1], SignatureAlgorithm.ECDSA_SHA256, b"text", changed)


def test_sm2_under_another_id() -> None:
    signature = _signed(KeyKind.SM2, SignatureAlgorithm.SM2_SM3, b"text")
    spki = MADE[KeyKind.SM2][1]
    assert not verify(spki, SignatureAlgorithm.SM2_SM3, b"text", signature, signer_id=b"")
    with pytest.raises(Unsupported):
        verify(spki, SignatureAlgorithm.SM2_SM3, b"text", signature, signer_id=b"i" * 8192)


@pytest.mark.parametrize("kind", MADE)
def test_the_kind_of_a_key(kind: KeyKind) -> None:
    assert kind_of_spki(MADE[kind][1]) is kind


def _spki(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pss_spki() -> bytes:
    """The RSA key again, under id-RSASSA-PSS (RFC 4055) without parameters."""
    inner = MADE[KeyKind.RSA_2048][1][4 + 15 :]
    body = bytes.fromhex("300b06092a864886f70d01010a") + inner
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


OTHERS = {
    "nothing": b"",
    "rsa-1024": _spki(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - to be refused
    "rsa-2056": _spki(rsa.generate_private_key(65537, 2056)),
    "rsa-pss": _pss_spki(),
    "p-521": _spki(ec.generate_private_key(ec.SECP521R1())),
    "k-256": _spki(ec.generate_private_key(ec.SECP256K1())),
    "ed448": _spki(ed448.Ed448PrivateKey.generate()),
    "dsa": _spki(dsa.generate_private_key(2048)),
    "trailing": MADE[KeyKind.P256][1] + b"\x00",
    "cut": MADE[KeyKind.P256][1][:-1],
    "compressed": bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    + ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
    "off the curve": MADE[KeyKind.P256][1][:-1] + bytes([MADE[KeyKind.P256][1][-1] ^ 1]),
    "sm2 off the curve": sm2.SPKI_PREFIX + SM2_POINT[:-1] + bytes([SM2_POINT[-1] ^ 1]),
    "sm2 trailing": MADE[KeyKind.SM2][1] + b"\x00",
    "sm2 compressed": bytes.fromhex("3039301306072a8648ce3d020106082a811ccf5501822d032200")
    + bytes([2 + (SM2_POINT[-1] & 1)])
    + SM2_POINT[1:33],
    "too long": b"\x30\x82\x04\x00" + bytes(1024),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_key_that_tokens_make_here(name: str) -> None:
    with pytest.raises(Unsupported):
        kind_of_spki(OTHERS[name])
    with pytest.raises(Unsupported):
        verify(OTHERS[name], SignatureAlgorithm.ECDSA_SHA256, b"text", b"")


def test_sm2_is_not_loaded_by_the_library() -> None:
    with pytest.raises(Unsupported):
        load_key(MADE[KeyKind.SM2][1])


@settings(max_examples=300)
@given(st.sampled_from(list(MADE)), st.data())
def test_a_changed_key_is_a_kind_or_unsupported(kind: KeyKind, data: st.DataObject) -> None:
    octets = bytearray(MADE[kind][1])
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = kind_of_spki(bytes(octets))
    except Unsupported:
        return
    assert found is kind


@pytest.mark.parametrize(("kind", "length"), [(KeyKind.P256, 65), (KeyKind.P384, 97), (KeyKind.SM2, 65)])
def test_from_a_point_and_back(kind: KeyKind, length: int) -> None:
    spki = MADE[kind][1]
    point = spki[-length:]
    assert spki_of_point(kind, point) == spki
    wrong = point[:-1] + bytes([point[-1] ^ 1])
    wrapped = b"\x04" + bytes([length]) + point
    for no_point in (
        b"",
        b"\x00",
        point[:-1],
        point + b"\x00",
        wrong,
        wrapped,
        b"\x02" + point[1 : length // 2 + 1],
    ):
        with pytest.raises(Unsupported):
            spki_of_point(kind, no_point)


def test_ed25519_from_its_octets() -> None:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    octets = public.public_bytes_raw()
    assert spki_of_point(KeyKind.ED25519, octets) == public.public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(Unsupported):
        spki_of_point(KeyKind.ED25519, octets + b"\x00")


def test_rsa_has_no_point() -> None:
    with pytest.raises(Unsupported, match="not a public point of rsa-2048"):
        spki_of_point(KeyKind.RSA_2048, b"\x04" + bytes(64))


def test_rsa_from_its_numbers() -> None:
    key = load_key(MADE[KeyKind.RSA_2048][1])
    numbers = key.public_numbers()
    assert spki_of_rsa(numbers.n, numbers.e) == MADE[KeyKind.RSA_2048][1]
    for modulus, exponent in ((numbers.n, 2), (0, 65537), (-5, 3), (numbers.n >> 1 | 1, 65537)):
        with pytest.raises(Unsupported):
            spki_of_rsa(modulus, exponent)


def test_the_key_of_a_real_certificate_form() -> None:
    """What a certificate would carry is what this package calls the SPKI, octet for octet."""
    key = ec.generate_private_key(ec.SECP384R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA384())
    assert kind_of_spki(_spki(key)) is KeyKind.P384
    assert verify(_spki(key), SignatureAlgorithm.ECDSA_SHA384, csr.tbs_certrequest_bytes, csr.signature)
