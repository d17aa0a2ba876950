"""Bringing a database to the tables this code knows, before anything else uses it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from ca_bridge.adapters.sql_database import Database
from ca_bridge.services.errors import ConfigurationError

SCRIPTS = "ca_bridge:migrations"
_LOCK = 0x63612D62  # "ca-b": any number that other users of the server do not take


def upgrade(database_url: str) -> None:
    """The database has all tables; processes that start at one time do it one after another.

    ConfigurationError when the database was made by a later version, or the URL cannot be used;
    StoreUnavailable when it does not answer.
    """
    database = Database(database_url)
    try:
        upgrade_database(database)
    finally:
        database.close()


def upgrade_database(database: Database) -> None:
    """As upgrade, over connections that are there already; a database that is up to date is only read."""
    with database.reading() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest_revision():
            return
    config = alembic_config()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(
                "the database was made by a later version of this software / 数据库由更新版本的软件创建"
            ) from error


def newest_revision() -> str:
    """The revision that upgrade leads to."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def alembic_config() -> Config:
    """Alembic's view of the migrations inside the package; there is no file of settings."""
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config
