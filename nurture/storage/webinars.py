"""The dates of webinars as they were applied, each change counted."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, select

from nurture.core.program import Content
from nurture.storage.bulk import upsert_rows
from nurture.storage.tables import webinar_dates

DATED = ("webinar", "starts_at", "ends_at", "dated_at", "moved")

Dating: TypeAlias = tuple[datetime, int]
"""When a date was applied, and how often it was another before."""


def datings(c: Connection) -> dict[str, Dating]:
    """What is known of each webinar's date."""
    w = webinar_dates.c
    return {row.webinar: (row.dated_at, row.moved) for row in c.execute(select(w.webinar, w.dated_at, w.moved))}


def note_dates(c: Connection, contents: Iterable[Content], now: datetime) -> frozenset[str]:
    """Keep the dates of these contents, and answer which webinars were moved or cancelled."""
    w = webinar_dates.c
    known = {
        row.webinar: (row.starts_at, row.ends_at, row.moved) for row in c.execute(select(*map(w.__getitem__, DATED)))
    }
    rows, moved = [], set()
    for content in sorted(contents, key=lambda one: one.id):
        before = known.get(content.id)
        if before is None and content.starts_at is None:
            continue  # no webinar
        if before is None or before[:2] != (content.starts_at, content.ends_at):
            times = 0 if before is None else before[2] + 1
            rows.append((content.id, content.starts_at, content.ends_at, now, times))
            moved |= set() if before is None else {content.id}
    upsert_rows(c, webinar_dates, DATED, rows, key=["webinar"])
    return frozenset(moved)
