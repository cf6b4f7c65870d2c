"""Taken over to another version, a contact gets mails as before: threads hold, and what is caught up on is a mail like any."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from nurture.core.events import CarriedOver
from nurture.core.program import Program, Send
from nurture.core.world import World
from tests.builders import a_content, a_program, a_stage, a_world, days, relance, send, wait
from tests.delivery.harness import GUIDE, House, addresses, read, run
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

(ANNA,) = addresses(["anna"])
DEMO = a_content("demo", kind="article")
FIRST = send("guide", subject="Votre guide")


def edited(house: House, *steps: Send, relances: bool = False) -> World:
    """Other steps before the wait, known beside the version that runs."""
    more = (relance("guide"),) if relances else ()
    new: Program = replace(a_program(a_stage("tofu", *steps, wait(days(2)), *more)), version="v2")
    both = a_world(*house.world.programs.values(), new, catalogue={"guide": GUIDE, "demo": DEMO})
    return replace(both, current={"cloud": "v2"})


def mails(house: House, world: World, owed: Sequence[str] = ()) -> list[EmailMessage]:
    """Anna gets the guide, is taken over the next day, and gets what comes within three days; the old version is forgotten."""

    async def scenario() -> list[EmailMessage]:
        async with Sink() as sink:
            house.enter(ANNA)
            await house.deliver(sink)
            house.decide()
            house.now += timedelta(hours=20)
            house.world = world
            house.post((ANNA, CarriedOver("over", house.now, "cloud", "v2", catch_up=tuple(owed))))
            house.decide()
            only = {pin: program for pin, program in world.programs.items() if pin[1] == "v2"}
            house.world = replace(world, programs=only)
            for _ in range(3):
                await house.deliver(sink)
                house.decide()
                house.now += timedelta(days=1)
                house.decide()
            return [read(taken) for taken in sink.taken]

    found: list[EmailMessage] = run(scenario())
    return found


def test_a_relance_keeps_its_thread_when_nobody_is_in_the_version_that_began_it(house: House) -> None:
    house.world = a_world(
        a_program(a_stage("tofu", FIRST, wait(days(1)), relance("guide"))), catalogue={"guide": GUIDE}
    )
    first, answer = mails(house, edited(house, FIRST, relances=True))
    assert answer["Subject"] == f"Re: {first['Subject']}" == "Re: Votre guide"
    assert answer["In-Reply-To"] == first["Message-ID"]


def test_a_mail_that_is_caught_up_on_is_sent_once_like_any_other(house: House) -> None:
    house.world = a_world(a_program(a_stage("tofu", FIRST, wait(days(9)))), catalogue={"guide": GUIDE})
    world = edited(house, FIRST, send("demo"))
    first, caught_up = mails(house, world, ["tofu/send:demo"])
    assert first["Subject"] == "Votre guide"
    assert caught_up["Subject"] == "demo"
    assert house.states() == {ANNA: "sent"}
