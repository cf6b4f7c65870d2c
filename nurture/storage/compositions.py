"""Compiled mails kept under their hash: written once before the first message of each, read by whoever resolves a link."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from nurture.storage.bulk import insert_rows
from nurture.storage.tables.compositions import compositions


def store_compositions(c: Connection, made: Sequence[tuple[str, str]]) -> None:
    """Keep these (hash, JSON). Storing one again changes nothing."""
    rows = sorted(dict(made).items())
    insert_rows(c, compositions, ("hash", "skeleton"), rows, unless=["hash"])


def load_composition(c: Connection, name: str) -> str | None:
    """The JSON of that hash, or None where no message was ever made from it."""
    found: str | None = c.execute(select(compositions.c.skeleton).where(compositions.c.hash == name)).scalar()
    return found
