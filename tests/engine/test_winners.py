"""Finding the best variant: counted over people, told to every process, and those who waited go on; on both engines."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from nurture.authoring.bundle import Bundle
from nurture.core.events import Enrol, Event, ProfileChanged, Sent, Signalled
from nurture.core.words import Basis, Confidence, SignalKind
from nurture.engine.deciding import Decider
from nurture.engine.winners import find_winners
from nurture.engine.worlds import Worlds
from nurture.planning.apply import apply_bundle
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import touches, winners
from tests.authoring.builders import CAMPAIGN, FILES, Edit
from tests.builders import MONDAY, at

NOW = at(MONDAY)
LATER = NOW + timedelta(hours=48)
STEP = "tofu/send:guide#1"
VARIANTS = """- send: guide
        variants:
          a: {share: 50%, subject: A}
          b: {share: 50%, subject: B}
          winner: {by: clicked, after: 48 hours, sample: 60%}
"""
PEOPLE = 80


class House:
    """Eighty people at a mail with a winner rule; the sample's mails have left."""

    def __init__(self, db: Database) -> None:
        self.db = db
        apply_bundle(db, Bundle(Edit(CAMPAIGN, "- send: guide\n", VARIANTS).of(FILES)), NOW)
        self.worlds = Worlds(db)
        with db.begin() as c:
            people = [NewContact(f"p{n}@exemple.example") for n in range(PEOPLE)]
            self.ids = [one.id for one in upsert_contacts(c, people, NOW)]
        self.post(*((who, ProfileChanged("basis", NOW, basis=Basis.OPT_IN)) for who in self.ids))
        self.post(*((who, Enrol("in", NOW, "welcome")) for who in self.ids))
        self.decide()
        self.post(*((row.contact_id, Sent("sent", NOW, row.key)) for row in self.queued()))
        self.decide()

    def post(self, *happened: tuple[int, Event]) -> None:
        """Facts, received now."""
        with self.db.begin() as c:
            post_events(c, list(happened), NOW)

    def decide(self, later: bool = False) -> None:
        """Everything that is due."""
        decider = Decider(self.db, self.worlds.world, 500, timedelta(minutes=5))
        while decider.run_once(LATER if later else NOW).contacts:
            pass

    def queued(self) -> list[Any]:
        """What is in the outbox."""
        with self.db.read() as c:
            t = touches.c
            return list(c.execute(select(t.contact_id, t.key, t.variant).where(t.state == "queued").order_by(t.key)))

    def sent(self) -> dict[str, list[int]]:
        """Who got which variant."""
        with self.db.read() as c:
            t = touches.c
            rows = c.execute(select(t.variant, t.contact_id).where(t.state == "sent").order_by(t.contact_id)).all()
        return {name: [who for variant, who in rows if variant == name] for name in ("a", "b")}

    def click(self, *people: int, confidence: Confidence = Confidence.HUMAN) -> None:
        """These people, or machines for them, follow a link."""
        self.post(*((who, Signalled(f"c{confidence}", NOW, SignalKind.CLICKED, "guide", confidence)) for who in people))
        self.decide()


def test_the_best_variant_goes_to_those_who_waited_and_machines_do_not_count(db: Database) -> None:
    house = House(db)
    sample = house.sent()
    assert all(len(got) >= 10 for got in sample.values())
    house.click(*sample["a"][:2])
    house.click(*sample["b"][:4])
    house.click(*sample["a"], confidence=Confidence.MACHINE)
    assert find_winners(db, house.worlds.world(), LATER - timedelta(minutes=1)) == 0
    waiting = PEOPLE - sum(map(len, sample.values()))
    before = house.worlds.world()
    assert find_winners(db, before, LATER) == waiting
    after = house.worlds.world()
    assert (dict(after.winners), after.hash == before.hash) == ({("welcome", STEP): "b"}, False)
    house.decide(later=True)
    assert [row.variant for row in house.queued()] == ["b"] * waiting
    with db.read() as c:
        assert c.execute(select(winners.c.counts)).scalar_one()["b"] == {"sent": len(sample["b"]), "did": 4}


def test_finding_twice_wakes_nobody_again(db: Database) -> None:
    house = House(db)
    house.click(*house.sent()["a"][:3])
    stale = house.worlds.world()
    assert find_winners(db, stale, LATER) > 0
    house.decide(later=True)
    queued = house.queued()
    assert find_winners(db, house.worlds.world(), LATER) == find_winners(db, stale, LATER) == 0
    house.decide(later=True)
    assert house.queued() == queued


def test_without_a_click_nobody_wins(db: Database) -> None:
    house = House(db)
    assert find_winners(db, house.worlds.world(), LATER) == 0
    assert house.worlds.world().winners == {}
