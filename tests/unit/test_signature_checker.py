"""Signatures that verify, and each way in which they do not."""

from __future__ import annotations

from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ca_bridge.core.algorithms.sm2 import ORDER
from ca_bridge.core.x509.certificate import SubjectPublicKeyInfo
from tests.algorithm_samples import (
    AT,
    DSA_OIDS,
    ECDSA_OIDS,
    ED448,
    ED25519,
    HASH_OIDS,
    P256,
    RSA,
    RSA_OIDS,
    RSA_PSS,
    SM2_CURVE,
    SM3_WITH_SM2,
    USER_ID,
    checker,
    code,
    ec_key,
    key_of,
    pair,
    parse_key,
    raw_key,
    rsa_key,
    signed,
    verify,
)
from tests.certificate_der import NULL, integer, oid, seq, tlv

_MESSAGE = b"to be signed"
_WRONG = "SIGNATURE_DOES_NOT_VERIFY"
_SM3_WITH_RSA = "1.2.156.10197.1.504"
_MGF1 = "1.2.840.113549.1.1.8"
_HASHES = {
    "SHA-1": hashes.SHA1(),  # noqa: S303 - legacy
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
_P256 = ec.derive_private_key(5, ec.SECP256R1())
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# GB/T 32918.5-2017 A.2.
_SM2_KEY = ec_key(
    SM2_CURVE,
    bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ),
)
_SM2_MESSAGE = b"message digest"
_SM2_R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
_SM2_S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def _rsa_spki() -> SubjectPublicKeyInfo:
    return key_of(_rsa().public_key())


def _ecdsa_signature() -> bytes:
    return _P256.sign(_MESSAGE, ec.ECDSA(hashes.SHA256()))


# RSASSA-PKCS1-v1_5


@pytest.mark.parametrize("name", ["SHA-256", "SHA-384", "SHA-512"])
@pytest.mark.parametrize("parameters", [NULL, None])
def test_pkcs1(name: str, parameters: bytes | None) -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), _HASHES[name])
    assert verify(signed(_MESSAGE, signature, RSA_OIDS[name], parameters), _rsa_spki()) is None
    assert verify(signed(b"other", signature, RSA_OIDS[name], parameters), _rsa_spki()) == _WRONG


@pytest.mark.parametrize("name", ["SHA-1", "SHA-224"])
def test_pkcs1_of_old_hashes_is_for_legacy(name: str) -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), _HASHES[name])
    sample = signed(_MESSAGE, signature, RSA_OIDS[name], NULL)
    assert verify(sample, _rsa_spki()) == "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE"
    assert verify(sample, _rsa_spki(), profile="legacy") is None


def test_md5_is_refused_by_its_name() -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), hashes.MD5())  # noqa: S303 - refused
    sample = signed(_MESSAGE, signature, "1.2.840.113549.1.1.4", NULL)
    for profile in ("default", "legacy"):
        finding = checker().verify(sample, _rsa_spki(), profile=profile, at=AT, sm2_user_ids=())
        assert code(finding) == "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE"
        assert finding is not None
        assert dict(finding.params)["algorithm"] == "RSASSA-PKCS1-v1_5 with MD5"


@pytest.mark.parametrize("parameters", [NULL, None])
def test_sm3_with_rsa(parameters: bytes | None) -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), hashes.SM3())
    assert verify(signed(_MESSAGE, signature, _SM3_WITH_RSA, parameters), _rsa_spki()) is None
    assert verify(signed(b"other", signature, _SM3_WITH_RSA, parameters), _rsa_spki()) == _WRONG


@pytest.mark.parametrize("length", [0, 1, 255, 257, 100_000])
def test_rsa_signatures_of_any_length(length: int) -> None:
    assert verify(signed(_MESSAGE, bytes(length), RSA_OIDS["SHA-256"], NULL), _rsa_spki()) == _WRONG


def test_rsa_signature_is_as_long_as_the_modulus_and_below_it() -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    for altered in (b"\x00" + signature, signature[1:], signature + b"\x00", b"\xff" * 256):
        assert verify(signed(_MESSAGE, altered, RSA_OIDS["SHA-256"], NULL), _rsa_spki()) == _WRONG


def test_forged_padding_of_a_key_with_exponent_3() -> None:
    """Bleichenbacher 2006 (CVE-2006-4339): a cube root of a prefix is not a signature."""
    private = rsa.generate_private_key(3, 2048)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(_MESSAGE)
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest.finalize()
    wanted = int.from_bytes((b"\x00\x01" + b"\xff" * 8 + b"\x00" + info).ljust(256, b"\x00"), "big")
    low, high = 0, 1 << 700
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < wanted else (low, middle)
    assert (low**3).to_bytes(256, "big").startswith(b"\x00\x01" + b"\xff" * 8 + b"\x00" + info)
    sample = signed(_MESSAGE, low.to_bytes(256, "big"), RSA_OIDS["SHA-256"], NULL)
    assert verify(sample, key_of(private.public_key())) == _WRONG


# RSASSA-PSS


def _pss(
    name: str = "SHA-256", salt: int = 32, mgf: str | None = None, trailer: bytes = b"", null: bytes = NULL
) -> bytes:
    digest, mgf_digest = seq(oid(HASH_OIDS[name]), null), seq(oid(HASH_OIDS[mgf or name]), null)
    return seq(tlv(0xA0, digest), tlv(0xA1, seq(oid(_MGF1), mgf_digest)), tlv(0xA2, integer(salt)), trailer)


def _pss_signature(name: str = "SHA-256", salt: int = 32) -> bytes:
    return _rsa().sign(_MESSAGE, padding.PSS(padding.MGF1(_HASHES[name]), salt), _HASHES[name])


@pytest.mark.parametrize(
    ("name", "salt"), [("SHA-256", 32), ("SHA-384", 48), ("SHA-512", 64), ("SHA-256", 0), ("SHA-256", 222)]
)
def test_pss(name: str, salt: int) -> None:
    for null in (NULL, b""):
        for trailer in (b"", tlv(0xA3, integer(1))):
            sample = signed(
                _MESSAGE, _pss_signature(name, salt), RSA_PSS, _pss(name, salt, None, trailer, null)
            )
            assert verify(sample, _rsa_spki()) is None
    wrong = signed(_MESSAGE, _pss_signature(name, salt), RSA_PSS, _pss(name, salt + 1 if salt < 222 else 221))
    assert verify(wrong, _rsa_spki()) == _WRONG


def test_pss_defaults_are_sha_1() -> None:
    for parameters in (seq(), _pss("SHA-1", 20)):
        sample = signed(_MESSAGE, _pss_signature("SHA-1", 20), RSA_PSS, parameters)
        assert verify(sample, _rsa_spki()) == "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE"
        assert verify(sample, _rsa_spki(), profile="legacy") is None


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        (None, "absent"),
        (NULL, "encoding"),
        (seq(tlv(0xA0, b"\x30")), "encoding"),
        (seq(tlv(0xA2, integer(20)), tlv(0xA0, seq(oid(HASH_OIDS["SHA-256"])))), "encoding"),
        (seq(tlv(0xA4, integer(1))), "encoding"),
        (_pss() + b"\x00", "encoding"),
        (_pss("SHA-256", mgf="SHA-1"), "maskGenAlgorithm"),
        (seq(tlv(0xA0, seq(oid(HASH_OIDS["SHA-256"])))), "maskGenAlgorithm"),
        (seq(tlv(0xA1, seq(oid("1.2.3"), NULL))), "maskGenAlgorithm"),
        (seq(tlv(0xA1, seq(oid(_MGF1)))), "maskGenAlgorithm"),
        (seq(tlv(0xA1, seq(oid(_MGF1), seq(oid("1.2.3"))))), "maskGenAlgorithm"),
        (seq(tlv(0xA0, seq(oid("1.2.3")))), "hashAlgorithm"),
        (seq(tlv(0xA0, seq(oid(HASH_OIDS["SHA-1"]), seq()))), "hashAlgorithm"),
        (_pss(salt=-1), "saltLength"),
        (_pss(salt=1025), "saltLength"),
        (_pss(salt=223), "saltLength"),
        (_pss(salt=1 << 70), "saltLength"),
        (_pss(trailer=tlv(0xA3, integer(2))), "trailerField"),
    ],
)
def test_pss_parameters_that_are_refused(parameters: bytes | None, part: str) -> None:
    sample = signed(_MESSAGE, _pss_signature(), RSA_PSS, parameters)
    finding = checker().verify(sample, _rsa_spki(), profile="legacy", at=AT, sm2_user_ids=())
    assert code(finding) == "PSS_PARAMETERS_INVALID"
    assert finding is not None
    assert finding.params == (("part", part),)


def _pss_key(parameters: bytes) -> SubjectPublicKeyInfo:
    return raw_key(RSA_PSS, parameters, _rsa_spki().key)


def test_pss_keys() -> None:
    sample = signed(_MESSAGE, _pss_signature(), RSA_PSS, _pss())
    for free in (b"", _pss(), _pss(salt=20)):
        assert verify(sample, _pss_key(free)) is None
    for restricted in (_pss(salt=33), _pss("SHA-384", 20)):
        assert verify(sample, _pss_key(restricted)) == "PSS_KEY_RESTRICTION_VIOLATED"
    assert verify(sample, _pss_key(_pss(mgf="SHA-1"))) == "PSS_PARAMETERS_INVALID"


def test_a_pss_key_signs_with_pss_alone() -> None:
    signature = _rsa().sign(_MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    sample = signed(_MESSAGE, signature, RSA_OIDS["SHA-256"], NULL)
    finding = checker().verify(sample, _pss_key(b""), profile="default", at=AT, sm2_user_ids=())
    assert code(finding) == "SIGNATURE_ALGORITHM_KEY_MISMATCH"
    assert finding is not None
    assert dict(finding.params)["key"] == "RSASSA-PSS"


# ECDSA, EdDSA, DSA


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
@pytest.mark.parametrize("name", ["SHA-256", "SHA-384", "SHA-512"])
def test_ecdsa(curve: ec.EllipticCurve, name: str) -> None:
    private = ec.derive_private_key(77, curve)
    signature = private.sign(_MESSAGE, ec.ECDSA(_HASHES[name]))
    assert verify(signed(_MESSAGE, signature, ECDSA_OIDS[name]), key_of(private.public_key())) is None
    assert verify(signed(b"other", signature, ECDSA_OIDS[name]), key_of(private.public_key())) == _WRONG


def _deformed(r: int, s: int, order: int) -> list[bytes]:
    """A signature's values in every form that is not the one DER form, or out of range."""
    good = pair(r, s)
    long_length = b"\x30\x81" + good[1:]
    return [
        b"",
        good + b"\x00",
        good[:-1],
        long_length,
        b"\x30\x80" + good[2:] + b"\x00\x00",
        b"\x31" + good[1:],
        seq(tlv(2, b"\x00" + integer(r)[2:]), integer(s))
        if integer(r)[2]
        else seq(tlv(2, integer(r)[3:]), integer(s)),
        seq(tlv(2, b"\x00\x00" + r.to_bytes(32, "big")), integer(s)),
        seq(integer(r), integer(s), integer(1)),
        seq(integer(r)),
        seq(b"\x02\x00", integer(s)),
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        pair(0, s),
        pair(r, 0),
        pair(0, 0),
        pair(-r, s),
        pair(r + order, s),
        pair(r, s + order),
        pair(order, s),
        pair(r, order),
    ]


def test_ecdsa_signatures_have_one_form() -> None:
    r, s = decode_dss_signature(_ecdsa_signature())
    for altered in _deformed(r, s, _P256_ORDER):
        sample = signed(_MESSAGE, altered, ECDSA_OIDS["SHA-256"])
        assert verify(sample, key_of(_P256.public_key())) == "SIGNATURE_ENCODING_INVALID"


def test_eddsa() -> None:
    for private, algorithm in (
        (ed25519.Ed25519PrivateKey.from_private_bytes(b"2" * 32), ED25519),
        (ed448.Ed448PrivateKey.from_private_bytes(b"2" * 57), ED448),
    ):
        signature, key = private.sign(_MESSAGE), key_of(private.public_key())
        assert verify(signed(_MESSAGE, signature, algorithm), key) is None
        for altered in (
            b"",
            signature[:-1],
            signature + b"\x00",
            bytes(len(signature)),
            b"\xff" * len(signature),
        ):
            assert verify(signed(_MESSAGE, altered, algorithm), key) == _WRONG


def test_ed25519_signatures_are_not_malleable() -> None:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(b"2" * 32)
    signature = private.sign(_MESSAGE)
    order = 2**252 + 27742317777372353535851937790883648493
    moved = int.from_bytes(signature[32:], "little") + order
    altered = signature[:32] + moved.to_bytes(32, "little")
    assert verify(signed(_MESSAGE, altered, ED25519), key_of(private.public_key())) == _WRONG


def test_the_identity_signs_nothing() -> None:
    """A signature that OpenSSL takes for any message under the identity point (THREATS of small order)."""
    identity = bytes([1]) + bytes(31)
    sample = signed(b"anything at all", bytes([1]) + bytes(63), ED25519)
    ed25519.Ed25519PublicKey.from_public_bytes(identity).verify(sample.signature, sample.tbs)
    assert verify(sample, raw_key(ED25519, b"", identity)) == "EDWARDS_POINT_SMALL_ORDER"


def test_dsa() -> None:
    private = dsa.generate_private_key(1024)  # noqa: S505 - legacy
    key = key_of(private.public_key())
    for name in ("SHA-1", "SHA-224", "SHA-256"):
        signature = private.sign(_MESSAGE, _HASHES[name])
        sample = signed(_MESSAGE, signature, DSA_OIDS[name])
        assert verify(sample, key, profile="legacy") is None
        assert verify(sample, key) == "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE"
        assert verify(signed(b"other", signature, DSA_OIDS[name]), key, profile="legacy") == _WRONG
    r, s = decode_dss_signature(signature)
    for altered in _deformed(r, s, private.public_key().public_numbers().parameter_numbers.q):
        sample = signed(_MESSAGE, altered, DSA_OIDS["SHA-256"])
        assert verify(sample, key, profile="legacy") == "SIGNATURE_ENCODING_INVALID"
    lacking = raw_key("1.2.840.10040.4.1", b"", key.key)
    sample = signed(_MESSAGE, signature, DSA_OIDS["SHA-256"])
    assert verify(sample, lacking, profile="legacy") == "DSA_PARAMETERS_MISSING"
    assert verify(sample, lacking, profile="legacy", dsa_parameters=key.algorithm.parameters) is None


# SM2


def _sm2(
    signature: bytes, user_ids: tuple[bytes, ...] = (USER_ID,), parameters: bytes | None = NULL
) -> str | None:
    return verify(signed(_SM2_MESSAGE, signature, SM3_WITH_SM2, parameters), _SM2_KEY, user_ids=user_ids)


@pytest.mark.parametrize("parameters", [NULL, None])
def test_sm2(parameters: bytes | None) -> None:
    assert _sm2(pair(_SM2_R, _SM2_S), parameters=parameters) is None
    assert _sm2(pair(_SM2_S, _SM2_R), parameters=parameters) == _WRONG


def test_sm2_user_ids_are_tried_in_order() -> None:
    good = pair(_SM2_R, _SM2_S)
    assert _sm2(good, (b"", b"other", USER_ID)) is None
    assert _sm2(good, (b"", b"other")) == _WRONG
    assert _sm2(good, ()) == _WRONG
    assert _sm2(good, (bytes(8192), USER_ID)) is None
    assert _sm2(good, (bytes(8192), bytes(100_000))) == _WRONG


def test_sm2_signatures_have_one_form() -> None:
    for altered in _deformed(_SM2_R, _SM2_S, ORDER):
        assert _sm2(altered) == "SIGNATURE_ENCODING_INVALID"


def test_sm2_sum_of_r_and_s() -> None:
    assert _sm2(pair(_SM2_R, ORDER - _SM2_R)) == _WRONG


@pytest.mark.parametrize("parameters", [b"\x30\x00", integer(1)])
def test_sm2_parameters(parameters: bytes) -> None:
    assert _sm2(pair(_SM2_R, _SM2_S), parameters=parameters) == "SIGNATURE_PARAMETERS_INVALID"


# Algorithm against key, parameters, unknown algorithms


def test_every_algorithm_against_every_other_key() -> None:
    edwards = ed25519.Ed25519PrivateKey.from_private_bytes(b"2" * 32).public_key()
    keys = {
        "RSA": _rsa_spki(),
        "P-256": key_of(_P256.public_key()),
        "SM2": _SM2_KEY,
        "Ed25519": key_of(edwards),
        "Ed448": key_of(ed448.Ed448PrivateKey.from_private_bytes(b"2" * 57).public_key()),
        "DSA": key_of(dsa.generate_private_key(1024).public_key()),  # noqa: S505 - legacy
    }
    algorithms = {
        "RSA": (RSA_OIDS["SHA-256"], NULL),
        "P-256": (ECDSA_OIDS["SHA-256"], None),
        "SM2": (SM3_WITH_SM2, None),
        "Ed25519": (ED25519, None),
        "Ed448": (ED448, None),
        "DSA": (DSA_OIDS["SHA-256"], None),
    }
    for kind, (algorithm, parameters) in algorithms.items():
        for other, key in keys.items():
            if other != kind:
                sample = signed(_MESSAGE, pair(1, 1), algorithm, parameters)
                finding = checker().verify(sample, key, profile="legacy", at=AT, sm2_user_ids=(USER_ID,))
                assert code(finding) == "SIGNATURE_ALGORITHM_KEY_MISMATCH"
                assert finding is not None
                assert dict(finding.params)["key"] == other


@pytest.mark.parametrize(
    ("algorithm", "parameters"),
    [
        (RSA_OIDS["SHA-1"], None),
        (RSA_OIDS["SHA-256"], seq()),
        (ECDSA_OIDS["SHA-256"], NULL),
        (ED25519, NULL),
        (DSA_OIDS["SHA-256"], NULL),
    ],
)
def test_parameters_of_the_standard(algorithm: str, parameters: bytes | None) -> None:
    assert verify(signed(_MESSAGE, b"", algorithm, parameters), _rsa_spki()) == "SIGNATURE_PARAMETERS_INVALID"


@pytest.mark.parametrize(
    "algorithm",
    [
        "1.2.840.113549.1.1.2",
        RSA,
        "1.2.156.10197.1.301",
        "1.2.156.10197.1.502",
        "1.2.156.10197.1.503",
        "2.999",
    ],
)
def test_unknown_algorithms(algorithm: str) -> None:
    assert verify(signed(_MESSAGE, b"", algorithm), _rsa_spki()) == "SIGNATURE_ALGORITHM_UNSUPPORTED"


# The door as a whole


def test_a_bad_key_makes_no_good_signature() -> None:
    even = rsa_key(_rsa().public_key().public_numbers().n + 1)
    assert verify(signed(_MESSAGE, bytes(256), RSA_OIDS["SHA-256"], NULL), even) == "RSA_MODULUS_EVEN"


def test_a_genuine_signature_of_a_short_key_is_refused_for_the_key() -> None:
    private = rsa.generate_private_key(65537, 1024)  # noqa: S505 - legacy
    signature = private.sign(_MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    sample = signed(_MESSAGE, signature, RSA_OIDS["SHA-256"], NULL)
    assert verify(sample, key_of(private.public_key())) == "RSA_MODULUS_TOO_SMALL"
    assert verify(sample, key_of(private.public_key()), profile="legacy") is None


class _Counting:
    name, version = "counting", "1"

    def __init__(self) -> None:
        self.calls = 0

    def verify_digest(self, point: bytes, digest: bytes, r: int, s: int) -> bool:
        self.calls += 1
        return r == _SM2_R


def test_answers_are_remembered_by_all_that_makes_them() -> None:
    engine = _Counting()
    using = checker(engine)
    good, bad = (signed(_SM2_MESSAGE, pair(r, _SM2_S), SM3_WITH_SM2) for r in (_SM2_R, _SM2_R - 1))
    for _ in range(3):
        for profile in ("default", "legacy"):
            assert verify(good, _SM2_KEY, profile=profile, using=using) is None
            assert verify(bad, _SM2_KEY, profile=profile, using=using) == _WRONG
    assert engine.calls == 2
    verify(good, _SM2_KEY, user_ids=(b"x",), using=using)
    verify(good, _SM2_KEY, dsa_parameters=b"x", using=using)
    verify(signed(b"other", good.signature, SM3_WITH_SM2), _SM2_KEY, using=using)
    verify(signed(_SM2_MESSAGE, good.signature, SM3_WITH_SM2, NULL), _SM2_KEY, using=using)
    assert engine.calls == 6


def test_a_small_table_forgets_and_answers_the_same() -> None:
    engine = _Counting()
    using = checker(engine, max_entries=2, max_bytes=10_000)
    for round_ in range(50):
        sample = signed(bytes([round_]), pair(_SM2_R, _SM2_S), SM3_WITH_SM2)
        assert verify(sample, _SM2_KEY, using=using) is None
    assert verify(signed(b"\x00", pair(_SM2_R, _SM2_S), SM3_WITH_SM2), _SM2_KEY, using=using) is None
    assert engine.calls == 51


def test_keys_are_told_apart_by_their_der() -> None:
    other = ec.derive_private_key(6, ec.SECP256R1())
    sample = signed(_MESSAGE, _ecdsa_signature(), ECDSA_OIDS["SHA-256"])
    using = checker()
    assert verify(sample, key_of(_P256.public_key()), using=using) is None
    assert verify(sample, key_of(other.public_key()), using=using) == _WRONG
    assert verify(sample, ec_key(P256, parse_key(key_of(_P256.public_key()).der).key), using=using) is None
