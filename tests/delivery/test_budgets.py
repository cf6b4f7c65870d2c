"""A budget is one, whoever takes of it; what finds no room waits for its turn and lets others by."""

import asyncio
from datetime import timedelta

import pytest

from nurture.delivery.brakes import Gate
from nurture.delivery.budgets import Budgets
from nurture.delivery.recording import Report
from nurture.rates import Rate, WarmUp, parse_rates, parse_warm_ups
from tests.builders import a_form
from tests.delivery.harness import House, addresses
from tests.delivery.test_outbox_loop import run
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

HOUR = timedelta(hours=1)


def at_domain(domain: str, count: int) -> list[str]:
    return [f"person{n}@{domain}" for n in range(count)]


def test_two_workers_share_an_hours_budget_and_each_hour_has_its_own(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses([f"person{n}" for n in range(30)]))
        gate = Gate(budgets=Budgets(per_hour=10))
        house.now += timedelta(minutes=1)
        async with (
            Sink() as sink,
            house.delivery(sink, gate=gate, batch_size=4) as one,
            house.delivery(sink, gate=gate, batch_size=3) as other,
        ):
            for hour in range(3):
                reports = await asyncio.gather(one.run_all(house.now), other.run_all(house.now))
                assert sum(report.sent for report in reports) == 10, hour
                assert await one.run_all(house.now) == Report()
                house.now += HOUR
            assert sorted(sink.message_ids.values()) == [1] * 30

    run(scenario())


def test_what_waits_is_given_the_window_in_which_its_turn_comes(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses([f"person{n}" for n in range(25)]))
        async with Sink() as sink, house.delivery(sink, gate=Gate(budgets=Budgets(per_hour=10))) as delivery:
            await delivery.run_all(house.now)
            whole = house.now.replace(minute=0, second=0)
            due = sorted(row.due_at.replace(microsecond=0) for row in house.outbox().values() if row.due_at is not None)
            assert due == [whole + HOUR] * 10 + [whole + 2 * HOUR] * 5

    run(scenario())


def test_a_domain_at_its_rate_keeps_no_other_waiting(house: House) -> None:
    async def scenario() -> None:
        slow, other = at_domain("slow.example", 20), at_domain("quick.example", 3)
        house.enter(*slow)
        house.now += timedelta(seconds=1)
        house.take_in(*other)
        house.post(*((who, a_form()) for who in other))
        house.decide()
        gate = Gate(budgets=Budgets(domains=parse_rates("slow.example=2/hour, *=100/minute")))
        async with Sink() as sink, house.delivery(sink, gate=gate, batch_size=4) as delivery:
            assert (await delivery.run_all(house.now)).sent == 5
            assert {house.states()[who] for who in other} == {"sent"}

    run(scenario())


def test_a_rate_of_a_domain_outside_ascii_is_written_as_the_dns_has_it(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*at_domain("bücher.example", 3))
            gate = Gate(budgets=Budgets(domains=parse_rates("xn--bcher-kva.example=1/hour")))
            await house.deliver(sink, gate=gate)
            assert len(sink.taken) == 1

    run(scenario())


def test_a_new_sender_domain_grows_day_by_day_until_it_is_warm(house: House) -> None:
    async def scenario() -> None:
        house.enter(*addresses([f"person{n}" for n in range(30)]))
        (program,) = house.world.current_programs()
        domain = program.sender.address.rpartition("@")[2]
        gate = Gate(budgets=Budgets(warm_ups={domain: WarmUp(2, 2.0, 3)}))
        house.now = house.now.replace(hour=9)
        async with Sink() as sink, house.delivery(sink, gate=gate) as delivery:
            sent = []
            for _ in range(5):
                sent.append((await delivery.run_all(house.now)).sent)
                house.now += timedelta(days=1)
        assert sent[:3] == [2, 4, 8]
        assert sum(sent) <= 30

    run(scenario())


def test_without_budgets_nothing_is_asked(house: House) -> None:
    assert not Budgets()
    assert Budgets(per_hour=1)


def test_rates_are_read_as_they_are_written() -> None:
    assert parse_rates("gmail.com=600/hour, *=10/minute") == {
        "gmail.com": Rate(600, HOUR),
        "*": Rate(10, timedelta(minutes=1)),
    }
    warm = parse_warm_ups("News.Exemple.example=50/day*1.5 for 14 days")["news.exemple.example"]
    assert [warm.limit_on(day) for day in (0, 1, 2, 13, 14)] == [50, 75, 112, 9679, None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gmail.com=600", "'gmail.com=600' is not understood; write it like gmail.com=600/hour"),
        ("gmail.com=0/hour", "is not understood"),
        ("gmail=1/hour", "is not understood"),
        ("a.example=1/hour,A.example=2/hour", "a.example is given twice"),
    ],
)
def test_a_rate_that_cannot_be_read_is_told_with_an_example(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("*", r"\*")):
        parse_rates(text)
