"""SM2 over libcrypto: the published example, every vector kept, ranges, and the openssl command's word."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm import libcrypto_sm2, sm2, softkey_crypto
from hsm.errors import TokenUnavailable, Unsupported
from hsm.libcrypto_sm2 import Sm2PrivateKey, generate_scalar, verify, wipe
from hsm.token import KeyKind, SignatureAlgorithm
from tests.shared_data import shared_data

# GB/T 32918.5 annex A.2.
SCALAR = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
DIGEST = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA


def _octets(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_the_published_example() -> None:
    key = Sm2PrivateKey(SCALAR)
    assert key.point == POINT
    assert sm2.message_digest(POINT, b"message digest") == DIGEST
    assert verify(POINT, b"message digest", sm2.encode_signature(R, S))
    signature = key.sign(b"message digest")
    assert verify(POINT, b"message digest", signature)
    assert not verify(POINT, b"message digesu", signature)
    assert not verify(POINT, b"message digest", signature, b"")
    assert key.sign(b"message digest") != signature


def test_every_vector() -> None:
    tests: list[dict[str, Any]] = json.loads(shared_data("sm2", "sm2_verify.json").read_text("utf-8"))[
        "tests"
    ]
    assert len(tests) == 88
    wrong = []
    for test in tests:
        point = b"\x04" + bytes.fromhex(test["public_x"] + test["public_y"])
        answer = verify(
            point, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig_der"]), bytes.fromhex(test["user_id"])
        )
        if answer != (test["result"] == "valid"):
            wrong.append((test["group"], test["comment"]))
    assert wrong == []


def test_the_id_may_have_8191_bytes_and_no_more() -> None:
    key = Sm2PrivateKey(SCALAR)
    longest = b"i" * 8191
    assert verify(POINT, b"text", key.sign(b"text", longest), longest)
    for call in (
        lambda: key.sign(b"text", longest + b"i"),
        lambda: verify(POINT, b"text", b"", longest + b"i"),
    ):
        with pytest.raises(Unsupported, match="at most 8191 bytes"):
            call()


@pytest.mark.parametrize(
    "scalar",
    [b"", SCALAR[1:], b"\x00" + SCALAR, bytes(32), _octets(sm2.N - 1), _octets(sm2.N), b"\xff" * 32],
)
def test_a_scalar_out_of_range(scalar: bytes) -> None:
    with pytest.raises(Unsupported, match=r"32 octets in \[1, n-2\]"):
        Sm2PrivateKey(scalar)


@pytest.mark.parametrize("number", [1, 2, sm2.N - 2])
def test_the_ends_of_the_range(number: int) -> None:
    key = Sm2PrivateKey(_octets(number))
    assert sm2.is_on_curve(key.point)
    assert verify(key.point, b"text", key.sign(b"text"))


def test_the_scalar_one_has_the_base_point() -> None:
    assert Sm2PrivateKey(_octets(1)).point == b"\x04" + _octets(sm2.G_X) + _octets(sm2.G_Y)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        b"\x00",
        POINT[1:],
        POINT[:-1],
        POINT + b"\x00",
        b"\x02" + POINT[1:33],
        b"\x06" + POINT[1:],
        b"\x04" + bytes(64),
        POINT[:-1] + bytes([POINT[-1] ^ 1]),
        # A coordinate that is not reduced: y + p fits in 32 octets only for small y, so x of p is taken.
        b"\x04" + _octets(sm2.P) + POINT[33:],
        b"\x04" + b"\xff" * 64,
    ],
)
def test_no_point_of_the_curve(point: bytes) -> None:
    assert not sm2.is_on_curve(point)
    assert not libcrypto_sm2.verify_digest(point, DIGEST, sm2.encode_signature(R, S))


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, S),
        (R, 0),
        (sm2.N, S),
        (R, sm2.N),
        (-1, S),
        (R, -1),
        (R, sm2.N - R),
        (R + sm2.N, S),
        (1, sm2.N - 1),
    ],
)
def test_numbers_out_of_range(r: int, s: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        sm2.encode_signature(r, s)
    assert sm2.decode_signature(_der(r, s)) is None


def _der(r: int, s: int) -> bytes:
    body = b"".join(b"\x02" + bytes([len(octets)]) + octets for octets in map(_signed, (r, s)))
    return b"\x30" + bytes([len(body)]) + body


def _signed(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


GOOD = _der(R, S)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        _octets(R) + _octets(S),
        GOOD + b"\x00",
        GOOD[:-1],
        b"\x30\x81" + GOOD[1:],
        b"\x30\x80" + GOOD[2:] + b"\x00\x00",
        b"\x31" + GOOD[1:],
        b"\x30" + bytes([GOOD[1] + 1]) + b"\x02\x22\x00" + GOOD[4:],
        b"\x30" + bytes([GOOD[1] - 1]) + b"\x02\x20" + GOOD[5:],
        b"\x30" + bytes([GOOD[1] + 3]) + GOOD[2:] + b"\x02\x01\x01",
        GOOD + bytes(100),
    ],
)
def test_another_encoding_than_the_one_of_der(signature: bytes) -> None:
    assert sm2.decode_signature(GOOD) == (R, S)
    assert sm2.decode_signature(signature) is None
    assert not verify(POINT, b"message digest", signature)


@given(st.binary(max_size=80))
def test_any_octets_are_a_signature_or_none(signature: bytes) -> None:
    decoded = sm2.decode_signature(signature)
    assert decoded is None or sm2.encode_signature(*decoded) == signature


@given(st.integers(0, 8 * len(GOOD) - 1))
def test_any_flipped_bit_is_noticed(bit: int) -> None:
    flipped = bytearray(GOOD)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify(POINT, b"message digest", bytes(flipped))


def test_fresh_scalars() -> None:
    scalars = {bytes(generate_scalar()) for _ in range(50)}
    assert len(scalars) == 50
    assert all(0 < int.from_bytes(scalar, "big") < sm2.N - 1 for scalar in scalars)


def test_wiping_is_done_in_place() -> None:
    scalar = generate_scalar()
    view = memoryview(scalar)
    wipe(scalar)
    assert bytes(view) == bytes(32)
    wipe(bytearray())


def test_a_key_is_not_copied_and_shows_nothing() -> None:
    key = Sm2PrivateKey(bytearray(SCALAR))
    assert SCALAR.hex() not in repr(key)
    with pytest.raises(TypeError):
        copy.copy(key)


def test_a_caller_may_wipe_what_it_gave() -> None:
    scalar = bytearray(SCALAR)
    key = Sm2PrivateKey(scalar)
    wipe(scalar)
    assert verify(POINT, b"text", key.sign(b"text"))


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30).stdout


def test_openssl_verifies_what_is_signed_and_the_reverse(tmp_path: Path) -> None:
    private, public, text = tmp_path / "key.pem", tmp_path / "pub.pem", tmp_path / "text"
    _openssl("genpkey", "-algorithm", "SM2", "-out", private)
    _openssl("pkey", "-in", private, "-pubout", "-out", public)
    loaded = softkey_crypto.load(private.read_bytes(), KeyKind.SM2)
    assert loaded.spki == _openssl("pkey", "-in", private, "-pubout", "-outform", "DER")
    text.write_bytes(b"text")
    (tmp_path / "signature").write_bytes(
        softkey_crypto.sign(loaded, SignatureAlgorithm.SM2_SM3, b"text", b"gateway@example")
    )
    digest = ("dgst", "-sm3", "-sigopt", "distid:gateway@example")
    assert (
        _openssl(*digest, "-verify", public, "-signature", tmp_path / "signature", text) == b"Verified OK\n"
    )
    made = _openssl(*digest, "-sign", private, text)
    assert verify(loaded.spki[-65:], b"text", made, b"gateway@example")


def test_no_libcrypto_that_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    libcrypto_sm2._lib.cache_clear()
    monkeypatch.setattr(libcrypto_sm2, "_NAMES", ("libno-such-thing.so.3",))
    monkeypatch.setattr(libcrypto_sm2, "find_library", lambda name: "libc.so.6")
    try:
        with pytest.raises(Unsupported, match="no usable libcrypto"):
            generate_scalar()
    finally:
        libcrypto_sm2._lib.cache_clear()


def test_a_libcrypto_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    libcrypto_sm2._lib.cache_clear()
    monkeypatch.setattr(libcrypto_sm2, "_NAMES", ("libcrypto.so.3",))
    monkeypatch.setattr(libcrypto_sm2, "find_library", lambda name: None)
    monkeypatch.setattr(libcrypto_sm2, "_MIN_VERSION", 0xF0000000)
    try:
        with pytest.raises(Unsupported, match=r"libcrypto\.so\.3 is older than OpenSSL 3\.0"):
            verify(POINT, b"message digest", GOOD)
    finally:
        libcrypto_sm2._lib.cache_clear()


class _Failing:
    """The real library, but one function answers as it does when it fails, leaving an error in the queue."""

    def __init__(self, name: str, answer: object) -> None:
        self._real = libcrypto_sm2._lib()
        self._name = name
        self._answer = answer
        self.cleared = 0

    def __getattr__(self, name: str) -> object:
        if name == self._name:
            return lambda *_: self._answer
        if name == "ERR_clear_error":
            self.cleared += 1
        return getattr(self._real, name)


@pytest.mark.parametrize(
    ("function", "answer", "error"),
    [
        ("RAND_priv_bytes", 0, TokenUnavailable),
        ("d2i_AutoPrivateKey", libcrypto_sm2._FFI.NULL, Unsupported),
        ("EVP_PKEY_is_a", 0, Unsupported),
        ("i2d_PUBKEY", 90, Unsupported),
        ("EVP_PKEY_CTX_new", libcrypto_sm2._FFI.NULL, TokenUnavailable),
        ("EVP_PKEY_sign_init", 0, TokenUnavailable),
        ("EVP_PKEY_sign", -2, TokenUnavailable),
    ],
)
def test_a_failing_libcrypto_signs_nothing(
    monkeypatch: pytest.MonkeyPatch, function: str, answer: object, error: type[Exception]
) -> None:
    failing = _Failing(function, answer)
    monkeypatch.setattr(libcrypto_sm2, "_lib", lambda: failing)
    with pytest.raises(error, match="libcrypto"):
        Sm2PrivateKey(generate_scalar()).sign(b"text")
    assert failing.cleared == (function != "EVP_PKEY_is_a")


@pytest.mark.parametrize(("function", "answer"), [("EVP_PKEY_verify_init", 0), ("EVP_PKEY_verify", -1)])
def test_a_failing_libcrypto_verifies_nothing(
    monkeypatch: pytest.MonkeyPatch, function: str, answer: object
) -> None:
    assert verify(POINT, b"message digest", GOOD)
    failing = _Failing(function, answer)
    monkeypatch.setattr(libcrypto_sm2, "_lib", lambda: failing)
    assert not verify(POINT, b"message digest", GOOD)
    assert failing.cleared == 1


def test_a_libcrypto_without_sm2_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    libcrypto_sm2._load_public.cache_clear()
    failing = _Failing("d2i_PUBKEY", libcrypto_sm2._FFI.NULL)
    monkeypatch.setattr(libcrypto_sm2, "_lib", lambda: failing)
    with pytest.raises(Unsupported, match="does not load SM2 keys"):
        verify(POINT, b"message digest", GOOD)
