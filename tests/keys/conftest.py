from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ca_bridge.adapters.sql_database import Database
from tests.fakes.release_stores import SQL_KINDS, postgresql, sqlite_file
from tests.hsm.conftest import shim, sm2_module, soft_token, softhsm
from tests.hsm.sdf_shim import device_fixture, sdf_library_fixture
from tests.keys.key_house import KeyHouse

__all__ = [
    "device_fixture",
    "postgresql",
    "sdf_library_fixture",
    "shim",
    "sm2_module",
    "soft_token",
    "softhsm",
    "sqlite_file",
]


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_file: Path) -> str:
    """A new database with all tables."""
    file = tmp_path / "keys.sqlite3"
    shutil.copy(sqlite_file, file)
    return f"sqlite:///{file}"


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[KeyHouse]:
    made = KeyHouse(tmp_path, Database(sqlite_url))
    yield made
    made.close()


@pytest.fixture(params=SQL_KINDS)
def key_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def sql_house(tmp_path: Path, key_url: str) -> Iterator[KeyHouse]:
    made = KeyHouse(tmp_path, Database(key_url))
    yield made
    made.close()
