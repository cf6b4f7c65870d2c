"""Contacts as a list shows them: one row each, without what happened to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from nurture.core.events import FieldValue
from nurture.storage.bulk import among
from nurture.storage.tables import companies, contacts


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact in a list. `company` is where it works, as far as its address tells."""

    key: str
    address: str
    company: str
    status: str
    language: str
    country: str
    fields: Mapping[str, FieldValue]
    tags: tuple[str, ...]


def listed(c: Connection, ids: Iterable[int]) -> list[Listed]:
    """These contacts by ascending number, without those that are not there. One statement."""
    p = contacts.c
    query = select(p.key, p.address, companies.c.name, p.status, p.language, p.country, p.fields, p.tags)
    query = query.outerjoin(companies, companies.c.id == p.company_id).where(among(c, p.id, ids)).order_by(p.id)
    return [
        Listed(row.key, row.address, row.name or "", row.status, row.language, row.country, row.fields, tuple(row.tags))
        for row in c.execute(query)
    ]
