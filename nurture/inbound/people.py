"""Finds, and where asked takes in, the contacts that a program's facts are about: in sets, before anything is stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

import orjson
from sqlalchemy import Connection, Select, Text, func, select

from nurture.core.words import Basis, Suppression
from nurture.inbound.companies import company_domain
from nurture.storage.bulk import among_given, given_values, is_sqlite
from nurture.storage.contacts import Consent, NewContact, record_consents, suppressed_by_hash, upsert_contacts
from nurture.storage.instance import instance
from nurture.storage.tables import contacts

KEY_LETTERS: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to take in, and the ground on which we may write to them."""

    address: str
    basis: Basis
    source: str


def known_keys(c: Connection, wanted: Collection[str]) -> dict[str, str]:
    """The contact's key for each of these addresses or keys that is known."""
    own = instance(c)
    hashes = {text: own.address_hash(text) for text in wanted if not is_key(text)}
    by_hash = _keys_by_hash(c, hashes.values()) if hashes else {}
    found = {text: by_hash[name] for text, name in hashes.items() if name in by_hash}
    told = [text for text in wanted if is_key(text)]
    if not told:
        return found
    return found | {key: key for key in c.execute(_keys(is_sqlite(c)), given_values(c, told)).scalars()}


def _keys_by_hash(c: Connection, hashes: Collection[str]) -> Mapping[str, str]:
    """As one value from SQLite, whose driver would ask for the interpreter's lock again with each row."""
    given = given_values(c, set(hashes))
    if is_sqlite(c):
        told: Mapping[str, str] = orjson.loads(c.execute(_found_in_one(), given).scalar_one())
        return told
    return dict(c.execute(_found(), given).all())


@cache
def _found() -> Select[str, str]:
    return select(contacts.c.address_hash, contacts.c.key).where(among_given(False, contacts.c.address_hash))


@cache
def _found_in_one() -> Select[str]:
    pairs = func.json_group_object(contacts.c.address_hash, contacts.c.key, type_=Text())
    return select(pairs).where(among_given(True, contacts.c.address_hash))


@cache
def _keys(lite: bool) -> Select[str]:
    return select(contacts.c.key).where(among_given(lite, contacts.c.key))


def take_in(c: Connection, newcomers: Sequence[Newcomer], now: datetime) -> Mapping[str, str]:
    """The keys of these people by address, with the evidence kept; who was erased stays out."""
    own = instance(c)
    stopped = suppressed_by_hash(c, {own.address_hash(who.address) for who in newcomers})
    welcome = [who for who in newcomers if not _erased(stopped, own.address_hash(who.address))]
    new = [NewContact(who.address, company_domain=company_domain(who.address)) for who in welcome]
    taken = upsert_contacts(c, new, now)
    evidence = [(one.id, Consent(who.basis, who.source, now)) for one, who in zip(taken, welcome, strict=True)]
    record_consents(c, evidence)
    return {who.address: one.key for one, who in zip(taken, welcome, strict=True)}


def is_key(text: str) -> bool:
    """Whether this is a contact's key rather than an address."""
    return len(text) == 32 and KEY_LETTERS.issuperset(text)


def _erased(stopped: Mapping[str, frozenset[Suppression]], digest: str) -> bool:
    return Suppression.ERASED in stopped.get(digest, frozenset())
