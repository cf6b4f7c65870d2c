"""Each warning where it is due, at its place, and nowhere else; the plainest cases are the examples of explained.toml."""

import pytest

from nurture.authoring.bundle import check
from nurture.authoring.problems import Code, Problem
from nurture.storage.worlds import Bundle
from tests.authoring.builders import CAMPAIGN, FILES, SCORING, Edit, place

ADVANCE = '    advance: downloaded("guide") or engagement >= 20\n'


def warned(*edits: Edit) -> list[Problem]:
    files = FILES
    for edit in edits:
        files = edit.of(files)
    return check(Bundle(files))


def codes(*edits: Edit) -> set[str]:
    return {problem.code for problem in warned(*edits)}


def at_sequence(text: str) -> Edit:
    """Other steps in the first stage."""
    old = "      - send: guide\n      - wait: 3 days\n      - relance: guide\n"
    return Edit(CAMPAIGN, old, "".join(f"      {line}\n" for line in text.strip().split("\n")))


def test_a_condition_is_pointed_at_where_it_stands() -> None:
    edit = Edit(CAMPAIGN, "  enter:", '  only_if: country = "FR" and country = "BE"\n  enter:')
    (found,) = warned(edit)
    assert found.code == Code.NEVER_TRUE
    assert (found.line, found.column) == place(edit.of(FILES), CAMPAIGN, 'country = "FR"')


def test_a_stage_that_a_rejected_prospect_goes_back_to_is_reached() -> None:
    assert codes(Edit(CAMPAIGN, ADVANCE, ""), Edit(CAMPAIGN, "recycle_to: tofu", "recycle_to: bofu")) == set()
    assert codes(Edit(CAMPAIGN, ADVANCE, "")) == {Code.NO_WAY_IN}


def test_a_stage_that_goes_on_when_exhausted_is_left() -> None:
    assert codes(Edit(CAMPAIGN, ADVANCE, "    exhausted: advance\n")) == set()


def test_a_rule_that_never_holds_leads_nowhere() -> None:
    edit = Edit(CAMPAIGN, 'downloaded("guide") or engagement >= 20', "engagement > 20 and engagement < 20")
    assert codes(edit) == {Code.NO_WAY_IN, Code.NEVER_TRUE}


def test_a_persona_of_whom_no_content_thinks_is_a_gap() -> None:
    content = "campaigns/content.yaml"
    more = Edit(SCORING, "personas:\n", "personas:\n  boss: {criteria: [{when: servers >= 1, weight: 1, label: B}]}\n")
    for_it = Edit(content, "stage: tofu", "stage: tofu\n    personas: [it]")
    (found,) = warned(more, for_it)
    assert (found.code, '"boss"' in found.message, '"it"' in found.message) == (Code.CONTENT_GAP, True, False)
    assert codes(more) == set()


@pytest.mark.parametrize(
    ("steps", "late"),
    [
        ("- send: guide\n- wait: 4 days\n- relance: guide", True),
        ("- send: guide\n- wait: 5 days\n- relance: guide", False),
        ("- send: guide\n- wait: 3 business days\n- relance: guide", False),  # over a weekend
        ('- send: guide\n- wait: up to 4 days\n  for: downloaded("guide")\n  else:\n    - relance: guide', True),
        ("- send: guide\n- wait: {until: {webinar: talk, at: end}}\n- relance: guide", False),  # nobody knows
        ("- send: guide\n- wait: 2 business hours\n- relance: guide", False),
        ("- send: guide\n- wait: 50 hours\n- relance: guide", True),
        ("- send: guide\n- when: engagement >= 5\n  then:\n    - wait: 6 days\n- relance: guide", True),
        (
            "- send: guide\n- when: engagement >= 5\n  then: [wait: 6 days]\n  else: [wait: 7 days]\n- relance: guide",
            False,
        ),
    ],
)
def test_mails_closer_than_a_cap_lets_them_are_told_only_when_certain(steps: str, late: bool) -> None:
    cap = Edit(CAMPAIGN, "language: fr", "language: fr\ncadence: {at_most: 1 per 5 days}")
    found = codes(cap, at_sequence(steps))
    assert (Code.CAP_DELAYS in found) is late


def test_a_cap_of_several_mails_looks_at_the_first_of_them() -> None:
    cap = Edit(CAMPAIGN, "language: fr", "language: fr\ncadence: {at_most: 2 per 7 days}")
    three = "- send: guide\n- wait: 3 days\n- relance: guide\n- wait: {} days\n- send: talk"
    assert codes(cap, at_sequence(three.format(3))) == {Code.CAP_DELAYS}
    assert codes(cap, at_sequence(three.format(4))) == set()


def test_a_warning_can_be_silenced_on_the_line_above_and_an_unknown_code_is_told() -> None:
    cap = Edit(CAMPAIGN, "language: fr", "language: fr\ncadence: {at_most: 1 per 5 days}")
    above = Edit(CAMPAIGN, "      - relance: guide", "      # nurture: ignore C043, C999\n      - relance: guide")
    (found,) = warned(cap, above)
    assert (found.code, "C999" in found.message) == (Code.UNKNOWN_CODE, True)
    assert (found.line, found.column) == place(above.of(cap.of(FILES)), CAMPAIGN, "C999")


def test_an_error_cannot_be_silenced() -> None:
    (found,) = warned(Edit(CAMPAIGN, "- send: guide", "- send: giude  # nurture: ignore C012"))
    assert found.code == Code.UNKNOWN_CONTENT
