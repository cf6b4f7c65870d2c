"""The shipped webinar and waking campaigns, played: who gets what, and how it ends."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nurture.authoring.bundle import compile_bundle
from nurture.core.effects import OpenTask, SendNotice
from nurture.core.events import Event, TaskDone
from nurture.core.ids import share
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Exhausted
from nurture.core.words import End, Status
from nurture.core.world import World
from tests.authoring.builders import shipped
from tests.builders import SALT, a_contact, a_profile, a_signal, at
from tests.core.play import Play

LATER = at("2027-12-31 09:00")
WEBINAR = "webinar-inventaire"
REGISTERS = a_signal("registered", WEBINAR, "2027-03-03 10:00")
ATTENDS = a_signal("attended", WEBINAR, "2027-03-18 11:05")


@pytest.fixture(scope="module")
def world() -> World:
    """The shipped files."""
    found = compile_bundle(shipped(), salt=SALT).world
    assert found is not None
    return found


def invited(world: World, *then: Event) -> Play:
    """Somebody tagged for the webinar on the first of March; what comes of it is played to the end."""
    play = Play(world, a_contact())
    play.until(LATER, [a_profile("2027-03-01 10:00", tags=("invites-inventaire",)), *then])
    return play


def parts(play: Play) -> list[tuple[str, str]]:
    """What went out."""
    return [(touch.part, touch.content) for touch in play.sent]


def how_it_ended(play: Play, campaign: str) -> tuple[End, str]:
    """Why the campaign is over."""
    position = play.state.enrolments[campaign].position
    assert isinstance(position, Ended), position
    return position.why, position.note


REMINDED = [("invitation", WEBINAR), ("reminder-1d", WEBINAR), ("reminder-1h", WEBINAR)]


def test_who_came_gets_the_slides_and_a_call(world: World) -> None:
    play = Play(world, a_contact())
    tagged = a_profile("2027-03-01 10:00", tags=("invites-inventaire",))
    decided = play.until(at("2027-03-24 12:00"), [tagged, REGISTERS, ATTENDS])
    assert parts(play) == [*REMINDED, ("mail", "diapositives-inventaire")]
    effects = [effect for decision in decided for effect in decision.effects]
    (task,) = [effect for effect in effects if isinstance(effect, OpenTask)]
    assert len([effect for effect in effects if isinstance(effect, SendNotice)]) == 2
    play.until(LATER, [TaskDone("done", at("2027-03-25 10:00"), task.key, task.what, task.text, task.tag)])
    assert parts(play)[4:] == []
    assert (how_it_ended(play, "webinar-suivi"), play.state.status) == ((End.COMPLETED, ""), Status.MQL)
    assert play.state.tags == {"invites-inventaire", "venu-inventaire", "appel-inventaire"}


def test_a_call_that_nobody_makes_is_followed_by_the_offer_of_a_demonstration(world: World) -> None:
    assert parts(invited(world, REGISTERS, ATTENDS))[-1] == ("mail", "demo-guidee")


@pytest.mark.parametrize("watches", [True, False])
def test_who_registered_and_stayed_away_gets_the_recording(world: World, watches: bool) -> None:
    clicks = [a_signal("clicked", "replay-inventaire", "2027-03-22 10:00")] * watches
    play = invited(world, REGISTERS, *clicks)
    assert parts(play)[:4] == [*REMINDED, ("replay", "replay-inventaire")]
    if watches:
        assert ("mail", "article-retour-arriere") in parts(play)
    else:
        assert how_it_ended(play, "webinar-suivi") == (End.LEFT, "enregistrement pas regardé")


def test_who_never_registers_is_asked_twice_and_left_alone(world: World) -> None:
    play = invited(world)
    assert parts(play) == [("invitation", WEBINAR), ("mail", WEBINAR)]
    assert how_it_ended(play, "webinar-suivi") == (End.LEFT, "pas inscrit au webinaire")


def test_who_looks_at_the_prices_twice_is_called_without_more_ado(world: World) -> None:
    visits = [a_signal("visited", "/tarifs", f"2027-03-0{day} 10:00") for day in (2, 4)]
    play = invited(world, *visits)
    assert Reason.GOAL in play.reasons
    assert play.reasons.count(Reason.TASK_OPENED) == 1


def dormant(world: World, *, in_sample: bool, then: Sequence[Event] = ()) -> Play:
    """Somebody tagged to be woken, in the sample or not, and not held out."""
    step = next(s for s in world.program("reveil-dormants", world.current["reveil-dormants"]).stages[0].steps)
    keys = (f"{n:032x}" for n in range(1000))
    key = next(
        key
        for key in keys
        if (share(SALT, "sample", "reveil-dormants", step.key, key) < 2000) is in_sample
        and share(SALT, "hold_out", "reveil-dormants", key) >= 1000
    )
    play = Play(world, a_contact(key=key))
    play.until(LATER, [a_profile("2027-03-02 10:00", tags=("a-reveiller",)), *then])
    return play


def test_who_gives_no_sign_is_written_to_twice_and_never_woken_again(world: World) -> None:
    play = dormant(world, in_sample=True)
    assert play.mails == ["etat-des-lieux"] * 2
    assert how_it_ended(play, "reveil-dormants") == (End.LEFT, "aucun signe après deux messages")
    assert "endormi" in play.state.tags


def test_who_wakes_goes_on_and_may_be_woken_another_time(world: World) -> None:
    play = dormant(world, in_sample=True, then=[a_signal("clicked", "etat-des-lieux", "2027-03-04 10:00")])
    assert play.mails == ["etat-des-lieux", "article-couts", "cas-client-industrie"]
    assert how_it_ended(play, "reveil-dormants") == (End.COMPLETED, "")
    assert play.state.tags == set()


def test_who_is_not_in_the_sample_waits_for_the_better_subject(world: World) -> None:
    step = world.program("reveil-dormants", world.current["reveil-dormants"]).stages[0].steps[0]
    known = replace(world, winners={("reveil-dormants", step.key): "question"})
    assert dormant(known, in_sample=False).sent[0].variant == "question"
    late = dormant(world, in_sample=False).sent[0]
    assert late.at >= at("2027-03-06 10:00")


def test_the_shipped_campaigns_leave_nobody_in_between(world: World) -> None:
    for play in (invited(world), invited(world, REGISTERS), dormant(world, in_sample=False)):
        assert all(isinstance(one.position, Ended | Exhausted) for one in play.state.enrolments.values())
