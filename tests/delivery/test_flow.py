"""While a mail server or a recipient's domain is away, messages wait: none burns an attempt, and nobody else waits for them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from nurture.delivery.breakers import FAILURES
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flow import Flow
from nurture.delivery.recording import Report
from nurture.providers.transport import (
    Accepted,
    Capabilities,
    MayGo,
    Outcome,
    Outgoing,
    Stopped,
    TryLater,
    Unknown,
    always,
)
from tests.delivery.harness import BASE_URL, TOKENS, House, run
from tests.delivery.provider import PLAIN
from tests.sinks.scripted import Answer, Sink

pytestmark = pytest.mark.smtp

BUSY = "451 4.7.1 Try again later"


class Hours:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def a_flow(hours: Hours, **more: Any) -> Flow:
    return Flow(monotonic=hours, fraction=lambda: 0.5, **more)


def people(count: int, domain: str) -> list[str]:
    return [f"p{n}@{domain}" for n in range(count)]


def attempts(house: House) -> dict[str, int]:
    return {address: row.attempts for address, row in house.outbox().items()}


def test_a_server_that_is_away_costs_few_messages_an_attempt_and_the_rest_none(house: House) -> None:
    everybody = people(60, "contact.example")
    hours = Hours()

    async def scenario() -> None:
        house.enter(*everybody)
        async with Sink() as sink:
            server = sink.server
        async with house.delivery_to(server, flow=a_flow(hours)) as delivery:
            report = await delivery.run_all(house.now)
            assert report.retried <= FAILURES + 4  # what was in hand when it opened: two for each connection
            burnt = attempts(house)
            assert sum(burnt.values()) == report.retried == len(house.attempts())
            for _ in range(20):  # no busy loop: nothing is claimed while it is open
                house.now += timedelta(minutes=5)
                assert await delivery.run_all(house.now) == Report()
            assert attempts(house) == burnt

    run(scenario())


def test_after_an_outage_one_message_tries_and_then_all_go_once(house: House) -> None:
    everybody = people(60, "contact.example")
    hours = Hours()

    async def scenario() -> None:
        house.enter(*everybody)
        flow = a_flow(hours)
        async with Sink() as sink:
            for _ in range(FAILURES):
                assert flow.ask(everybody[0]) is None
                flow.heard(everybody[0], TryLater("out of order"))
            async with house.delivery(sink, flow=flow) as delivery:
                assert await delivery.run_all(house.now) == Report()
                hours.at += 15
                assert (await delivery.run_once(house.now)).sent == 1
                assert (await delivery.run_once(house.now)).sent == 2
                assert (await delivery.run_once(house.now)).sent == 4
                for _ in range(40):
                    house.now += timedelta(minutes=1)
                    await delivery.run_all(house.now)
            assert sorted(sink.message_ids.values()) == [1] * 60
            assert set(house.states().values()) == {"sent"}
            assert set(attempts(house).values()) == {1}

    run(scenario())


def test_a_domain_that_takes_nothing_waits_alone(house: House) -> None:
    stuck, others = people(40, "gmail.example"), people(40, "contact.example")
    hours = Hours()

    async def scenario() -> None:
        house.enter(*stuck, *others)
        async with Sink(script={address: [Answer("RCPT", BUSY)] * 9 for address in stuck}) as sink:
            async with house.delivery(sink, flow=a_flow(hours), batch_size=16) as delivery:
                report = await delivery.run_all(house.now)
                assert report.sent == len(others)
                assert report.retried <= FAILURES + 2
                assert report.waiting == len(stuck) - report.retried
                assert await delivery.run_all(house.now) == Report()  # they are not claimed again and again
            assert {taken.rcpt_to for taken in sink.taken} == set(others)
        waiting = [row for address, row in house.outbox().items() if address in stuck and not row.attempts]
        assert {row.state for row in waiting} == {"queued"}
        assert all(row.due_at > house.now and "gmail.example" in row.detail for row in waiting)

    run(scenario())


def test_a_domain_that_is_back_gets_everything_once(house: House) -> None:
    stuck = people(40, "gmail.example")
    hours = Hours()

    async def scenario() -> None:
        house.enter(*stuck)
        async with Sink(script={address: [Answer("RCPT", BUSY)] for address in stuck[:FAILURES]}) as sink:
            async with house.delivery(sink, flow=a_flow(hours), smtp={"connections": 1}) as delivery:
                await delivery.run_all(house.now)
                for _ in range(60):
                    hours.at += 60
                    house.now += timedelta(minutes=1)
                    await delivery.run_all(house.now)
            assert sorted(sink.message_ids.values()) == [1] * len(stuck)
            assert set(house.states().values()) == {"sent"}

    run(scenario())


def test_a_worker_told_to_stop_leaves_no_place_taken(house: House) -> None:
    hours = Hours()
    flow = a_flow(hours)
    for _ in range(FAILURES):
        flow.ask("a@one.example")
        flow.heard("a@one.example", TryLater("away"))
    hours.at += 100
    assert flow.ask("a@one.example") is None
    assert flow.ask("b@two.example") is not None
    flow.heard("a@one.example", None)
    assert flow.ask("b@two.example") is None


def test_a_host_that_turns_every_recipient_away_is_left_alone() -> None:
    flow = a_flow(Hours())
    asked = 0
    for n in range(1_000):
        address = f"p@domain{n // 10}.example"
        if flow.most(1) and flow.ask(address) is None:
            asked += 1
            flow.heard(address, TryLater("451", recipient=True))
    assert asked == FAILURES * FAILURES


def test_lost_answers_open_the_breaker_too_before_many_messages_are_unknown() -> None:
    flow = a_flow(Hours())
    for _ in range(FAILURES):
        assert flow.ask("p@contact.example") is None
        flow.heard("p@contact.example", Unknown("no answer"))
    assert flow.most(500) == 0


def test_our_own_lateness_is_not_held_against_the_server() -> None:
    flow = a_flow(Hours())
    for _ in range(FAILURES * 2):
        assert flow.ask("p@contact.example") is None
        flow.heard("p@contact.example", Stopped("The message waited too long for a connection."))
    assert flow.most(500) == 500


@dataclass
class LosesAnswers:
    """A host whose answers are lost, each after so many seconds of standing still."""

    hours: Hours
    seconds: float
    capabilities: Capabilities = PLAIN

    async def open(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Let go, and never heard of."""
        assert may_go(message)
        self.hours.at += self.seconds
        return Unknown("The answer was lost.")


@pytest.mark.parametrize(("seconds", "most"), [(0.01, 0), (30.0, 500)])
def test_what_is_lost_while_this_process_stands_still_is_not_held_against_the_server(
    house: House, seconds: float, most: int
) -> None:
    hours = Hours()
    flow = a_flow(hours)
    house.enter(*people(FAILURES * 2, "contact.example"))
    delivery = Delivery(
        house.db, house.library, LosesAnswers(hours, seconds), Composer(TOKENS, BASE_URL, house.domains), flow=flow,
        passing=hours,
    )  # fmt: skip
    run(delivery.run_all(house.now))
    assert flow.most(500) == most


def test_a_retry_after_is_honoured() -> None:
    hours = Hours()
    flow = a_flow(hours)
    flow.ask("p@contact.example")
    flow.heard("p@contact.example", TryLater("429", timedelta(seconds=90)))
    assert [flow.most(500)] + [_at(flow, hours, second) for second in (89, 90)] == [0, 0, 1]


def test_a_backlog_after_a_standstill_is_released_at_a_rising_rate(house: House) -> None:
    everybody = people(80, "contact.example")
    hours = Hours()

    async def scenario() -> None:
        house.enter(*everybody)
        async with Sink() as sink:
            async with house.delivery(sink, flow=a_flow(hours, release_rate=8)) as delivery:
                sent = []
                while sum(sent) < len(everybody):
                    sent.append((await delivery.run_all(house.now)).sent)
                    hours.at += 1
                assert sent[0] == 1
                assert max(sent[:-1]) <= 8
                assert len(sent) > 10
            assert sorted(sink.message_ids.values()) == [1] * len(everybody)

    run(scenario())


def test_a_release_ends_with_its_backlog() -> None:
    flow = a_flow(Hours(), release_rate=10)
    assert flow.most(500) == 1
    flow.claimed(0, 1)
    assert flow.most(500) == 500


@pytest.mark.parametrize(("more_to_come", "sent"), [(True, 8), (False, 30)])
def test_a_release_goes_on_while_more_of_the_backlog_is_being_decided(
    house: House, more_to_come: bool, sent: int
) -> None:
    hours = Hours()

    async def scenario() -> None:
        async with Sink() as sink, house.delivery(sink, flow=a_flow(hours, release_rate=8)) as delivery:
            hours.at = 100.0
            found = await delivery.run_on(lambda: house.now, more_to_come=lambda: more_to_come)
            assert found == Report(), "nothing is decided yet"
            house.enter(*people(30, "contact.example"))
            assert (await delivery.run_on(lambda: house.now)).sent == sent

    run(scenario())


def _at(flow: Flow, hours: Hours, second: float) -> int:
    hours.at = second
    return flow.most(500)


def test_a_good_answer_costs_no_memory() -> None:
    flow = a_flow(Hours())
    for n in range(100):
        flow.ask(f"p@domain{n}.example")
        flow.heard(f"p@domain{n}.example", Accepted("250 OK"))
    assert flow.waits([f"p@domain{n}.example" for n in range(100)]) == [None] * 100
