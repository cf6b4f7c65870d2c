"""Planning an edit, applying exactly what was planned, and going back, as a person types it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nurture.authoring.bundle import read_bundle
from nurture.core.events import Sent
from nurture.planning.apply import perform
from nurture.planning.plan import intend
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import enrolments, outbox
from tests.cli.shell import Shell, told_well

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
    assert f"1 wait longer at {WAIT} anne@a.example (Thu 04 Mar 09:00 → Sat 06 Mar 09:00)" in answer.told
    assert "1 are sent guide (relance) later" in answer.told
    assert "1 contacts of welcome go on by version" in answer.told


def version_of_anne(shell: Shell) -> str:
    """The version that she is in."""
    db = Database.open(shell.url)
    with db.read() as c:
        found = str(c.execute(select(enrolments.c.version)).scalar_one())
    db.close()
    return found


def test_a_plan_is_json_with_everything_for_programs(running: Shell) -> None:
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    found = running("plan", "--json").data
    assert [(change["says"], change["way"]) for change in found["changes"]] == [
        (f"{WAIT} lengthened: 3 days → 5 days", "move")
    ]
    assert [(stage["stage"], stage["contacts"]) for stage in found["stages"]] == [
        ("activate", 0),
        ("carry_over", 1),
        ("look_again", 0),
    ]
    assert (found["effects"]["contacts"], found["effects"]["mailed"], found["effects"]["repeated"]) == (1, 0, 0)
    effects = {line["effect"]: line["contacts"] for line in found["effects"]["lines"]}
    assert effects == {"waits longer": 1, "mailed later": 1}
    assert "anne" not in str(found), "contacts are named by their keys"


def test_whoever_is_moved_goes_on_by_the_new_version(running: Shell) -> None:
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    report = running("apply", "--yes", "--json").data
    assert (report["carried_over"], report["mailed_because_of_it"]) == (1, 0)
    running.work()
    assert version_of_anne(running) == report["campaigns"][0]["version"]


def test_whoever_is_kept_stays(running: Shell) -> None:
    before = version_of_anne(running)
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    assert running("apply", "--yes", "--json", "--choose", "welcome=keep").data["carried_over"] == 0
    running.work()
    assert version_of_anne(running) == before
    running.edit(FILE, "wait: 5 days", "wait: 6 days")
    running("apply", "--yes")
    running.work()
    assert version_of_anne(running) == before, "an earlier choice stands"
    answer = running("apply", "--yes", "--choose", "welcome=move")
    assert "1 contacts go on by another version." in answer.told, "without another edit"
    running.work()
    assert version_of_anne(running) != before


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("welcome", ("CAMPAIGN=WAY",)),
        ("welcome=leave", ("keep, move or catch-up",)),
        ("welcom=keep", ('did you mean "welcome"?',)),
        ("welcome:tofu/wait@send:guid#1=keep", (f'did you mean "{WAIT}"?',)),
        ("welcome:tofu/send:guide#1=catch-up", ("no mail that the edit adds",)),
    ],
)
def test_a_choice_that_cannot_be_made_is_told(shell: Shell, choice: str, words: tuple[str, ...]) -> None:
    shell.add_files()
    shell("apply", "--yes")
    shell.edit(FILE, "wait: 3 days", "wait: 5 days")
    assert told_well(shell("plan", "--choose", choice), *words)


def test_a_kept_plan_is_performed_or_refused(running: Shell) -> None:
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    running("plan", "--out", "plan.json", "--choose", f"welcome:{WAIT}=keep")
    running.edit(FILE, "wait: 5 days", "wait: 6 days")
    assert told_well(running("apply", "plan.json", "--yes"), "The files were edited since the plan was made")
    running.edit(FILE, "wait: 6 days", "wait: 5 days")
    before = version_of_anne(running)
    assert running("apply", "plan.json", "--yes").code == 0
    running.work()
    assert version_of_anne(running) == before
    assert told_well(running("apply", "plan.json", "--yes"), "Other files were applied since the plan was made")
    running.write("plan.json", "{}")
    assert told_well(running("apply", "plan.json", "--yes"), "plan.json is no plan")
    assert told_well(running("apply", "plan.json", "--choose", "welcome=keep"), "leave out --choose")


def test_many_mails_because_of_an_edit_want_their_number_said(running: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURTURE_APPROVAL_ABOVE", "1")
    running.write("people.csv", "email\nbob@a.example\ncem@a.example\n")
    running("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    for name in ("bob", "cem"):
        running("contacts", "enrol", f"{name}@a.example", "welcome")
    running.work()
    deliver(running)
    running.edit(FILE, "wait: 3 days", "wait: 1 days")
    assert told_well(running("apply", "--yes"), "3 contacts would be written to", "--approve 3")
    assert told_well(running("apply", "--yes", "--approve", "2"), "--approve 3")
    assert running("apply", "--yes", "--approve", "3").code == 0


def test_history_tells_each_version_and_shows_what_it_said(running: Shell) -> None:
    text = (running.folder / FILE).read_text()
    first = version_of_anne(running)
    running.clock.advance(timedelta(hours=1))
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    running("apply", "--yes", "--choose", "welcome=keep")
    runs = running("history", "welcome", "--json").data
    assert [(run["version"] == first, run["choices"], run["enrolments"], run["is_current"]) for run in runs] == [
        (False, ["welcome=keep"], 0, True),
        (True, [], 1, False),
    ]
    assert "=keep" in running("history").told
    assert first in running("history").told
    assert running("history", "welcome", first[:6], "--show").out == text
    assert told_well(running("history", "welcome", "ffff", "--show"), "has had no version 'ffff'", first)
    assert told_well(running("history", "welcom", first), 'did you mean "welcome"?')
    assert told_well(running("history", "--show"), "nurture history CAMPAIGN VERSION --show")


def test_going_back_is_an_edit_towards_the_version_before(running: Shell) -> None:
    first = version_of_anne(running)
    assert told_well(running("rollback", "welcome", "--yes"), "one version only")
    running.clock.advance(timedelta(hours=1))
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    running("apply", "--yes")
    running.work()
    assert version_of_anne(running) != first
    running.clock.advance(timedelta(hours=1))
    answer = running("rollback", "welcome", "--yes")
    assert f"{WAIT} shortened: 5 days → 3 days [move]" in answer.told
    assert f"nurture history welcome {first} --show" in answer.told
    running.work()
    assert version_of_anne(running) == first
    assert [run["how"] for run in running("history", "welcome", "--json").data] == ["rollback", "apply", "apply"]


def test_a_version_that_no_longer_fits_is_refused(running: Shell) -> None:
    running.clock.advance(timedelta(hours=1))
    running.edit(FILE, "      - send: guide\n", "      - send: talk\n")
    running.edit(FILE, "      - relance: guide\n", "")
    running.edit(FILE, '    advance: downloaded("guide") or engagement >= 20\n', "")
    running.edit(FILE, 'enter: submitted("guide")', 'enter: tagged("guide")')
    content = (running.folder / "campaigns/content.yaml").read_text()
    running.write("campaigns/content.yaml", "contents:\n" + content[content.index("  talk:") :])
    running.edit(FILE, "  bofu:\n    sequence:\n      - send: talk\n", "")
    assert running("apply", "--yes").code == 0
    answer = running("rollback", "welcome", "--yes")
    assert told_well(answer, 'unknown content "guide" (C012)', "does not fit the other files any more")


def test_what_was_cut_short_is_told_and_finished_by_the_next_apply(running: Shell) -> None:
    running.edit(FILE, "wait: 3 days", "wait: 5 days")
    db = Database.open(running.url)
    with db.read() as c:
        edit = intend(c, read_bundle(running.folder / "campaigns", running.folder / "email_templates"))
    with pytest.raises(InterruptedError):
        perform(db, edit, running.clock.now(), progress=killed)
    db.close()
    assert "was cut short" in running("status").told
    assert len(running("status", "--json").data["cut_short"]) == 1
    assert "was cut short" in running("plan").err
    answer = running("apply", "--yes")
    assert "It is finished now: 1 contacts go on by another version" in answer.told
    assert "was cut short" not in running("status").told
    running.work()
    assert version_of_anne(running) == edit.after.current["welcome"]


def killed(told: int) -> None:
    """The process dies."""
    raise InterruptedError
