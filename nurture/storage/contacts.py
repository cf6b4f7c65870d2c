"""People: taken in without doubles, and found again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from nurture.core.events import FieldValue
from nurture.core.words import Basis, Status, Suppression
from nurture.storage.bulk import AnyRow, among, insert_rows
from nurture.storage.instance import Instance, instance
from nurture.storage.tables import companies, consents, contacts, outbox, suppressions

NEW = (
    "key", "address", "address_hash", "fields", "tags", "told", "language", "country", "zone", "basis", "status",
    "pending_forms", "soft_bounces", "engagement", "company_id", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to take in. Stored as it is: what shall start campaigns or be journalled comes as an event afterwards."""

    address: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    language: str = ""
    country: str = ""
    zone: str | None = None
    basis: Basis = Basis.NONE
    company_domain: str = ""
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class Upserted:
    """A contact that is there now; `created` when it was not before. Of doubles within one call the first counts."""

    id: int
    key: str
    created: bool
    suppressed: frozenset[Suppression]


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact as people look for it."""

    id: int
    key: str
    address: str
    company: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TouchOwner:
    """Whose a message of the outbox is, and what it was; a notice has no content."""

    contact_id: int
    contact_key: str
    address: str
    purpose: str
    campaign: str
    content: str
    step: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """Evidence of a legal ground: the words agreed to, where, when, and what proves it."""

    basis: Basis
    source: str
    at: datetime
    text_version: str = ""
    text: str = ""
    proof: Mapping[str, Any] = field(default_factory=dict)


def upsert_contacts(c: Connection, rows: Sequence[NewContact], now: datetime) -> list[Upserted]:
    """Take in who is not there yet; answers one `Upserted` for each row, in order.

    A contact that is there keeps what it has. `suppressed` tells the reasons never to write that outlived an earlier
    contact of the same address; they hold for the new one at once.
    """
    own = instance(c)
    hashes = [own.address_hash(row.address) for row in rows]
    firsts = dict(zip(reversed(hashes), reversed(rows), strict=True))
    known = _by_hash(c, hashes)
    fresh = {digest: row for digest, row in firsts.items() if digest not in known}
    _insert(c, own, fresh, now)
    found = known | _by_hash(c, fresh)
    stopped = suppressed_by_hash(c, hashes)
    return [
        Upserted(found[digest].id, found[digest].key, digest in fresh, stopped.get(digest, frozenset()))
        for digest in hashes
    ]


def look_up(c: Connection, addresses: Sequence[str]) -> list[tuple[bool, frozenset[Suppression]]]:
    """For each address, whether a contact has it, and the reasons never to write to it."""
    own = instance(c)
    hashes = [own.address_hash(address) for address in addresses]
    known, stopped = _by_hash(c, hashes), suppressed_by_hash(c, hashes)
    return [(digest in known, stopped.get(digest, frozenset())) for digest in hashes]


def find_contact(c: Connection, wanted: str) -> FoundContact | None:
    """By address, key, or number."""
    p = contacts.c
    tests = [p.address_hash == instance(c).address_hash(wanted), p.key == wanted]
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
        tests.append(p.id == int(wanted))
    query = select(p.id, p.key, p.address, companies.c.name, companies.c.domain, p.created_at)
    row = c.execute(query.outerjoin(companies, companies.c.id == p.company_id).where(or_(*tests)).limit(1)).first()
    if row is None:
        return None
    return FoundContact(row.id, row.key, row.address, row.name or row.domain or "", row.created_at)


def contact_ids_by_touch(c: Connection, keys: Iterable[str]) -> dict[str, TouchOwner]:
    """Whose these messages are, notices included; a key that is not known is left out."""
    o, p = outbox.c, contacts.c
    query = select(o.key, o.contact_id, p.key, p.address, o.purpose, o.campaign, o.content, o.step, o.settled_at)
    query = query.join(contacts, p.id == o.contact_id).where(among(c, o.key, keys))
    return {row[0]: TouchOwner(*row[1:]) for row in c.execute(query)}


def contact_ids_by_key(c: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The numbers of contacts by their keys."""
    query = select(contacts.c.key, contacts.c.id).where(among(c, contacts.c.key, keys))
    return {row.key: row.id for row in c.execute(query)}


def every_contact_id(c: Connection, after: int = 0, limit: int = 1000) -> list[int]:
    """The next numbers after `after`: a walk over all contacts that never holds them all."""
    query = select(contacts.c.id).where(contacts.c.id > after).order_by(contacts.c.id).limit(limit)
    return list(c.execute(query).scalars())


def suppressed_by_hash(c: Connection, hashes: Iterable[str]) -> dict[str, frozenset[Suppression]]:
    """The reasons never to write, by the hash of the address."""
    found: dict[str, set[Suppression]] = {}
    for row in c.execute(select(suppressions).where(among(c, suppressions.c.address_hash, hashes))):
        found.setdefault(row.address_hash, set()).add(Suppression(row.reason))
    return {digest: frozenset(reasons) for digest, reasons in found.items()}


def suppress_address(c: Connection, address: str, reason: Suppression, at: datetime) -> None:
    """Never write to this address, whether or not a contact has it."""
    row = (instance(c).address_hash(address), reason, at)
    insert_rows(c, suppressions, ("address_hash", "reason", "at"), [row], unless=["address_hash", "reason"])


def record_consents(c: Connection, evidence: Sequence[tuple[int, Consent]]) -> None:
    """Keep the evidence; nothing is ever overwritten."""
    rows = [(who, e.basis, e.source, e.at, e.text_version, e.text, dict(e.proof)) for who, e in evidence]
    insert_rows(c, consents, ("contact_id", "basis", "source", "at", "text_version", "text", "proof"), rows)


def consents_of(c: Connection, contact_id: int) -> list[Consent]:
    """All evidence about a contact, oldest first."""
    e = consents.c
    query = select(e.basis, e.source, e.at, e.text_version, e.text, e.proof).where(e.contact_id == contact_id)
    return [Consent(Basis(row[0]), *row[1:]) for row in c.execute(query.order_by(e.at, e.id))]


def _by_hash(c: Connection, hashes: Iterable[str]) -> dict[str, AnyRow]:
    p = contacts.c
    query = select(p.address_hash, p.id, p.key).where(among(c, p.address_hash, hashes))
    return {row.address_hash: row for row in c.execute(query)}


def _insert(c: Connection, own: Instance, fresh: Mapping[str, NewContact], now: datetime) -> None:
    """By ascending hash, so that two imports of the same people do not wait for each other.

    Key and hash both come of the address: whichever of the two the other import's row is met by, it is the same person.
    """
    where = _companies(c, fresh.values(), now)
    rows = [_row(own, digest, row, where, now) for digest, row in sorted(fresh.items())]
    insert_rows(c, contacts, NEW, rows, unless=[])


def _row(own: Instance, digest: str, new: NewContact, where: Mapping[str, int], now: datetime) -> tuple[Any, ...]:
    return (
        own.contact_key(new.address), new.address.strip(), digest, dict(new.fields), sorted(new.tags), {}, new.language,
        new.country, new.zone, new.basis, Status.LEAD, [], [], 0, where.get(new.company_domain), now,
    )  # fmt: skip


def _companies(c: Connection, people: Iterable[NewContact], now: datetime) -> dict[str, int]:
    names = {new.company_domain: new.company_name for new in people if new.company_domain}
    rows: list[tuple[Any, ...]] = [(domain, name, {}, now) for domain, name in sorted(names.items())]
    insert_rows(c, companies, ("domain", "name", "fields", "created_at"), rows, unless=["domain"])
    query = select(companies.c.domain, companies.c.id).where(among(c, companies.c.domain, names))
    return {row.domain: row.id for row in c.execute(query)} if names else {}


def addresses_of(c: Connection, ids: Collection[int]) -> dict[int, str]:
    """The addresses of these contacts."""
    query = select(contacts.c.id, contacts.c.address).where(among(c, contacts.c.id, ids))
    return {row.id: row.address for row in c.execute(query)}
