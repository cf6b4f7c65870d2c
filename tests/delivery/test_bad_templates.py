"""A template that takes too much, and a machine that gives too little: what becomes of the mails, and of their siblings."""

import time

import pytest

from nurture.content.bounded import BoundedCompiler
from nurture.core.program import Variant
from nurture.core.words import Gate
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.providers.smtp import SmtpTransport
from tests.builders import a_form, a_program, a_stage, a_world, send
from tests.delivery.harness import BASE_URL, GUIDE, TOKENS, House, addresses, run, the_world
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

ANNA, BRUNO = addresses(["anna", "bruno"])
LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"


def test_a_bomb_in_one_variant_is_struck_and_all_others_are_sent(house: House) -> None:
    variants = (Variant("bad", 5000, LOOPS), Variant("good", 5000, "Votre guide"))
    house.world = a_world(a_program(a_stage("tofu", send("guide", variants=variants))), catalogue={"guide": GUIDE})
    people = addresses([f"person{n}" for n in range(16)])

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*people)
            began = time.monotonic()
            report = await house.deliver(sink)
            assert time.monotonic() - began < 8, "one bound for all that bear the bomb"
            rows = house.outbox()
            bad = {who for who in people if rows[who].variant == "bad"}
            assert report == Report(claimed=16, sent=16 - len(bad), withheld=len(bad))
            assert 2 < len(bad) < 14
            assert {rows[who].gate for who in bad} == {Gate.FAULT}
            assert all("takes more than 3 seconds" in rows[who].detail for who in bad)
            assert {taken.rcpt_to for taken in sink.taken} == set(people) - bad

    run(scenario())


def test_a_confirmation_that_takes_too_much_costs_its_bound_once(house: House) -> None:
    house.templates["confirmation.fr.mjml"] = LOOPS

    async def scenario() -> None:
        async with Sink() as sink:
            people = addresses([f"person{n}" for n in range(16)])
            house.take_in(*people)
            house.post(*((who, a_form("démo & café", confirm=True)) for who in people))
            house.decide()
            began = time.monotonic()
            assert await house.deliver(sink) == Report(claimed=16, withheld=16)
            assert time.monotonic() - began < 8

    run(scenario())


@pytest.mark.parametrize("size", [200, 1_000_000])
@pytest.mark.parametrize("filling", ["x", "=?utf-8?q?", "é", "<b>", " \n", "=?utf-7?q?+AAo-?= "])
def test_a_value_of_a_megabyte_is_capped_or_refused_alone_and_at_once(house: House, size: int, filling: str) -> None:
    house.world = the_world("{{ contact.company | default('vous') }}")

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO, anna={"first_name": (filling * size)[:size], "company": (filling * size)[:size]})
            began = time.process_time()
            report = await house.deliver(sink)
            assert time.process_time() - began < 2
            assert report.claimed == report.sent + report.withheld == 2
            assert house.states()[BRUNO] == "sent"
            assert all(len(taken.data) < 150_000 for taken in sink.taken)

    run(scenario())


def test_a_machine_that_starts_no_process_delays_its_mails_and_strikes_nobody(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            transport = SmtpTransport(sink.server, connections=1)
            composer = Composer(
                TOKENS, BASE_URL, house.domains, compiler=BoundedCompiler(module="nurture.no_such_module")
            )
            delivery = Delivery(house.db, house.library, transport, composer)
            assert await delivery.run_once(house.now) == Report(claimed=1, retried=1)
            await transport.close()
            row = house.outbox()[ANNA]
            assert row.detail.startswith("This machine cannot start the process that makes mails")
            house.now = row.due_at
            assert await house.deliver(sink) == Report(claimed=1, sent=1)

    run(scenario())
