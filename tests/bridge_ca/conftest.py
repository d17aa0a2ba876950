from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridge_ca.house import House
from tests.fakes.release_stores import postgresql, sqlite_file
from tests.hsm.conftest import shim, sm2_module, soft_token, softhsm

__all__ = [
    "bridge_url",
    "open_house",
    "postgresql",
    "shim",
    "sm2_module",
    "soft_token",
    "softhsm",
    "sqlite_file",
]

OpenHouse = Callable[..., House]


@pytest.fixture
def sqlite_url(sqlite_file: Path, tmp_path: Path) -> str:
    file = tmp_path / "ca-bridge.sqlite3"
    shutil.copy(sqlite_file, file)
    return f"sqlite:///{file}"


@pytest.fixture
def open_house(sqlite_url: str) -> Iterator[OpenHouse]:
    """Makes houses over one register in SQLite."""
    made: list[House] = []

    def make(*issuers: Any, **fields: Any) -> House:
        made.append(House(sqlite_url, *issuers, **fields))
        return made[-1]

    yield make
    for house in made:
        house.database.close()


@pytest.fixture(params=("sqlite", "postgresql"))
def bridge_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.drop(url)
