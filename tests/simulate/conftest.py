"""A house on each database."""

from tests.delivery.conftest import db, house, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "house", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]
