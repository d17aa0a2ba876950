"""Tokens for the tests of the drivers: SoftHSM's own, and through the module that adds SM2 and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hsm.pkcs11 import Pkcs11Token, open_pkcs11
from hsm.uri import KeyUri
from tests.hsm.faults import built
from tests.hsm.scripted_token import count_from_here
from tests.hsm.softhsm import MODULE, SoftHsm, SoftToken, soft_hsm

Opener = Callable[[KeyUri], Pkcs11Token]


@pytest.fixture(scope="session")
def softhsm() -> Iterator[SoftHsm]:
    with soft_hsm() as made:
        yield made


@pytest.fixture
def soft_token(softhsm: SoftHsm) -> SoftToken:
    """A new token with nothing on it."""
    return softhsm.new_token()


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens tokens, and closes them after the test: the module is finalised then."""
    tokens: list[Pkcs11Token] = []

    def open_it(uri: KeyUri) -> Pkcs11Token:
        tokens.append(open_pkcs11(uri))
        return tokens[-1]

    yield open_it
    for token in tokens:
        token.close()


@pytest.fixture(scope="session")
def sm2_module(softhsm: SoftHsm) -> Path:
    """shims/pkcs11_sm2.c, built in the tests' own SoftHSM folder."""
    return built("pkcs11_sm2", softhsm.folder)


@pytest.fixture
def shim(sm2_module: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of the module with SM2, over SoftHSM and without a fault."""
    monkeypatch.setenv("SHIM_MODULE", str(MODULE))
    monkeypatch.delenv("SHIM_FAULT", raising=False)
    return sm2_module


@pytest.fixture(autouse=True)
def threads_of_others() -> None:
    count_from_here()
