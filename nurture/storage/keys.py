"""API keys: shown once, kept as a hash. They are random enough that a plain SHA-256 cannot be guessed back."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Select, select, update

from nurture.storage.bulk import among_given, given_values, insert_rows, is_sqlite
from nurture.storage.tables import api_keys

PREFIX = "nurture_"
RANDOM_BYTES = 24


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key."""

    name: str
    created_at: datetime
    revoked_at: datetime | None


def create_key(c: Connection, name: str, now: datetime) -> str | None:
    """A new key, to be shown once; None when a key has that name already."""
    key = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    row = (_hash(key), name, now)
    made = insert_rows(c, api_keys, ("hash", "name", "created_at"), [row], unless=["name"], returning=["name"])
    return key if made else None


def verify_keys(c: Connection, keys: Collection[str]) -> dict[str, ApiKey]:
    """Whose keys these are; those that are not known or were revoked are left out."""
    hashes = {_hash(key): key for key in keys}
    rows = c.execute(_valid(is_sqlite(c)), given_values(c, hashes))
    return {hashes[row.hash]: ApiKey(row.name, row.created_at, row.revoked_at) for row in rows}


@cache
def _valid(lite: bool) -> Select[str, str, datetime, datetime | None]:
    k = api_keys.c
    query = select(k.hash, k.name, k.created_at, k.revoked_at)
    return query.where(among_given(lite, k.hash), k.revoked_at.is_(None))


def revoke_key(c: Connection, name: str, now: datetime) -> bool:
    """Never accept the key of that name again; False when there is none to revoke."""
    change = update(api_keys).where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    return c.execute(change).rowcount == 1


def list_keys(c: Connection) -> list[ApiKey]:
    """All keys by name, revoked ones too."""
    k = api_keys.c
    return [ApiKey(*row) for row in c.execute(select(k.name, k.created_at, k.revoked_at).order_by(k.name))]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
