from tests.fakes.log_store import sqlite_log
from tests.fakes.release_stores import sqlite_file

__all__ = ["sqlite_file", "sqlite_log"]
