"""Who is written to, and what they do about it: each by dice of their own, so that the seed says it all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.core.words import Basis
from nurture.inbound.api_events import Fact, receipt_of
from nurture.inbound.sources import POSTMARK
from nurture.providers.bodies import key_of
from nurture.storage.receipts import Receipt
from tests.providers import postmark_posts as posts

PLACES = (("Europe/Paris", "FR"), ("America/New_York", "US"), ("Asia/Tokyo", "JP"), ("Europe/Paris", "FR"))
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. `key` is the database's, known once it was taken in."""

    address: str
    zone: str
    country: str
    id: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """Something that comes in at an instant: a receipt for the web, or the button by which one leaves."""

    at: datetime
    receipt: Receipt | None
    person: Person
    leaves_by: str = ""  # the message whose button is pressed
    objects: bool = False  # a complaint or a hard bounce: no mail once it is sorted


def a_crowd(seed: int) -> list[Person]:
    """Four to six people in three zones."""
    dice = random.Random(f"crowd:{seed}")
    return [Person(f"p{n}@contact.example", *dice.choice(PLACES)) for n in range(dice.randint(4, 6))]


def arrivals(seed: int, people: list[Person], begin: datetime) -> Iterator[Posting]:
    """How each comes into the campaigns, within some days."""
    for person in people:
        dice = random.Random(f"arrives:{seed}:{person.address}")
        at = begin + dice.randint(0, 12) * 12 * HALF_HOUR
        if dice.random() < 0.85:
            yield _told(person, Fact("submitted", person.key, at, "audit", basis=Basis.OPT_IN))
        if dice.random() < 0.6:
            later = at + dice.randint(0, 96) * HALF_HOUR * dice.randint(0, 1)
            yield _told(person, Fact("visited", person.key, later, "/tarifs"))


def answers(seed: int, person: Person, key: str, content: str, at: datetime) -> Iterator[Posting]:
    """What comes of one mail, all of it on the half hour."""
    dice = random.Random(f"answers:{seed}:{key}")
    soon = at + dice.choice((1, 1, 4, 20, 48)) * HALF_HOUR
    chance = dice.random()
    about = {"Metadata": {"touch": key}, "MessageID": f"pm-{key}"}
    if dice.random() < 0.5:
        yield _post(person, posts.delivery(**about, DeliveredAt=at.isoformat()), at + HALF_HOUR)
    if chance < 0.35:
        yield _told(person, Fact("clicked", person.key, soon, content))
        yield _told(person, Fact("visited", person.key, soon, "/tarifs"))
    elif chance < 0.43:
        yield _told(person, Fact("replied", person.key, soon, "interested"))
    elif chance < 0.48:
        yield _told(person, Fact("replied", person.key, soon, "other"))
    elif chance < 0.56:
        number = int(key[:8], 16)
        yield _post(person, posts.bounce("AutoResponder", **about, ID=number, BouncedAt=soon.isoformat()), soon)
    elif chance < 0.61:
        yield Posting(soon, None, person, leaves_by=key)
    elif chance < 0.64:
        complaint = posts.complaint(**about, ID=int(key[:8], 16), BouncedAt=soon.isoformat())
        yield _post(person, complaint, soon, objects=True)
    elif chance < 0.67:
        bounce = posts.bounce(**about, ID=int(key[:8], 16), BouncedAt=soon.isoformat())
        yield _post(person, bounce, soon, objects=True)


def _told(person: Person, fact: Fact) -> Posting:
    return Posting(fact.at, receipt_of([fact]), person)


def _post(person: Person, post: posts.Post, at: datetime, *, objects: bool = False) -> Posting:
    body = posts.as_body(post)
    return Posting(at, Receipt(POSTMARK, key_of(body), body), person, objects=objects)
