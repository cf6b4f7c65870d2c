"""A fact counts once, and what came in raw is never lost nor sorted twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from nurture.storage.claims import next_due
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.receipts import (
    NotUnderstood,
    Parked,
    Receipt,
    ReceiptClaim,
    Settlement,
    Sorted,
    claim_receipts,
    receive,
    settle_receipts,
)
from nurture.storage.reports import counts
from tests.storage.scenes import DAY, LEASE, NOW, fact, loaded, people, post

CLICK = Receipt("postmark", "click-1", b"\x00\xff{}", {"path": "/hooks/postmark"})


def come_in(db: Database, *receipts: Receipt) -> None:
    """Receive in a transaction of its own."""
    with db.begin() as c:
        receive(c, receipts, NOW)


def take(db: Database, lease: timedelta = LEASE, limit: int = 100) -> ReceiptClaim:
    """Claim in a transaction of its own."""
    with db.begin() as c:
        return claim_receipts(c, NOW, limit, lease)


def settle(db: Database, held: ReceiptClaim, *settlements: Settlement) -> set[int]:
    """Settle in a transaction of its own."""
    with db.begin() as c:
        return settle_receipts(c, held, settlements, NOW)


def test_an_event_posted_twice_counts_once(db: Database) -> None:
    (who,) = people(db, 1)
    assert (post(db, [who, who]), post(db, [who])) == (1, 0)
    assert len(loaded(db, who).pending) == 1


def test_a_repeated_key_keeps_the_first_event(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who], fact("e1", NOW))
    post(db, [who], fact("e1", NOW + DAY))
    ((_, event),) = loaded(db, who).pending
    assert event.at == NOW


def test_the_same_key_for_two_contacts_is_two_events(db: Database) -> None:
    assert post(db, people(db, 2)) == 2


def test_nothing_posted_is_nothing_done(db: Database) -> None:
    assert post(db, []) == 0


def test_an_event_of_nobody_is_refused_whole(db: Database) -> None:
    (who,) = people(db, 1)
    with pytest.raises(IntegrityError):
        post(db, [who, 999_999])
    assert loaded(db, who).pending == ()


def test_receipts_of_one_commit_are_kept_to_the_byte(db: Database) -> None:
    bodies = [b"", b"\x00\xff{}", "« é »".encode(), b"x" * 70_000, b""]
    given = [Receipt("s", f"clé-{n}", body, {"n": n}) for n, body in enumerate(bodies)]
    come_in(db, *given)
    come_in(db, Receipt("s", "clé-0", b"something else"))  # the first one stands
    assert [stored.receipt for stored in take(db).receipts] == given


def test_racing_posters_store_an_event_once(db: Database) -> None:
    ids = people(db, 50)
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda turn: post(db, ids if turn % 2 else ids[::-1]), range(4)))
    assert sum(new) == 50


def test_an_instant_without_zone_is_refused(db: Database) -> None:
    (who,) = people(db, 1)
    with pytest.raises(Exception, match="has no time zone"), db.begin() as c:
        post_events(c, [(who, fact())], NOW.replace(tzinfo=None))


def test_a_receipt_comes_back_as_it_came(db: Database) -> None:
    come_in(db, CLICK)
    (stored,) = take(db).receipts
    assert (stored.receipt, stored.received_at) == (CLICK, NOW)


def test_a_receipt_received_twice_is_stored_once(db: Database) -> None:
    other = Receipt("smtp", "click-1", b"another source")
    come_in(db, CLICK, CLICK, other)
    come_in(db, CLICK)
    come_in(db)
    assert len(take(db).receipts) == 2


def test_a_receipt_is_in_one_hand(db: Database) -> None:
    come_in(db, *(Receipt("s", str(n), b"") for n in range(60)))

    def work(_: int) -> list[int]:
        taken: list[int] = []
        while found := take(db, limit=7).receipts:
            taken += [one.id for one in found]
        return taken

    with ThreadPoolExecutor(3) as pool:
        taken = [one for some in pool.map(work, range(3)) for one in some]
    assert len(taken) == len(set(taken)) == 60


def test_what_was_sorted_does_not_come_again(db: Database) -> None:
    come_in(db, CLICK)
    held = take(db)
    assert settle(db, held, Sorted(held.receipts[0].id)) == {held.receipts[0].id}
    assert take(db).receipts == ()
    with db.read() as c:
        assert counts(c, NOW).receipts == {"sorted": 1}


def test_what_is_parked_comes_again_later(db: Database) -> None:
    come_in(db, CLICK)
    held = take(db)
    settle(db, held, Parked(held.receipts[0].id, NOW + DAY, "no such message yet"))
    assert take(db).receipts == ()
    with db.begin() as c:
        assert next_due(c) == NOW + DAY
        assert len(claim_receipts(c, NOW + DAY, 10, LEASE).receipts) == 1


def test_what_was_not_understood_keeps_its_sentence(db: Database) -> None:
    come_in(db, CLICK)
    held = take(db)
    settle(db, held, NotUnderstood(held.receipts[0].id, "the body is no JSON"))
    with db.read() as c:
        assert c.exec_driver_sql("SELECT state, problem FROM receipts").all() == [
            ("not_understood", "the body is no JSON")
        ]


def test_a_sorter_whose_lease_was_taken_over_settles_nothing(db: Database) -> None:
    come_in(db, CLICK)
    slow, quick = take(db, lease=timedelta(0)), take(db)
    assert settle(db, slow, Sorted(slow.receipts[0].id)) == set()
    assert settle(db, quick, Sorted(quick.receipts[0].id)) == {quick.receipts[0].id}
