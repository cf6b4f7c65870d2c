"""Planning an edit, applying exactly what was planned, and going back, as a person types it."""

import pytest
from sqlalchemy import select

from nurture.core.events import Sent
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import outbox
from tests.cli.shell import Shell

FILE = "campaigns/welcome.yaml"
WAIT = "tofu/wait@send:guide#1"


def deliver(shell: Shell) -> None:
    """What is in the outbox has left, and the worker has heard of it."""
    db = Database.open(shell.url)
    now = shell.clock.now()
    with db.begin() as c:
        for key, who in c.execute(select(outbox.c.key, outbox.c.contact_id).where(outbox.c.state == "queued")).all():
            post_events(c, [(who, Sent(f"sent:{key}", now, key))], now)
        c.execute(outbox.update().where(outbox.c.state == "queued").values(state="sent", due_at=None))
    db.close()
    shell.work()


@pytest.fixture
def running(on_both: Shell) -> Shell:
    """A campaign with Anne in it, who waits for three days since this morning."""
    on_both.add_files()
    on_both("apply", "--yes")
    on_both.write("people.csv", "email\nanne@a.example\n")
    on_both("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    on_both("contacts", "enrol", "anne@a.example", "welcome")
    on_both.work()
    deliver(on_both)
    return on_both


def test_nothing_to_do_is_said(running: Shell) -> None:
    answer = running("plan", "--detailed-exitcode")
    assert answer.code == 0
    assert "These very files are applied: there is nothing to do." in answer.told


def test_an_edit_is_told_with_its_place_and_whom_it_concerns(running: Shell) -> None:
    running.edit(FILE, "- send: guide\n", '- {send: guide, subject: "Votre guide"}\n')
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    answer = running("plan", "--detailed-exitcode")
    assert answer.code == 2
    line = running.line_of(FILE, "wait: 5 days")
    assert f"{FILE}:{line} {WAIT} lengthened: 3 days → 5 days [move]" in answer.told
    assert f"1 wait longer at {WAIT} anne@a.example (2027-03-04T08:00+00:00 → 2027-03-06T08:00+00:00)" in answer.told
    assert "1 are sent guide (relance) later" in answer.told
    assert "1 contacts of welcome go on by version" in answer.told
