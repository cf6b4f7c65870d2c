"""Why each decision was taken, kept for ever and comparable between databases."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, collate, select

from nurture.core.effects import Decision
from nurture.core.events import Event
from nurture.storage.bulk import insert_rows, is_sqlite
from nurture.storage.canonical import canonical
from nurture.storage.tables import journal as table

NAMES = ("contact_key", "seq", "contact_id", "at", "event", "event_key", "world", "because")
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision: which event it answered, and its reasons as JSON (reason, subject, detail)."""

    seq: int
    at: datetime
    event: str
    event_key: str
    world: str
    because: list[dict[str, Any]]


def write(c: Connection, decided: Sequence[tuple[int, Event, Decision]], world: str) -> None:
    """Add these (contact, event, decision); an entry is never changed."""
    rows = [_row(who, event, decision, world) for who, event, decision in decided]
    insert_rows(c, table, NAMES, rows)


def journal_of(c: Connection, contact_key: str, after: int = 0) -> list[Entry]:
    """A contact's entries beyond number `after`, oldest first."""
    columns = [table.c[name] for name in ("seq", "at", "event", "event_key", "world", "because")]
    query = select(*columns).where(table.c.contact_key == contact_key, table.c.seq > after).order_by(table.c.seq)
    return [Entry(*(*row[:5], orjson.loads(row[5]))) for row in c.execute(query)]


def digest(c: Connection) -> str:
    """SHA-256 over all entries by (contact key, number): what was decided, without row ids, workers, or real time."""
    found = hashlib.sha256()
    for line in _lines(c):
        found.update(line)
    return found.hexdigest()


def _row(who: int, event: Event, decision: Decision, world: str) -> tuple[Any, ...]:
    # Written out, because `plain` would look at every small value: details are JSON already.
    because = canonical([{"reason": b.reason, "subject": b.subject, "detail": b.detail} for b in decision.because])
    state = decision.state
    return (state.key, state.seq, who, decision.at, event.kind, event.key, world, because)


def _lines(c: Connection) -> Iterator[bytes]:
    """Read as a stream: the journal is the largest table there is."""
    t = table.c
    key = t.contact_key if is_sqlite(c) else collate(t.contact_key, "C")
    query = select(t.contact_key, t.seq, t.at, t.event, t.event_key, t.because).order_by(key, t.seq)
    with c.execution_options(yield_per=CHUNK).execute(query) as rows:
        for row in rows:
            yield "\x1f".join((row[0], str(row[1]), row[2].isoformat(), *row[3:], "\n")).encode()
