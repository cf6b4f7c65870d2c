"""`nurture tasks`: what a campaign asks is listed, done once, and heard of by the campaign; on both engines."""

from datetime import timedelta

import pytest

from tests.authoring.builders import CAMPAIGN
from tests.cli.shell import Shell, told_well

ANNE = "anne@a.example"
TASK = "- task: {call: Demander si tout va bien, to: sales, within: 1 business day, tag: called}\n      - wait: 3 days"


@pytest.fixture
def asked(on_both: Shell) -> Shell:
    """Anne came to a step that asks for a call."""
    on_both.add_files()
    on_both.edit(CAMPAIGN, "- wait: 3 days", TASK)
    assert on_both("apply", "--yes").code == 0
    on_both.write("people.csv", "email,prénom\nanne@a.example,Anne\n")
    on_both("contacts", "import", "people.csv", "--basis", "existing-customer", "--source", "fair")
    on_both.edit(CAMPAIGN, "      - send: guide\n", "")
    on_both.edit(CAMPAIGN, "      - relance: guide\n", "")
    assert on_both("apply", "--yes").code == 0
    on_both("contacts", "enrol", ANNE, "welcome")
    on_both.work()
    return on_both


def test_an_open_task_is_listed_with_whom_what_and_until_when(asked: Shell) -> None:
    (task,) = asked("tasks", "--json").data
    assert (task["address"], task["what"], task["text"]) == (ANNE, "call", "Demander si tout va bien")
    assert (task["owner"], task["team"], task["campaign"]) == ("claire@exemple.example", "sales", "welcome")
    assert task["key"][:8] in asked("tasks").out
    assert asked("tasks", "--team", "others").told == "No open tasks."


def test_a_task_is_done_once_and_the_contact_gets_its_tag(asked: Shell) -> None:
    key = asked("tasks", "--json").data[0]["key"]
    assert asked("tasks", "done", key[:8]).told == "1 task done."
    assert asked("tasks", "done", key).told == "0 tasks done. 1 had been done before."
    asked.work()
    assert asked("contacts", "show", ANNE, "--json").data["tags"] == ["called"]
    assert asked("tasks").told == "No open tasks."
    assert "done" in asked("tasks", "--all").told
    assert "Task done" in asked("explain", ANNE).told


def test_the_status_counts_open_tasks_and_those_that_are_late(asked: Shell) -> None:
    assert "Open tasks: 1; `nurture tasks`" in asked("status").told
    asked.clock.advance(timedelta(days=7))
    assert asked("status", "--json").data["tasks"] == {"open": 1, "late": 1}
    assert "late" in asked("tasks").told


def test_a_task_that_is_not_there_is_told_so(asked: Shell) -> None:
    assert told_well(asked("tasks", "done", "zzz"), "No task begins", "nurture tasks")
