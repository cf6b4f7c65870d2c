"""Whatever the seed does to the engine, what is promised holds; and a broken engine is noticed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select, update

from nurture.core.codec import event_from_json
from nurture.core.events import Event
from nurture.storage.database import Database
from nurture.storage.journal import journal_of
from nurture.storage.tables import events, outbox
from nurture.storage.words import OutboxState
from tests.chaos.course import Course
from tests.chaos.faults import NO_FAULTS, Faults
from tests.chaos.grounds import Grounds, postgres_grounds, sqlite_grounds
from tests.chaos.invariants import violations
from tests.chaos.pure import OUTCOMES, played
from tests.chaos.running import run_seeds

SHARD = 10


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Grounds]:
    """One file for all courses of a process."""
    with sqlite_grounds() as grounds:
        yield grounds


@pytest.mark.parametrize("first", range(0, 200, SHARD))
def test_what_is_promised_holds_whatever_goes_wrong(sqlite: Grounds, first: int) -> None:
    broken = [str(verdict) for verdict in run_seeds(sqlite, range(first, first + SHARD)) if verdict.broken]
    assert not broken, "\n".join(broken)


def test_it_holds_on_postgresql_too(postgres_url: str) -> None:
    with postgres_grounds(postgres_url) as grounds:
        broken = [str(verdict) for verdict in run_seeds(grounds, range(1000, 1006)) if verdict.broken]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("seed", range(5))
def test_without_faults_the_journal_is_the_pure_cores(sqlite: Grounds, seed: int) -> None:
    course = Course(seed, sqlite.fresh(), Faults(seed, NO_FAULTS))
    course.run()
    assert violations(course) == []
    before = course.blank
    facts: dict[int, list[tuple[datetime, Event]]] = defaultdict(list)
    with course.db.read() as c:
        for row in c.execute(select(events).order_by(events.c.received_at, events.c.key)):
            if row.kind not in OUTCOMES:
                event = event_from_json(row.kind, row.key, row.at, row.payload)
                facts[row.contact_id].append((row.received_at, event))
        told = {
            state.key: [
                (e.seq, e.at, e.event, e.event_key, [(b["reason"], b["subject"], b["detail"]) for b in e.because])
                for e in journal_of(c, state.key)
            ]
            for state in before.values()
        }
    assert played(before, facts, course.ticks) == told
    assert sum(map(len, told.values())) > 20


def test_the_same_seed_is_the_same_course(sqlite: Grounds) -> None:
    courses = [verdict.course for verdict in run_seeds(sqlite, [7, 7])]
    assert courses[0].sink.taken == courses[1].sink.taken
    assert list(courses[0].faults.last) == list(courses[1].faults.last)
    assert courses[0].faults.counts["kill"] > 0


# A harness that cannot fail proves nothing.


def _queued_again(db: Database, now: datetime) -> None:
    """A housekeeping that sends again what may have gone out."""
    with db.begin() as c:
        stale = (outbox.c.state == OutboxState.INTENT.value, outbox.c.leased_until <= now)
        c.execute(update(outbox).where(*stale).values(state=OutboxState.RETRY, due_at=now, token=None))


def _nothing_tidied(db: Database, now: datetime) -> None:
    """A housekeeping that never comes."""


def test_a_housekeeping_that_sends_again_is_caught(sqlite: Grounds) -> None:
    assert "sent twice" in _caught(sqlite, tidy=_queued_again)


def test_intents_that_nobody_owns_up_to_are_caught(sqlite: Grounds) -> None:
    assert "intent for ever" in _caught(sqlite, tidy=_nothing_tidied)


def _caught(grounds: Grounds, **variant: object) -> str:
    for verdict in run_seeds(grounds, range(1, 15), **variant):  # type: ignore[arg-type]
        if verdict.broken:
            return str(verdict)
    return ""
