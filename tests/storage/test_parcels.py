"""What goes in one request is one worker's, whole or not at all, and its key tells how old it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text, update

from nurture.core.effects import SendNotice
from nurture.storage import migrate
from nurture.storage.database import Database, real_now
from nurture.storage.outbox import Intent, OutboxClaim, claim_outbox, commit_intents
from nurture.storage.parcels import leave_out, made_at, parcel_key, regroup, take_others, torn, unseen
from nurture.storage.results import NotKnown, commit_results
from nurture.storage.tables import agenda, outbox
from tests.builders import SALT
from tests.storage.scenes import LEASE, NOW, decide, people
from tests.storage.test_plans import analyse, plans

KEYS = [letter * 32 for letter in "abcd"]
PARCEL = parcel_key(NOW, 255, 1)
FIRST = parcel_key(NOW, 255, 2)


def take(db: Database, limit: int = 100, lease: timedelta = LEASE) -> OutboxClaim:
    with db.begin() as c:
        return claim_outbox(c, NOW, limit, lease)


def others(db: Database, claim: OutboxClaim) -> set[str]:
    with db.begin() as c:
        return {row.key for row in take_others(c, claim, {PARCEL}, NOW)}


def is_torn(db: Database, claim: OutboxClaim) -> bool:
    with db.begin() as c:
        return PARCEL in torn(c, claim.token, {PARCEL, "another"})


def an_intent(key: str, place: int, parcel: str = PARCEL) -> Intent:
    return Intent(key, "c0" * 8, f"<{key}@exemple.example>", NOW, "5a" * 32, {}, parcel, place)


def queued(db: Database) -> list[int]:
    """A notice for each of four people."""
    ids = people(db, len(KEYS))
    for who, key in zip(ids, KEYS, strict=True):
        decide(db, who, SendNotice(key, "notify", "tofu", "fr", "anne@exemple.example", "c", "v1", "tofu/notify"))
    return ids


def in_flight(db: Database) -> tuple[OutboxClaim, list[int]]:
    """All of them in one request whose intents are committed; the last has another of its own."""
    ids = queued(db)
    claim = take(db)
    intents = [an_intent(key, place) for place, key in enumerate(KEYS[:3])]
    with db.begin() as c:
        commit_intents(c, claim.token, [*intents, an_intent(KEYS[3], 0, FIRST)], parcels=True)
    return claim, ids


def in_doubt(db: Database) -> list[int]:
    claim, ids = in_flight(db)
    with db.begin() as c:
        commit_results(c, claim.token, [NotKnown(key, "", NOW) for key in KEYS], NOW)
    return ids


@pytest.mark.parametrize("at", [NOW, datetime(2027, 3, 28, 1, 59, 59, 123456, UTC)])
def test_a_key_tells_when_its_request_was_made_and_is_never_anothers(at: datetime) -> None:
    keys = {parcel_key(at, token, number) for token in (0, 1, 2**62 - 1) for number in (1, 2, 500)}
    assert len(keys) == 9
    assert {made_at(key) for key in keys} == {at}
    assert max(map(len, keys)) <= 256


def test_an_intent_keeps_its_parcel_and_place_and_is_claimed_with_them(db: Database) -> None:
    in_doubt(db)
    claimed = {row.key: row for row in take(db).rows}
    assert [(claimed[key].parcel, claimed[key].intent.place) for key in KEYS] == [  # type: ignore[union-attr]
        (PARCEL, 0), (PARCEL, 1), (PARCEL, 2), (FIRST, 0),
    ]  # fmt: skip


def test_whoever_has_one_takes_the_others_whenever_they_are_due(db: Database) -> None:
    in_doubt(db)
    with db.begin() as c:
        c.execute(update(outbox).where(outbox.c.key == KEYS[2]).values(due_at=NOW + timedelta(days=1)))
    claim = take(db, limit=1)
    assert others(db, claim) == {KEYS[1], KEYS[2]}
    assert not is_torn(db, claim)
    assert others(db, claim) == set()


@pytest.mark.parametrize("what", ["another's", "at work", "parked", "to be decided"])
def test_a_part_that_cannot_be_taken_tears_it(db: Database, what: str) -> None:
    ids = in_doubt(db)
    claim = take(db, limit=1)
    with db.begin() as c:
        change = update(outbox).where(outbox.c.key == KEYS[2])
        match what:
            case "another's":
                c.execute(change.values(token=7, leased_until=real_now(c) + LEASE))
            case "at work":
                c.execute(change.values(token=7, leased_until=real_now(c) + LEASE, state="intent", due_at=None))
            case "parked":
                c.execute(change.values(due_at=None, gate="brake"))
            case _:
                c.execute(update(agenda).where(agenda.c.contact_id == ids[2]).values(due_at=NOW))
    assert others(db, claim) == {KEYS[1]}
    assert is_torn(db, claim)


@pytest.mark.parametrize("what", ["sent", "left to a person", "left out"])
def test_a_part_that_would_be_in_no_repetition_tears_nothing(db: Database, what: str) -> None:
    in_doubt(db)
    claim = take(db, limit=1)
    with db.begin() as c:
        change = update(outbox).where(outbox.c.key == KEYS[2])
        match what:
            case "sent":
                c.execute(change.values(state="sent", due_at=None))
            case "left to a person":
                c.execute(change.values(due_at=None))
            case _:
                c.execute(change.values(token=7, leased_until=real_now(c) + LEASE, place=None))
    assert others(db, claim) == {KEYS[1]}
    assert not is_torn(db, claim)


def test_a_lease_that_is_over_keeps_nobody_from_the_others(db: Database) -> None:
    in_doubt(db)
    take(db, lease=timedelta(0))
    claim = take(db, limit=1)
    assert others(db, claim) == {KEYS[1], KEYS[2]}


def test_only_its_worker_leaves_one_out_and_what_was_written_is_regrouped(db: Database) -> None:
    in_doubt(db)
    claim = take(db)
    with db.begin() as c:
        leave_out(c, claim.token + 1, [KEYS[0]])
        leave_out(c, claim.token, [KEYS[1]])
        leave_out(c, claim.token, [])
        regroup(c, KEYS[1:], apart=[KEYS[0], KEYS[2]], back={KEYS[3]: 5})
        regroup(c, [], apart=[KEYS[0]], back={KEYS[0]: 5})
        found = c.execute(select(outbox.c.parcel, outbox.c.place).order_by(outbox.c.key)).all()
    assert [tuple(row) for row in found] == [(PARCEL, 0), (PARCEL, None), (None, None), (FIRST, 5)]


@pytest.mark.parametrize("what", ["take_others", "torn", "unseen"])
def test_looking_for_the_others_reads_the_index_of_what_is_in_doubt(db: Database, what: str) -> None:
    in_doubt(db)
    with db.begin() as c:
        one = dict(c.execute(select(outbox).where(outbox.c.key == KEYS[0])).mappings().one())
        many = [{**one, "key": f"{n:032x}", "parcel": parcel_key(NOW, n // 3, 7)} for n in range(3000)]
        c.execute(outbox.insert(), many)
    claim = take(db, limit=1)
    analyse(db)
    looks: dict[str, tuple[str, Callable[[Connection], object]]] = {
        "take_others": ("UPDATE outbox", lambda c: take_others(c, claim, {PARCEL}, NOW)),
        "torn": ("SELECT DISTINCT outbox.parcel", lambda c: torn(c, claim.token, {PARCEL})),
        "unseen": ("SELECT outbox.", lambda c: unseen(c, {PARCEL})),
    }
    begin, look = looks[what]
    with db.begin() as c:
        (plan,) = plans(c, look, begin)
    assert "ix_outbox_parcel" in plan


def test_what_is_in_doubt_in_a_request_is_left_to_a_person_by_a_downgrade(database_url: str) -> None:
    """The program before knows nothing of requests with several messages, and would send each again under its own key."""
    migrate.upgrade(database_url, salt=SALT)
    db = Database.open(database_url)
    in_flight(db)
    db.close()
    migrate.downgrade(database_url, "0009")
    migrate.upgrade(database_url)
    db = Database.open(database_url)
    with db.read() as c:
        rows = c.execute(text("SELECT state, due_at, doubts, token FROM outbox")).all()
    assert [tuple(row) for row in rows] == [("unknown", None, 1, None)] * 4
    db.close()
