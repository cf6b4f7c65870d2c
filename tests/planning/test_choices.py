"""Without a choice whoever can be moved safely is; each choice changes that for those it names."""

import pytest

from nurture.planning.changes import Change, What
from nurture.planning.choices import Choice, ChoiceProblem, Treatment, Way, read_choice, treatments, way_of
from nurture.planning.diff import changes
from tests.authoring.builders import CAMPAIGN, Edit
from tests.planning.builders import state

WAIT = "tofu/wait@send:guide#1"
LONGER = Edit(CAMPAIGN, "wait: 3 days", "wait: 5 days")
ADDED = Edit(CAMPAIGN, "      - wait: 3 days\n", "      - wait: 3 days\n      - send: talk\n")
GONE = Edit(
    CAMPAIGN, "prospect:", "  late:\n    sequence:\n      - wait: 9 days\n      - {wait: 2 days, id: pause}\nprospect:"
)


def treated(*choices: str, edits: tuple[Edit, ...] = (LONGER,), before: tuple[Edit, ...] = ()) -> Treatment:
    """What becomes of those in the only campaign."""
    old, new = state(*before), state(*edits)
    (only,) = treatments(changes(old, new), old.world, new.world, [read_choice(text) for text in choices])
    return only


def test_without_a_choice_those_of_the_version_that_runs_are_moved() -> None:
    found = treated()
    assert (found.way, found.only_from) == (Way.MOVE, state().world.current["welcome"])
    assert (found.keep_at, found.catch_up) == ((), ())


def test_without_a_choice_those_whose_stage_is_gone_finish_where_they_are() -> None:
    found = treated(before=(GONE,))
    assert found.keep_at == ("late/", "late/wait@start", "pause")
    assert treated("welcome=move", before=(GONE,)).keep_at == ()


def test_a_choice_for_the_campaign_reaches_those_of_every_version() -> None:
    assert treated("welcome=move").only_from == ""
    assert treated("welcome=keep") == Treatment("welcome", state(LONGER).world.current["welcome"], Way.KEEP)


def test_a_mail_that_was_added_may_be_caught_up_on_alone_or_with_all() -> None:
    added = ("tofu/send:talk#1",)
    assert treated(edits=(ADDED,)).catch_up == ()
    assert treated("welcome=catch-up", edits=(ADDED,)).catch_up == added
    assert treated("welcome:tofu/send:talk#1=catch-up", edits=(ADDED,)).catch_up == added
    assert treated("welcome=catch-up", "welcome:tofu/send:talk#1=move", edits=(ADDED,)).catch_up == ()


def test_whoever_stands_at_a_step_may_be_kept() -> None:
    assert treated(f"welcome:{WAIT}=keep").keep_at == (WAIT,)


@pytest.mark.parametrize(
    ("choices", "way"), [((), Way.MOVE), (("welcome=keep",), Way.KEEP), ((f"welcome:{WAIT}=keep",), Way.KEEP)]
)
def test_what_is_shown_beside_a_change_is_what_becomes_of_those_it_concerns(choices: tuple[str, ...], way: Way) -> None:
    (change,) = changes(state(), state(LONGER))
    assert way_of(change, treated(*choices)) is way


def test_what_concerns_everybody_alike_leaves_no_choice() -> None:
    found: tuple[Change, ...] = changes(state(GONE), state())
    (gone,) = [change for change in found if getattr(change, "what", None) is What.REMOVED and change.stage == "late"]  # type: ignore[union-attr]
    assert way_of(gone, treated(before=(GONE,), edits=())) is Way.KEEP
    assert way_of(gone, None) is None


def test_a_choice_is_read_as_it_is_written() -> None:
    for text in ("welcome=keep", f"welcome:{WAIT}=catch-up"):
        assert str(read_choice(text)) == text
    assert read_choice("a:b:c#1=move") == Choice("a", "b:c#1", Way.MOVE)
    with pytest.raises(ChoiceProblem, match="not understood"):
        read_choice("welcome=perhaps")
