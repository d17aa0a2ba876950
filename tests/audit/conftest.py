from tests.fakes.log_store import log, sql_log, sqlite_log
from tests.fakes.release_stores import postgresql, sqlite_file

__all__ = ["log", "postgresql", "sql_log", "sqlite_file", "sqlite_log"]
