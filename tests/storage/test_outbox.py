"""A message is in one hand, its intent precedes it, and what came of it is told once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from nurture.core.effects import SendNotice, SendTouch, WithdrawTouch
from nurture.core.events import Event, Refused, SendUnknown, Sent, Withheld
from nurture.core.words import Gate, Hardness, Suppression
from nurture.storage.claims import in_hand, next_due
from nurture.storage.contacts import suppress_address
from nurture.storage.database import Database
from nurture.storage.outbox import (
    Intent,
    OutboxClaim,
    OutboxRow,
    Permits,
    claim_outbox,
    commit_intents,
    read_suppressions,
    release_outbox,
)
from nurture.storage.reports import counts, sent_per_day
from nurture.storage.results import (
    Accepted,
    Deferred,
    HeldBack,
    NotKnown,
    Result,
    TurnedDown,
    commit_results,
    recover_stale,
)
from nurture.storage.words import OutboxState, Purpose
from tests.storage.scenes import (
    DAY,
    LEASE,
    NOW,
    a_touch,
    claim,
    commit,
    decide,
    fact,
    loaded,
    outcome,
    people,
    post,
    queue,
)

KEY = a_touch().key
OVER = timedelta(0)


def take(db: Database, now: Any = NOW, lease: timedelta = LEASE, limit: int = 100) -> OutboxClaim:
    """Claim in a transaction of its own."""
    with db.begin() as c:
        return claim_outbox(c, now, limit, lease)


def fix(db: Database, token: int, *keys: str) -> Permits:
    """Commit intents in a transaction of its own."""
    with db.begin() as c:
        return commit_intents(c, token, [intent(key) for key in keys])


def intent(key: str = KEY) -> Intent:
    """Some bytes, fixed."""
    return Intent(key, "c0" * 8, f"<{key}@exemple.example>", NOW, "5a" * 32, {"first_name": "Zoé"})


def tell(db: Database, token: int, *results: Result, now: Any = NOW) -> set[str]:
    """Commit results in a transaction of its own."""
    with db.begin() as c:
        return commit_results(c, token, results, now)


def states(db: Database) -> dict[str, int]:
    """How many messages are in which state."""
    with db.read() as c:
        return counts(c, NOW).outbox


def heard(db: Database, who: int, now: Any = NOW) -> list[Event]:
    """What the contact's next decisions will hear."""
    return [event for _, event in loaded(db, who, now).pending]


def test_a_touch_decided_is_a_message_to_send(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who, a_touch(variant="direct", thread="7" * 32))
    (row,) = take(db).rows
    assert row == OutboxRow(
        KEY, who, loaded(db, who).state.key, "p0@exemple.example", Purpose.TOUCH, "c", "v1", 0, touch.step, "mail",
        "guide", "direct", "7" * 32, "", "", OutboxState.QUEUED, 0, 0, NOW, 0, None, False, None, None,
    )  # fmt: skip


def test_a_message_waits_for_its_time(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who, a_touch(at=NOW + DAY))
    assert take(db).rows == ()
    with db.read() as c:
        assert next_due(c) == NOW + DAY
    assert len(take(db, NOW + DAY).rows) == 1


def test_a_message_waits_until_its_contact_is_decided(db: Database) -> None:
    """What the contact just said may take the message back."""
    (who,) = people(db, 1)
    queue(db, who)
    post(db, [who])
    assert take(db).rows == ()
    decide(db, who)
    assert len(take(db).rows) == 1


def test_no_message_is_in_two_hands(db: Database) -> None:
    for who in people(db, 20):
        queue(db, who, a_touch(f"{who:032x}"))
    start = threading.Barrier(3)

    def work(_: int) -> list[str]:
        start.wait()
        taken: list[str] = []
        while found := take(db, limit=3).rows:
            taken += [row.key for row in found]
        return taken

    with ThreadPoolExecutor(3) as pool:
        taken = [key for some in pool.map(work, range(3)) for key in some]
    assert len(taken) == len(set(taken)) == 20


def test_a_message_sent_is_told_to_the_contact(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    assert fix(db, held.token, KEY) == Permits(frozenset({KEY}), {})
    assert states(db) == {"intent": 1}
    sent_at = NOW + timedelta(seconds=2)
    assert tell(db, held.token, Accepted(KEY, sent_at, "250 ok", "id-1")) == {KEY}
    assert states(db) == {"sent": 1}
    assert heard(db, who) == [Sent(f"sent:{KEY}:0", sent_at, KEY)]
    assert claim(db).ids == (who,)
    with db.read() as c:
        assert sent_per_day(c, NOW) == {sent_at.date(): 1}


@pytest.mark.parametrize(
    ("result", "state", "event"),
    [
        (
            HeldBack(KEY, Gate.WINDOW, NOW + DAY),
            "withheld",
            Withheld(f"withheld:{KEY}:0", NOW, KEY, "window", NOW + DAY),
        ),
        (TurnedDown(KEY, Hardness.HARD, "550"), "refused", Refused(f"refused:{KEY}:0", NOW, KEY, Hardness.HARD, "550")),
        (NotKnown(KEY), "unknown", SendUnknown(f"unknown:{KEY}:0", NOW, KEY)),
    ],
)
def test_each_result_has_its_state_and_its_event(db: Database, result: Result, state: str, event: Event) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    assert tell(db, held.token, result) == {KEY}
    assert (states(db), heard(db, who)) == ({state: 1}, [event])
    assert take(db, NOW + 9 * DAY).rows == ()


def test_a_message_put_off_is_tried_again_by_delivery_alone(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    fix(db, held.token, KEY)
    tell(db, held.token, Deferred(KEY, NOW + DAY, "451 later"))
    assert (states(db), heard(db, who), take(db).rows) == ({"retry": 1}, [], ())
    (row,) = take(db, NOW + DAY).rows
    assert (row.state, row.attempts, row.intent) == (OutboxState.RETRY, 1, intent())


def test_each_attempt_is_on_record(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    for result in (Deferred(KEY, NOW, "451"), Accepted(KEY, NOW, "250", "id-2")):
        held = take(db)
        fix(db, held.token, KEY)
        tell(db, held.token, result)
    with db.read() as c:
        found = c.execute(text("SELECT attempt, outcome, detail, provider_id FROM deliveries ORDER BY id")).all()
    assert found == [(1, "retry", "451", None), (2, "sent", "250", "id-2")]


def test_whoever_objected_meanwhile_is_not_written_to(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    with db.begin() as c:
        suppress_address(c, "p0@exemple.example", Suppression.UNSUBSCRIBED, NOW)
    assert fix(db, held.token, KEY) == Permits(frozenset(), {KEY: frozenset({Suppression.UNSUBSCRIBED})})
    assert states(db) == {"queued": 1}
    assert tell(db, held.token, HeldBack(KEY, Gate.SUPPRESSED)) == {KEY}


def test_an_objection_is_seen_again_right_before_the_final_dot(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    fix(db, held.token, KEY)
    decide(db, who, suppressed=frozenset({Suppression.COMPLAINED}))
    with db.read() as c:
        assert read_suppressions(c, [KEY]) == {KEY: frozenset({Suppression.COMPLAINED})}


def test_a_notice_heeds_bounces_but_not_objections(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, SendNotice("n" * 32, "confirmation", "audit", "fr"))
    with db.begin() as c:
        suppress_address(c, "p0@exemple.example", Suppression.UNSUBSCRIBED, NOW)
        assert read_suppressions(c, ["n" * 32]) == {}
        suppress_address(c, "p0@exemple.example", Suppression.BOUNCED, NOW)
        assert read_suppressions(c, ["n" * 32]) == {"n" * 32: frozenset({Suppression.BOUNCED})}


def test_a_notice_to_a_colleague_heeds_the_colleagues_address(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, SendNotice("n" * 32, "hand_off", "h1", "fr", "Anna@exemple.example"))
    with db.begin() as c:
        suppress_address(c, "p0@exemple.example", Suppression.BOUNCED, NOW)
        assert read_suppressions(c, ["n" * 32]) == {}
        suppress_address(c, "anna@exemple.example", Suppression.BOUNCED, NOW)
        assert read_suppressions(c, ["n" * 32]) != {}
    (row,) = take(db).rows
    assert (row.address, row.subject, row.language) == ("Anna@exemple.example", "h1", "fr")


def test_what_comes_of_a_notice_is_no_event(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, SendNotice("n" * 32, "confirmation", "audit", "fr"))
    held = take(db)
    tell(db, held.token, Accepted("n" * 32, NOW))
    assert (states(db), heard(db, who)) == ({"sent": 1}, [])


def test_a_touch_is_queued_once(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    queue(db, who, touch)
    assert len(take(db).rows) == 1


@pytest.mark.parametrize("result", [Accepted(KEY, NOW), TurnedDown(KEY, Hardness.SOFT), NotKnown(KEY)])
def test_a_touch_that_went_out_or_may_have_is_not_queued_again(db: Database, result: Result) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    tell(db, take(db).token, result)
    decide(db, who, SendTouch(touch, "v1"))
    assert take(db, NOW + DAY).rows == ()


def test_a_touch_withheld_can_be_queued_again_and_told_again(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    tell(db, take(db).token, HeldBack(KEY, Gate.WINDOW, NOW + DAY))
    decide(db, who, SendTouch(replace(touch, at=NOW + DAY), "v2"))
    held = take(db, NOW + DAY)
    assert [(row.version, row.round, row.queued_at) for row in held.rows] == [("v2", 1, NOW + DAY)]
    tell(db, held.token, HeldBack(KEY, Gate.CAP), now=NOW + DAY)
    assert f"withheld:{KEY}:1" in [event.key for event in heard(db, who, NOW + DAY)]


def test_a_touch_is_withdrawn_before_its_intent(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    decide(db, who, WithdrawTouch(KEY))
    assert states(db) == {"withheld": 1}
    assert fix(db, held.token, KEY) == Permits(frozenset(), {})
    assert tell(db, held.token, Accepted(KEY, NOW)) == set()
    assert states(db) == {"withheld": 1}


def test_a_touch_with_an_intent_stands(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    fix(db, held.token, KEY)
    decide(db, who, WithdrawTouch(KEY))
    assert states(db) == {"intent": 1}
    assert tell(db, held.token, Accepted(KEY, NOW)) == {KEY}


def test_a_touch_queued_and_withdrawn_in_one_decision_is_not_sent(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, SendTouch(a_touch(), "v1"), WithdrawTouch(KEY))
    assert (states(db), take(db).rows) == ({"withheld": 1}, ())


def test_a_sender_whose_lease_was_taken_over_writes_nothing(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    slow, quick = take(db, lease=OVER), take(db)
    assert fix(db, slow.token, KEY).go == frozenset()
    assert tell(db, slow.token, Accepted(KEY, NOW)) == set()
    assert (states(db), heard(db, who)) == ({"queued": 1}, [])
    assert fix(db, quick.token, KEY).go == {KEY}


def test_an_intent_whose_sender_vanished_becomes_unknown(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db, lease=OVER)
    fix(db, held.token, KEY)
    with db.begin() as c:
        assert recover_stale(c, NOW) == 1
        assert recover_stale(c, NOW) == 0
    assert (states(db), heard(db, who)) == ({"unknown": 1}, [])
    (row,) = take(db).rows
    assert (row.state, row.doubts, row.unknown_since) == (OutboxState.UNKNOWN, 1, NOW)
    assert tell(db, held.token, Accepted(KEY, NOW)) == set()


def test_an_intent_still_held_is_left_to_its_sender(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    fix(db, take(db).token, KEY)
    with db.begin() as c:
        assert recover_stale(c, NOW) == 0


def test_a_lease_can_be_prolonged_with_the_intent(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db, lease=OVER)
    with db.begin() as c:
        commit_intents(c, held.token, [intent()], lease=LEASE)
        assert recover_stale(c, NOW) == 0


def test_a_message_without_intent_is_free_when_its_lease_is_over(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    take(db, lease=OVER)
    assert len(take(db).rows) == 1


def test_what_is_given_back_is_due_at_once_but_an_intent_stays(db: Database) -> None:
    for who in people(db, 2):
        queue(db, who, a_touch(f"{who:032x}"))
    held = take(db)
    fix(db, held.token, held.rows[0].key)
    with db.begin() as c:
        release_outbox(c, held.token)
    assert [row.key for row in take(db).rows] == [held.rows[1].key]
    assert states(db) == {"intent": 1, "queued": 1}


def test_a_message_in_hand_or_on_its_way_keeps_virtual_time_still(db: Database) -> None:
    (who,) = people(db, 1)
    queue(db, who)
    held = take(db)
    with db.read() as c:
        assert in_hand(c, NOW) == 1
    fix(db, held.token, KEY)
    with db.read() as c:
        assert in_hand(c, NOW) == 1
    tell(db, held.token, Deferred(KEY, NOW + DAY))
    with db.read() as c:
        assert (in_hand(c, NOW), next_due(c)) == (0, NOW + DAY)


def test_senders_and_deciders_do_not_wait_for_each_other_for_ever(db: Database) -> None:
    """A decider locks contacts, then messages; so does a sender that tells results."""
    ids = people(db, 20)
    for who in ids:
        queue(db, who, a_touch(f"{who:032x}"))
    held = take(db)
    fix(db, held.token, *(row.key for row in held.rows))

    def telling() -> None:
        for row in held.rows[::-1]:
            tell(db, held.token, Accepted(row.key, NOW))

    def withdrawing() -> None:
        for turn in range(6):
            post(db, ids, fact(f"turn:{turn}"))
            taken = claim(db)
            found = [(who, loaded(db, who).state) for who in taken.ids]
            commit(db, taken, [outcome(who, state, WithdrawTouch(f"{who:032x}")) for who, state in found])

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(telling), pool.submit(withdrawing)]:
            running.result()
    assert states(db) == {"sent": 20}
