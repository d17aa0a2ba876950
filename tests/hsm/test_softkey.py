"""Software keys: every kind made, found, used, checked by others, and what is refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hsm import softkey_crypto
from hsm.errors import (
    BadSignature,
    KeyAmbiguous,
    KeyExists,
    KeyNotFound,
    RefusedInProduction,
    TokenUnavailable,
    Unsupported,
    UriError,
)
from hsm.open_token import open_token
from hsm.softkey import SoftKeyWarning
from hsm.token import Custody, KeyInfo, KeyKind, KeyRef, KeySpec, SignatureAlgorithm, Token
from hsm.uri import parse_key_uri
from hsm.verifying import algorithms_of, default_algorithm, kind_of_spki, verify
from tests.hsm.soft_store import made, new_store, open_store

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")

EVERY_USE = [(kind, algorithm) for kind in KeyKind for algorithm in algorithms_of(kind)]
TEXT = "结论可验证".encode()
ES256 = SignatureAlgorithm.ECDSA_SHA256


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Token, Path]:
    """A store with one key of each kind; only read by the tests."""
    store = new_store(tmp_path_factory.mktemp("full"))
    token = open_store(store)
    for number, kind in enumerate(KeyKind, 1):
        made(token, kind, key_id=bytes([number]))
    return token, store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return new_store(tmp_path)


@pytest.fixture
def token(store: Path) -> Token:
    return open_store(store)


def _keys(token: Token) -> tuple[KeyInfo, ...]:
    return token.keys()


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60).stdout


def _openssl_verifies(folder: Path, spki: bytes, algorithm: SignatureAlgorithm, signature: bytes) -> bool:
    for name, content in (("spki", spki), ("text", TEXT), ("signature", signature)):
        (folder / name).write_bytes(content)
    _openssl("pkey", "-pubin", "-inform", "DER", "-in", folder / "spki", "-out", folder / "public.pem")
    options = {
        SignatureAlgorithm.ED25519: (),
        SignatureAlgorithm.SM2_SM3: ("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"),
        SignatureAlgorithm.RSA_PSS_SHA256: (
            *("-digest", "sha256", "-pkeyopt", "rsa_padding_mode:pss"),
            *("-pkeyopt", "rsa_pss_saltlen:digest"),
        ),
    }.get(algorithm, ("-digest", algorithm[-6:]))
    answer = _openssl(
        *("pkeyutl", "-verify", "-pubin", "-inkey", folder / "public.pem", "-rawin"),
        *("-in", folder / "text", "-sigfile", folder / "signature", *options),
    )
    return answer == b"Signature Verified Successfully\n"


@pytest.mark.parametrize(("kind", "algorithm"), EVERY_USE)
def test_signed_and_verified_by_openssl(
    full: tuple[Token, Path], tmp_path: Path, kind: KeyKind, algorithm: SignatureAlgorithm
) -> None:
    token, _ = full
    ref = KeyRef(label=f"key-{kind}")
    signature = token.sign(ref, algorithm, TEXT)
    assert _openssl_verifies(tmp_path, token.public_key(ref), algorithm, signature)
    assert verify(token.public_key(ref), algorithm, TEXT, signature)


def test_verified_by_the_library(full: tuple[Token, Path]) -> None:
    token, _ = full
    rsa_key = load_der_public_key(token.public_key(KeyRef(label="key-rsa-3072")))
    rsa_key.verify(
        token.sign(KeyRef(label="key-rsa-3072"), SignatureAlgorithm.RSA_PKCS1_SHA512, TEXT),
        TEXT,
        padding.PKCS1v15(),
        hashes.SHA512(),
    )
    p384 = load_der_public_key(token.public_key(KeyRef(label="key-p-384")))
    p384.verify(
        token.sign(KeyRef(label="key-p-384"), SignatureAlgorithm.ECDSA_SHA384, TEXT),
        TEXT,
        ec.ECDSA(hashes.SHA384()),
    )
    ed25519 = load_der_public_key(token.public_key(KeyRef(label="key-ed25519")))
    ed25519.verify(token.sign(KeyRef(label="key-ed25519"), SignatureAlgorithm.ED25519, TEXT), TEXT)


def test_sm2_with_another_id(full: tuple[Token, Path]) -> None:
    token, _ = full
    ref = KeyRef(label="key-sm2")
    signature = token.sign(ref, SignatureAlgorithm.SM2_SM3, TEXT, signer_id=b"gateway")
    assert verify(token.public_key(ref), SignatureAlgorithm.SM2_SM3, TEXT, signature, signer_id=b"gateway")
    assert not verify(token.public_key(ref), SignatureAlgorithm.SM2_SM3, TEXT, signature)
    with pytest.raises(Unsupported):
        token.sign(ref, SignatureAlgorithm.SM2_SM3, TEXT, signer_id=b"i" * 8192)


@pytest.mark.parametrize("kind", KeyKind)
def test_found_and_described(full: tuple[Token, Path], kind: KeyKind) -> None:
    token, _ = full
    number = list(KeyKind).index(kind) + 1
    infos = [info for info in _keys(token) if info.kind is kind]
    assert [(info.label, info.key_id) for info in infos] == [(f"key-{kind}", bytes([number]))]
    info = infos[0]
    assert info.custody is Custody.PROCESS
    assert dict(info.claims) == {"extractable": "true", "sensitive": "false", "local": "false"}
    assert kind_of_spki(info.spki) is kind
    for ref in (
        KeyRef(label=info.label),
        KeyRef(key_id=info.key_id),
        KeyRef(label=info.label, key_id=info.key_id),
    ):
        assert token.public_key(ref) == info.spki
        assert token.attest(ref, b"nonce") is None
    with pytest.raises(KeyNotFound):
        token.public_key(KeyRef(label=info.label, key_id=b"\xff"))


@pytest.mark.parametrize("number", range(1, 8))
def test_openssl_reads_every_file(full: tuple[Token, Path], number: int) -> None:
    token, store = full
    file = store / f"{number:02x}.pem"
    assert _openssl("pkey", "-in", file, "-pubout", "-outform", "DER") == token.public_key(
        KeyRef(key_id=bytes([number]))
    )
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_folder_keeps_to_its_modes(full: tuple[Token, Path]) -> None:
    _, store = full
    assert {path.stat().st_mode & 0o777 for path in store.iterdir()} == {0o600}
    index = json.loads((store / "index.json").read_text("utf-8"))
    assert [row["kind"] for row in index["keys"]] == list(KeyKind)
    assert index["used_ids"] == [f"{number:02x}" for number in range(1, 8)]


def test_description(full: tuple[Token, Path]) -> None:
    description = full[0].describe()
    assert (description.driver, description.label) == ("softkey", "store")
    assert description.in_token_sm2 is False


def test_keys_in_order(token: Token) -> None:
    for label, key_id in (("b", b"\x02"), ("a", b"\x03"), ("c", b"\x01")):
        made(token, KeyKind.P256, label, key_id)
    assert [info.label for info in _keys(token)] == ["a", "b", "c"]
    with pytest.raises(KeyAmbiguous, match="3 keys of any name"):
        token.public_key(KeyRef())
    with pytest.raises(KeyNotFound, match="no key of label 'd'"):
        token.sign(KeyRef(label="d"), ES256, TEXT)


def test_production_refuses_software_keys(store: Path) -> None:
    with pytest.raises(RefusedInProduction):
        open_token(parse_key_uri(f"softkey:object=a?x-store={store}"), production=True)
    with pytest.raises(RefusedInProduction):
        open_token(parse_key_uri("softkey:"), production=True)


def test_it_warns(store: Path) -> None:
    with pytest.warns(SoftKeyWarning, match="for development only"):
        open_token(parse_key_uri(f"softkey:?x-store={store}"), production=False)


@pytest.mark.parametrize(
    "text",
    [
        "softkey:object=a",
        "softkey:?x-store=",
        "softkey:?x-store=keys",
        "softkey:?x-store=/a/../b",
        "softkey:?x-store=/a&x-other=1",
        "softkey:token=a?x-store=/a",
        "softkey:?x-store=/a&module-path=/usr/lib/x.so",
        "softkey:?x-store=/a&pin-source=file:/etc/pin",
    ],
)
def test_a_uri_that_is_not_of_a_folder(text: str) -> None:
    with pytest.raises(UriError):
        open_token(parse_key_uri(text), production=False)


@pytest.mark.parametrize(
    "spec",
    [
        KeySpec(label="", key_id=b"\x01", kind=KeyKind.P256),
        KeySpec(label="a", key_id=b"", kind=KeyKind.P256),
        KeySpec(label="a\n", key_id=b"\x01", kind=KeyKind.P256),
        KeySpec(label="粤" * 86, key_id=b"\x01", kind=KeyKind.P256),
        KeySpec(label="a", key_id=b"i" * 65, kind=KeyKind.P256),
        KeySpec(label="a", key_id=b"\x01", kind=KeyKind.SM2, sealed=True),
    ],
)
def test_a_key_that_is_not_made(token: Token, spec: KeySpec) -> None:
    with pytest.raises(Unsupported):
        token.generate(spec)
    assert token.keys() == ()


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        (KeyKind.P256, SignatureAlgorithm.SM2_SM3),
        (KeyKind.SM2, SignatureAlgorithm.ECDSA_SHA256),
        (KeyKind.P384, SignatureAlgorithm.ECDSA_SHA256),
        (KeyKind.ED25519, SignatureAlgorithm.RSA_PSS_SHA256),
        (KeyKind.RSA_2048, SignatureAlgorithm.ED25519),
    ],
)
def test_an_algorithm_of_another_kind(
    full: tuple[Token, Path], kind: KeyKind, algorithm: SignatureAlgorithm
) -> None:
    with pytest.raises(Unsupported, match="does not sign with"):
        full[0].sign(KeyRef(label=f"key-{kind}"), algorithm, TEXT)


def test_names_are_never_used_twice(token: Token, store: Path) -> None:
    made(token, KeyKind.P256, "a", b"\x01")
    for label, key_id in (("a", b"\x02"), ("b", b"\x01")):
        with pytest.raises(KeyExists):
            made(token, KeyKind.P256, label, key_id)
    token.destroy(KeyRef(label="a"))
    for other in (token, open_store(store)):
        for label, key_id in (("a", b"\x02"), ("b", b"\x01")):
            with pytest.raises(KeyExists):
                made(other, KeyKind.P256, label, key_id)
    made(token, KeyKind.P256, "b", b"\x02")
    assert [info.label for info in _keys(token)] == ["b"]


def test_a_destroyed_key_is_gone(token: Token, store: Path) -> None:
    made(token, KeyKind.ED25519, "a")
    other = open_store(store)
    other.sign(KeyRef(label="a"), SignatureAlgorithm.ED25519, TEXT)
    token.destroy(KeyRef(label="a"))
    assert [path.name for path in store.glob("*.pem")] == []
    for one in (token, other):
        for call in (
            lambda one=one: one.sign(KeyRef(label="a"), SignatureAlgorithm.ED25519, TEXT),
            lambda one=one: one.public_key(KeyRef(label="a")),
            lambda one=one: one.attest(KeyRef(label="a"), b""),
            lambda one=one: one.destroy(KeyRef(label="a")),
        ):
            with pytest.raises(KeyNotFound):
                call()


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.ED25519, KeyKind.SM2, KeyKind.RSA_2048])
def test_a_wrong_signature_is_never_given_out(
    full: tuple[Token, Path], monkeypatch: pytest.MonkeyPatch, kind: KeyKind
) -> None:
    token, _ = full
    ref, algorithm = KeyRef(label=f"key-{kind}"), default_algorithm(kind)
    right = token.sign(ref, algorithm, TEXT)
    other = token.sign(ref, algorithm, b"another text")
    for wrong in (b"", b"garbage", bytes(len(right)), right[:-1], right + b"\x00", other):
        monkeypatch.setattr(softkey_crypto, "sign", lambda *_, wrong=wrong: wrong)
        with pytest.raises(BadSignature, match=f"the signature of key 'key-{kind}' does not verify"):
            token.sign(ref, algorithm, TEXT)
        assert token.health(ref).detail.startswith("BadSignature: ")
    monkeypatch.undo()
    assert verify(token.public_key(ref), algorithm, TEXT, token.sign(ref, algorithm, TEXT))


def test_health_measures(full: tuple[Token, Path]) -> None:
    health = full[0].health(KeyRef(label="key-sm2"))
    assert (health.usable, health.detail) == (True, "signed and verified")
    assert 0 < health.elapsed_us < 5_000_000
    missing = full[0].health(KeyRef(label="none"))
    assert (missing.usable, missing.detail) == (False, "KeyNotFound: the token has no key of label 'none'")


def test_a_closed_token_does_nothing(token: Token) -> None:
    made(token, KeyKind.P256, "a")
    ref = KeyRef(label="a")
    token.close()
    token.close()
    calls = (
        token.describe,
        token.keys,
        lambda: made(token, KeyKind.P256, "b", b"\x02"),
        lambda: token.public_key(ref),
        lambda: token.sign(ref, ES256, TEXT),
        lambda: token.attest(ref, b""),
        lambda: token.destroy(ref),
    )
    for call in calls:
        with pytest.raises(TokenUnavailable, match="the token is closed"):
            call()
    assert token.health(ref).detail == "TokenUnavailable: the token is closed"
