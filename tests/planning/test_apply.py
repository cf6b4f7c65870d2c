"""Applying files: whole or not at all, versions immutable, and those who ran out of content looked at again."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nurture.authoring.bundle import Bundle, read_bundle
from nurture.core import events
from nurture.core.words import Basis
from nurture.engine.deciding import Decider
from nurture.engine.worlds import NothingApplied, Worlds
from nurture.planning.apply import apply_bundle
from nurture.planning.plan import Refused
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import bundles, enrolments
from nurture.storage.worlds import active_hash
from tests.authoring.builders import CAMPAIGN as AUTHORED
from tests.authoring.builders import CONTENT, FILES, SCORING, Edit
from tests.builders import MONDAY, at

ROOT = Path(__file__).parents[2]
NOW = at(MONDAY)
CAMPAIGN = "campaigns/migration-cloud.yaml"


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    """The files of the project."""
    return read_bundle(ROOT / "campaigns", ROOT / "email_templates")


def edited(bundle: Bundle, before: str, after: str) -> Bundle:
    """The bundle with one edit in the French campaign."""
    assert before in bundle.files[CAMPAIGN]
    return Bundle({**bundle.files, CAMPAIGN: bundle.files[CAMPAIGN].replace(before, after, 1)})


def test_before_the_first_apply_there_is_nothing(db: Database) -> None:
    with pytest.raises(NothingApplied, match="run `nurture apply`"):
        Worlds(db).current()


def test_applied_files_are_what_contacts_enter(db: Database, shipped: Bundle) -> None:
    applied = apply_bundle(db, shipped, NOW)
    world = Worlds(db).world()
    assert applied.changed
    assert world.hash == applied.hash
    assert dict(world.current) == {v.campaign: v.version for v in applied.versions}


def test_applying_the_same_files_again_changes_nothing(db: Database, shipped: Bundle) -> None:
    first = apply_bundle(db, shipped, NOW)
    again = apply_bundle(db, shipped, NOW + timedelta(days=1))
    assert (again.hash, again.versions, again.changed) == (first.hash, first.versions, False)


def test_files_with_a_mistake_change_nothing(db: Database, shipped: Bundle) -> None:
    applied = apply_bundle(db, shipped, NOW)
    with pytest.raises(Refused) as refused:
        apply_bundle(db, edited(shipped, "send: livre-blanc-cloud", "send: livre-blanc-clowd"), NOW)
    assert [(p.file, p.code) for p in refused.value.problems] == [(CAMPAIGN, "C012")]
    with db.read() as c:
        assert active_hash(c) == applied.hash
        assert c.execute(select(func.count()).select_from(bundles)).scalar_one() == 1


def test_contacts_in_flight_keep_their_version(db: Database, shipped: Bundle) -> None:
    before = apply_bundle(db, shipped, NOW)
    worlds = Worlds(db)
    someone(db)
    decide(db, worlds)
    after = apply_bundle(db, edited(shipped, "wait: up to 4 days", "wait: up to 6 days"), NOW)
    decide(db, worlds)
    pinned = {version.campaign: version.version for version in before.versions}["migration-cloud"]
    with db.read() as c:
        assert c.execute(select(enrolments.c.version)).scalars().all() == [pinned]
    assert ("migration-cloud", pinned) in worlds.world().programs
    assert worlds.world().hash == after.hash


def test_whoever_ran_out_of_content_is_woken_when_some_is_added(db: Database, shipped: Bundle) -> None:
    short = edited(shipped, "      - send: article-couts\n", "")
    apply_bundle(db, short, NOW)
    worlds = Worlds(db)
    someone(db)
    decide(db, worlds)
    exhaust(db)
    applied = apply_bundle(db, shipped, NOW)
    assert applied.woken == 1
    decide(db, worlds)
    with db.read() as c:
        row = c.execute(select(enrolments.c.version, enrolments.c.position)).one()
    assert row.version == {v.campaign: v.version for v in applied.versions}["migration-cloud"]
    assert row.position == "sending"


def test_who_waits_for_a_webinar_is_looked_at_again_when_it_moves(db: Database) -> None:
    files = Edit(AUTHORED, "- wait: 3 days", "- invite: talk\n      - wait: {until: {webinar: talk, at: end}}").of(
        FILES
    )
    files = Edit(AUTHORED, "      - send: guide\n", "").of(files)
    files = Edit(AUTHORED, "      - relance: guide\n", "").of(files)
    files = Edit(CONTENT, "2027-01-21 14:00", "2027-04-21 14:00").of(
        Edit(CONTENT, "2027-01-21 15:00", "2027-04-21 15:00").of(files)
    )
    apply_bundle(db, Bundle(files), NOW)
    worlds = Worlds(db)
    who = someone(db)
    with db.begin() as c:
        post_events(c, [(who, events.Enrol("in", NOW, "welcome"))], NOW)
    decide(db, worlds)
    moved = Edit(CONTENT, "2027-04-21 14:00", "2027-04-20 14:00").of(files)
    assert apply_bundle(db, Bundle(moved), NOW).woken == 1
    decide(db, worlds)
    assert worlds.world().catalogue["talk"].moved == 1
    with db.read() as c:
        reminders = c.execute(select(enrolments.c.reminders)).scalar_one()
    assert [one["due"] for one in reminders] == ["2027-04-19T12:00:00+00:00", "2027-04-20T11:00:00+00:00"]


def test_a_day_to_come_lets_in_who_was_there_before_the_campaign_was(db: Database) -> None:
    """Nothing happens to the contact but that the files are applied, and time passes."""
    apply_bundle(db, Bundle(FILES), NOW)
    worlds = Worlds(db)
    (who,) = [someone(db)]
    with db.begin() as c:
        post_events(c, [(who, events.ProfileChanged("due", NOW, {"due_on": "2027-05-15"}))], NOW)
    decide(db, worlds)
    files = Edit(SCORING, "servers: number", "servers: number, due_on: date").of(FILES)
    files = Edit(AUTHORED, 'enter: submitted("guide")', "enter: due_on within next 30 days").of(files)
    assert apply_bundle(db, Bundle(files), NOW).woken == 1
    decide(db, worlds)
    for day, entered in (("2027-04-14 23:59", []), ("2027-04-15 00:00", ["welcome"])):
        decide(db, worlds, at(day))
        with db.read() as c:
            assert list(c.execute(select(enrolments.c.campaign)).scalars()) == entered


def test_a_date_that_stays_is_counted_once(db: Database) -> None:
    for title in ("Bienvenue", "Bonjour", "Salut"):
        apply_bundle(db, Bundle(Edit(AUTHORED, "title: Bienvenue", f"title: {title}").of(FILES)), NOW)
    assert Worlds(db).world().catalogue["talk"].moved == 0


def exhaust(db: Database) -> None:
    """As if the stage had run to its end."""
    with db.begin() as c:
        c.execute(enrolments.update().values(position="exhausted", details={}, due_at=None))


def someone(db: Database, address: str = "ana@exemple.example") -> int:
    """A contact who enters the French campaign."""
    change = events.ProfileChanged("import", NOW, {"country": "FR"}, ("salon-2026",), basis=Basis.OPT_IN)
    with db.begin() as c:
        (taken,) = upsert_contacts(c, [NewContact(address)], NOW)
        post_events(c, [(taken.id, change)], NOW)
    return taken.id


def decide(db: Database, worlds: Worlds, now: datetime = NOW) -> None:
    """Decide until nothing is due."""
    decider = Decider(db, worlds.world, 500, timedelta(minutes=5))
    while decider.run_once(now).contacts:
        pass
