"""A Token that does what a test tells it, and counts what was done to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hsm.errors import BadSignature, KeyNotFound, TokenUnavailable
from hsm.lasting import LastingToken
from hsm.probing import PROBE_TEXT
from hsm.token import (
    SM2_DEFAULT_ID,
    Custody,
    Health,
    KeyInfo,
    KeyKind,
    KeyRef,
    KeySpec,
    SignatureAlgorithm,
    TokenDescription,
)
from hsm.verifying import verify

SHORT_S = 0.3
RETRY_S = 0.05
_DESCRIPTION = TokenDescription(
    driver="scripted", label="stage", manufacturer="", model="", serial="1", library="", in_token_sm2=False
)


@dataclass
class Stage:
    """What all tokens of a test share: the device behind them."""

    keys: dict[KeyRef, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    open_error: Exception | None = None
    sign_error: Exception | None = None
    garbage: bool = False
    opened: list[Play] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0
    closed_while_inside: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    free: threading.Event = field(default_factory=threading.Event)
    opening_free: threading.Event = field(default_factory=threading.Event)
    making_free: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        for event in (self.free, self.opening_free, self.making_free):
            event.set()

    def add_key(self, name: bytes) -> KeyRef:
        ref = KeyRef(key_id=name)
        self.keys[ref] = ec.generate_private_key(ec.SECP256R1())
        return ref

    def open(self) -> Play:
        token = Play(self)
        self.opened.append(token)
        self.opening_free.wait(60)
        if self.open_error:
            raise self.open_error
        return token

    @property
    def probes(self) -> int:
        return self.signed.count(PROBE_TEXT)

    @contextmanager
    def entered(self) -> Iterator[None]:
        with self.lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        try:
            yield
        finally:
            with self.lock:
                self.inside -= 1


class Play:
    """One opening of the stage's device."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.closed = 0

    def describe(self) -> TokenDescription:
        return _DESCRIPTION

    def keys(self) -> tuple[KeyInfo, ...]:
        return tuple(
            KeyInfo(
                label="",
                key_id=ref.key_id,
                kind=KeyKind.P256,
                custody=Custody.TOKEN,
                spki=self.public_key(ref),
            )
            for ref in self.stage.keys
        )

    def generate(self, spec: KeySpec) -> KeyInfo:
        with self.stage.entered():
            self.stage.making_free.wait(60)
            ref = self.stage.add_key(spec.key_id)
        return next(key for key in self.keys() if key.key_id == ref.key_id)

    def info(self, ref: KeyRef) -> KeyInfo:
        self.public_key(ref)
        return next(key for key in self.keys() if key.key_id == ref.key_id)

    def public_key(self, ref: KeyRef) -> bytes:
        if ref not in self.stage.keys:
            raise KeyNotFound("no such key")
        key = self.stage.keys[ref].public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(
        self, ref: KeyRef, algorithm: SignatureAlgorithm, message: bytes, *, signer_id: bytes = SM2_DEFAULT_ID
    ) -> bytes:
        with self.stage.entered():
            if self.closed:
                raise TokenUnavailable("closed")
            self.stage.signed.append(message)
            self.stage.free.wait(60)
            if self.stage.sign_error:
                raise self.stage.sign_error
            spki = self.public_key(ref)
            signature = self.stage.keys[ref].sign(message, ec.ECDSA(hashes.SHA256()))
            if self.stage.garbage or not verify(spki, algorithm, message, signature):
                raise BadSignature("thrown away")
            return signature

    def health(self, ref: KeyRef) -> Health:
        raise AssertionError("a lasting token makes its own probes")

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:
        return b"of " + nonce

    def destroy(self, ref: KeyRef) -> None:
        self.public_key(ref)
        del self.stage.keys[ref]

    def close(self) -> None:
        if self.stage.inside:
            self.stage.closed_while_inside = True
        self.closed += 1
        raise TokenUnavailable("closing fails too")


@dataclass
class Answers:
    """What callers got: each call's seconds, and its value or error."""

    values: list[object] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


def in_threads(count: int, work: Callable[[], object]) -> Answers:
    """``work`` in many threads at once, all ended."""
    answers = Answers()
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait(10)
        try:
            answers.values.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            answers.errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers.values) + len(answers.errors) == count
    return answers


@pytest.fixture(name="stage")
def stage_fixture() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    for event in (stage.free, stage.opening_free, stage.making_free):
        event.set()


@pytest.fixture(name="lasting")
def lasting_fixture(stage: Stage) -> Iterator[LastingToken]:
    token = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S, generate_s=3)
    yield token
    for event in (stage.free, stage.opening_free, stage.making_free):
        event.set()
    token.close()


def wait_until(fact: Callable[[], bool], limit_s: float = 10) -> float:
    """Seconds until it is so."""
    start = time.monotonic()
    while not fact():
        assert time.monotonic() - start < limit_s, "it never came to be"
        time.sleep(0.005)
    return time.monotonic() - start


def token_threads() -> int:
    """How many threads of tokens there are beside those that were there when the test began."""
    return len(_threads() - _BEFORE)


def _threads() -> set[threading.Thread]:
    named = ("token-call", "token-keeper")
    return {thread for thread in threading.enumerate() if thread.name in named}


_BEFORE: set[threading.Thread] = set()


def count_from_here() -> None:
    """Other tests of the process may have left tokens open: their threads are not counted."""
    _BEFORE.clear()
    _BEFORE.update(_threads())
