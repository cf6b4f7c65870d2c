"""The best of a mail's variants: who waits for it, who gets it, and what is best."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from nurture.core.events import WorldChanged
from nurture.core.ids import pick_variant, share
from nurture.core.program import Cadence, Variant
from nurture.core.reasons import Reason
from nurture.core.state import Slotted
from nurture.core.winners import Count, WinnerRule, winner_of
from nurture.core.words import Gate, SignalKind
from tests.builders import MONDAY, OFFICE, SALT, a_contact, a_form, a_program, a_stage, a_world, at, hours, send
from tests.core.play import Play

NOW = at(MONDAY)
VARIANTS = (Variant("a", 5000), Variant("b", 5000))
RULE = WinnerRule(SignalKind.CLICKED, hours(48), 2000)
STEP = "tofu/send:guide"


def somebody(*, in_sample: bool) -> str:
    """The key of a contact that the draw puts in the sample, or does not."""
    keys = (f"{n:032x}" for n in range(1000))
    return next(key for key in keys if (share(SALT, "sample", "cloud", STEP, key) < RULE.sample) is in_sample)


def play_of(*, in_sample: bool, cadence: Cadence | None = None) -> Play:
    """A contact at a mail with a winner rule."""
    program = a_program(a_stage("tofu", send("guide", variants=VARIANTS, winner=RULE)), cadence=cadence or Cadence())
    play = Play(a_world(program), a_contact(key=somebody(in_sample=in_sample)))
    play.until(NOW, [a_form()])
    return play


def test_the_sample_is_drawn_and_does_not_wait() -> None:
    play = play_of(in_sample=True)
    drawn = pick_variant(SALT, VARIANTS, "cloud", STEP, play.state.key)
    play.until(NOW)
    assert drawn is not None
    assert [(t.variant, t.at) for t in play.sent] == [(drawn.name, NOW)]
    assert Reason.IN_SAMPLE in play.reasons


@pytest.mark.parametrize("best", ["a", "b"])
def test_the_others_wait_for_the_winner_and_get_it(best: str) -> None:
    play = play_of(in_sample=False)
    assert play.state.enrolments["cloud"].position == Slotted(STEP, NOW + timedelta(hours=96), Gate.WINNER)
    found = NOW + timedelta(hours=48)
    play.until(found - timedelta(minutes=1))
    play.world = replace(play.world, winners={("cloud", STEP): best})
    play.until(found, [WorldChanged("w", found)])
    play.until(found)
    assert [(t.variant, t.at) for t in play.sent] == [(best, found)]


def test_who_comes_after_the_winner_gets_it_at_once() -> None:
    program = a_program(a_stage("tofu", send("guide", variants=VARIANTS, winner=RULE)))
    play = Play(a_world(program, winners={("cloud", STEP): "b"}), a_contact(key=somebody(in_sample=False)))
    play.until(NOW, [a_form()])
    play.until(NOW)
    assert [(t.variant, t.at) for t in play.sent] == [("b", NOW)]


def test_without_a_winner_the_draw_decides_after_twice_the_time_also_where_that_is_at_night() -> None:
    play = play_of(in_sample=False, cadence=Cadence(OFFICE))
    play.until(at("2027-12-31 09:00"))
    assert [t.at for t in play.sent] == [at("2027-03-05 09:00")]
    night = Cadence(replace(OFFICE, start=time(11)))
    play = play_of(in_sample=False, cadence=night)
    play.until(at("2027-12-31 09:00"))
    assert len(play.sent) == 1
    assert Reason.NO_WINNER in play.reasons


def test_a_winner_that_the_author_has_taken_out_is_none() -> None:
    program = a_program(a_stage("tofu", send("guide", variants=VARIANTS, winner=RULE)))
    play = Play(a_world(program, winners={("cloud", STEP): "gone"}), a_contact(key=somebody(in_sample=False)))
    play.until(NOW, [a_form()])
    assert isinstance(play.state.enrolments["cloud"].position, Slotted)


@pytest.mark.parametrize(
    ("a", "b", "best"),
    [
        (Count(100, 10), Count(100, 11), "b"),
        (Count(100, 11), Count(100, 10), "a"),
        (Count(50, 6), Count(100, 11), "a"),  # the share, not the number
        (Count(50, 5), Count(100, 10), "b"),  # of equal shares, more people
        (Count(100, 10), Count(100, 10), "a"),  # then the one written first
        (Count(9, 9), Count(100, 1), None),  # too few
        (Count(100, 0), Count(100, 0), None),  # nobody
    ],
)
def test_the_best_share_wins_and_ties_have_a_rule(a: Count, b: Count, best: str | None) -> None:
    assert winner_of(["a", "b"], {"a": a, "b": b}) == best
    assert winner_of(["a", "b", "c"], {"a": a, "b": b}) is None
