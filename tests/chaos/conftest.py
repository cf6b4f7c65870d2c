"""A database with tables, once on each engine."""

from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]
