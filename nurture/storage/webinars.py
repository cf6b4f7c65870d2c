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


def moved_webinars(c: Connection, contents: Iterable[Content]) -> frozenset[str]:
    """Which of these webinars have another date than is known, or none any more."""
    return frozenset(webinar for webinar, _, _, times in _new_dates(c, contents) if times)


def note_dates(c: Connection, contents: Iterable[Content], now: datetime) -> frozenset[str]:
    """Keep the dates of these contents, and answer which webinars were moved or cancelled."""
    new = _new_dates(c, contents)
    rows = [(webinar, starts_at, ends_at, now, times) for webinar, starts_at, ends_at, times in new]
    upsert_rows(c, webinar_dates, DATED, rows, key=["webinar"])
    return frozenset(webinar for webinar, _, _, times in new if times)


def _new_dates(c: Connection, contents: Iterable[Content]) -> list[tuple[str, datetime | None, datetime | None, int]]:
    """The dates that are other than is known, and how often each was another before."""
    w = webinar_dates.c
    known = {
        row.webinar: (row.starts_at, row.ends_at, row.moved) for row in c.execute(select(*map(w.__getitem__, DATED)))
    }
    rows = []
    for content in sorted(contents, key=lambda one: one.id):
        before = known.get(content.id)
        if before is None and content.starts_at is None:
            continue  # no webinar
        if before is None or before[:2] != (content.starts_at, content.ends_at):
            rows.append((content.id, content.starts_at, content.ends_at, 0 if before is None else before[2] + 1))
    return rows
