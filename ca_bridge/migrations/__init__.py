"""Steps that bring a database from one shape of tables to the next, run by adapters/sql_migration.py."""
