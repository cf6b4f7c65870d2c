"""Brakes that nobody pulls: what comes back, a database that is another, a clock that jumps; each needs a person to go on."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from nurture.core.events import Bounced, Event
from nurture.core.events import Suppressed as Objected
from nurture.core.words import Hardness, Suppression
from nurture.delivery.automatic import BOUNCES, COMPLAINTS, brake_automatically
from nurture.delivery.brakes import read_brakes
from nurture.delivery.held_boot import watch_database
from nurture.engine.jumps import JumpWatch
from nurture.storage.brakes import Brake, brakes_on, release
from nurture.storage.database import Database
from nurture.storage.tables import deliveries, outbox, watch
from nurture.storage.watch import adopt
from nurture.storage.words import BrakeKind
from tests.delivery.harness import House, addresses, the_world

MINUTE = timedelta(minutes=1)


def sent(house: House, count: int) -> list[tuple[str, str]]:
    """Contacts whose mail went out now, each with the key of its message."""
    names = addresses([f"person{n}" for n in range(count)])
    house.enter(*names)
    rows = house.outbox()
    with house.db.begin() as c:
        c.execute(update(outbox).values(state="sent", due_at=None, settled_at=house.now))
        tries = [
            {
                "contact_id": row.contact_id,
                "key": row.key,
                "attempt": 1,
                "at": house.now,
                "outcome": "sent",
                "detail": "",
            }
            for row in rows.values()
        ]
        c.execute(insert(deliveries), tries)
    return [(name, rows[name].key) for name in names]


def many_more(house: House, key: str, count: int) -> None:
    """As if the message's campaign had sent so many more."""
    row = {"contact_id": 1, "key": key, "at": house.now, "outcome": "sent", "detail": ""}
    with house.db.begin() as c:
        row["contact_id"] = house.ids[next(iter(house.ids))]
        c.execute(insert(deliveries), [{**row, "attempt": n} for n in range(2, count + 2)])


def bounce(hardness: Hardness, house: House, key: str) -> Event:
    return Bounced(f"bounced:{key}", house.now, hardness, key)


def complaint(house: House, key: str) -> Event:
    return Objected(f"complained:{key}", house.now, Suppression.COMPLAINED, key)


def brake(house: House) -> list[Brake]:
    with house.db.begin() as c:
        return brake_automatically(c, house.now)


def test_five_percent_of_bounces_pause_the_campaign_until_a_person_has_looked(house: House) -> None:
    mails = sent(house, 200)
    house.post(*((who, bounce(Hardness.SOFT, house, key)) for who, key in mails[100:]))
    house.post(*((who, bounce(Hardness.HARD, house, key)) for who, key in mails[:5]))
    house.post(*((who, bounce(Hardness.POLICY, house, key)) for who, key in mails[5:9]))
    assert brake(house) == []
    house.post((mails[9][0], bounce(Hardness.HARD, house, mails[9][1])))
    (on,) = brake(house)
    (program,) = house.world.current_programs()
    assert (on.campaign, on.kind) == (program.name, BrakeKind.BOUNCES)
    assert on.why.startswith("10 of 200 mails of")
    assert "returned or refused (5.00 %; the limit is 5 %)" in on.why
    assert brake(house) == []
    house.now += MINUTE
    with house.db.begin() as c:
        assert release(c, program.name, {BrakeKind.BOUNCES}, "claire", house.now)
    assert brake(house) == []  # what was looked at counts no more


def test_complaints_need_three_and_a_thousand_mails(house: House) -> None:
    mails = sent(house, 20)
    many_more(house, mails[0][1], 979)
    house.post(*((who, complaint(house, key)) for who, key in mails[:5]))
    assert brake(house) == []
    many_more_from(house, mails[0][1], 1)
    (on,) = brake(house)
    assert (on.kind, on.why[:10]) == (BrakeKind.COMPLAINTS, "5 of 1,000")


def many_more_from(house: House, key: str, count: int) -> None:
    with house.db.begin() as c:
        who = house.ids[next(iter(house.ids))]
        row = {"contact_id": who, "key": key, "attempt": 5000, "at": house.now, "outcome": "sent", "detail": ""}
        c.execute(insert(deliveries), [row] * count)


def test_what_is_older_than_a_day_counts_no_more(house: House) -> None:
    mails = sent(house, 100)
    house.post(*((who, bounce(Hardness.HARD, house, key)) for who, key in mails[:50]))
    house.now += timedelta(hours=25)
    assert brake(house) == []


def test_bad_in_sum_stops_everything_where_no_campaign_is_bad_alone(house: House) -> None:
    mails = sent(house, 180)
    with house.db.begin() as c:
        first = [key for _, key in mails[:90]]
        c.execute(update(outbox).where(outbox.c.key.in_(first)).values(campaign="another"))
    house.post(*((who, bounce(Hardness.HARD, house, key)) for who, key in (*mails[:9], *mails[90:99])))
    (on,) = brake(house)
    assert (on.campaign, on.kind) == ("", BrakeKind.BOUNCES)
    assert "18 of 180 mails of all campaigns together" in on.why


def test_a_rate_at_the_limit_breaks_it_and_one_below_does_not() -> None:
    assert COMPLAINTS.broken(3, 3000)
    assert not COMPLAINTS.broken(3, 3001)
    assert not COMPLAINTS.broken(2, 1000)
    assert not COMPLAINTS.broken(3, 999)
    assert BOUNCES.broken(10, 200)
    assert not BOUNCES.broken(10, 201)


# A database that is another


def look(db: Database, folder: Path, house: House) -> list[Brake]:
    return watch_database(db, folder, house.now)


def test_a_database_that_is_the_same_is_not_held_also_by_a_machine_without_memory(house: House, tmp_path: Path) -> None:
    for folder in ("one", "one", "two", "one", "two"):
        assert look(house.db, tmp_path / folder, house) == []
        house.now += MINUTE


def test_an_older_state_put_back_is_held_until_it_is_adopted(house: House, tmp_path: Path) -> None:
    for _ in range(5):
        look(house.db, tmp_path / "state", house)
    with house.db.begin() as c:
        c.execute(update(watch).values(mark=2))
    (on,) = look(house.db, tmp_path / "state", house)
    assert on.why.startswith("This database was put back to an earlier state")
    with house.db.begin() as c:
        assert read_brakes(c).everything
        release(c, "", {BrakeKind.RESTORED}, "claire", house.now)
        adopt(c, house.now)
    assert look(house.db, tmp_path / "state", house) == []
    with house.db.read() as c:
        assert brakes_on(c) == []


def test_a_database_that_was_sent_from_elsewhere_is_held(house: House, tmp_path: Path) -> None:
    look(house.db, tmp_path / "state", house)
    with house.db.begin() as c:
        c.execute(update(watch).values(place="somewhere else"))
    (on,) = look(house.db, tmp_path / "other", house)
    assert on.why.startswith("This database is a copy: it was last sent from at somewhere else")


def test_a_copied_sqlite_file_is_held(sqlite_db: Database, tmp_path: Path) -> None:
    house = House(sqlite_db, the_world())
    look(sqlite_db, tmp_path / "state", house)
    with (
        closing(sqlite3.connect(str(sqlite_db.engine.url.database))) as original,
        closing(sqlite3.connect(tmp_path / "copy.db")) as copy,
    ):
        original.backup(copy)
    other = Database.open(f"sqlite:///{tmp_path / 'copy.db'}")
    (on,) = look(other, tmp_path / "state", house)
    other.close()
    assert on.kind is BrakeKind.RESTORED


def test_a_clock_that_went_back_while_nobody_worked_is_held(house: House, tmp_path: Path) -> None:
    look(house.db, tmp_path / "state", house)
    house.now -= timedelta(minutes=61)
    (on,) = look(house.db, tmp_path / "state", house)
    assert on.kind is BrakeKind.CLOCK


def test_a_folder_that_cannot_be_written_stops_nothing(house: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert look(house.db, tmp_path / "file" / "state", house) == []


# A clock that jumps


class Passing:
    """Time that passes as a test says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_jump_of_more_than_an_hour_holds_all_mail_either_way(house: House, jump: timedelta) -> None:
    passing = Passing()
    watching = JumpWatch(house.db, passing)
    watching.look(lambda: house.now)
    passing.seconds += 7200
    house.now += timedelta(hours=2)
    assert watching.look(lambda: house.now) == house.now
    with house.db.read() as c:
        assert not read_brakes(c)
    house.now += jump
    watching.look(lambda: house.now)
    with house.db.begin() as c:
        (on,) = brakes_on(c)
        assert on.kind is BrakeKind.CLOCK
        release(c, "", {BrakeKind.CLOCK}, "claire", house.now)
    watching.look(lambda: house.now)
    with house.db.read() as c:
        assert not read_brakes(c)


@pytest.mark.parametrize("asleep", ["before it is read", "after it is read"])
def test_a_night_asleep_while_the_clock_is_read_is_no_jump(house: House, asleep: str) -> None:
    passing, night = Passing(), 8 * 3600.0

    def clock() -> datetime:
        return house.now + timedelta(seconds=passing.seconds)

    def at_night() -> datetime:
        if asleep == "before it is read":
            passing.seconds += night
            return clock()
        now = clock()
        passing.seconds += night
        return now

    watching = JumpWatch(house.db, passing)
    for reading in (clock, at_night, clock):
        watching.look(reading)
        passing.seconds += 1
    with house.db.read() as c:
        assert not read_brakes(c)
