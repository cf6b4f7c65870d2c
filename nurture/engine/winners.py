"""Finds which variant of a mail does best, once its sample has had time, and lets those who wait for it go on.

Run by the clock. Two clocks find the same winner, and wake the same contacts with the same event.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from nurture.core.calendar import add, hours_for
from nurture.core.events import WorldChanged
from nurture.core.ids import derive
from nurture.core.program import Program, Send
from nurture.core.winners import WinnerRule, winner_of
from nurture.core.world import World
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.winners import keep_winner, sample_of, waiting_for

AT_ONCE = 5000


def find_winners(db: Database, world: World, now: datetime) -> int:
    """Decide every step that is ready for it; answers how many contacts go on. Steps without a rule cost nothing."""
    return sum(_find(db, world, program, step, rule, now) for program, step, rule in _undecided(world))


def _undecided(world: World) -> Iterator[tuple[Program, Send, WinnerRule]]:
    for program in world.current_programs():
        for step in (step for stage in program.stages for step in stage.steps if isinstance(step, Send)):
            known = world.winners.get((program.name, step.key))
            if step.winner is not None and known not in {variant.name for variant in step.variants}:
                yield program, step, step.winner


def _find(db: Database, world: World, program: Program, step: Send, rule: WinnerRule, now: datetime) -> int:
    with db.begin() as c:
        sample = sample_of(c, program.name, step.key, rule.by)
        hours = hours_for(world, program.cadence)
        if sample.first_at is None or add(hours, sample.first_at, rule.after) > now:
            return 0
        best = winner_of([variant.name for variant in step.variants], sample.counts)
        if best is None:
            return 0
        keep_winner(c, program.name, step.key, best, sample.counts, now)
        return _wake(c, world, program, step, best, now)


def _wake(c: Connection, world: World, program: Program, step: Send, best: str, now: datetime) -> int:
    event = WorldChanged("world:" + derive(world.salt, "winner", program.name, step.key, best), now)
    ids = waiting_for(c, program.name, step.key)
    for begin in range(0, len(ids), AT_ONCE):
        post_events(c, [(who, event) for who in ids[begin : begin + AT_ONCE]], now)
    return len(ids)
