"""Whatever the seed does to the engine, what is promised holds."""

from collections import defaultdict
from datetime import datetime

import pytest
from sqlalchemy import select

from nurture.core.codec import event_from_json
from nurture.core.events import Event
from nurture.storage.journal import journal_of
from nurture.storage.tables import events
from tests.chaos.course import Course
from tests.chaos.faults import NO_FAULTS, Faults
from tests.chaos.grounds import Grounds, postgres_grounds
from tests.chaos.invariants import violations
from tests.chaos.pure import OUTCOMES, played
from tests.chaos.running import run_seeds

SHARD = 10


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
