"""Where everything stands, in numbers that people can add up."""

from nurture.core.words import Status
from nurture.storage.database import Database
from nurture.storage.outbox import claim_outbox
from nurture.storage.reports import Counts, Standing, counts, sent_per_day
from nurture.storage.results import Accepted, commit_results
from tests.storage.scenes import DAY, LEASE, NOW, a_touch, decide, people, post, queue, waiting


def test_an_empty_database_counts_nothing(db: Database) -> None:
    with db.read() as c:
        assert counts(c, NOW) == Counts({}, [], {}, {}, {}, {}, 0, 0)
        assert sent_per_day(c, NOW) == {}


def test_everything_is_counted_where_it_stands(db: Database) -> None:
    first, second, third = people(db, 3)
    decide(db, first, enrolments=waiting(NOW + DAY), status=Status.MQL)
    decide(db, second, enrolments=waiting(NOW + DAY))
    queue(db, third)
    post(db, [third])
    with db.read() as c:
        found = counts(c, NOW)
    assert found.contacts == {"lead": 2, "mql": 1}
    assert found.enrolments == [Standing("c", "tofu", "waiting", 2)]
    assert found.outbox == {"queued": 1}
    assert (found.due, found.failing) == (1, 0)


def test_messages_are_counted_on_the_utc_day_they_left(db: Database) -> None:
    for who, days in zip(people(db, 3), (0, 1, 1), strict=True):
        queue(db, who, a_touch(f"{who:032x}", at=NOW))
        with db.begin() as c:
            held = claim_outbox(c, NOW, 10, LEASE)
            left = NOW.replace(hour=23, minute=59) + days * DAY
            commit_results(c, held.token, [Accepted(held.rows[0].key, left)], NOW)
    with db.read() as c:
        assert sent_per_day(c, NOW) == {NOW.date(): 1, (NOW + DAY).date(): 2}
        assert sent_per_day(c, NOW + DAY) == {(NOW + DAY).date(): 2}
