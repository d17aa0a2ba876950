"""Which SM2 engine this process runs on: the first that gives the answers of the published example."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ca_bridge.adapters.gmssl_sm2 import GmsslSm2
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.adapters.sm2_errors import Sm2EngineError
from ca_bridge.core.algorithms.sm2 import Sm2Verifier, sm2_digest

# GB/T 32918.5-2017 A.2: the signature example on the recommended curve.
_USER_ID = b"1234567812345678"
_MESSAGE = b"message digest"
_POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_E = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
_R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
_S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
EXAMPLE = (_POINT, _E, _R, _S)
_OFF_CURVE = _POINT[:-1] + bytes([_POINT[-1] ^ 1])

_ENGINES: tuple[Callable[[], Sm2Verifier], ...] = (LibcryptoSm2, GmsslSm2)


@dataclass(frozen=True, slots=True)
class Sm2Selection:
    """The engine chosen, and why each one before it was passed over."""

    engine: Sm2Verifier
    passed_over: tuple[str, ...]


def select_sm2_engine() -> Sm2Verifier:
    """The engine to verify with; Sm2EngineError when there is none."""
    return try_sm2_engines().engine


def try_sm2_engines(engines: Sequence[Callable[[], Sm2Verifier]] = _ENGINES) -> Sm2Selection:
    """The first of ``engines`` that loads and passes ``self_test``; Sm2EngineError when none does."""
    passed_over: list[str] = []
    for make in engines:
        try:
            engine = make()
            self_test(engine)
        except Sm2EngineError as error:
            passed_over.append(str(error))
        else:
            return Sm2Selection(engine, tuple(passed_over))
    raise Sm2EngineError("no SM2 engine: " + "; ".join(passed_over))


def self_test(engine: Sm2Verifier) -> None:
    """Sm2EngineError unless ``engine`` accepts the published signature, and refuses it when altered."""
    if sm2_digest(_USER_ID, _POINT, _MESSAGE) != _E:
        raise Sm2EngineError("SM3 does not give the digest of GB/T 32918.5 A.2")
    cases = (
        ("the published signature", True, _POINT, _E, _R, _S),
        ("another digest", False, _POINT, _E[:-1] + bytes([_E[-1] ^ 1]), _R, _S),
        ("another r", False, _POINT, _E, _R ^ 1, _S),
        ("another s", False, _POINT, _E, _R, _S ^ 1),
        ("r and s swapped", False, _POINT, _E, _S, _R),
        ("a point off the curve", False, _OFF_CURVE, _E, _R, _S),
    )
    for name, expected, point, digest, r, s in cases:
        if engine.verify_digest(point, digest, r, s) is not expected:
            raise Sm2EngineError(f"{engine.name} {engine.version} gives a wrong answer to {name}")
