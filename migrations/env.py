"""Run by Alembic for every command; `nurture.storage.migrate` hands it an open connection."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from nurture.storage.tables import metadata
from nurture.storage.tables.base import BIG_KEY, JSON_TYPE, Utc


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our types by the names that `script.py.mako` gives them: a migration must not change when a model does."""
    if kind == "type" and isinstance(item, Utc):
        return "INSTANT"
    if kind == "type" and item is JSON_TYPE:
        return "JSON"
    if kind == "type" and item is BIG_KEY:
        return "BIG_KEY"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_item=render_item)
with context.begin_transaction():
    context.run_migrations()
