"""A store of software keys that is cut short, broken, opened to others or gone; and back again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hsm import softkey_crypto
from hsm.errors import KeyExists, TokenUnavailable
from hsm.open_token import open_token
from hsm.token import KeyKind, KeyRef, SignatureAlgorithm, Token
from hsm.uri import parse_key_uri
from hsm.verifying import verify
from tests.hsm.soft_store import made, new_store, open_store

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")

TEXT = "结论可验证".encode()
ES256 = SignatureAlgorithm.ECDSA_SHA256


def _labels(token: Token) -> list[str]:
    infos = token.keys()
    return [info.label for info in infos]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return new_store(tmp_path)


@pytest.fixture
def token(store: Path) -> Token:
    return open_store(store)


def test_a_destruction_cut_short_is_finished_by_another(token: Token, store: Path) -> None:
    made(token, KeyKind.P256, "a")
    (store / "01.pem").unlink()
    token.destroy(KeyRef(label="a"))
    assert token.keys() == ()
    with pytest.raises(KeyExists):
        made(token, KeyKind.P256, "a")


def test_a_file_left_by_a_generation_cut_short_is_not_a_key(token: Token, store: Path) -> None:
    (store / "01.pem").write_bytes(b"half a ke")
    with pytest.raises(TokenUnavailable, match=r"its index\.json is gone"):
        token.keys()
    made_elsewhere = (store / "01.pem").rename(store / "kept")
    made(token, KeyKind.P256, "b", b"\x02")
    made_elsewhere.rename(store / "01.pem")
    assert _labels(token) == ["b"]
    with pytest.raises(KeyExists, match="has a file already"):
        made(token, KeyKind.P256, "a", b"\x01")
    assert (store / "01.pem").read_bytes() == b"half a ke"


def test_an_index_left_half_written_is_passed_over(token: Token, store: Path) -> None:
    made(token, KeyKind.P256, "a", b"\x01")
    (store / ".index.new").write_bytes(b"{")
    made(token, KeyKind.P256, "b", b"\x02")
    assert _labels(token) == ["a", "b"]


def _break(store: Path, how: str) -> None:
    key, index = store / "01.pem", store / "index.json"
    if how == "folder gone":
        store.rename(store.with_name("away"))
    elif how == "key gone":
        key.unlink()
    elif how == "index gone":
        index.unlink()
    elif how == "folder open to others":
        store.chmod(0o750)
    elif how == "key open to others":
        _rewritten(key, key.read_bytes())
        key.chmod(0o640)
    elif how == "key a link":
        key.rename(store / "elsewhere")
        key.symlink_to(store / "elsewhere")
    elif how == "key a folder":
        key.unlink()
        key.mkdir(mode=0o700)
    elif how == "another key":
        _rewritten(key, softkey_crypto.generate(KeyKind.P256)[0])
    elif how == "another kind":
        _rewritten(key, softkey_crypto.generate(KeyKind.SM2)[0])
    elif how == "key garbage":
        _rewritten(key, b"\x00" * 100)
    elif how == "key too long":
        _rewritten(key, b"a" * 9000)
    else:
        _rewritten(index, how.encode())


def _rewritten(path: Path, content: bytes) -> None:
    path.unlink()
    path.touch(mode=0o600)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "how",
    [
        *(
            "folder gone",
            "key gone",
            "index gone",
            "folder open to others",
            "key open to others",
            "key a link",
        ),
        *("key a folder", "another key", "another kind", "key garbage", "key too long"),
        *("{", "[]", "null", '{"format": 2}', '{"format": 1}', "[" * 100_000, '{"format": 1, "keys": [7]}'),
    ],
)
def test_a_broken_store_signs_nothing_and_works_again_when_it_is_back(
    token: Token, store: Path, how: str
) -> None:
    made(token, KeyKind.P256, "a")
    ref = KeyRef(label="a")
    spki = token.public_key(ref)
    token.sign(ref, ES256, TEXT)
    backup = store.with_name("backup")
    shutil.copytree(store, backup)
    _break(store, how)
    with pytest.raises(TokenUnavailable) as caught:
        token.sign(ref, ES256, TEXT)
    assert "PRIVATE" not in str(caught.value)
    health = token.health(ref)
    assert not health.usable
    assert health.detail.startswith("TokenUnavailable: ")
    shutil.rmtree(store, ignore_errors=True)
    with pytest.raises(TokenUnavailable, match="No such file"):
        token.sign(ref, ES256, TEXT)
    backup.rename(store)
    assert verify(spki, ES256, TEXT, token.sign(ref, ES256, TEXT))
    assert token.health(ref).usable


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n=\n-----END PRIVATE KEY-----\n"])
def test_an_sm2_file_of_garbage(content: bytes) -> None:
    with pytest.raises(TokenUnavailable, match="does not hold a PKCS#8 key"):
        softkey_crypto.load(content, KeyKind.SM2)


def test_an_sm2_file_whose_two_halves_differ() -> None:
    first, second = (softkey_crypto.generate(KeyKind.SM2)[0].splitlines() for _ in range(2))
    # The last of three lines holds nothing but octets of the public point.
    mixed = b"\n".join((*first[:3], second[3], first[4], b""))
    softkey_crypto.load(b"\n".join((*first, b"")), KeyKind.SM2)
    with pytest.raises(TokenUnavailable):
        softkey_crypto.load(mixed, KeyKind.SM2)


def test_a_key_of_a_kind_that_is_never_made_here() -> None:
    from cryptography.hazmat.primitives.asymmetric import ed448
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = ed448.Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TokenUnavailable):
        softkey_crypto.load(pem, KeyKind.ED25519)


def test_no_folder_is_made_at_opening(tmp_path: Path) -> None:
    with pytest.raises(TokenUnavailable, match="No such file"):
        open_token(parse_key_uri(f"softkey:?x-store={tmp_path}/absent"), production=False)
    assert not (tmp_path / "absent").exists()


def test_a_store_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o600)
    with pytest.raises(TokenUnavailable, match="not a folder of this user with mode 0700"):
        open_token(parse_key_uri(f"softkey:?x-store={tmp_path}/file"), production=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_folder(store: Path) -> None:
    os.chown(store, 12345, 12345)
    with pytest.raises(TokenUnavailable, match="not a folder of this user"):
        open_store(store)


def test_a_full_disk_leaves_no_key(token: Token, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        with pytest.raises(TokenUnavailable, match="No space left"):
            made(token, KeyKind.P256, "a")
    assert [path.name for path in store.iterdir()] == [".lock"]
    made(token, KeyKind.P256, "a")
