"""One commit of many decisions: all that followed about a contact, or nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, Update, func, select, update

from nurture.core.effects import Decision
from nurture.core.events import Event
from nurture.core.state import ContactState, next_timer
from nurture.core.world import World
from nurture.storage import effects, journal, states
from nurture.storage.bulk import given_rows, is_sqlite, least, relation, update_rows
from nurture.storage.claims import Claim, still_held
from nurture.storage.tables import agenda, events


@dataclass(frozen=True, slots=True)
class Outcome:
    """What deciding one contact came to.

    `before` is the state as loaded, `after` the last decision's; `consumed` are the keys of the stored events used up;
    `decisions` are all that were taken, in order, timers included.
    """

    contact_id: int
    before: ContactState
    after: ContactState
    consumed: tuple[str, ...] = ()
    decisions: tuple[tuple[Event, Decision], ...] = ()


def commit_decisions(
    c: Connection, claim: Claim, outcomes: Sequence[Outcome], world: World, business_now: datetime
) -> set[int]:
    """Write what was decided, and give the contacts back; answers whose outcome was written.

    A contact whose lease another worker took over is left out: nothing of its outcome is written. Only what differs
    between `before` and `after` costs a write. What the state no longer lists stays (touches, enrolments), but for days
    of signals, holds and suppressions, which are taken away.
    """
    held = still_held(c, claim, {outcome.contact_id for outcome in outcomes})
    write_outcomes(c, [o for o in outcomes if o.contact_id in held], world, business_now)
    return held


def write_outcomes(c: Connection, outcomes: Sequence[Outcome], world: World, business_now: datetime) -> None:
    """The same for contacts whose agenda this transaction has locked, and which nobody has in hand."""
    kept = sorted(outcomes, key=lambda o: o.contact_id)
    changed = [(o.contact_id, o.before, o.after) for o in kept]
    states.save_states(c, changed, world.scoring, business_now)
    decided = [(o.contact_id, decision) for o in kept for _, decision in o.decisions]
    effects.perform(c, decided, changed)
    journal.write(c, [(o.contact_id, event, decision) for o in kept for event, decision in o.decisions], world.hash)
    _consume(c, kept, business_now)
    _schedule(c, kept)


def _consume(c: Connection, kept: Sequence[Outcome], business_now: datetime) -> None:
    rows = [(o.contact_id, key, business_now) for o in kept for key in o.consumed]
    update_rows(c, events, ("contact_id", "key", "consumed_at"), rows, key=["contact_id", "key"])


def _schedule(c: Connection, kept: Sequence[Outcome]) -> None:
    """Due at the next timer or unused event, also one that came while the contact was being decided; one decision more."""
    if not kept:
        return
    rows = [(o.contact_id, _timer(o.after), o.after.seq) for o in kept]
    c.execute(_rescheduled(is_sqlite(c)), given_rows(c, WHEN, rows))


WHEN = (agenda.c.contact_id, agenda.c.due_at, agenda.c.seq)


@lru_cache
def _rescheduled(lite: bool) -> Update:
    v = relation(lite, WHEN)
    waiting = select(func.min(events.c.received_at)).where(
        events.c.contact_id == agenda.c.contact_id, events.c.consumed_at.is_(None)
    )
    due = least(v.c.due_at, waiting.correlate(agenda).scalar_subquery(), lite)
    change = update(agenda).values(due_at=due, seq=v.c.seq, token=None, leased_until=None, strikes=0, problem="")
    return change.where(agenda.c.contact_id == v.c.contact_id)


def _timer(state: ContactState) -> datetime | None:
    timer = next_timer(state)
    return None if timer is None else timer[0]
