"""One store of software keys, and many threads and processes."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hsm.errors import KeyExists, KeyNotFound
from hsm.softkey_store import Store
from hsm.token import KeyInfo, KeyKind, KeyRef, SignatureAlgorithm, Token
from hsm.verifying import default_algorithm, verify
from tests.hsm.soft_store import made, new_store, open_store

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")

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


def test_of_no_use_in_a_forked_child(token: Token) -> None:
    made(token, KeyKind.P256, "a")
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.write(write, token.health(KeyRef(label="a")).detail.encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    assert os.read(read, 1000) == b"TokenUnavailable: the token was opened before a fork, by another process"
    os.close(read)
    assert token.health(KeyRef(label="a")).usable


def test_eight_threads_sign_with_every_kind(full: tuple[Token, Path]) -> None:
    token, _ = full

    def work(thread: int) -> int:
        done = 0
        for turn in range(6):
            for kind in KeyKind:
                text = f"{thread}-{turn}-{kind}".encode()
                ref, algorithm = KeyRef(label=f"key-{kind}"), default_algorithm(kind)
                done += verify(token.public_key(ref), algorithm, text, token.sign(ref, algorithm, text))
        return done

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 8 * 6 * 7


def test_eight_threads_ask_for_one_name(token: Token) -> None:
    def work(number: int) -> str:
        try:
            return made(token, KeyKind.P256, "a", bytes([number])).key_id.hex()
        except KeyExists:
            return ""

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(work, range(1, 9)))
    assert [answer for answer in answers if answer] == [info.key_id.hex() for info in _keys(token)]
    assert len(token.keys()) == 1


def test_eight_threads_destroy_one_key(token: Token) -> None:
    made(token, KeyKind.P256, "a")

    def work(_: int) -> bool:
        try:
            token.destroy(KeyRef(label="a"))
        except KeyNotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 1


def test_who_comes_second_to_destroy_is_told(token: Token, store: Path) -> None:
    made(token, KeyKind.P256, "a")
    first, second = Store(str(store)), Store(str(store))
    entry = second.index().keys[0]
    first.remove(entry)
    with pytest.raises(KeyNotFound, match="key 'a' is destroyed already"):
        second.remove(entry)


def _make_many(store: str, own: int, results: Any) -> None:
    """Takes names that all want and names of its own; signs with each key got, and destroys one."""
    token = open_store(Path(store))
    got = taken = 0
    for number in range(12):
        shared = number % 2 == 0
        label = f"shared-{number}" if shared else f"own-{own}-{number}"
        key_id = bytes([0, number]) if shared else bytes([own, number])
        try:
            info = made(token, KeyKind.P256, label, key_id)
        except KeyExists:
            taken += 1
            continue
        got += 1
        token.sign(KeyRef(label=label), ES256, TEXT)
        if number == 1:
            token.destroy(KeyRef(key_id=info.key_id))
    results.put((own, got, taken))


def test_three_processes_share_a_store(store: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_make_many, args=(str(store), own, results)) for own in (1, 2, 3)]
    for worker in workers:
        worker.start()
    answers = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(timeout=30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sum(got for _, got, _ in answers) == 6 + 3 * 6
    assert sum(taken for _, _, taken in answers) == 2 * 6
    token = open_store(store)
    assert len(token.keys()) == 6 + 3 * 5
    assert len(list(store.glob("*.pem"))) == 6 + 3 * 5
    for info in _keys(token):
        ref = KeyRef(label=info.label)
        assert verify(info.spki, ES256, TEXT, token.sign(ref, ES256, TEXT))
