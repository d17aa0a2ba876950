"""The engine is chosen by what it answers, not by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ca_bridge.adapters import sm2_engine
from ca_bridge.adapters.gmssl_sm2 import GmsslSm2
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.adapters.sm2_engine import select_sm2_engine, self_test, try_sm2_engines
from ca_bridge.adapters.sm2_errors import Sm2EngineError


class _Fixed:
    name, version = "fixed", "0"

    def __init__(self, answers: Callable[..., bool]) -> None:
        self._answers = answers

    def verify_digest(self, point: bytes, digest: bytes, r: int, s: int) -> bool:
        return self._answers(point, digest, r, s)


def _missing() -> LibcryptoSm2:
    raise Sm2EngineError("no usable libcrypto: not here")


@pytest.mark.parametrize("make", [LibcryptoSm2, GmsslSm2])
def test_both_engines_pass(make: Callable[[], LibcryptoSm2 | GmsslSm2]) -> None:
    self_test(make())


def test_libcrypto_is_chosen_first() -> None:
    selection = try_sm2_engines()
    assert selection.engine.name == "libcrypto"
    assert selection.engine.version.startswith("OpenSSL 3")
    assert selection.passed_over == ()
    assert select_sm2_engine().name == "libcrypto"


def test_falls_back_to_gmssl_and_says_why() -> None:
    selection = try_sm2_engines((_missing, GmsslSm2))
    assert selection.engine.name == "gmssl"
    assert selection.engine.version
    assert selection.passed_over == ("no usable libcrypto: not here",)


def test_an_engine_that_says_yes_to_all_is_passed_over() -> None:
    selection = try_sm2_engines((lambda: _Fixed(lambda *_: True), GmsslSm2))
    assert selection.engine.name == "gmssl"
    assert selection.passed_over == ("fixed 0 gives a wrong answer to another digest",)


def test_no_engine_is_an_error_of_our_own() -> None:
    with pytest.raises(Sm2EngineError, match="gives a wrong answer to the published signature"):
        try_sm2_engines((lambda: _Fixed(lambda *_: False),))


@pytest.mark.parametrize(
    ("name", "blind"),
    [
        ("another r", lambda p, e, r, s: r ^ 1),
        ("another s", lambda p, e, r, s: s ^ 1),
        ("a point off the curve", lambda p, e, r, s: p[-1]),
    ],
)
def test_each_alteration_is_tested(name: str, blind: Callable[..., int]) -> None:
    genuine = GmsslSm2().verify_digest
    seen: list[int] = []

    def answers(point: bytes, digest: bytes, r: int, s: int) -> bool:
        value = blind(point, digest, r, s)
        seen.append(value)
        return genuine(point, digest, r, s) or value == seen[0] ^ 1

    with pytest.raises(Sm2EngineError, match=name):
        self_test(_Fixed(answers))


def test_a_broken_hash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_engine, "sm2_digest", lambda *_: bytes(32))
    with pytest.raises(Sm2EngineError, match="SM3"):
        self_test(GmsslSm2())
