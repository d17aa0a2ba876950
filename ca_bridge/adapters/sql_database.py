"""A database as this gateway uses one: SQLite by default, PostgreSQL by the same code."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_BUSY_TIMEOUT_MS, _CONNECT_TIMEOUT_S = 15_000, 10
_POSTGRESQL_OPTIONS = "-c timezone=UTC -c lock_timeout=15000 -c statement_timeout=60000"
_WRITES = "ca_bridge_writes"


class Database:
    """Connections to one database. Use from any thread; a process that was forked makes its own."""

    def __init__(self, url: str) -> None:
        """``url``: sqlite:///file or postgresql://...; ConfigurationError, which never shows it."""
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == SQLITE
        engine = _sqlite(parsed) if self.is_sqlite else _postgresql(parsed)
        self._reader, self._writer = engine, engine.execution_options(**{_WRITES: True})
        if not self.is_sqlite:
            # A reader sees one instant; a writer waits for another and then sees what that one wrote.
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ")
            self._writer = engine.execution_options(isolation_level="READ COMMITTED")
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the database as it was at the first look; StoreUnavailable, StoreDamaged."""
        with _said_as_ours(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed whole when the block ends and taken back when it raises."""
        with _said_as_ours(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _said_as_ours() -> Iterator[None]:
    """Errors of the database as the services know them; texts of drivers stay out of what is shown."""
    try:
        yield
    except IntegrityError as error:
        raise StoreDamaged("a constraint does not hold") from error
    except SQLAlchemyError as error:
        raise StoreUnavailable(type(error).__name__) from error
    except ValueError as error:  # of a stored time, enumeration or JSON that cannot be read
        raise StoreDamaged("a stored value cannot be read") from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError("the database URL cannot be read / 数据库 URL 无法读取") from error
    if parsed.get_backend_name() not in (SQLITE, POSTGRESQL):
        raise ConfigurationError(
            "the database URL must begin with sqlite:/// or postgresql:// / "
            "数据库 URL 须以 sqlite:/// 或 postgresql:// 开头"
        )
    return parsed


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:") or url.query:
        raise ConfigurationError(
            "the SQLite database must be a file, named without options / SQLite 数据库须为文件，且不带选项"
        )
    _make_file(Path(str(url.database)))
    engine = create_engine(url.set(drivername="sqlite+pysqlite"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(file: Path) -> None:
    """The file holds hashes of secrets: it is its owner's alone, as are those SQLite puts beside it."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the database file cannot be opened: {type(error).__name__} / 数据库文件无法打开"
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin at its own discretion; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # what was approved stays approved when the power fails
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then wants to write would fail when another wrote in between.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    if find_spec("psycopg") is None:
        raise ConfigurationError(
            "PostgreSQL needs psycopg: install ca-bridge[postgresql] / "
            "使用 PostgreSQL 需安装 ca-bridge[postgresql]"
        )
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": _CONNECT_TIMEOUT_S},
    )
