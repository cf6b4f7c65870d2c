"""What a salesperson sees of a prospect, and how the answer comes back."""

import pytest

from nurture.core.events import HandOffAnswered
from nurture.core.words import Basis, HandOffState, Rejection, Status
from nurture.core.world import World
from nurture.delivery.notices import hand_off_token
from nurture.storage.inbox import post_events
from tests.builders import a_form, a_profile, a_program, a_prospect_rule, a_reply, a_stage, a_world, send
from tests.storage.scenes import DAY
from tests.web.house import House

pytestmark = pytest.mark.anyio

WORLD = a_world(a_program(a_stage("tofu", send("guide")), prospect=a_prospect_rule()))


def a_prospect(house: House, world: World = WORLD) -> str:
    """A contact who entered, answered with interest, and is offered to sales; the token of the hand-off's links."""
    who = house.contact(
        "camille@exemple.example", first_name="Camille", last_name="<b>Martin</b>", company="Exemple SA"
    )
    happened = [a_profile(basis=Basis.OPT_IN), a_form(), a_reply("interested")]
    with house.db.begin() as c:
        post_events(c, [(who, event) for event in happened], house.clock.now())
    house.decide(world)
    offered = house.state(who).hand_off
    assert offered is not None
    return hand_off_token(house.tokens, offered.key)


async def test_looking_at_a_prospect_answers_nothing(house: House) -> None:
    token = a_prospect(house)
    for what in ("accept", "reject"):
        async with house.client() as client:
            page = await client.get(f"/handoff/{token}/{what}")
            await client.head(f"/handoff/{token}/{what}")
        assert page.status_code == 200
        for words in ("Camille", "&lt;b&gt;Martin", "Exemple SA", "camille@exemple.example", "Pourquoi maintenant"):
            assert words in page.text
        assert "<b>Martin" not in page.text
    assert house.events() == []


async def test_an_acceptance_reaches_the_rules(house: House) -> None:
    token = a_prospect(house)
    answer = await house.post(f"/handoff/{token}/accept")
    assert (answer.status_code, "ce prospect est à vous" in answer.text) == (200, True)
    house.decide(WORLD)
    state = house.state()
    assert state.hand_off is not None
    assert (state.hand_off.state, state.status) == (HandOffState.ACCEPTED, Status.PROSPECT)


async def test_a_rejection_needs_one_of_our_reasons(house: House) -> None:
    token = a_prospect(house)
    for wrong in ({}, {"reason": "expired"}, {"reason": "<script>"}):
        again = await house.post(f"/handoff/{token}/reject", data=wrong)
        assert (again.status_code, "Choisissez une raison" in again.text) == (422, True)
    answer = await house.post(f"/handoff/{token}/reject", data={"reason": "not_ready"})
    assert "Le prospect est rendu" in answer.text
    (event,) = house.events()
    assert isinstance(event, HandOffAnswered)
    assert event.rejection is Rejection.NOT_READY
    house.decide(WORLD)
    assert house.state().status is Status.RECYCLED


@pytest.mark.parametrize("decided", [False, True])
async def test_the_first_answer_counts_and_the_second_is_told_so(house: House, decided: bool) -> None:
    token = a_prospect(house)
    await house.post(f"/handoff/{token}/accept")
    if decided:
        house.decide(WORLD)
    for what in ("accept", "reject"):
        assert "a déjà été pris" in (await house.get(f"/handoff/{token}/{what}")).text
    late = await house.post(f"/handoff/{token}/reject", data={"reason": "not_a_fit"})
    assert (late.status_code, "a déjà été pris" in late.text) == (200, True)
    house.decide(WORLD)
    given = house.state().hand_off
    assert given is not None
    assert given.state is HandOffState.ACCEPTED


async def test_after_the_time_is_over_a_prospect_may_still_be_taken_not_given_back(sqlite_house: House) -> None:
    house = sqlite_house
    token = a_prospect(house)
    house.clock.advance(7 * DAY)
    house.decide(WORLD)
    assert "Le délai est passé" in (await house.get(f"/handoff/{token}/reject")).text
    assert "Vous pouvez encore" in (await house.get(f"/handoff/{token}/accept")).text
    await house.post(f"/handoff/{token}/accept")
    house.decide(WORLD)
    given = house.state().hand_off
    assert given is not None
    assert given.state is HandOffState.ACCEPTED


async def test_a_token_of_another_purpose_opens_no_hand_off(sqlite_house: House) -> None:
    house = sqlite_house
    a_prospect(house)
    key = bytes.fromhex(house.state().hand_off.key)  # type: ignore[union-attr]
    for purpose in ("confirm", "message", "reply"):
        assert (await house.get(f"/handoff/{house.tokens.sign(purpose, key)}/accept")).status_code == 404
