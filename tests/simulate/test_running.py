"""A run: the same for the same seed, however it is cut up, and nothing real is touched."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from nurture.core.events import CarriedOver, ProfileChanged
from nurture.core.state import Ended
from nurture.core.words import Basis
from nurture.simulate.comparing import compare
from nurture.simulate.intervals import Range
from nurture.simulate.people import NoDoor
from nurture.simulate.present import look, news_of_files, read_contacts
from nurture.simulate.rates import OfPeople, Rates
from nurture.simulate.report import HeldRow, StageRow, report_of
from nurture.simulate.running import CannotSimulate, Found, Plan, Runner, Version, chunks_of, run
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import metadata
from nurture.storage.worlds import CampaignVersion, activate, store_bundle
from tests.authoring.builders import CAMPAIGN, Edit
from tests.builders import a_form, at
from tests.delivery.harness import House, addresses
from tests.simulate.builders import SILENT, START, TALKATIVE, a_plan, compared, the_files

LATER = Edit(CAMPAIGN, "wait: 3 days", "wait: 9 days")


def in_pieces(plan: Plan, size: int) -> Found:
    runner, found = Runner(plan), Found.nothing(len(plan.versions))
    for chunk in reversed(chunks_of(plan, size)):
        found.add(runner.do(chunk))
    return found


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    assert run(a_plan()) == run(a_plan())
    assert run(a_plan()) != run(a_plan(seed=2))


def test_chunks_and_their_order_change_nothing() -> None:
    plan = compared(a_plan(per_week=10), LATER)
    assert in_pieces(plan, 7) == in_pieces(plan, 1000)


def test_processes_change_nothing() -> None:
    plan = compared(a_plan(at_start=1100), LATER)
    assert run(plan, 2) == run(plan, 1)


def test_everybody_is_somewhere_and_every_mail_counted_once() -> None:
    plan = a_plan(per_week=20)
    (tally,) = run(plan).tallies
    report = report_of(plan, "files", plan.versions[0].world(plan.salt), tally)
    assert report.contacts == 200 + 12 * 20
    for row in report.stages:
        assert row.entered == row.moved_on + row.ended + row.there
    mails = sum(day.all for day in report.days)
    assert mails == sum(map(sum, report.hours)) == sum(row.sent + row.relanced for row in report.contents)
    assert mails == report.figures["mails"].value > 200
    assert sum(week.prospects.value for week in report.prospects) == report.figures["prospects"].value > 0
    assert report.answers["offered"] == report.figures["prospects"].value


def test_of_people_who_do_nothing_everything_is_known_beforehand() -> None:
    """A mail when the window opens, a relance three days later, and then nothing is left."""
    plan = a_plan(rates=SILENT)
    (tally,) = run(plan).tallies
    report = report_of(plan, "files", plan.versions[0].world(plan.salt), tally)
    monday, thursday = date(2027, 1, 4), date(2027, 1, 7)
    assert {day.day: day.mails for day in report.days if day.all} == {
        monday: {"welcome": 200},
        thursday: {"welcome": 200},
    }
    assert (report.hours[0][8], report.hours[3][8]) == (200, 200)
    tofu, bofu = report.stages
    assert tofu == StageRow("welcome", "tofu", 200, 0, 0, 0, 0, 200, 200, None, None)
    assert bofu.entered == 0
    assert report.held == (HeldRow("welcome", "window", 200, 200, round(200 * 8 / 24, 1)),)
    assert {(row.first, row.half) for row in report.exhaustion} == {(thursday, thursday)}
    assert report.figures["prospects"] == Range(0, 0, 0)
    assert report.statuses == {"lead": 200}


def test_a_public_holiday_is_told_from_an_ordinary_night() -> None:
    plan = a_plan(rates=SILENT, start=at("2027-03-29 00:00"))
    (tally,) = run(plan).tallies
    report = report_of(plan, "files", plan.versions[0].world(plan.salt), tally)
    assert report.held == (HeldRow("welcome", "holiday", 200, 200, round(200 * 32 / 24, 1)),), "Easter Monday"


def test_mails_leave_within_the_window_only() -> None:
    plan = a_plan()
    (tally,) = run(plan).tallies
    report = report_of(plan, "files", plan.versions[0].world(plan.salt), tally)
    assert sum(map(sum, report.hours[5:])) == 0, "Saturday and Sunday"
    assert all(sum(day[:8]) + sum(day[19:]) == 0 for day in report.hours)


def test_a_hold_out_is_told_and_never_written_to() -> None:
    plan = a_plan(Edit(CAMPAIGN, "language: fr", "language: fr\nhold_out: 50%"))
    (tally,) = run(plan).tallies
    report = report_of(plan, "files", plan.versions[0].world(plan.salt), tally)
    held = {row.gate: row for row in report.held}
    out = held["hold_out"]
    assert 70 < out.contacts < 130
    assert out.days == pytest.approx(out.contacts * 12 * 7, rel=0.01)
    assert sum(row.sent for row in report.contents if row.content == "guide") == 200 - out.contacts


def test_caps_move_sends_and_say_how_far() -> None:
    tight = Edit(CAMPAIGN, "stages:", "cadence: {at_most: 1 per 20 days}\nstages:")
    plan = a_plan(tight)
    (tally,) = run(plan).tallies
    (row,) = report_of(plan, "files", plan.versions[0].world(plan.salt), tally).caps
    assert row.kept == row.sent_later + row.lost + row.waiting > 100
    assert row.days_later == pytest.approx(17, abs=1.5), "three days of waiting, then twenty since the mail before"


def test_content_runs_out_at_a_date() -> None:
    plan = a_plan(rates=Rates(people=OfPeople(replied=0)))
    (tally,) = run(plan).tallies
    rows = report_of(plan, "files", plan.versions[0].world(plan.salt), tally).exhaustion
    tofu = [row for row in rows if row.stage == "tofu" and row.exhausted]
    assert tofu
    for row in tofu:
        assert row.first is not None
        assert row.half is not None
        assert START.date() + timedelta(days=4) <= row.first <= row.half
        assert row.exhausted <= row.came


def test_a_version_does_not_differ_from_itself() -> None:
    plan = compared(a_plan())
    found = run(plan)
    assert found.tallies[0] == found.tallies[1]
    assert not found.differences.figures
    assert not found.differences.prospects


def test_a_difference_is_that_of_the_same_people() -> None:
    plan = compared(a_plan(Edit(CAMPAIGN, "      - relance: guide\n", "")))
    found = run(plan)
    world = plan.versions[0].world(plan.salt)
    one, other = (report_of(plan, "", world, tally) for tally in found.tallies)
    rows = {row.what: row for row in compare(plan, one, other, found.differences).figures}
    mails = rows["mails"]
    assert mails.difference.value == mails.one - mails.other < -50
    assert mails.difference.is_clear
    apart = one.figures["mails"].high - one.figures["mails"].low
    assert mails.difference.high - mails.difference.low < apart


def test_files_with_mistakes_are_refused_with_all_of_them() -> None:
    broken = the_files(Edit(CAMPAIGN, "send: guide", "send: giude"))
    with pytest.raises(CannotSimulate, match=re.escape('campaigns/welcome.yaml:10:15  unknown content "giude"')):
        run(a_plan(versions=(Version("files", broken),)))


def test_nobody_made_up_comes_in_without_a_door() -> None:
    with pytest.raises(NoDoor, match="no campaign is entered by"):
        run(a_plan(Edit(CAMPAIGN, 'enter: submitted("guide")', 'enter: visited("/tarifs")')))


# Contacts of a database


def rows_of(db: Database) -> dict[str, Sequence[Any]]:
    with db.read() as c:
        return {name: sorted(map(repr, c.execute(select(table)))) for name, table in metadata.tables.items()}


@pytest.fixture
def lived(house: House) -> House:
    """Three contacts under way in the campaign of the files, one with a fact that nobody has decided yet."""
    files = the_files()
    house.world = Version("files", files).world(house.world.salt)
    versions = [CampaignVersion(p.name, p.version, p.file) for p in house.world.current_programs()]
    house.now = START
    with house.db.begin() as c:
        store_bundle(c, files, versions, house.now)
        activate(c, files.hash, house.now)
    house.take_in(*addresses(["ana", "bob", "eve"]))
    house.post(*((who, a_form("guide", "2027-01-04 00:00")) for who in house.ids))
    house.decide()
    with house.db.begin() as c:
        post_events(c, [(1, ProfileChanged("p", START, basis=Basis.OPT_IN))], START)
    return house


def test_real_contacts_go_on_from_where_they_are_and_are_not_touched(lived: House) -> None:
    before = rows_of(lived.db)
    with lived.db.read() as c:
        held = look(c)
    assert len(held.contacts) == 3
    assert held.active is not None
    url = lived.db.engine.url.render_as_string(hide_password=False)
    version = Version("applied", held.active, held.pinned)
    plan = a_plan(versions=(version,), numbers=held.contacts, at_start=0, url=url, rates=TALKATIVE)
    (tally,) = run(plan).tallies
    assert tally.contacts == 3
    assert tally.stages["welcome", "tofu", "before"] == 3
    assert sum(tally.mails.values()) >= 3
    assert rows_of(lived.db) == before


def test_edited_files_take_real_contacts_over_as_apply_would(lived: House) -> None:
    with lived.db.read() as c:
        held = look(c)
    world = Version("files", the_files(LATER), held.pinned).world(held.salt)
    now = lived.now
    for contact in read_contacts(lived.db, held.contacts, now):
        enrolment = contact.state.enrolments["welcome"]
        told = [event for _, event in news_of_files(world, contact.state, now, held.versions)]
        moved = [event.version for event in told if isinstance(event, CarriedOver)]
        assert moved == ([] if isinstance(enrolment.position, Ended) else [world.current["welcome"]])
        assert [*news_of_files(world, contact.state, now, {"welcome": "older"})] == [
            (now, event) for event in told if not isinstance(event, CarriedOver)
        ]


def test_edited_files_wake_real_contacts_as_apply_would(lived: House) -> None:
    with lived.db.read() as c:
        held = look(c)
    url = lived.db.engine.url.render_as_string(hide_password=False)
    edited = Version("files", the_files(LATER), held.pinned, news=held.versions)
    plan = a_plan(versions=(edited,), numbers=held.contacts, at_start=0, url=url)
    (tally,) = run(plan).tallies
    assert not tally.faults, "those under way go on by the edited files"
    assert tally.contacts == 3
