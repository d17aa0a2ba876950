"""Opening, migrating and damaging a database: what is said, and that nothing is decided by it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from ca_bridge.adapters import sql_bridge_tables, sql_database, sql_keys_tables, sql_log_tables
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_migration import alembic_config, newest_revision, upgrade
from ca_bridge.adapters.sql_releases import SqlReleases
from ca_bridge.adapters.sql_tables import metadata, releases, trail
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.manage_recognition.records import ReleaseRecords
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from tests.fakes.postgresql import Cluster
from tests.fakes.release_stores import DumpedReleases, entries
from tests.ports.release_values import ACCOUNT_SET, DOCUMENTS, HOUR, NOON, approved, attempt, commit, release

Execute = Callable[[str], None]


@pytest.fixture
def execute(sql_store: DumpedReleases) -> Execute:
    """Writes past the store, as one who has the database's password can."""

    def run(statement: str) -> None:
        with sql_store.database.engine.execution_options(
            isolation_level="AUTOCOMMIT"
        ).connect() as connection:
            if sql_store.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            connection.exec_driver_sql(statement)
            if sql_store.database.is_sqlite:
                connection.commit()

    return run


def filled(store: SqlReleases) -> ReleaseRecords:
    store.commit(commit(store, release=approved(1, NOON), accounts=ACCOUNT_SET))
    for code in ("A", "B", "C"):
        store.record(attempt(code))
    return ReleaseRecords(store)


# Tables are known to the metadata once their module is there.
TABLES = (sql_bridge_tables, sql_keys_tables, sql_log_tables)


def test_models_and_migrations_agree(sql_store: DumpedReleases) -> None:
    with sql_store.database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == newest_revision()
        assert compare_metadata(context, metadata) == []


def test_constraints_of_models_and_migrations_agree(sql_store: DumpedReleases, tmp_path: Path) -> None:
    """Checks and the conditions of indexes, which compare_metadata does not look at."""
    url = f"sqlite:///{tmp_path / 'models.sqlite3'}"
    if not sql_store.database.is_sqlite:
        url = sql_store.url
    database = Database(url)
    with sql_store.database.reading() as connection:
        found = described(connection)
    with database.writing() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert described(connection) == found
    database.close()


def described(connection: object) -> dict[str, object]:
    looked = inspect(connection)
    assert looked is not None
    return {
        name: (
            sorted((row["name"], row["sqltext"]) for row in looked.get_check_constraints(name)),
            sorted((row["name"], row["unique"], condition(row)) for row in looked.get_indexes(name)),
            sorted(map(str, looked.get_foreign_keys(name))),
        )
        for name in metadata.tables
    }


def condition(index: Any) -> list[str]:
    options = index.get("dialect_options", {})
    return [str(value) for name, value in options.items() if name.endswith("_where")]


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert [script.revision for script in scripts.walk_revisions()] == ["0004", "0003", "0002", "0001"]
    assert scripts.get_heads() == [newest_revision()]


def test_upgrading_again_changes_nothing(sql_store: DumpedReleases) -> None:
    filled(sql_store)
    before = sql_store.dump()
    upgrade(sql_store.url)
    assert sql_store.dump() == before


def test_a_database_that_is_up_to_date_is_only_read(sql_store: DumpedReleases) -> None:
    with sql_store.database.writing() as connection:
        connection.execute(text("UPDATE state SET generation = generation"))
        upgrade(sql_store.url)  # would wait for the lock, and in vain, if it wrote


UPGRADE = "import sys; from ca_bridge.adapters.sql_migration import upgrade; upgrade(sys.argv[1])"


def upgraded_by_many(url: str) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, url], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [(run.communicate(timeout=60)[1], run.returncode) for run in runs] == [("", 0)] * 4
    store = DumpedReleases(url)
    assert store.ledger().generation == 0
    assert store.trail_head().count == 0
    store.database.close()


def test_processes_that_start_at_once_on_sqlite(tmp_path: Path) -> None:
    upgraded_by_many(f"sqlite:///{tmp_path}/deep/er/new.sqlite3")


def test_processes_that_start_at_once_on_postgresql(postgresql: Cluster) -> None:
    template, postgresql.template = postgresql.template, "template0"
    url = postgresql.create()
    postgresql.template = template
    upgraded_by_many(url)
    postgresql.drop(url)


def test_a_database_of_a_later_version(sql_store: DumpedReleases, execute: Execute) -> None:
    execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="later version"):
        upgrade(sql_store.url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "cannot be read"),
        ("nonsense", "cannot be read"),
        ("postgresql://u:hidden@host:port/x", "cannot be read"),
        ("mysql://u:hidden@host/x", "must begin with"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "must be a file"),
        ("sqlite:////dev/null/x/y.sqlite3", "cannot be opened: NotADirectoryError"),
        ("sqlite:////tmp", "cannot be opened: IsADirectoryError"),
        ("sqlite:////tmp/a\0b", "cannot be opened: ValueError"),
    ],
)
def test_urls_of_no_use(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        Database(url)
    assert "hidden" not in str(caught.value)
    assert not str(caught.value).isascii()


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_database, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"ca-bridge\[postgresql\]"):
        Database("postgresql://host/x")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    store = SqlReleases(Database(f"postgresql://u:hidden@/x?host={tmp_path}"))
    with pytest.raises(StoreUnavailable) as caught:
        store.ledger()
    assert str(caught.value) == "OperationalError"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    file.write_text("not a database " * 100)
    with pytest.raises(StoreUnavailable):
        upgrade(f"sqlite:///{file}")


def test_a_database_without_tables(tmp_path: Path) -> None:
    store = SqlReleases(Database(f"sqlite:///{tmp_path / 'x.sqlite3'}"))
    with pytest.raises(StoreUnavailable):
        store.ledger()


def test_a_lock_that_is_not_given_back(sql_store: DumpedReleases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_database, "_BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(sql_database, "_POSTGRESQL_OPTIONS", "-c lock_timeout=50")
    waiting = DumpedReleases(sql_store.url)
    step = commit(waiting, release=release())
    with sql_store.database.writing() as connection:
        connection.execute(text("UPDATE state SET generation = generation"))
        with pytest.raises(StoreUnavailable):
            waiting.commit(step)
    waiting.commit(step)
    assert waiting.release(1) == release()
    waiting.database.close()


def test_how_sqlite_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "data" / "x.sqlite3"
    upgrade(f"sqlite:///{file}")
    database = Database(f"sqlite:///{file}")
    with database.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 1, 15_000]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    database.close()


def test_a_reader_sees_one_instant(sql_store: DumpedReleases) -> None:
    filled(sql_store)
    count = select(releases.c.number)
    with sql_store.database.reading() as connection:
        assert len(connection.execute(count).all()) == 1
        sql_store.commit(commit(sql_store, release=release(2)))
        assert len(connection.execute(count).all()) == 1
    with sql_store.database.reading() as connection:
        assert len(connection.execute(count).all()) == 2


def test_naive_times_are_not_stored(sql_store: DumpedReleases) -> None:
    with pytest.raises(StoreUnavailable):
        sql_store.effective_at(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE trail SET account = 'cho' WHERE sequence = 2", 2),
        ("UPDATE trail SET detail = detail || ' ' WHERE sequence = 3", 3),
        ("UPDATE trail SET release = 9 WHERE sequence = 4", 4),
        ("UPDATE trail SET action = 'approve' WHERE sequence = 1", 1),
        ("UPDATE trail SET nonce = 'n' WHERE sequence = 2", 2),
        ("DELETE FROM trail WHERE sequence = 2", 2),
        ("DELETE FROM trail WHERE sequence = 4", 4),
        ("DELETE FROM trail", 1),
        ("UPDATE trail SET sequence = 9 WHERE sequence = 2", 2),
        ("UPDATE trail_head SET rows = 3", 4),
        ("UPDATE trail_head SET sha256 = previous_sha256 FROM trail WHERE sequence = 4", 5),
    ],
)
def test_a_trail_that_was_tampered_with(
    sql_store: DumpedReleases, execute: Execute, statement: str, row: int
) -> None:
    records = filled(sql_store)
    assert records.first_broken_row() is None
    execute(statement)
    assert records.first_broken_row() == row


def test_a_time_that_was_moved(sql_store: DumpedReleases, execute: Execute) -> None:
    records = filled(sql_store)
    with sql_store.database.writing() as connection:
        connection.execute(trail.update().where(trail.c.sequence == 3).values(time=NOON + HOUR))
    assert records.first_broken_row() == 3


def test_a_row_slipped_in_stops_every_step(sql_store: DumpedReleases, execute: Execute) -> None:
    filled(sql_store)
    columns = ", ".join(column.name for column in trail.columns if column.name != "sequence")
    execute(f"INSERT INTO trail (sequence, {columns}) SELECT 5, {columns} FROM trail WHERE sequence = 4")  # noqa: S608
    before = sql_store.dump()
    with pytest.raises(StoreDamaged):
        sql_store.record(attempt("D"))
    with pytest.raises(StoreDamaged):
        sql_store.commit(commit(sql_store, release=release(2)))
    assert sql_store.dump() == before


def test_content_that_was_tampered_with(sql_store: DumpedReleases, execute: Execute) -> None:
    filled(sql_store)
    execute("UPDATE documents SET text = '{}' WHERE text <> '{}'")
    with pytest.raises(StoreDamaged, match=DOCUMENTS.sha256):
        sql_store.documents(DOCUMENTS.sha256)


def test_accounts_that_were_tampered_with(sql_store: DumpedReleases, execute: Execute) -> None:
    filled(sql_store)
    execute("UPDATE account_sets SET content = replace(content, 'false', 'true')")
    with pytest.raises(StoreDamaged, match="accounts"):
        sql_store.ledger()


def test_an_action_there_is_none_of(sql_store: DumpedReleases, execute: Execute) -> None:
    filled(sql_store)
    execute("UPDATE trail SET action = 'nod' WHERE sequence = 2")
    with pytest.raises(StoreDamaged):
        entries(sql_store)


def test_a_time_that_is_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    upgrade(url)
    store = SqlReleases(Database(url))
    filled(store)
    with sqlite3.connect(tmp_path / "x.sqlite3") as connection:
        connection.execute("UPDATE releases SET created = 'soon'")
    with pytest.raises(StoreDamaged):
        store.release(1)
