"""What may be relied on of a brake: nothing leaves, nobody else waits, and what waited goes once, on both databases."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from nurture.core.program import Cadence, WhenLate
from nurture.delivery.brakes import Approval, Gate, Held, goes_ahead, read_brakes
from nurture.delivery.recording import Report
from nurture.storage.brakes import Brake, are_more_than, free_forgotten, parked, put_on, record, release
from nurture.storage.load import load_contacts
from nurture.storage.outbox import claim_outbox
from nurture.storage.tables import outbox
from nurture.storage.words import BrakeKind, Purpose
from tests.builders import OFFICE, a_form, a_world, days
from tests.delivery.harness import House, addresses
from tests.delivery.test_outbox_loop import run
from tests.sinks.scripted import Sink, Slow
from tests.storage.test_plans import analyse, plans, scans

pytestmark = pytest.mark.smtp


def campaign_of(house: House) -> str:
    (program,) = house.world.current_programs()
    return program.name


def pause(house: House, campaign: str = "") -> None:
    with house.db.begin() as c:
        assert put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "claire", "a wrong link"))


def resume(house: House, campaign: str = "", kind: BrakeKind = BrakeKind.PAUSED) -> None:
    with house.db.begin() as c:
        assert release(c, campaign, {kind}, "claire", house.now)


def test_a_pause_keeps_everything_back_and_what_waited_is_sent_once_after_it(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink, house.delivery(sink) as delivery:
            house.enter(*addresses(["anna", "bruno"]))
            pause(house)
            assert await delivery.run_all(house.now) == Report()
            assert set(house.states().values()) == {"queued"}
            resume(house)
            assert await delivery.run_all(house.now) == Report(claimed=2, sent=2)
            assert sorted(sink.message_ids.values()) == [1, 1]

    run(scenario())


def test_what_a_pause_kept_longer_than_its_author_allows_follows_late_and_is_not_flooded_out(house: House) -> None:
    async def scenario() -> None:
        cadence = Cadence(window=OFFICE, late_max=days(2), late_then=WhenLate.SHIFT)
        (program,) = house.world.current_programs()
        house.world = a_world(replace(program, cadence=cadence), catalogue=house.world.catalogue)
        async with Sink() as sink, house.delivery(sink) as delivery:
            house.enter(*addresses(["anna", "bruno"]))
            pause(house)
            house.now += timedelta(days=3)
            resume(house)
            assert await delivery.run_all(house.now) == Report(claimed=2, withheld=2)
            house.decide()
            assert await delivery.run_all(house.now) == Report()
            house.now += timedelta(days=1)
            house.decide()
            assert await delivery.run_all(house.now) == Report(claimed=2, sent=2)
            assert sorted(sink.message_ids.values()) == [1, 1]

    run(scenario())


@pytest.mark.parametrize("whole", [True, False])
def test_the_last_dot_leaves_within_two_seconds_of_a_pause_beside_a_slow_server(house: House, whole: bool) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(12)])
        house.enter(*people)
        async with Sink({who: [Slow(0.4)] for who in people}) as sink:
            async with house.delivery(sink, smtp={"connections": 1}) as delivery:
                round_ = asyncio.create_task(delivery.run_all(house.now))
                await sink.until_taken(1)
                await asyncio.to_thread(pause, house, "" if whole else campaign_of(house))
                began, taken = time.monotonic(), len(sink.taken)
                report = await round_
                assert time.monotonic() - began < 2
                assert report.sent - taken <= 3
                assert set(house.states().values()) <= {"sent", "retry", "queued"}
                house.now += timedelta(minutes=2)
                assert await delivery.run_all(house.now) == Report()
                resume(house, "" if whole else campaign_of(house))
                assert (await delivery.run_all(house.now)).sent == 12 - report.sent
            assert sorted(sink.message_ids.values()) == [1] * 12

    run(scenario())


def test_a_paused_campaign_is_put_aside_once_and_nobody_behind_it_waits(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses([f"person{n}" for n in range(30)]))
        other = addresses(["other"])
        house.now += timedelta(seconds=1)
        house.enter(*other)
        of_another_campaign(house, other[0])
        pause(house, campaign_of(house))
        async with Sink() as sink, house.delivery(sink, batch_size=4) as delivery:
            await delivery.run_all(house.now)
            # The other's campaign is not known to this world, so it is withdrawn; that it was reached is what counts.
            assert house.states()[other[0]] == "withheld"
            with house.db.read() as c:
                assert parked(c) == {campaign_of(house): 30}
            assert await delivery.run_all(house.now) == Report()
            resume(house, campaign_of(house))
            report = await delivery.run_all(
                house.now
            )  # on a slow machine the last look at the brakes may be too old for some
            assert report.claimed == report.sent + report.retried == 30

    run(scenario())


def of_another_campaign(house: House, address: str) -> None:
    with house.db.begin() as c:
        c.execute(update(outbox).where(outbox.c.contact_id == house.ids[address]).values(campaign="another"))


def test_a_campaign_paused_between_claim_and_intent_gets_no_intent(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses(["anna"]))
        name = campaign_of(house)
        house.before_composing = lambda: pause_once(house, name)
        async with Sink() as sink:
            assert (await house.deliver(sink)).sent == 0
            assert not sink.taken
            assert [row.state for row in house.outbox().values()] == ["queued"]
            house.before_composing = lambda: None
            resume(house, name)
            assert (await house.deliver(sink)).sent == 1

    run(scenario())


def pause_once(house: House, campaign: str) -> None:
    with house.db.begin() as c:
        put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "claire", ""))


def test_notices_heed_the_pause_of_all_mail_only(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses(["anna"]))
        with house.db.begin() as c:
            c.execute(update(outbox).values(purpose=Purpose.CONFIRMATION, campaign="", subject="audit"))
        pause(house, campaign_of(house))
        pause(house)
        async with Sink() as sink:
            assert await house.deliver(sink) == Report()
            resume(house)
            assert (await house.deliver(sink)).sent == 1

    run(scenario())


@pytest.mark.parametrize("comes", ["before it is sifted", "after"])
def test_nothing_stays_aside_behind_a_brake_that_is_released_during_a_claim(house: House, comes: str) -> None:
    house.enter(*addresses(["anna", "bruno"]))
    name = campaign_of(house)
    pause(house, name)
    releasing = threading.Thread(target=resume, args=(house, name))

    def begin_to_release() -> None:
        releasing.start()
        releasing.join(0.3)  # it is over by now, unless it has to wait for the claim

    with house.db.begin() as c:
        held = read_brakes(c)
        claim = claim_outbox(c, house.now, 10, timedelta(minutes=5))
        if comes == "before it is sifted":
            begin_to_release()
        Gate().sift(c, claim, held, lambda: house.world, house.now)
        if comes == "after":
            begin_to_release()
            assert releasing.is_alive()
    releasing.join(30)
    with house.db.read() as c:
        assert parked(c) == {}
    assert all(row.due_at is not None for row in house.outbox().values())


def test_what_a_release_missed_is_freed_by_the_clock(house: House) -> None:
    house.enter(*addresses(["anna"]))
    with house.db.begin() as c:
        c.execute(update(outbox).values(due_at=None, gate="brake"))
        assert free_forgotten(c) == 1
        assert free_forgotten(c) == 0
    pause(house, campaign_of(house))
    with house.db.begin() as c:
        c.execute(update(outbox).values(due_at=None, gate="brake"))
        assert free_forgotten(c) == 0


def test_a_brake_is_put_on_once_and_its_record_says_who_when_and_why(house: House) -> None:
    pause(house)
    with house.db.begin() as c:
        assert not put_on(c, Brake("", BrakeKind.PAUSED, house.now, "david", "again"))
        assert read_brakes(c) == Held(everything=True)
    began = house.now
    house.now += timedelta(hours=2)
    resume(house)
    with house.db.read() as c:
        (kept,) = record(c)
        assert not read_brakes(c)
    assert (kept.brake.by, kept.brake.why, kept.brake.since) == ("claire", "a wrong link", began)
    assert (kept.released_by, kept.released_at) == ("claire", house.now)


# Approval


def test_more_newcomers_than_usual_wait_for_approval_but_for_a_share(house: House) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(60)])
        gate = Gate(Approval(above=50, share=1000))
        async with Sink() as sink, house.delivery(sink, gate=gate, batch_size=7) as delivery:
            house.enter(*addresses(["early"]))
            house.now += timedelta(minutes=90)
            assert (await delivery.run_all(house.now)).sent == 1
            house.take_in(*people)
            house.post(*((who, a_form(when="2027-03-08 11:00", key=f"form:{who}")) for who in people))
            house.decide()
            sent = (await delivery.run_all(house.now)).sent
            assert 0 < sent < 20
            assert await delivery.run_all(house.now) == Report()
            (brake,) = approvals(house)
            assert brake.why.startswith(f"More than 50 contacts entered {campaign_of(house)} within an hour: 10 %")
            assert sent == sum(goes_ahead(brake, key) for key in keys(house, people))
            resume(house, campaign_of(house), BrakeKind.APPROVAL)
            assert (await delivery.run_all(house.now)).sent == 60 - sent
            assert not approvals(house)
            assert sorted(sink.message_ids.values()) == [1] * 61

    run(scenario())


def test_as_many_as_usual_wait_for_nobody(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses([f"person{n}" for n in range(5)]))
        async with Sink() as sink:
            assert (await house.deliver(sink, gate=Gate(Approval(above=5)))).sent == 5
            assert not approvals(house)

    run(scenario())


def approvals(house: House) -> tuple[Brake, ...]:
    with house.db.read() as c:
        return read_brakes(c).approvals


def keys(house: House, people: list[str]) -> list[str]:
    with house.db.read() as c:
        loaded = load_contacts(c, [house.ids[who] for who in people], house.now)
    return [contact.state.key for contact in loaded.values()]


def test_who_entered_lately_is_counted_through_an_index(house: House) -> None:
    house.enter(*addresses([f"person{n}" for n in range(300)]))
    analyse(house.db)

    def look(c: Connection) -> bool:
        return are_more_than(c, campaign_of(house), house.now - timedelta(hours=1), 20)

    with house.db.read() as c:
        (plan,) = plans(c, look, "SELECT")
        assert look(c)
    assert not scans(plan, "enrolments") or "postgresql" in house.db.url
