"""What comes next if nothing happens, is what comes next when nothing happens."""

from datetime import timedelta

from nurture.core.effects import SendTouch
from nurture.core.reasons import Reason
from nurture.engine.inputs import consume
from nurture.simulate.forecast import foresee
from tests.builders import a_contact, a_form, a_program, a_stage, a_world, at, days, relance, send, wait
from tests.core.play import Play

BEGIN = at("2027-03-01 09:00")
WORLD = a_world(a_program(a_stage("tofu", send("guide"), wait(days(3)), relance("guide"), wait(days(2)), send("case"))))


def test_each_step_is_told_with_its_date() -> None:
    state = consume(WORLD, a_contact(), [(BEGIN, a_form(when="2027-03-01 09:00"))], BEGIN).after
    forecast = foresee(WORLD, state, [], BEGIN)
    mails = [(s.at, b.detail["content"]) for s in forecast.steps for b in s.because if b.reason is Reason.QUEUED]
    assert mails == [(BEGIN + timedelta(days=3), "guide"), (BEGIN + timedelta(days=5), "case")]
    assert forecast.steps[-1].because[-1].reason is Reason.EXHAUSTED


def test_it_is_what_the_engine_does_when_the_time_comes() -> None:
    play = Play(WORLD, a_contact())
    play.until(BEGIN, [a_form(when="2027-03-01 09:00")])
    foreseen = foresee(WORLD, play.state, [], BEGIN)
    decisions = play.until(BEGIN + timedelta(days=60))
    sent = [(d.at, e.touch.content) for d in decisions for e in d.effects if isinstance(e, SendTouch)]
    told = [(s.at, b.detail["content"]) for s in foreseen.steps for b in s.because if b.reason is Reason.QUEUED]
    assert told == sent
    assert foreseen.after.enrolments == play.state.enrolments
