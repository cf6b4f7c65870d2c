"""A newsletter in the mailboxes of its segment: a share first when it is to many, everybody once it is approved, nobody twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.core.conditions import ALWAYS, InSegment
from nurture.core.newsletters import STAGE, Issue
from nurture.core.program import Audience, WhenExhausted
from nurture.core.segments import Segment
from nurture.delivery.brakes import Approval, Gate, goes_ahead, read_brakes
from nurture.delivery.recording import Report
from nurture.engine.newsletters import send_newsletters
from nurture.storage.brakes import release
from nurture.storage.load import load_contacts
from nurture.storage.words import BrakeKind
from tests.builders import a_program, a_stage, a_world, send
from tests.delivery.harness import GUIDE, NOW, House, addresses, run
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

PEOPLE = addresses([f"person{n}" for n in range(60)])
ASKS = Approval(above=50, share=1000)


@pytest.fixture
def letters(house: House) -> House:
    """Sixty people, and a newsletter to everybody."""
    stage = a_stage(STAGE, send("guide"), exhausted=WhenExhausted.LEAVE)
    audience = Audience(only_if=InSegment("all", ALWAYS))
    issue = Issue("all", NOW, NOW + timedelta(days=2))
    program = replace(a_program(stage, name="march", audience=audience), issue=issue)
    house.world = a_world(program, catalogue={"guide": GUIDE}, segments={"all": Segment("all", ALWAYS)})
    house.take_in(*PEOPLE)
    return house


def keys(house: House) -> list[str]:
    with house.db.read() as c:
        return [contact.state.key for contact in load_contacts(c, list(house.ids.values()), house.now).values()]


def test_a_share_goes_ahead_and_the_others_once_it_is_approved(letters: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink, letters.delivery(sink, gate=Gate(ASKS), batch_size=7) as delivery:
            assert send_newsletters(letters.db, letters.world, letters.now, ASKS) == 60
            letters.decide()
            sent = (await delivery.run_all(letters.now)).sent
            with letters.db.read() as c:
                (brake,) = read_brakes(c).approvals
            assert brake.why.startswith("The newsletter march goes to more than 50 contacts")
            assert sent == sum(goes_ahead(brake, key) for key in keys(letters))
            assert await delivery.run_all(letters.now) == Report()
            letters.now += timedelta(hours=3)
            with letters.db.begin() as c:
                release(c, "march", {BrakeKind.APPROVAL}, "claire", letters.now)
            assert (await delivery.run_all(letters.now)).sent == 60 - sent
            assert sorted(sink.message_ids.values()) == [1] * 60

    run(scenario())


def test_what_was_not_approved_in_time_is_not_sent(letters: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink, letters.delivery(sink, gate=Gate(ASKS)) as delivery:
            send_newsletters(letters.db, letters.world, letters.now, ASKS)
            letters.decide()
            sent = (await delivery.run_all(letters.now)).sent
            letters.now += timedelta(days=3)
            with letters.db.begin() as c:
                release(c, "march", {BrakeKind.APPROVAL}, "claire", letters.now)
            await delivery.run_all(letters.now)
            letters.decide()
            assert (await delivery.run_all(letters.now)).sent == 0
            assert len(sink.message_ids) == sent
            assert set(letters.states().values()) <= {"sent", "withheld"}

    run(scenario())
