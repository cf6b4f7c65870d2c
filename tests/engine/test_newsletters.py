"""Newsletters go to the members of their segment at their instant: each once, whoever runs the clock; on both engines."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from nurture.authoring.bundle import Bundle
from nurture.core.events import ProfileChanged
from nurture.core.words import Basis
from nurture.delivery.brakes import Approval
from nurture.engine import newsletters
from nurture.engine.deciding import Decider
from nurture.engine.newsletters import send_newsletters
from nurture.engine.worlds import Worlds
from nurture.planning.apply import apply_bundle
from nurture.storage import newsletters as progress
from nurture.storage.brakes import brakes_on, newcomers
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import events, touches
from nurture.storage.words import BrakeKind
from tests.authoring.test_newsletter import LETTER, files
from tests.builders import at

GOES_OUT = at("2027-03-02 09:30")
BEFORE = GOES_OUT - timedelta(days=1)
FRIENDS = 8
ANYBODY = Approval()


class House:
    """Eight friends who may be written to, a friend who may not, and two strangers; a newsletter to friends is applied."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.worlds = Worlds(db)
        apply_bundle(db, Bundle(files()), BEFORE)
        self.friends = self.add(FRIENDS, ("friend",), Basis.OPT_IN)
        self.add(1, ("friend",), Basis.NONE)
        self.add(2, (), Basis.OPT_IN)
        self.decide(BEFORE)

    def add(self, count: int, tags: Sequence[str], basis: Basis) -> list[int]:
        """New contacts."""
        with self.db.begin() as c:
            new = [NewContact(f"{'-'.join(tags)}{basis}{n}@exemple.example") for n in range(count)]
            ids = sorted(one.id for one in upsert_contacts(c, new, BEFORE))
            told = ProfileChanged("p", BEFORE, tags=tuple(tags), basis=basis)
            post_events(c, [(who, told) for who in ids], BEFORE)
        return ids

    def send(self, now: datetime = GOES_OUT, approval: Approval = ANYBODY) -> int:
        """What the clock does."""
        return send_newsletters(self.db, self.worlds.world(), now, approval)

    def decide(self, now: datetime = GOES_OUT) -> None:
        """Everything that is due."""
        decider = Decider(self.db, self.worlds.world, 500, timedelta(minutes=5))
        while decider.run_once(now).contacts:
            pass

    def told(self) -> list[int]:
        """Who has heard of it."""
        with self.db.read() as c:
            e = events.c
            return list(
                c.execute(select(e.contact_id).where(e.kind == "newsletter_due").order_by(e.contact_id)).scalars()
            )

    def written(self) -> list[int]:
        """Whose mail is in the outbox, or has been."""
        with self.db.read() as c:
            t = touches.c
            return list(c.execute(select(t.contact_id).where(t.campaign == "march").order_by(t.contact_id)).scalars())


@pytest.fixture
def house(db: Database) -> House:
    return House(db)


def test_before_its_instant_nobody_is_told(house: House) -> None:
    assert house.send(GOES_OUT - timedelta(seconds=1)) == 0
    assert house.told() == []


def test_members_who_may_be_written_to_are_told_and_others_not_even_woken(house: House) -> None:
    assert house.send() == FRIENDS
    assert house.told() == house.friends
    house.decide()
    assert house.written() == house.friends


def test_a_clock_that_runs_twice_tells_nobody_twice(house: House) -> None:
    for _ in range(2):
        house.send()
        house.decide()
    assert house.send(GOES_OUT + timedelta(hours=1)) == 0
    assert house.told() == house.written() == house.friends


def test_a_clock_that_died_on_the_way_is_followed_by_one_that_goes_on(house: House) -> None:
    with house.db.begin() as c:
        assert progress.begin(c, "march", GOES_OUT)
        progress.advance(c, "march", house.friends[2], 3)
    assert house.send() == FRIENDS - 3
    assert house.told() == house.friends[3:]
    with house.db.read() as c:
        assert progress.progress_of(c)["march"].told == FRIENDS


def test_the_list_is_gone_through_in_parts_and_each_contact_is_asked_once(house: House) -> None:
    more = house.add(1200, ("friend",), Basis.LEGITIMATE_INTEREST)
    house.decide(BEFORE)
    assert house.send() == FRIENDS + len(more)
    assert house.told() == sorted([*house.friends, *more])


def test_who_comes_to_be_a_member_afterwards_gets_nothing(house: House) -> None:
    house.send()
    house.add(1, ("friend", "late"), Basis.OPT_IN)
    house.decide()
    assert house.send(GOES_OUT + timedelta(hours=1)) == 0


def test_an_edit_afterwards_sends_it_to_nobody_again(house: House) -> None:
    house.send()
    house.decide()
    edited = LETTER.replace("En mars", "En mars, encore").replace("09:30", "15:30")
    apply_bundle(house.db, Bundle(files(edited)), GOES_OUT + timedelta(hours=1))
    assert house.send(GOES_OUT + timedelta(hours=7)) == 0
    house.decide(GOES_OUT + timedelta(hours=7))
    assert house.written() == house.friends


def test_one_that_nobody_was_there_to_send_in_time_is_not_sent(house: House) -> None:
    assert house.send(GOES_OUT + timedelta(days=3)) == 0
    house.decide(GOES_OUT + timedelta(days=3))
    assert house.told() == []
    with house.db.read() as c:
        assert progress.progress_of(c)["march"].done_at == GOES_OUT + timedelta(days=3)


def test_an_old_newsletter_in_a_new_database_writes_to_nobody(house: House) -> None:
    old = LETTER.replace("2027-03-02", "2026-03-02").replace("newsletter: march", "newsletter: last-year")
    apply_bundle(house.db, Bundle(files(old)), GOES_OUT)
    assert house.send() == 0
    assert house.told() == []


def test_more_people_than_may_be_written_to_at_once_wait_for_a_word_before_the_first_is_told(house: House) -> None:
    assert house.send(approval=Approval(FRIENDS - 1, 5000)) == FRIENDS
    with house.db.read() as c:
        (brake,) = brakes_on(c)
    assert (brake.campaign, brake.kind, brake.share) == ("march", BrakeKind.APPROVAL, 5000)
    assert "those in friends" in brake.why
    house.decide()
    with house.db.read() as c:
        assert brake.starts is not None
        assert newcomers(c, "march", brake.starts, house.friends) == set(house.friends)


def test_as_many_as_may_be_written_to_wait_for_nobody(house: House) -> None:
    house.send(approval=Approval(FRIENDS))
    with house.db.read() as c:
        assert brakes_on(c) == []


def test_another_clock_that_was_quicker_leaves_nothing_to_do(house: House) -> None:
    """It has gone on between the reading and the writing."""
    world = house.worlds.world()
    program = world.program("march", world.current["march"])
    with house.db.begin() as c:
        progress.begin(c, "march", GOES_OUT)
    seen = newsletters.read_on(house.db, world, program, GOES_OUT)
    assert house.send() == FRIENDS
    assert newsletters.write_on(house.db, program, seen, GOES_OUT) is None
    with house.db.begin() as c:
        c.execute(update(progress.newsletters).values(done_at=None))
    assert newsletters.write_on(house.db, program, seen, GOES_OUT) == 0
    assert house.told() == house.friends
