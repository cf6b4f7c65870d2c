"""Contacts at every point of the shipped campaign, as the engine's own rules bring them there; then copies of them.

A model entered at some hour of the last weeks, and one in three downloaded what it was sent. The database copies the
models, each with keys of its own: what a plan costs does not depend on how alike contacts are.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, cast, insert, literal, select, text

from nurture.core.events import ProfileChanged, Signalled
from nurture.core.state import Sending, next_timer
from nurture.core.words import SignalKind
from nurture.core.world import World
from nurture.simulate.course import Course
from nurture.simulate.forecast import Nobody
from nurture.storage.bulk import is_sqlite
from nurture.storage.database import Database
from nurture.storage.inbox import wake
from nurture.storage.load import load_contacts
from nurture.storage.states import save_states
from nurture.storage.tables import agenda, contacts, enrolments, ledger, touches
from tests.benchmarks.campaign import TAG, take_in

MODELS = 1_000
HOURS = 6 * 7 * 24
"""How long ago the first of them entered."""


def in_flight(db: Database, world: World, count: int, now: datetime) -> int:
    """About `count` contacts on their way at `now`; answers how many enrolments there are."""
    models = take_in(db, min(count, MODELS))
    with db.begin() as c:
        loaded = load_contacts(c, models, now)
        moved = [(who, loaded[who].state, _now(world, loaded[who].state, n, now)) for n, who in enumerate(models)]
        moved = [
            each for each in moved if not any(isinstance(e.position, Sending) for e in each[2].enrolments.values())
        ]
        save_states(c, moved, world.scoring, now)
        for who, _, after in moved:
            timer = next_timer(after)
            if timer is not None:
                wake(c, {who}, timer[0])
        _multiply(c, max(models), count // len(models))
        return int(c.execute(select(text("count(*)")).select_from(enrolments)).scalar_one())


def _now(world: World, state: Any, n: int, now: datetime) -> Any:
    entered = now - timedelta(hours=HOURS * n / MODELS)
    facts = [(entered, ProfileChanged("tag:fair", entered, tags=(TAG,)))]
    if n % 3 == 0:
        at = entered + timedelta(days=2)
        facts.append((at, Signalled("read", at, SignalKind.DOWNLOADED, "livre-blanc-cloud")))  # type: ignore[arg-type]
    course = Course(world, state, [fact for fact in facts if fact[0] <= now], Nobody(), _Nobody())
    course.run(entered, now)
    return course.state


class _Nobody:
    def happened(self, state: object, event: object) -> None:
        """Not looked at."""

    def decided(self, before: object, event: object, decision: object) -> None:
        """Nor this."""


def _multiply(c: Connection, last: int, copies: int) -> None:
    """So many contacts for each, with what hangs on them."""
    for table, number in ((contacts, "id"), (enrolments, "contact_id"), (touches, "contact_id"), (ledger, "contact_id"), (agenda, "contact_id")):  # fmt: skip
        numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < copies - 1))
        new: dict[str, ColumnElement[Any]] = {number: table.c[number] + numbers.c.n * last}
        for name in _unique(table):
            new[name] = literal("c") + cast(numbers.c.n, Text) + literal(".") + table.c[name]
        names = [column.name for column in table.columns if column.computed is None]
        copied = (
            select(*(new.get(name, table.c[name]) for name in names)).select_from(table).join(numbers, literal(True))
        )
        if copies > 1:
            c.execute(insert(table).from_select(names, copied.where(table.c[number] <= last)))
    if not is_sqlite(c):  # as autovacuum does, a minute later
        c.execute(text("ANALYZE"))


def _unique(table: Table) -> tuple[str, ...]:
    if table is contacts:
        return ("key", "address_hash", "address")
    return ("key", "thread") if table is touches else ()
