"""A touch taken back from the outbox is an outcome like any other: the enrolment that waits for it hears of it."""

from dataclasses import replace

from nurture.core.effects import WithdrawTouch
from nurture.core.events import Withheld
from nurture.core.words import Gate, TouchState
from nurture.storage.database import Database
from tests.storage.scenes import NOW, decide, loaded, people, queue


def test_a_contact_hears_that_its_touch_was_taken_back(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    decide(db, who, WithdrawTouch(touch.key))
    assert loaded(db, who).pending == ((NOW, Withheld(f"withheld:{touch.key}:0", NOW, touch.key, Gate.WITHDRAWN)),)


def test_taking_back_what_was_taken_back_is_told_once(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    decide(db, who, WithdrawTouch(touch.key))
    assert len(loaded(db, who).pending) == 1
    decide(db, who, WithdrawTouch(touch.key))
    assert loaded(db, who).pending == ()


def test_a_touch_queued_again_can_be_taken_back_again(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    keys = []
    for _ in range(3):
        decide(db, who, WithdrawTouch(touch.key))
        keys += [event.key for _, event in loaded(db, who).pending]
        queue(db, who, replace(touch, state=TouchState.QUEUED))
    assert keys == [f"withheld:{touch.key}:{n}" for n in range(3)]
