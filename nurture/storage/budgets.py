"""Budgets that many workers share: so many messages a window, taken for a whole batch at once.

A bucket is one row. It knows how much of its window is used, and how many messages were put off to later windows, so that
each of those is given the window in which its turn comes and is touched once, not once a window. What is taken is not given
back: an attempt counts, also where the message was stopped afterwards.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from nurture.storage.bulk import among, insert_rows, update_rows
from nurture.storage.tables import budgets, outbox

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ONE_BY_ONE = timedelta(microseconds=1)
NAMES = ("bucket", "window_at", "used", "behind", "began_at")


@dataclass(slots=True)
class Bucket:
    """One budget as it stands, in this transaction's hands."""

    name: str
    window_at: datetime
    used: int
    behind: int
    began_at: datetime

    def turn(self, now: datetime, window: timedelta, limit: int) -> None:
        """Begin the window of `now`, if it has not begun: what it takes in waits no longer."""
        begins = window_of(now, window)
        if begins > self.window_at:
            passed = (begins - self.window_at) // window
            self.used, self.behind, self.window_at = 0, max(0, self.behind - passed * limit), begins

    def put_off(self, window: timedelta, limit: int) -> datetime:
        """When one more message that finds the window full gets its turn: in order, and looked at again within a day or the
        next window, so that a budget that was raised is soon felt."""
        windows = 1 + self.behind // max(limit, 1)
        self.behind += 1
        return self.window_at + window * min(windows, max(1, DAY // window)) + self.behind * ONE_BY_ONE


def window_of(now: datetime, window: timedelta) -> datetime:
    """When the window of that length began: windows are the same on every machine."""
    return EPOCH + (now - EPOCH) // window * window


def lock_buckets(c: Connection, names: Collection[str], now: datetime) -> dict[str, Bucket]:
    """Make those that are missing, and hold all until the transaction ends, in one order for every worker."""
    ordered = sorted(names)
    insert_rows(c, budgets, NAMES, [(name, EPOCH, 0, 0, now) for name in ordered], unless=["bucket"])
    columns = [budgets.c[name] for name in NAMES]
    query = select(*columns).where(among(c, budgets.c.bucket, ordered)).order_by(budgets.c.bucket)
    return {row.bucket: Bucket(*row) for row in c.execute(query.with_for_update())}


def save_buckets(c: Connection, buckets: Collection[Bucket]) -> None:
    """Write down what was taken."""
    rows = [(b.name, b.window_at, b.used, b.behind) for b in buckets]
    update_rows(c, budgets, NAMES[:4], rows, key=["bucket"])


def postpone(c: Connection, token: int, until: Mapping[str, datetime]) -> None:
    """Give these messages of a claim back, due when their turn comes."""
    rows = [(key, until[key], token, None) for key in sorted(until)]
    names = ("key", "due_at", "token", "leased_until")
    update_rows(c, outbox, names, rows, key=["key", "token"], also={"token": None})


def read_buckets(c: Connection) -> list[Bucket]:
    """All of them, for people."""
    return [Bucket(*row) for row in c.execute(select(*(budgets.c[n] for n in NAMES)).order_by(budgets.c.bucket))]
