"""Messages that go in one request: fixed before it, told together, and after a crash repeated as one, never one of them twice."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from nurture.core.events import ProfileChanged
from nurture.core.program import WhenUnknown
from nurture.core.words import Suppression
from nurture.delivery.batch import Batch
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.delivery.flow import Flow
from nurture.delivery.last_look import EVERY
from nurture.delivery.recording import Report
from nurture.delivery.recovery import recover_flights
from nurture.providers.transport import Capabilities, MayAllGo, Outcome, Outgoing, Parcels
from nurture.storage.brakes import Brake, put_on, release
from nurture.storage.contacts import suppress_address
from nurture.storage.doubts import list_unknown, settle_by_person, settle_by_sign
from nurture.storage.outbox import claim_outbox
from nurture.storage.results import CAME_BACK, Accepted, recover_stale
from nurture.storage.tables import outbox
from nurture.storage.words import BrakeKind
from tests.delivery import lives
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses
from tests.delivery.lives import HOUR, deliver
from tests.delivery.parcel_provider import GONE, LATER, LOST, ParcelProvider
from tests.delivery.provider import PLAIN, Provider

PEOPLE = addresses([f"person{n}" for n in range(7)])
FEW = PEOPLE[:3]
ANNA, BRUNO, CLAIRE = FEW
MINUTE = timedelta(minutes=1)


def crashed(house: House, logs: Flights | None = None, lease: timedelta = HOUR) -> Batch:
    """A batch of requests of several, as a worker has it that is about to die."""
    return lives.crashed(house, logs, ParcelProvider(most=3).capabilities, lease)


def in_doubt(house: House, provider: ParcelProvider, *people: str, what: str = LOST) -> str:
    """These went in one request whose answer nobody heard; answers its key."""
    house.enter(*people)
    provider.most = len(people)
    provider.script = [what]
    assert deliver(house, provider) == Report(claimed=len(people), unknown=len(people))
    ((key, _),) = provider.requests
    house.now += HOUR
    return key


def key_of(house: House, address: str) -> str:
    return str(house.outbox()[address].key)


def object_to(house: House, address: str) -> None:
    with house.db.begin() as c:
        suppress_address(c, address, Suppression.UNSUBSCRIBED, house.now)


def rename(house: House, address: str) -> None:
    house.post((address, ProfileChanged("p1", house.now, {"first_name": "Annabelle"})))
    house.decide()


class Slow(ParcelProvider):
    """Something happens while its first request is on its way, and is known when the last byte is to go."""

    def __init__(self, while_it_waits: Callable[[], None]) -> None:
        super().__init__()
        self._todo = [while_it_waits]

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        if self._todo:
            await asyncio.to_thread(self._todo.pop())
            await asyncio.sleep(EVERY * 1.4)
        return await super().send_parcel(key, messages, may_go)


def test_what_is_due_goes_in_few_requests_and_each_is_told_of_its_own(house: House) -> None:
    house.enter(*PEOPLE)
    provider = ParcelProvider()
    assert deliver(house, provider) == Report(claimed=7, sent=7)
    assert sorted(len(keys) for keys in provider.parcels) == [1, 3, 3]
    assert provider.delivered == dict.fromkeys((key_of(house, one) for one in PEOPLE), 1)
    assert {row.provider_id for row in house.attempts()} == {f"id-{key_of(house, one)[:6]}" for one in PEOPLE}


def test_the_key_of_a_request_and_who_is_in_it_in_order_are_written_down_before_it_goes(house: House) -> None:
    house.enter(*PEOPLE)
    seen: list[tuple[list[str], list[Any]]] = []

    def look(messages: Any) -> None:
        keys = [one.key for one in messages]
        query = select(outbox.c.key, outbox.c.parcel, outbox.c.place, outbox.c.state).where(outbox.c.key.in_(keys))
        with house.db.read() as c:
            seen.append((keys, sorted(c.execute(query), key=lambda row: row.place)))

    provider = ParcelProvider(before=look)
    deliver(house, provider)
    by_key = dict(provider.requests)
    for keys, rows in seen:
        assert [row.key for row in rows] == keys
        assert [row.place for row in rows] == list(range(len(keys)))
        assert {row.state for row in rows} == {"intent"}
        (parcel,) = {row.parcel for row in rows}
        assert by_key[parcel] == tuple(keys)


def test_a_lost_answer_is_asked_for_by_the_very_same_request(house: House) -> None:
    provider = ParcelProvider()
    key = in_doubt(house, provider, *FEW)
    assert deliver(house, provider) == Report(claimed=3, sent=3)
    assert provider.requests == [(key, provider.parcels[0])] * 2
    assert set(provider.delivered.values()) == {1}
    assert set(house.states().values()) == {"sent"}


def test_a_request_that_never_got_there_is_carried_out_by_its_repetition(house: House) -> None:
    provider = ParcelProvider()
    key = in_doubt(house, provider, *FEW, what=GONE)
    assert deliver(house, provider).sent == 3
    assert provider.requests[1] == (key, provider.parcels[0])
    assert (len(provider.delivered), set(provider.delivered.values())) == (3, {1})


@pytest.mark.parametrize("size", [1, 2, 100])
def test_whoever_claims_one_of_a_request_in_doubt_takes_the_others(house: House, size: int) -> None:
    house.enter(*PEOPLE[:6])
    before = [ready.row.key for parcel in crashed(house, lease=timedelta(0)).parcels for ready in parcel.members]
    with house.db.begin() as c:
        assert recover_stale(c, house.now) == 6
    provider = ParcelProvider()
    assert deliver(house, provider, batch_size=size).sent == 6
    assert sorted(provider.parcels) == sorted([tuple(before[:3]), tuple(before[3:])])
    assert set(provider.delivered.values()) == {1}


def test_a_request_in_doubt_waits_for_those_of_it_that_another_worker_has(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    provider.requests.clear()
    with house.db.begin() as c:
        other = claim_outbox(c, house.now, 1, HOUR)
    assert deliver(house, provider) == Report(claimed=2, waiting=2)
    assert not provider.requests
    with house.db.begin() as c:
        c.execute(update(outbox).where(outbox.c.token == other.token).values(token=None, leased_until=None))
    house.now += MINUTE
    assert deliver(house, provider).sent == 3
    assert [len(keys) for keys in provider.parcels] == [3]


def test_two_workers_that_took_turns_at_a_request_in_doubt_repeat_it_as_one(house: House) -> None:
    """One has a part of it, the other the rest; neither sends, and whoever comes first next time has all."""
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    with house.db.begin() as c:
        claim_outbox(c, house.now, 1, timedelta(0))  # a lease that is over is nobody's
    assert deliver(house, provider).sent == 3
    assert [len(keys) for keys in provider.parcels] == [3, 3]


def test_nobody_who_objected_since_is_written_to_and_what_surely_never_left_goes_to_the_others(house: House) -> None:
    provider = ParcelProvider()
    key = in_doubt(house, provider, *FEW, what=GONE)
    object_to(house, ANNA)
    deliver(house, provider)
    deliver(house, provider)
    others = tuple(one for one in provider.parcels[0] if one != key_of(house, ANNA))
    assert provider.requests[1:] == [(key, others)]
    assert provider.delivered == dict.fromkeys(others, 1)
    assert house.states() == {ANNA: "withheld", BRUNO: "sent", CLAIRE: "sent"}


def test_where_the_provider_had_the_request_the_others_of_one_who_objected_stay_unknown_and_get_nothing_twice(
    house: House,
) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    object_to(house, ANNA)
    deliver(house, provider)
    deliver(house, provider)
    assert set(house.states().values()) == {"unknown"}
    assert len(provider.requests) == 2, "what was refused once is not tried again"
    assert set(provider.delivered.values()) == {1}
    with house.db.read() as c:
        assert [one.again for one in list_unknown(c)] == [None] * 3
    with house.db.begin() as c:
        assert len(settle_by_sign(c, {key_of(house, CLAIRE): house.now}, house.now)) == 3, "of all that it had"


def test_before_anybody_is_left_out_something_may_come_back_about_any_of_them(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    house.now -= HOUR
    object_to(house, ANNA)
    for _ in range(2):
        house.now += MINUTE * 0.9
        deliver(house, provider)
    assert len(provider.requests) == 1
    assert set(house.states().values()) == {"unknown"}
    with house.db.begin() as c:
        settle_by_sign(c, {key_of(house, BRUNO): house.now}, house.now)
    assert set(house.states().values()) == {"sent"}


def test_what_would_not_be_the_same_message_is_left_out_and_sent_anew_once_it_surely_never_left(house: House) -> None:
    provider = ParcelProvider()
    key = in_doubt(house, provider, *FEW, what=GONE)
    rename(house, ANNA)
    deliver(house, provider)
    deliver(house, provider)
    first, second = provider.requests[1:]
    assert (first[0], second[1]) == (key, (key_of(house, ANNA),))
    assert second[0] != key
    assert (len(provider.delivered), set(provider.delivered.values())) == (3, {1})
    assert set(house.states().values()) == {"sent"}


def test_who_was_left_out_of_a_repetition_stays_out_of_the_next(house: House) -> None:
    """The provider may know the key by the shorter request; with it in it again, that could not be found out."""
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW, what=GONE)
    rename(house, ANNA)
    provider.script = [LOST]
    assert deliver(house, provider) == Report(claimed=3, unknown=3)
    house.post((ANNA, ProfileChanged("p2", house.now, {"first_name": ANNA.partition("@")[0].title()})))
    house.decide()
    house.now += HOUR
    deliver(house, provider)
    deliver(house, provider)
    assert [len(keys) for keys in provider.parcels] == [3, 2, 2, 1]
    assert set(house.states().values()) == {"sent"}
    assert set(provider.delivered.values()) == {1}


def test_a_request_of_which_nothing_may_go_any_more_is_not_made(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    for one in FEW:
        object_to(house, one)
    deliver(house, provider)
    assert len(provider.requests) == 1
    assert set(house.states().values()) == {"unknown"}


def test_a_key_that_the_provider_may_have_forgotten_is_not_used_again(house: House) -> None:
    provider = ParcelProvider(lifetime=HOUR)
    in_doubt(house, provider, *FEW)
    assert deliver(house, provider) == Report(claimed=3, unknown=3)
    assert len(provider.requests) == 1
    assert {row.due_at for row in house.outbox().values()} == {None}


def test_a_key_is_as_old_as_its_request_not_as_the_first_attempt_at_a_message(house: House) -> None:
    house.enter(*FEW)
    provider = ParcelProvider(lifetime=2 * HOUR, script=[LATER])
    assert deliver(house, provider) == Report(claimed=3, retried=3)
    house.now += 3 * HOUR
    provider.script = [LOST]
    assert deliver(house, provider) == Report(claimed=3, unknown=3)
    house.now += HOUR
    assert deliver(house, provider) == Report(claimed=3, sent=3)
    assert set(provider.delivered.values()) == {1}


def test_somebody_who_objects_at_the_last_instant_stops_the_request_and_the_others_go_by_the_next(house: House) -> None:
    house.enter(*FEW)
    provider = Slow(while_it_waits=lambda: object_to(house, ANNA))
    assert deliver(house, provider) == Report(claimed=3, withheld=1, retried=2)
    assert not provider.requests
    assert deliver(house, provider) == Report(claimed=2, sent=2)
    assert house.states() == {ANNA: "withheld", BRUNO: "sent", CLAIRE: "sent"}
    assert [len(keys) for keys in provider.parcels] == [2]
    assert set(provider.delivered.values()) == {1}


def test_somebody_who_objects_while_a_request_is_made_again_is_left_out_of_the_next(house: House) -> None:
    first = ParcelProvider()
    key = in_doubt(house, first, *FEW, what=GONE)
    provider = Slow(while_it_waits=lambda: object_to(house, ANNA))
    deliver(house, provider)
    assert not provider.requests
    assert set(house.states().values()) == {"unknown"}
    deliver(house, provider)
    deliver(house, provider)
    others = tuple(one for one in first.parcels[0] if one != key_of(house, ANNA))
    assert provider.requests == [(key, others)]
    assert house.states() == {ANNA: "withheld", BRUNO: "sent", CLAIRE: "sent"}


def test_a_request_is_one_question_to_the_server_and_who_fails_it_is_left_alone(house: House) -> None:
    house.enter(*PEOPLE)
    provider = ParcelProvider(most=1, script=[LATER] * 5)
    assert deliver(house, provider, flow=Flow()) == Report(claimed=7, retried=5, waiting=2)
    assert sorted((row.state, row.attempts) for row in house.outbox().values()) == [
        *[("queued", 0)] * 2, *[("retry", 1)] * 5,
    ]  # fmt: skip


def test_where_one_is_refused_and_nobody_says_which_each_goes_by_itself_whichever_worker_sends_it(house: House) -> None:
    house.enter(*FEW)
    provider = ParcelProvider(refused={key_of(house, BRUNO)})

    async def one_round() -> Report:
        composer = Composer(TOKENS, BASE_URL, house.domains)
        return await Delivery(house.db, house.library, provider, composer).run_once(house.now)

    assert asyncio.run(one_round()) == Report(claimed=3, retried=3)
    assert {(row.parcel, row.place, row.state) for row in house.outbox().values()} == {(None, None, "retry")}
    report = deliver(house, provider)
    assert (report.sent, report.refused) == (2, 1)
    assert [len(keys) for keys in provider.parcels] == [3, 1, 1, 1]
    assert {key for key, _ in provider.requests[1:]} == {key_of(house, one) for one in FEW}
    assert house.states() == {ANNA: "sent", BRUNO: "refused", CLAIRE: "sent"}


def test_a_request_in_doubt_that_is_refused_when_repeated_is_not_taken_apart(house: House) -> None:
    """By themselves, under other keys, they could come twice."""
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW, what=GONE)
    provider.refused = {key_of(house, BRUNO)}
    deliver(house, provider)
    deliver(house, provider)
    assert [len(keys) for keys in provider.parcels] == [3, 3]
    assert set(house.states().values()) == {"unknown"}


def test_who_asks_for_fewer_requests_gets_the_same_messages_together_again(house: House) -> None:
    house.enter(*FEW)
    provider = ParcelProvider(script=[LATER])
    assert deliver(house, provider) == Report(claimed=3, retried=3)
    (due,) = {row.due_at for row in house.outbox().values()}
    house.now = due
    assert deliver(house, provider).sent == 3
    assert [len(keys) for keys in provider.parcels] == [3]


@pytest.mark.parametrize("first", ["", LATER])
def test_what_has_a_file_goes_by_itself_under_its_own_key(house: House, first: str) -> None:
    house.enter(*FEW)
    anna = key_of(house, ANNA)

    class WithFile(ParcelProvider):
        @property
        def capabilities(self) -> Capabilities:
            parcels = Parcels(self.most, 10_000_000, lambda data: anna.encode() not in data)
            return replace(super().capabilities, parcels=parcels)

    provider = WithFile(script=[first] if first else [])
    deliver(house, provider)
    house.now += HOUR
    deliver(house, provider)
    assert sorted(len(keys) for keys in provider.parcels) == [1, 2]
    assert (anna, (anna,)) in provider.requests
    assert set(house.states().values()) == {"sent"}


@pytest.mark.parametrize("whole", [True, False])
def test_a_request_in_doubt_waits_for_a_brake(house: House, whole: bool) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    campaign = "" if whole else house.outbox()[ANNA].campaign
    with house.db.begin() as c:
        put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "claire", ""))
    assert deliver(house, provider) == Report()
    assert len(provider.requests) == 1
    with house.db.begin() as c:
        release(c, campaign, {BrakeKind.PAUSED}, "claire", house.now)
    assert deliver(house, provider).sent == 3
    assert set(provider.delivered.values()) == {1}


def test_a_brake_that_comes_on_before_the_intents_keeps_a_request_whole_whoever_is_left_out(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW, what=GONE)
    object_to(house, ANNA)
    brake = Brake(house.outbox()[ANNA].campaign, BrakeKind.PAUSED, house.now, "claire", "")

    def pause() -> None:
        house.before_composing = lambda: None
        with house.db.begin() as c:
            put_on(c, brake)

    house.before_composing = pause
    assert deliver(house, provider) == Report(claimed=3, waiting=3)
    assert set(house.states().values()) == {"unknown"}
    with house.db.begin() as c:
        release(c, brake.campaign, {BrakeKind.PAUSED}, "claire", house.now)
    deliver(house, provider)
    deliver(house, provider)
    assert [len(keys) for keys in provider.parcels] == [3, 2]
    assert house.states() == {ANNA: "withheld", BRUNO: "sent", CLAIRE: "sent"}


def test_a_brake_at_the_last_instant_stops_the_whole_request_and_burns_no_attempt(house: House) -> None:
    house.enter(*FEW)
    campaign = house.outbox()[ANNA].campaign

    def pause() -> None:
        with house.db.begin() as c:
            put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "claire", ""))

    provider = Slow(while_it_waits=pause)
    assert deliver(house, provider) == Report(claimed=3, waiting=3)
    assert deliver(house, provider) == Report()
    assert not provider.requests
    assert {(row.state, row.attempts, row.gate) for row in house.outbox().values()} == {("queued", 0, "brake")}


def test_a_killed_workers_log_tells_which_requests_had_gone_and_the_others_go_at_once(
    house: House, logs: Flights
) -> None:
    house.enter(*PEOPLE)
    batch = crashed(house, logs)
    answered, unanswered, not_gone = batch.parcels
    assert batch.flight is not None
    for parcel in (answered, unanswered):
        assert batch.flight.going(parcel.key)
    batch.flight.came(*(Accepted(ready.row.key, house.now, "taken", "id") for ready in answered.members))
    batch.flight.abandon()
    provider = ParcelProvider()
    provider.bound[unanswered.key] = tuple(ready.message.data for ready in unanswered.members)
    assert recover_flights(house.db, logs, house.now) == len(PEOPLE)
    states = {row.key: row.state for row in house.outbox().values()}
    for parcel, state in ((answered, "sent"), (unanswered, "unknown"), (not_gone, "retry")):
        assert {states[ready.row.key] for ready in parcel.members} == {state}
    deliver(house, provider, logs)
    assert (unanswered.key, tuple(ready.row.key for ready in unanswered.members)) in provider.requests
    assert set(provider.delivered) == {ready.row.key for ready in not_gone.members}
    assert set(house.states().values()) == {"sent"}


def test_a_log_cut_short_while_it_tells_of_a_request_leaves_all_of_it_in_doubt(
    house: House, logs: Flights, tmp_path: Path
) -> None:
    house.enter(*FEW)
    batch = crashed(house, logs)
    (parcel,) = batch.parcels
    assert batch.flight is not None
    assert batch.flight.going(parcel.key)
    batch.flight.came(*(Accepted(ready.row.key, house.now, "taken") for ready in parcel.members))
    batch.flight.abandon()
    (file,) = (tmp_path / "state").iterdir()
    file.write_bytes(file.read_bytes()[:-30])
    recover_flights(house.db, logs, house.now)
    assert set(house.states().values()) == {"unknown"}
    assert deliver(house, ParcelProvider(), logs).sent == 3


def test_what_comes_back_about_one_speaks_for_all_of_its_request(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    with house.db.begin() as c:
        assert len(settle_by_sign(c, {key_of(house, ANNA): house.now}, house.now)) == 3
    assert set(house.states().values()) == {"sent"}
    assert {row.detail for row in house.outbox().values()} == {CAME_BACK}
    assert deliver(house, provider) == Report()


def test_what_comes_back_before_a_crash_is_noticed_speaks_for_all_of_its_request(house: House) -> None:
    house.enter(*PEOPLE[:4])
    batch = crashed(house, lease=timedelta(0))
    one = batch.parcels[0].members[1].row.key
    with house.db.begin() as c:
        settle_by_sign(c, {one: house.now}, house.now)
        recover_stale(c, house.now)
    states = {row.key: row.state for row in house.outbox().values()}
    assert {states[ready.row.key] for ready in batch.parcels[0].members} == {"sent"}
    assert {states[ready.row.key] for ready in batch.parcels[1].members} == {"unknown"}


def test_a_persons_word_is_about_one_message_alone(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    with house.db.begin() as c:
        settle_by_person(c, [key_of(house, ANNA)], house.now, was_sent=True)
    assert house.states() == {ANNA: "sent", BRUNO: "unknown", CLAIRE: "unknown"}
    deliver(house, provider)
    assert set(provider.delivered.values()) == {1}


def test_a_contact_that_is_erased_takes_nobody_with_it(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW, what=GONE)
    with house.db.begin() as c:
        c.execute(outbox.delete().where(outbox.c.key == key_of(house, ANNA)))
    assert deliver(house, provider).sent == 2


def test_a_contact_that_is_to_be_decided_first_keeps_its_request_waiting_a_little(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    house.post((ANNA, ProfileChanged("p1", house.now, {"company": "Exemple"})))
    assert deliver(house, provider) == Report(claimed=2, waiting=2)
    house.decide()
    house.now += MINUTE
    assert deliver(house, provider).sent == 3
    assert [len(keys) for keys in provider.parcels] == [3, 3]


def test_what_is_in_doubt_in_a_request_is_not_repeated_by_another_way_to_send(house: House) -> None:
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    other = Provider(PLAIN)
    assert deliver(house, other) == Report(claimed=3, unknown=3)
    assert not other.taken


def test_an_author_who_would_rather_have_it_twice_has_it_repeated_by_another_way_to_send(house: House) -> None:
    programs = {
        name: replace(one, when_unknown=WhenUnknown.AT_LEAST_ONCE) for name, one in house.world.programs.items()
    }
    house.world = replace(house.world, programs=programs)
    provider = ParcelProvider()
    in_doubt(house, provider, *FEW)
    other = Provider(PLAIN)
    assert deliver(house, other) == Report(claimed=3, sent=3)
    assert {(row.parcel, row.place) for row in house.outbox().values()} == {(None, None)}


def test_a_worker_told_to_stop_puts_off_what_has_not_gone(house: House) -> None:
    house.enter(*PEOPLE)
    composer = Composer(TOKENS, BASE_URL, house.domains)

    class Hanging(ParcelProvider):
        went = asyncio.Event()

        async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
            assert not may_go(messages)
            self.requests.append((key, ()))
            if len(self.requests) == 2:
                self.went.set()
            await asyncio.Event().wait()
            return ()

    async def stopped() -> None:
        hanging = Hanging()
        delivery = Delivery(house.db, house.library, hanging, composer)
        task = asyncio.create_task(delivery.run_all(house.now))
        await hanging.went.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    assert sorted(house.states().values()) == ["intent"] * 6 + ["retry"]


@pytest.fixture(params=range(4))
def course(request: pytest.FixtureRequest) -> list[str]:
    """What happens to the requests, one after another."""
    courses = ([LOST, LATER, LOST], [GONE, LOST, GONE], [LATER, GONE, LATER, LOST], [LOST, LOST, GONE, LATER])
    return list(courses[request.param])


def test_whatever_happens_to_the_requests_everybody_gets_their_mail_once(house: House, course: list[str]) -> None:
    house.enter(*PEOPLE)
    provider = ParcelProvider(script=course)
    for _ in range(9):
        deliver(house, provider, batch_size=5)
        house.now += HOUR
    assert provider.delivered == dict.fromkeys((key_of(house, one) for one in PEOPLE), 1)
    assert set(house.states().values()) == {"sent"}
