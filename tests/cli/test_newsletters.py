"""`nurture newsletters`: what is planned, what has gone out, and what was missed; `explain` and `simulate` know of them."""

from datetime import timedelta

import pytest

from nurture.delivery.brakes import Approval
from nurture.engine.newsletters import send_newsletters
from nurture.engine.worlds import Worlds
from nurture.storage.database import Database
from tests.authoring.test_newsletter import FILE, LETTER, SEGMENTS
from tests.builders import at
from tests.cli.shell import Shell

ANNE = "anne@a.example"
GOES_OUT = at("2027-03-02 09:30")


@pytest.fixture
def planned(on_both: Shell) -> Shell:
    """A newsletter to Anne and Bruno, not to Carla."""
    on_both.add_files()
    on_both.write(SEGMENTS, "segments:\n  friends: tagged('friend')\n")
    on_both.write(FILE, LETTER)
    assert on_both("check").code == 0
    assert on_both("apply", "--yes").code == 0
    on_both.write("people.csv", "email,tags\nanne@a.example,friend\nbruno@b.example,friend\ncarla@c.example,\n")
    on_both("contacts", "import", "people.csv", "--basis", "existing-customer", "--source", "fair")
    on_both.work()
    return on_both


def tick(shell: Shell) -> None:
    """What the clock does each minute."""
    db = Database.open(shell.url)
    try:
        send_newsletters(db, Worlds(db).world(), shell.clock.now(), Approval())
    finally:
        db.close()
    shell.work()


def state(shell: Shell) -> tuple[str, int]:
    (one,) = shell("newsletters", "--json").data
    return one["state"], one["told"]


def test_a_newsletter_is_planned_then_goes_out(planned: Shell) -> None:
    assert state(planned) == ("planned", 0)
    assert "friends" in planned("newsletters").out
    planned.clock.move_to(GOES_OUT)
    tick(planned)
    assert state(planned) == ("gone out", 2)
    shown = planned("contacts", "show", ANNE, "--json").data["campaigns"]
    assert [(one["campaign"], one["step"]) for one in shown] == [("march", "newsletter/send:guide#1")]
    assert "The newsletter march goes out." in planned("explain", ANNE).told


def test_one_that_was_missed_says_so(planned: Shell) -> None:
    planned.clock.move_to(GOES_OUT + timedelta(days=4))
    assert state(planned) == ("missed", 0)
    tick(planned)
    assert state(planned) == ("missed", 0)


def test_explain_looks_ahead_to_it_for_members_alone(planned: Shell) -> None:
    steps = planned("explain", ANNE, "--next", "--json").data["steps"]
    assert [(one["at"], one["reason"], one["place"]) for one in steps[:2]] == [
        ("2027-03-02T08:30:00+00:00", "entered", None),
        ("2027-03-02T08:30:00+00:00", "queued", f"{FILE}:6"),
    ]
    assert planned("explain", "carla@c.example", "--next", "--json").data["steps"] == []


def test_a_simulation_sends_it_to_members_alone(planned: Shell) -> None:
    report = planned("simulate", "--weeks", "1", "--json").data
    assert report["figures"]["mails"]["value"] == 2


def test_without_any_it_is_said_where_they_are_written(on_both: Shell) -> None:
    on_both.add_files()
    on_both("apply", "--yes")
    assert "No newsletters" in on_both("newsletters").told
