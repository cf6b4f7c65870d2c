"""A person at the terminal stops mail, lets it go on, and reads why it stands still."""

import pytest

from nurture.storage.brakes import Brake, put_on
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.words import BrakeKind
from tests.builders import MONDAY, at
from tests.cli.shell import Shell, told_well


@pytest.fixture
def applied(on_both: Shell) -> Shell:
    on_both.add_files()
    on_both("apply", "--yes")
    return on_both


def put(shell: Shell, *brakes: Brake) -> None:
    db = Database.open(shell.url)
    with db.begin() as c:
        for brake in brakes:
            assert put_on(c, brake)
    db.close()


def test_all_mail_is_paused_and_goes_on_and_the_status_says_why(applied: Shell) -> None:
    assert "All mails stand still. `nurture resume` lets them go." in applied("pause", "--because", "a wrong link").told
    told = applied("status").told
    assert "All mails stand still since 2027-03-01 08:00 UTC (paused, by" in told
    assert "a wrong link. `nurture resume` lets them go." in told
    assert "stood still already" in applied("pause").told
    assert "a wrong link" in applied("doctor").told
    (on,) = applied("status", "--json").data["brakes"]
    assert (on["kind"], on["campaign"], on["why"]) == ("paused", "", "a wrong link")
    assert "All mails go on." in applied("resume").told
    assert applied("status", "--json").data["brakes"] == []
    (kept,) = applied("status", "--json").data["brake_record"]
    assert kept["released_by"]
    assert "No brake was on" in applied("resume").told


def test_one_campaign_is_paused_and_resuming_all_says_that_it_still_stands(applied: Shell) -> None:
    applied("pause", "welcome")
    assert "The mails of welcome stand still" in applied("status").told
    assert "`nurture resume welcome` lets them go." in applied("resume").told
    assert [one["campaign"] for one in applied("resume", "welcome", "--json").data] == ["welcome"]
    assert applied("status", "--json").data["brakes"] == []


def test_an_approval_is_given_by_approve_and_not_by_resume(applied: Shell) -> None:
    now = at(MONDAY)
    put(applied, Brake("welcome", BrakeKind.APPROVAL, now, "nurture", "More than 5 entered.", now, 100))
    assert "New contacts of welcome wait since" in applied("status").told
    assert "`nurture approve welcome` lets them go." in applied("resume", "welcome").told
    assert "Those who entered welcome are written to." in applied("approve", "welcome").told
    assert "welcome waits for no approval." in applied("approve", "welcome").told


def test_resuming_a_copy_makes_it_a_database_of_its_own(applied: Shell) -> None:
    put(applied, Brake("", BrakeKind.RESTORED, at(MONDAY), "nurture", "This database is a copy."))
    before = epoch(applied)
    applied("resume")
    assert epoch(applied) != before


def epoch(shell: Shell) -> str:
    db = Database.open(shell.url)
    with db.read() as c:
        found = instance(c).epoch
    db.close()
    return found


@pytest.mark.parametrize("command", ["pause", "resume", "approve"])
def test_a_campaign_that_is_not_there_is_told_with_those_that_are(applied: Shell, command: str) -> None:
    answer = applied(command, "welcom")
    assert told_well(answer, "There is no campaign", "welcome")
