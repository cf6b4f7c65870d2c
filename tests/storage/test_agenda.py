"""Who is due is taken by one worker at a time, and no wake-up is ever lost."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nurture.storage.claims import in_hand, next_due, release, set_aside
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.reports import problems
from tests.storage.scenes import DAY, NOW, claim, commit, decide, fact, loaded, outcome, people, post, waiting

OVER = timedelta(0)
"""A lease that has run out when it begins."""


def test_no_contact_is_in_two_claims(db: Database) -> None:
    ids = people(db, 120)
    post(db, ids)
    start = threading.Barrier(4)

    def work(_: int) -> list[int]:
        start.wait()
        taken: list[int] = []
        while found := claim(db, limit=7).ids:
            taken += found
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = Counter(who for some in pool.map(work, range(4)) for who in some)
    assert taken == Counter(ids)


def test_what_is_not_due_is_not_claimed(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who], received_at=NOW + DAY)
    assert claim(db).ids == ()
    assert claim(db, NOW + DAY).ids == (who,)


def test_those_due_longest_come_first(db: Database) -> None:
    late, early = people(db, 2)
    post(db, [late], received_at=NOW)
    post(db, [early], received_at=NOW - DAY)
    assert claim(db, limit=1).ids == (early,)


def test_a_contact_is_due_at_its_next_timer(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, enrolments=waiting(NOW + DAY))
    with db.read() as c:
        assert next_due(c) == NOW + DAY
    assert claim(db).ids == ()
    assert claim(db, NOW + DAY).ids == (who,)


def test_a_worker_whose_lease_was_taken_over_writes_nothing(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    before = loaded(db, who).state
    slow = claim(db, lease=OVER)
    quick = claim(db)
    assert quick.ids == (who,)
    assert commit(db, slow, [outcome(who, before, language="fr")]) == set()
    assert loaded(db, who).state == before
    assert commit(db, quick, [outcome(who, before, language="en")]) == {who}
    assert commit(db, slow, [outcome(who, before, language="fr")]) == set()
    assert loaded(db, who).state == outcome(who, before, language="en").after


def test_a_lease_that_ran_out_unclaimed_may_still_be_written(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    held = claim(db, lease=OVER)
    assert commit(db, held, [outcome(who, loaded(db, who).state)]) == {who}


def test_only_the_contacts_still_held_are_written(db: Database) -> None:
    kept, lost = people(db, 2)
    post(db, [kept])
    held = claim(db)
    post(db, [lost])
    done = [outcome(who, loaded(db, who).state, language="fr") for who in (kept, lost)]
    assert commit(db, held, done) == {kept}
    assert loaded(db, lost).state.language == ""


def test_an_event_posted_during_a_decision_is_not_lost(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    before, held = loaded(db, who).state, claim(db)
    post(db, [who], fact("e2"), NOW + timedelta(seconds=1))
    commit(db, held, [outcome(who, before, enrolments=waiting(NOW + DAY))])
    later = NOW + timedelta(seconds=1)
    assert claim(db, later).ids == (who,)
    assert [event.key for _, event in loaded(db, who, later).pending] == ["e2"]


@pytest.mark.parametrize("round_", range(3))
def test_an_event_posted_at_the_very_moment_of_a_commit_is_not_lost(db: Database, round_: int) -> None:
    ids = people(db, 30)
    post(db, ids)
    held = claim(db)
    done = [outcome(who, loaded(db, who).state) for who in ids]
    start = threading.Barrier(2)

    def posting() -> None:
        start.wait()
        for who in ids:
            post(db, [who], fact("e2"))

    def committing() -> None:
        start.wait()
        commit(db, held, done)

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(posting), pool.submit(committing)]:
            running.result()
    assert list(claim(db).ids) == sorted(ids)


def test_a_duplicate_wakes_nobody(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    before, held = loaded(db, who).state, claim(db)
    commit(db, held, [outcome(who, before)])
    assert post(db, [who]) == 0
    assert claim(db).ids == ()


def test_what_is_given_back_is_due_at_once(db: Database) -> None:
    ids = people(db, 3)
    post(db, ids)
    held = claim(db)
    assert claim(db).ids == ()
    with db.begin() as c:
        release(c, held)
    assert claim(db).ids == tuple(sorted(ids))


def test_a_contact_that_cannot_be_decided_is_set_aside_and_listed(db: Database) -> None:
    bad, good = people(db, 2)
    post(db, [bad, good])
    held = claim(db)
    with db.begin() as c:
        set_aside(c, held, {bad: "cannot be decided"}, NOW + DAY)
        release(c, held)
    assert claim(db).ids == (good,)
    with db.read() as c:
        assert problems(c) == [(bad, 1, "cannot be decided")]
    assert loaded(db, bad).pending != ()
    assert bad in claim(db, NOW + DAY).ids


def test_success_forgets_the_strikes(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    held = claim(db)
    with db.begin() as c:
        set_aside(c, held, {who: "once"}, NOW)
    commit(db, claim(db), [outcome(who, loaded(db, who).state)])
    with db.read() as c:
        assert problems(c) == []


def test_what_is_in_hand_is_counted_and_does_not_count_as_due(db: Database) -> None:
    ids = people(db, 2)
    post(db, ids)
    held = claim(db)
    with db.read() as c:
        assert (in_hand(c, NOW), next_due(c)) == (2, None)
    commit(db, held, [outcome(who, loaded(db, who).state) for who in ids])
    with db.read() as c:
        assert (in_hand(c, NOW), next_due(c)) == (0, None)


def test_many_workers_and_posters_finish_without_waiting_for_each_other_for_ever(db: Database) -> None:
    """Locks are taken in one order: no deadlock, whatever the order of the lists."""
    ids = people(db, 40)

    def posting(n: int) -> None:
        order = ids if n % 2 else ids[::-1]
        for k in range(6):
            with db.begin() as c:
                post_events(c, [(who, fact(f"{n}:{k}")) for who in order], NOW)

    def working(_: int) -> None:
        for _ in range(12):
            held = claim(db, limit=15)
            done = []
            for who in held.ids:
                found = loaded(db, who)
                done.append(replace(outcome(who, found.state), consumed=tuple(e.key for _, e in found.pending)))
            commit(db, held, done[::-1])

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(posting, n) for n in range(2)] + [pool.submit(working, n) for n in range(2)]
        for each in running:
            each.result()
    while (held := claim(db)).ids:
        commit(db, held, [_used_up(db, who) for who in held.ids])
    assert all(loaded(db, who).pending == () for who in ids)


def _used_up(db: Database, who: int) -> Any:
    found = loaded(db, who)
    return replace(outcome(who, found.state), consumed=tuple(event.key for _, event in found.pending))
