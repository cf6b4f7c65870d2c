"""Finds whose each told thing is: some statements for hundreds of them, whatever tells it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from nurture.inbound.told import Clues, Found
from nurture.storage.bulk import among
from nurture.storage.contacts import TouchOwner, contact_ids_by_key, contact_ids_by_touch
from nurture.storage.tables import deliveries
from nurture.storage.words import Purpose


@dataclass(frozen=True, slots=True)
class Matches:
    """What is known of the messages and contacts that some clues name."""

    owners: Mapping[str, TouchOwner]
    by_provider_id: Mapping[str, str]
    contacts: Mapping[str, int]

    def find(self, clues: Clues) -> Found | None:
        """The first clue that leads to a contact."""
        by_provider = self.by_provider_id.get(clues.provider_id or "")
        for message in (*clues.messages, *((by_provider,) if by_provider else ())):
            owner = self.owners.get(message)
            if owner is not None:
                purpose = Purpose(owner.purpose)
                return Found(owner.contact_id, owner.contact_key, message, purpose, owner.content, owner.sent_at)
        number = self.contacts.get(clues.contact or "")
        return Found(number, clues.contact) if number is not None and clues.contact else None


def match(c: Connection, clues: Sequence[Clues]) -> Matches:
    """Look up everything these clues name."""
    by_provider_id = _messages_by_provider_id(c, {clue.provider_id for clue in clues if clue.provider_id})
    messages = {message for clue in clues for message in clue.messages} | set(by_provider_id.values())
    keys = {clue.contact for clue in clues if clue.contact}
    return Matches(
        contact_ids_by_touch(c, messages) if messages else {},
        by_provider_id,
        contact_ids_by_key(c, keys) if keys else {},
    )


def _messages_by_provider_id(c: Connection, ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    d = deliveries.c
    query = select(d.provider_id, d.key).where(among(c, d.provider_id, wanted)).order_by(d.id)
    return {row.provider_id: row.key for row in c.execute(query)}
