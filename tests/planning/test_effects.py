"""What an edit does to a contact: found by the same rules on old and new files, and the same whether or not one looks twice."""

from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.program import Cadence, Program
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.planning.ahead import Ahead
from nurture.planning.changes import Change
from nurture.planning.diff import program_changes
from nurture.planning.effects import Comparison
from nurture.planning.lines import Effect, Effects, Line
from nurture.planning.places import Places
from nurture.planning.stages import Activate, CarryOver, LookAgain
from tests.builders import (
    MONDAY,
    OFFICE,
    Item,
    a_contact,
    a_form,
    a_program,
    a_signal,
    a_stage,
    a_world,
    at,
    did,
    send,
)
from tests.core.play import Play
from tests.core.test_carrying import programs, step

NOW = at(MONDAY) + timedelta(days=1)
OLD = (send("guide"), step("wait", 5), send("etude"), step("later", 9), send("cas"))


class LooksAtAll(Comparison):
    """As if nothing were ever known to be the same."""

    @cached_property
    def ahead(self) -> Ahead:
        return Ahead(None, self.after)


def worlds(old: Program, new: Program) -> tuple[World, World]:
    """What runs, and what will; both in one after."""
    before = a_world(old, replace(new, version="v2"))
    return replace(before, current={"cloud": "v1"}), replace(before, current={"cloud": "v2"})


def here(world: World, now_days: int = 1, *heard: object) -> ContactState:
    """A contact who entered on Monday."""
    played = Play(world, a_contact())
    played.until(at(MONDAY) + timedelta(days=now_days), [a_form(), *heard])  # type: ignore[list-item]
    return played.state


def compared(
    old: Program,
    new: Program,
    *,
    days_ahead: int = 7,
    catch_up: tuple[str, ...] = (),
    state: ContactState | None = None,
) -> dict[Line, int]:
    """What is counted for one contact on the second day."""
    before, after = worlds(old, new)
    stages = (Activate("b"), CarryOver("cloud", "v2", catch_up=catch_up), LookAgain("b"))
    effects = Effects()
    Comparison(before, after, stages, NOW, days_ahead).of(state or here(before), (), effects)
    return dict(effects.counts)


def of(*items: Item, **more: object) -> Program:
    """One stage."""
    return a_program(a_stage("tofu", *items), **more)


def test_a_longer_wait_is_a_longer_wait_and_a_later_mail() -> None:
    longer = of(send("guide"), step("wait", 6), *OLD[2:])
    assert compared(of(*OLD), longer) == {
        Line(Effect.WAITS_LONGER, "cloud", "tofu/wait"): 1,
        Line(Effect.LATER, "cloud", "etude"): 1,
    }


def test_a_mail_beyond_the_days_is_not_mailed_any_more() -> None:
    longer = of(send("guide"), step("wait", 20), *OLD[2:])
    assert Line(Effect.NOT_MAILED, "cloud", "etude") in compared(of(*OLD), longer)


def test_a_shorter_wait_that_is_over_moves_now_and_mails_sooner() -> None:
    shorter = of(send("guide"), step("wait", 1), *OLD[2:])
    assert compared(of(*OLD), shorter) == {
        Line(Effect.MOVES_NOW, "cloud", "tofu/wait"): 1,
        Line(Effect.SOONER, "cloud", "etude"): 1,
    }


def test_a_new_mail_ahead_is_mailed_because_of_the_edit() -> None:
    more = of(*OLD[:2], send("demo"), *OLD[2:])
    assert compared(of(*OLD), more) == {
        Line(Effect.AS_BEFORE, "cloud"): 1,
        Line(Effect.MAILED, "cloud", "demo"): 1,
    }


def test_a_new_mail_behind_is_not_unless_it_is_caught_up_on() -> None:
    more = of(send("guide"), send("demo"), *OLD[1:])
    assert compared(of(*OLD), more) == {Line(Effect.AS_BEFORE, "cloud"): 1}
    caught = compared(of(*OLD), more, catch_up=("tofu/send:demo",))
    assert Line(Effect.MAILED, "cloud", "demo") in caught


def test_who_leaves_and_who_changes_the_stage_is_told() -> None:
    old = a_program(a_stage("tofu", *OLD), a_stage("mofu", send("demo")))
    assert Line(Effect.STAGE, "cloud", "mofu") in compared(old, a_program(a_stage("mofu", send("demo"))))
    visited = here(worlds(old, old)[0], 1, a_signal("visited", "/tarifs", "2027-03-01 12:00"))
    leaving = replace(old, audience=replace(old.audience, leave_if=did("visited")))
    assert Line(Effect.LEAVES, "cloud") in compared(old, leaving, state=visited)


def test_other_hours_are_seen_in_the_mails() -> None:
    assert Line(Effect.LATER, "cloud", "etude") in compared(of(*OLD), of(*OLD, cadence=Cadence(OFFICE)))


def test_a_mail_on_its_way_is_nothing_that_the_edit_does() -> None:
    before, _ = worlds(of(*OLD), of(*OLD))
    played = Play(before, a_contact(), delay=timedelta(days=2))
    played.until(NOW, [a_form(when="2027-03-01 10:00")])
    found = compared(of(*OLD), of(*OLD[:4], send("demo")), state=played.state, days_ahead=3)
    assert found == {Line(Effect.AS_BEFORE, "cloud"): 1}


def test_samples_are_the_first_names_whatever_the_order_of_counting() -> None:
    before, after = worlds(of(*OLD), of(send("guide"), step("wait", 6), *OLD[2:]))
    stages = (CarryOver("cloud", "v2"),)
    people = [replace(here(before), key=f"{n:032x}") for n in range(12)]
    parts = [Effects() for _ in range(3)]
    for n, person in enumerate(people):
        Comparison(before, after, stages, NOW, 7).of(person, (), parts[n % 3])
    one, other = Effects(), Effects()
    for part in parts:
        one.add(part)
    for part in reversed(parts):
        other.add(part)
    assert one == other
    assert one.contacts == 12
    assert [seen.key for seen in one.samples[Line(Effect.WAITS_LONGER, "cloud", "tofu/wait")]] == [
        f"{n:032x}" for n in range(5)
    ]


@settings(max_examples=250)
@given(programs(), programs(), st.integers(0, 12), st.booleans(), st.integers(0, 20))
def test_what_is_taken_for_the_same_is_the_same_and_nothing_is_ever_sent_twice(
    old: Program, new: Program, entered: int, visits: bool, days_ahead: int
) -> None:
    before, after = worlds(old, new)
    heard = [a_signal("visited", "/tarifs", "2027-03-01 12:00")] if visits else []
    state = here(before, entered, *heard)
    now = at(MONDAY) + timedelta(days=entered)
    stages = (Activate("b"), CarryOver("cloud", "v2"), LookAgain("b"))
    quick, slow = Effects(), Effects()
    comparison = Comparison(before, after, stages, now, days_ahead)
    if not comparison.of_past(state, quick):
        comparison.of(state, (), quick)
    LooksAtAll(before, after, stages, now, days_ahead).of(state, (), slow)
    assert quick == slow
    assert not any(line.effect in (Effect.REPEATED, Effect.FAULT) for line in slow.counts)


@settings(max_examples=100)
@given(programs(), st.integers(0, 12))
def test_where_nothing_changes_nothing_is_another(old: Program, entered: int) -> None:
    before, after = worlds(old, old)
    changed: list[Change] = list(program_changes(old, replace(old, version="v2"), Places({})))
    assert changed == []
    effects = Effects()
    stages = (CarryOver("cloud", "v2"), LookAgain("b"))
    LooksAtAll(before, after, stages, at(MONDAY) + timedelta(days=entered), 14).of(here(before, entered), (), effects)
    assert {line.effect for line in effects.counts} <= {Effect.AS_BEFORE}
