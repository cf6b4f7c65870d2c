"""What one round of the outbox may be relied on for, on both databases."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from nurture.core.events import Suppressed
from nurture.core.words import Gate, Suppression, TouchState
from nurture.delivery.brakes import Held
from nurture.delivery.deliver import FEWEST
from nurture.delivery.recording import Report
from nurture.storage.contacts import suppress_address
from nurture.storage.load import load_contacts
from nurture.storage.tables import contacts
from tests.builders import a_form, a_reply
from tests.delivery.harness import House, addresses, the_world
from tests.sinks.scripted import Answer, Behaviour, DropAfterDot, DropBeforeDot, Sink, Slow

pytestmark = pytest.mark.smtp

ANNA, BRUNO, CLARA, DAVID, EMMA, FELIX = EVERYBODY = addresses(["anna", "bruno", "clara", "david", "emma", "felix"])


def run(test: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(30):
            return await test

    return asyncio.run(limited())


def suppress(house: House, address: str) -> None:
    with house.db.begin() as c:
        suppress_address(c, address, Suppression.UNSUBSCRIBED, house.now)


def touch_states(house: House, address: str) -> list[TouchState]:
    with house.db.read() as c:
        state = load_contacts(c, [house.ids[address]], house.now)[house.ids[address]].state
    return [touch.state for touch in state.touches.values()]


def test_what_is_queued_is_sent_once_however_often_delivery_runs(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*EVERYBODY)
            async with house.delivery(sink) as delivery:
                assert await delivery.run_once(house.now) == Report(claimed=6, sent=6)
                assert await delivery.run_once(house.now) == Report()
            assert await house.deliver(sink) == Report()
            assert sorted(sink.message_ids.values()) == [1] * 6
            assert set(house.states().values()) == {"sent"}
            house.decide()
            assert touch_states(house, ANNA) == [TouchState.SENT]

    run(scenario())


def test_two_workers_share_the_outbox_and_send_nothing_twice(house: House) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(40)])
        house.enter(*people)
        async with (
            Sink() as sink,
            house.delivery(sink, batch_size=7) as one,
            house.delivery(sink, batch_size=7) as other,
        ):
            total = Report()
            for _ in range(4):
                for report in await asyncio.gather(one.run_once(house.now), other.run_once(house.now)):
                    total += report
            assert total == Report(claimed=40, sent=40)
            assert sorted(sink.message_ids.values()) == [1] * 40

    run(scenario())


def test_the_outbox_tells_the_truth_after_every_answer(house: House) -> None:
    script: dict[str, list[Behaviour]] = {
        BRUNO: [Answer("RCPT", "550 5.1.1 No such user")],
        CLARA: [Answer("RCPT", "450 4.2.1 Greylisted")],
        DAVID: [DropBeforeDot()],
        EMMA: [DropAfterDot()],
        FELIX: [Answer("DOT", "554 5.7.1 Looks like spam")],
    }

    async def scenario() -> None:
        async with Sink(script) as sink:
            house.enter(*EVERYBODY)
            report = await house.deliver(sink)
            assert report == Report(claimed=6, sent=1, refused=2, retried=2, unknown=1)
            assert house.states() == {
                ANNA: "sent", BRUNO: "refused", CLARA: "retry", DAVID: "retry", EMMA: "unknown", FELIX: "refused",
            }  # fmt: skip
            rows = house.outbox()
            assert rows[BRUNO].detail == "550 5.1.1 No such user"
            assert rows[CLARA].due_at > house.now
            assert {row.token for row in rows.values()} == {None}
            assert sorted(attempt.outcome for attempt in house.attempts()) == sorted(house.states().values())
            house.decide()
            assert [touch_states(house, who)[0] for who in (ANNA, BRUNO, CLARA, EMMA)] == [
                TouchState.SENT, TouchState.REFUSED, TouchState.QUEUED, TouchState.UNKNOWN,
            ]  # fmt: skip

    run(scenario())


def test_a_refused_address_is_suppressed_and_the_rest_of_the_batch_goes_on(house: House) -> None:
    async def scenario() -> None:
        async with Sink({BRUNO: [Answer("RCPT", "550 5.1.1 No such user")]}) as sink:
            house.enter(*EVERYBODY)
            assert await house.deliver(sink) == Report(claimed=6, sent=5, refused=1)

    run(scenario())


def test_a_confirmation_that_no_mailbox_takes_suppresses_the_address(house: House) -> None:
    async def scenario() -> None:
        async with Sink({ANNA: [Answer("RCPT", "550 5.1.1 No such user")]}) as sink:
            house.take_in(ANNA)
            house.post((ANNA, a_form(confirm=True)))
            house.decide()
            assert await house.deliver(sink) == Report(claimed=1, refused=1)
            house.decide()
            with house.db.read() as c:
                (loaded,) = load_contacts(c, [house.ids[ANNA]], house.now).values()
            assert loaded.state.suppressed == {Suppression.BOUNCED}

    run(scenario())


def test_a_message_that_was_put_off_is_tried_again_when_its_time_has_come(house: House) -> None:
    async def scenario() -> None:
        async with Sink({ANNA: [Answer("RCPT", "450 4.2.1 Greylisted")]}) as sink:
            house.enter(ANNA)
            assert await house.deliver(sink) == Report(claimed=1, retried=1)
            house.now += timedelta(seconds=1)
            assert await house.deliver(sink) == Report()
            house.now = house.outbox()[ANNA].due_at
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            assert [(a.attempt, a.outcome) for a in house.attempts()] == [(1, "retry"), (2, "sent")]

    run(scenario())


def test_a_message_nobody_takes_for_a_day_is_given_up_as_soft(house: House) -> None:
    async def scenario() -> None:
        async with Sink({ANNA: [Answer("RCPT", "451 4.3.0 Busy")] * 60}) as sink:
            house.enter(ANNA)
            async with house.delivery(sink) as delivery:
                while (await delivery.run_once(house.now)).retried:
                    house.now = max(house.outbox()[ANNA].due_at, house.now + timedelta(hours=5))
            row = house.outbox()[ANNA]
            assert row.state == "refused"
            assert row.detail.startswith("Given up after")
            assert timedelta(hours=24) <= row.settled_at - row.queued_at < timedelta(hours=30)

    run(scenario())


def test_whoever_objects_between_the_claim_and_the_intent_is_not_written_to(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO)
            house.before_composing = lambda: suppress(house, ANNA)
            assert await house.deliver(sink) == Report(claimed=2, sent=1, withheld=1)
            assert [taken.rcpt_to for taken in sink.taken] == [BRUNO]
            assert (house.outbox()[ANNA].state, house.outbox()[ANNA].gate) == ("withheld", Gate.SUPPRESSED)

    run(scenario())


def test_whoever_objects_while_the_batch_is_on_its_way_is_not_written_to(house: House) -> None:
    async def scenario() -> None:
        async with Sink({ANNA: [Slow(1.2)], BRUNO: [Slow(1.2)], CLARA: [Slow(1.2)]}) as sink:
            house.enter(ANNA, BRUNO, CLARA)
            async with house.delivery(sink, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_once(house.now))
                await sink.until_taken(1)
                first = sink.taken[0].rcpt_to
                objecting = next(who for who in (ANNA, BRUNO, CLARA) if who != first)
                suppress(house, objecting)
                assert await round_ == Report(claimed=3, sent=2, withheld=1)
            assert objecting not in [taken.rcpt_to for taken in sink.taken]
            assert house.outbox()[objecting].gate == Gate.SUPPRESSED

    run(scenario())


def test_a_contact_with_something_to_decide_keeps_its_mail_until_that_is_decided(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO)
            house.post((ANNA, a_reply()))
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            house.decide()
            assert await house.deliver(sink) == Report()
            assert house.states() == {ANNA: "withheld", BRUNO: "sent"}

    run(scenario())


def test_an_objection_that_was_decided_takes_the_mail_back(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            house.post((ANNA, Suppressed("s1", house.now, Suppression.UNSUBSCRIBED)))
            house.decide()
            assert await house.deliver(sink) == Report()
            assert sink.taken == []

    run(scenario())


def test_the_kill_switch_stops_before_the_claim_and_in_the_midst_of_a_batch(house: House) -> None:
    async def scenario() -> None:
        halted = True
        async with Sink({who: [Slow(1.5)] for who in EVERYBODY}) as sink:
            house.enter(ANNA, BRUNO, CLARA)
            async with house.delivery(sink, smtp={"connections": 1}, halted=lambda c: Held(halted)) as delivery:
                assert await delivery.run_once(house.now) == Report()
                assert set(house.states().values()) == {"queued"}
                halted = False
                round_ = asyncio.create_task(delivery.run_once(house.now))
                await sink.until_taken(1)
                halted = True
                assert await round_ == Report(claimed=3, sent=1, waiting=2)
                assert len(sink.taken) == 1
                assert sorted(house.states().values()) == ["queued", "queued", "sent"]
                halted = False
                assert (await delivery.run_once(house.now)).sent == 2

    run(scenario())


def test_everything_due_is_sent_while_the_next_batch_is_prepared(house: House) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(33)])
        house.enter(*people)
        async with Sink() as sink, house.delivery(sink, batch_size=5) as delivery:
            assert await delivery.run_all(house.now) == Report(claimed=33, sent=33)
            assert await delivery.run_all(house.now) == Report()
            assert sorted(sink.message_ids.values()) == [1] * 33

    run(scenario())


def test_a_crash_while_a_slow_server_is_served_leaves_few_messages_unknown(house: House) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(60)])
        house.enter(*people)
        async with Sink({who: [Slow(5.0)] for who in people}) as sink:
            async with house.delivery(sink, batch_size=500, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_all(house.now))
                await sink.until_taken(1)
                await asyncio.sleep(0.3)  # the next batch is prepared by now
                in_flight = list(house.states().values()).count("intent")
                round_.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await round_
            assert 1 <= in_flight <= 2 * FEWEST

    run(scenario())


def test_a_batch_prepared_in_vain_is_put_off_and_never_unknown(house: House) -> None:
    async def scenario() -> None:
        async with Sink({who: [Slow(5.0)] for who in EVERYBODY}) as sink:
            house.enter(*EVERYBODY)
            async with house.delivery(sink, batch_size=3, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_all(house.now))
                await sink.until_taken(1)
                round_.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await round_
            states = house.states()
            assert sorted(states.values()).count("intent") == 1
            assert set(states.values()) <= {"intent", "retry", "queued"}

    run(scenario())


def test_an_objection_after_the_batch_was_prepared_counts_before_it_is_sent(house: House) -> None:
    async def scenario() -> None:
        async with Sink({who: [Slow(0.7)] for who in EVERYBODY}) as sink:
            house.enter(ANNA, BRUNO)
            async with house.delivery(sink, batch_size=1, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_all(house.now))
                await sink.until_taken(1)
                objecting = ANNA if sink.taken[0].rcpt_to == BRUNO else BRUNO
                await asyncio.sleep(0.3)  # the other one's intent is committed by now
                suppress(house, objecting)
                assert await round_ == Report(claimed=2, sent=1, withheld=1)
            assert house.outbox()[objecting].gate == Gate.SUPPRESSED

    run(scenario())


def test_a_worker_told_to_stop_writes_down_what_it_knows(house: House) -> None:
    async def scenario() -> None:
        async with Sink({who: [Slow(5.0)] for who in EVERYBODY}) as sink:
            house.enter(ANNA, BRUNO, CLARA)
            async with house.delivery(sink, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_once(house.now))
                await sink.until_taken(1)
                round_.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await round_
            # The one under way may have gone out: its intent stands until its lease ends, then it is unknown.
            assert sorted(house.states().values()) == ["intent", "retry", "retry"]

    run(scenario())


def test_a_mail_that_cannot_be_filled_in_is_withheld_alone_and_says_why(house: House) -> None:
    house.world = the_world("Un guide pour {{ contact.company }}")

    async def scenario() -> None:
        async with Sink() as sink:
            companies = {who.partition("@")[0]: {"company": "Exemple"} for who in EVERYBODY if who != CLARA}
            house.enter(*EVERYBODY, **companies)
            assert await house.deliver(sink) == Report(claimed=6, sent=5, withheld=1)
            row = house.outbox()[CLARA]
            assert (row.state, row.gate) == ("withheld", Gate.FAULT)
            assert row.detail.startswith('The contact has no "company"')
            assert CLARA not in [taken.rcpt_to for taken in sink.taken]
            house.decide()  # the core hears of it, and tries again later
            assert touch_states(house, CLARA) == [TouchState.WITHHELD]

    run(scenario())


def test_what_was_claimed_is_given_back_at_once_when_there_is_nothing_to_compose_from(house: House) -> None:
    def nothing_applied() -> None:
        raise LookupError("nothing is applied")

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            house.before_composing = nothing_applied
            with pytest.raises(LookupError):
                await house.deliver(sink)
            house.before_composing = lambda: None
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            assert [attempt.outcome for attempt in house.attempts()] == ["sent"]

    run(scenario())


def test_a_contact_erased_after_the_claim_stops_nobody_else(house: House) -> None:
    def erase() -> None:
        with house.db.begin() as c:
            c.execute(delete(contacts).where(contacts.c.address == ANNA))

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO)
            house.before_composing = erase
            report = await house.deliver(sink)
            assert (report.claimed, report.sent) == (2, 1)
            assert [taken.rcpt_to for taken in sink.taken] == [BRUNO]

    run(scenario())


def test_a_template_that_cannot_be_compiled_stops_its_mails_and_nothing_else(house: House) -> None:
    house.templates["white_paper.fr.mjml"] = "{% extends 'layout.mjml' %}{% set subject = oops %}"

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO)
            assert await house.deliver(sink) == Report(claimed=2, withheld=2)
            assert {row.gate for row in house.outbox().values()} == {Gate.FAULT}
            assert '"oops" is not known here' in house.outbox()[ANNA].detail

    run(scenario())


def test_a_server_that_is_away_delays_everything_and_loses_nothing(house: House) -> None:
    async def scenario() -> None:
        house.enter(*EVERYBODY)
        async with Sink() as sink:
            server = sink.server
        async with house.delivery_to(server) as delivery:
            assert await delivery.run_once(house.now) == Report(claimed=6, retried=6)
        assert "cannot be reached" in house.outbox()[ANNA].detail
        house.now += timedelta(minutes=5)
        async with Sink() as sink:
            assert await house.deliver(sink) == Report(claimed=6, sent=6)

    run(scenario())
