"""The three stores of releases behind one fixture, each with what tests look into.

A conftest imports the fixtures to have them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import select

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log_tables import log_entries, log_head, log_subtrees
from ca_bridge.adapters.sql_migration import upgrade
from ca_bridge.adapters.sql_releases import SqlReleases
from ca_bridge.adapters.sql_tables import metadata, trail, trail_head
from ca_bridge.services.manage_recognition.model import TrailEntry
from ca_bridge.services.release_ports import ReleaseStore
from tests.fakes.postgresql import Cluster, cluster
from tests.fakes.releases import MemoryReleases

KINDS = ("memory", "sqlite", "postgresql")
SQL_KINDS = KINDS[1:]


class LookedInto(ReleaseStore, Protocol):
    """A store of which tests see everything."""

    def dump(self) -> Any:
        """Everything but the trail, as values."""
        ...


class DumpedReleases(SqlReleases):
    """The SQL store, and all rows of its tables but those of the trail and the log, which only grow."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        super().__init__(self.database)

    def dump(self) -> Any:
        growing = (trail, trail_head, log_entries, log_head, log_subtrees)
        tables = [table for table in metadata.sorted_tables if table not in growing]
        with self.database.reading() as connection:
            return {t.name: sorted(map(repr, connection.execute(select(t)).all())) for t in tables}


def entries(store: ReleaseStore) -> tuple[TrailEntry, ...]:
    """The whole trail."""
    return store.trail(after=0, limit=1_000_000)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A cluster of this process; new databases in it have their tables."""
    with cluster() as made:
        template = made.create()
        upgrade(template)
        made.template = template.partition("?")[0].rpartition("/")[2]
        yield made


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that has its tables."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


def open_store(kind: str, request: pytest.FixtureRequest) -> Iterator[LookedInto]:
    """A new, empty store of ``kind``."""
    if kind == "memory":
        yield MemoryReleases()
        return
    if kind == "sqlite":
        file = request.getfixturevalue("tmp_path") / "ca-bridge.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_file"), file)
        store = DumpedReleases(f"sqlite:///{file}")
        yield store
        store.database.close()
        return
    server = request.getfixturevalue("postgresql")
    store = DumpedReleases(server.create())
    yield store
    store.database.close()
    server.drop(store.url)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[LookedInto]:
    """Each store in turn."""
    yield from open_store(request.param, request)


@pytest.fixture(params=SQL_KINDS)
def sql_store(request: pytest.FixtureRequest) -> Iterator[LookedInto]:
    """Each store in SQL in turn."""
    yield from open_store(request.param, request)
