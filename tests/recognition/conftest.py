from tests.fakes.release_stores import postgresql, sql_store, sqlite_file, store
from tests.recognition.release_house import site

__all__ = ["postgresql", "site", "sql_store", "sqlite_file", "store"]
