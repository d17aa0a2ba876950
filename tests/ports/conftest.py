from tests.fakes.release_stores import postgresql, sql_store, sqlite_file, store

__all__ = ["postgresql", "sql_store", "sqlite_file", "store"]
