"""Where everything stands, in numbers that people can add up."""

from nurture.core.effects import OpenTask
from nurture.core.events import TaskDone
from nurture.core.state import Enrolment, Stopped
from nurture.core.words import Status, Stop, TaskKind
from nurture.storage.database import Database
from nurture.storage.outbox import claim_outbox
from nurture.storage.quarantine import GOES_ROUND, count_set_aside, ids_set_aside, set_aside
from nurture.storage.reports import Counts, Standing, counts, sent_per_day
from nurture.storage.results import Accepted, commit_results
from nurture.storage.tasks import OpenTasks, count_tasks, finish, keys_like, list_tasks
from tests.storage.scenes import DAY, LEASE, NOW, a_touch, decide, loaded, people, post, queue, waiting


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


def test_a_campaign_that_goes_round_is_set_aside_and_told_so(db: Database) -> None:
    round_, waits = people(db, 2)
    stopped = Enrolment("c", "v1", "tofu", Stopped(Stop.LOOPED, "tofu/move"), NOW, NOW, NOW)
    decide(db, round_, enrolments={"c": stopped})
    decide(db, waits, enrolments=waiting(NOW + DAY))
    with db.read() as c:
        (told,) = set_aside(c)
        assert (told.campaign, told.step, told.problem) == ("c", "tofu/move", GOES_ROUND)
        assert (count_set_aside(c), ids_set_aside(c)) == (1, [round_])


def test_tasks_are_kept_once_and_finished_once(db: Database) -> None:
    (who,) = people(db, 1)
    task = OpenTask(
        "f00d" * 8, "c", "tofu/task", TaskKind.CALL, "Bonjour", "sales", "anne@exemple.example", NOW + DAY, "called"
    )
    decide(db, who, task)
    decide(db, who, task)
    with db.begin() as c:
        (listed,) = list_tasks(c)
        assert (listed.key, listed.what, listed.due_at, listed.done_at) == (task.key, TaskKind.CALL, NOW + DAY, None)
        assert (count_tasks(c, NOW), count_tasks(c, NOW + 2 * DAY)) == (OpenTasks(1, 0), OpenTasks(1, 1))
        assert keys_like(c, "f00d") == [task.key]
        assert (keys_like(c, "%"), list_tasks(c, team="others")) == ([], [])
        assert [finish(c, task.key, NOW), finish(c, task.key, NOW + DAY)] == [True, False]
        assert (list_tasks(c), [one.done_at for one in list_tasks(c, done=True)]) == ([], [NOW])
    (_, heard) = loaded(db, who).pending[-1]
    assert heard == TaskDone(f"task:{task.key}", NOW, task.key, TaskKind.CALL, "Bonjour", "called")
