"""Contacts in a database, and decisions about them without the rules: what storage is given, made short."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nurture.core.effects import Because, Decision, Effect, SendTouch
from nurture.core.events import Event, ProfileChanged, TimerFired
from nurture.core.reasons import Reason
from nurture.core.scoring import Scoring, SignalRule
from nurture.core.state import ContactState, Enrolment, Touch, Waiting
from nurture.core.words import SignalKind, TouchState
from nurture.core.world import World
from nurture.storage.claims import Claim, claim_contacts
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.load import Loaded, load_contacts
from nurture.storage.save import Outcome, commit_decisions
from tests.builders import MONDAY, SALT, at

NOW = at(MONDAY)
LEASE = timedelta(minutes=5)
DAY = timedelta(days=1)
RULES = (SignalRule(SignalKind.CLICKED, 5000, cap_per_day=8000, half_life=30), SignalRule(SignalKind.DOWNLOADED, 20000))
WORLD = World(hash="world", salt=SALT, scoring=Scoring(rules=RULES))


def people(db: Database, count: int, first: int = 0) -> list[int]:
    """Take in contacts p0, p1, …; answers their numbers."""
    new = [NewContact(f"p{n}@exemple.example", {"first_name": f"P{n}"}) for n in range(first, first + count)]
    with db.begin() as c:
        return [one.id for one in upsert_contacts(c, new, NOW)]


def fact(key: str = "e1", instant: datetime = NOW) -> Event:
    """Some event."""
    return ProfileChanged(key, instant, tags=("seen",))


def post(db: Database, ids: Sequence[int], event: Event | None = None, received_at: datetime = NOW) -> int:
    """Post one event to each; answers how many were new."""
    with db.begin() as c:
        return post_events(c, [(who, event or fact()) for who in ids], received_at)


def claim(db: Database, now: datetime = NOW, limit: int = 500, lease: timedelta = LEASE) -> Claim:
    """Claim contacts in a transaction of its own."""
    with db.begin() as c:
        return claim_contacts(c, now, limit, lease)


def loaded(db: Database, who: int, now: datetime = NOW) -> Loaded:
    """What is remembered of one contact."""
    with db.read() as c:
        return load_contacts(c, [who], now)[who]


def outcome(who: int, before: ContactState, *effects: Effect, now: datetime = NOW, **changes: object) -> Outcome:
    """One decision that changes so much of the state and wants these effects; it uses up the event e1."""
    after = replace(before, seq=before.seq + 1, **changes)  # type: ignore[arg-type]
    decision = Decision(after, effects, (Because(Reason.RECORDED),), now)
    return Outcome(who, before, after, ("e1",), ((fact(), decision),))


def commit(db: Database, held: Claim, outcomes: Sequence[Outcome], now: datetime = NOW) -> set[int]:
    """Commit in a transaction of its own."""
    with db.begin() as c:
        return commit_decisions(c, held, outcomes, WORLD, now)


def decide(db: Database, who: int, *effects: Effect, now: datetime = NOW, **changes: object) -> None:
    """Wake the contact, and commit one decision about all it has heard, as a worker would."""
    post(db, [who], fact(f"wake:{loaded(db, who, now).state.seq}", now), now)
    held, found = claim(db, now), loaded(db, who, now)
    done = outcome(who, found.state, *effects, now=now, **changes)
    assert commit(db, held, [replace(done, consumed=tuple(event.key for _, event in found.pending))], now) == {who}


def waiting(until: datetime, campaign: str = "c") -> dict[str, Enrolment]:
    """Enrolled, and waiting until then."""
    return {campaign: Enrolment(campaign, "v1", "tofu", Waiting("tofu/wait", until), NOW, NOW, NOW)}


def a_touch(key: str = "70c4" * 8, **more: object) -> Touch:
    """A touch about to be sent."""
    touch = Touch(key, "c", 0, "tofu/send:guide", "mail", "guide", NOW, TouchState.QUEUED)
    return replace(touch, **more)  # type: ignore[arg-type]


def queue(db: Database, who: int, touch: Touch | None = None, now: datetime = NOW) -> Touch:
    """Decide to send a touch."""
    touch = touch or a_touch()
    decide(db, who, SendTouch(touch, "v1"), now=now, touches={touch.key: touch})
    return touch


def timer(name: str, due: datetime) -> Event:
    """A time that came."""
    return TimerFired(name, due)
