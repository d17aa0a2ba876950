"""SM2 on libcrypto: which library is taken, and that nothing of an error stays behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from ca_bridge.adapters import libcrypto_sm2
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.adapters.sm2_engine import EXAMPLE
from ca_bridge.adapters.sm2_errors import Sm2EngineError

_POINT, _DIGEST, _R, _S = EXAMPLE


def test_no_error_is_left_behind() -> None:
    engine = LibcryptoSm2()
    assert not engine.verify_digest(_POINT, _DIGEST, _R ^ 1, _S)
    assert not engine.verify_digest(_POINT[:-1] + b"\x00", _DIGEST, _R, _S)
    assert not engine.verify_digest(b"", _DIGEST, _R, _S)
    assert not engine.verify_digest(_POINT, b"", _R, _S)
    assert engine._lib.ERR_peek_error() == 0
    assert engine.verify_digest(_POINT, _DIGEST, _R, _S)


def test_threads_share_an_engine() -> None:
    engine = LibcryptoSm2()
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda i: engine.verify_digest(_POINT, _DIGEST, _R, _S ^ (i % 2)), range(200))
    assert list(answers) == [i % 2 == 0 for i in range(200)]


def test_keys_are_kept_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto_sm2, "_CACHED_KEYS", 2)
    engine = LibcryptoSm2()
    for last in range(20):
        engine.verify_digest(_POINT[:-1] + bytes([last]), _DIGEST, _R, _S)
    assert engine._key.cache_info().currsize == 2


class _Library:
    """A libcrypto that fails in one place."""

    NULL = libcrypto_sm2._FFI.NULL

    def __init__(self, real: Any, **overrides: Any) -> None:
        self._real = real
        self._overrides = overrides
        self.cleared = 0

    def __getattr__(self, name: str) -> Any:
        return self._overrides.get(name, getattr(self._real, name))

    def ERR_clear_error(self) -> None:  # noqa: N802 - libcrypto's name
        self.cleared += 1


@pytest.mark.parametrize(
    "overrides",
    [
        {"EVP_PKEY_CTX_new": lambda *_: _Library.NULL},
        {"EVP_PKEY_verify_init": lambda *_: -2},
        {"EVP_PKEY_verify": lambda *_: -1},
        {"EVP_PKEY_verify": lambda *_: 2},
        {"d2i_PUBKEY": lambda *_: _Library.NULL},
    ],
)
def test_whatever_fails_inside_is_no(overrides: dict[str, Any]) -> None:
    engine = LibcryptoSm2()
    engine._lib = library = _Library(engine._lib, **overrides)
    assert engine.verify_digest(_POINT, _DIGEST, _R, _S) is False
    assert library.cleared == 1


def _opening(monkeypatch: pytest.MonkeyPatch, libraries: dict[str, Any], found: str | None) -> None:
    def dlopen(name: str) -> Any:
        if name not in libraries:
            raise OSError(f"cannot load library '{name}': not here")
        return libraries[name]

    monkeypatch.setattr(libcrypto_sm2, "_FFI", SimpleNamespace(dlopen=dlopen))
    monkeypatch.setattr(libcrypto_sm2, "find_library", lambda _: found)


def _version(number: int) -> SimpleNamespace:
    return SimpleNamespace(OpenSSL_version_num=lambda: number)


def test_an_old_library_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    new = _version(0x30500000)
    _opening(monkeypatch, {"libcrypto.so": _version(0x1010117F), "elsewhere": new}, "elsewhere")
    assert libcrypto_sm2._open() is new


def test_what_is_not_openssl_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _opening(monkeypatch, {"libcrypto.so.3": SimpleNamespace(), "libcrypto.so": _version(0x1010117F)}, None)
    with pytest.raises(Sm2EngineError, match="is older than OpenSSL") as caught:
        libcrypto_sm2._open()
    assert "OpenSSL_version_num" in str(caught.value)
    assert "libcrypto.so.4" in str(caught.value)
