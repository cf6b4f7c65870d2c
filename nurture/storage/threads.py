"""What was sent before a message in its thread, so that an answer can name all of it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from nurture.storage.bulk import among
from nurture.storage.tables import outbox

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of a thread: how it was named, which mail it was, and the one it answers itself."""

    message_id: str | None
    campaign: str
    version: str
    step: str
    variant: str | None
    part: str
    thread: str | None


def load_threads(c: Connection, keys: Collection[str]) -> dict[str, SentMessage]:
    """These messages and all that they answer, by key; one statement a level, and two levels are usual."""
    o = outbox.c
    query = select(o.key, o.message_id, o.campaign, o.version, o.step, o.variant, o.part, o.thread)
    found: dict[str, SentMessage] = {}
    wanted = set(keys)
    for _ in range(DEEPEST):
        if not wanted:
            break
        found |= {row[0]: SentMessage(*row[1:]) for row in c.execute(query.where(among(c, o.key, wanted)))}
        wanted = {m.thread for m in found.values() if m.thread is not None} - found.keys()
    return found
