"""The contract of storage, held by SQLite and PostgreSQL alike."""
