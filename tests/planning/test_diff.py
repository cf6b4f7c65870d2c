"""The diff says what means something else, where it stands, and nothing of what only looks different."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.compile import version_of
from nurture.core.program import Program
from nurture.planning.changes import What
from nurture.planning.diff import changes, program_changes
from nurture.planning.places import Places
from tests.authoring.builders import CAMPAIGN, CONTENT, FILES, SCORING, TEAMS, Edit
from tests.core.test_carrying import programs
from tests.planning.builders import diff, state, told

WAIT = "      - wait: 3 days\n"


def test_the_same_files_change_nothing() -> None:
    assert diff() == ()


def test_what_only_looks_different_is_no_change() -> None:
    assert diff(Edit(CAMPAIGN, "title: Bienvenue", "# a word\n\ntitle: Bienvenue")) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wait: 3 days", "wait: 5 days", "11 tofu/wait@send:guide#1 lengthened: 3 days → 5 days"),
        ("wait: 3 days", "wait: 1 days", "11 tofu/wait@send:guide#1 shortened: 3 days → 1 days"),
        ("wait: 3 days", "wait: 3 hours", "11 tofu/wait@send:guide#1 retimed: 3 days → 3 hours"),
        (WAIT, WAIT + "      - send: talk\n", "12 tofu/send:talk#1 added: send talk"),
        ("      - relance: guide\n", "", "12 tofu/relance:guide#1 removed: relance guide"),
        ("- send: guide\n", '- {send: guide, subject: "Votre guide"}\n',
         '10 tofu/send:guide#1 reworded: subject by default → subject "Votre guide"'),
        ("engagement >= 20", "engagement >= 40",
         'stage tofu: advance: downloaded("guide") or engagement >= 20 → downloaded("guide") or engagement >= 40'),
        ('enter: submitted("guide")', 'enter: tagged("salon")', '6 enter: submitted("guide") → tagged("salon")'),
        ("title: Bienvenue", "title: Bonjour", '2 title: "Bienvenue" → "Bonjour"'),
        ("within: 4 business hours", "within: 8 business hours", "prospect: when"),
        ("stages:\n  tofu:", "cadence: {at_most: 1 per 3 days}\nstages:\n  tofu:", "7 cadence at most: 1 per 1 days → 1 per 1 days, 1 per 3 days"),
    ],
)  # fmt: skip
def test_an_edit_of_a_campaign_is_told_with_its_line(old: str, new: str, said: str) -> None:
    (only,) = told(Edit(CAMPAIGN, old, new))
    assert only.startswith(f"{CAMPAIGN}:")
    assert said in only


def test_steps_that_change_places_are_moved_and_nothing_else() -> None:
    swapped = Edit(CAMPAIGN, WAIT + "      - relance: guide\n", "      - relance: guide\n" + WAIT)
    found = [(change.what, change.step) for change in diff(swapped)]  # type: ignore[union-attr]
    assert found == [
        (What.ADDED, "tofu/wait@relance:guide#1"),
        (What.REMOVED, "tofu/wait@send:guide#1"),
    ]


RELANCE = "      - relance: guide\n"


def test_a_mail_that_goes_to_another_stage_is_moved_there() -> None:
    here = Edit(CAMPAIGN, RELANCE, RELANCE + "      - send: talk\n")
    away = Edit(CAMPAIGN, "    sequence:\n      - send: talk\n", "    sequence:\n      - leave: done\n")
    assert told(here, away) == [
        f"{CAMPAIGN}:13 tofu/send:talk#1 moved: bofu/send:talk#1 → tofu/send:talk#1",
        f"{CAMPAIGN}:17 bofu/leave@start added: leave: done",
    ]


def test_a_wait_behind_a_mail_that_is_gone_is_still_the_same_wait() -> None:
    """It is called after the mail before it."""
    longer = Edit(CAMPAIGN, RELANCE, RELANCE + "      - send: talk\n      - wait: 7 days\n      - leave: done\n")
    files = longer.of(FILES)
    without = diff(Edit(CAMPAIGN, "      - send: talk\n      - wait: 7", "      - wait: 7"), files=files)
    assert [(change.what, change.step) for change in without] == [(What.REMOVED, "tofu/send:talk#1")]  # type: ignore[union-attr]


def test_an_id_that_is_given_is_told_when_nothing_else_changes() -> None:
    (only,) = told(Edit(CAMPAIGN, "- wait: 3 days", "- {wait: 3 days, id: pause}"))
    assert only == f"{CAMPAIGN}:11 pause renamed: tofu/wait@send:guide#1 → pause"


def test_campaigns_and_stages_that_come_and_go_are_told_as_such() -> None:
    files = {**FILES, "campaigns/other.yaml": FILES[CAMPAIGN].replace("campaign: welcome", "campaign: other")}
    assert [(c.place.file, type(c).__name__) for c in changes(state(), state(files=files))] == [
        ("campaigns/other.yaml", "CampaignChange")
    ]
    assert [c.what for c in changes(state(files=files), state())] == [What.REMOVED]  # type: ignore[union-attr]
    assert told(Edit(CAMPAIGN, "  bofu:", "  mofu:"))[:2] == [
        f"{CAMPAIGN}:7 stage bofu removed",
        f"{CAMPAIGN}:14 stage mofu added",
    ]


def test_without_anything_applied_every_campaign_is_added() -> None:
    assert [change.what for change in changes(None, state())] == [What.ADDED]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit(CONTENT, "title: Guide", "title: Manuel"), f'{CONTENT}:2 content guide reworded: fr "Guide" → fr "Manuel"'),
        (Edit(CONTENT, "2027-01-21 14:00", "2027-01-21 14:30"), "content talk retimed: 2027-01-21 14:00-15:00 UTC → 2027-01-21 14:30-15:00 UTC"),
        (Edit(SCORING, "points: 10", "points: 12"), f"{SCORING}:2 scoring: signals changed"),
        (Edit(TEAMS, "09:00-18:00", "09:00-17:00"), f"{TEAMS}:2 team sales changed"),
    ],
)  # fmt: skip
def test_what_all_campaigns_share_is_told_too(edit: Edit, said: str) -> None:
    assert any(said in each for each in told(edit))


def test_a_template_is_words() -> None:
    files = {**FILES, "email_templates/article.fr.mjml": "<mjml></mjml>"}
    (change,) = changes(state(files=files), state(files={**files, "email_templates/article.fr.mjml": "<mjml> </mjml>"}))
    assert change.what is What.REWORDED  # type: ignore[union-attr]


@given(programs(), programs(), st.booleans())
def test_whatever_means_something_else_is_a_change_and_nothing_else_is(one: Program, two: Program, same: bool) -> None:
    one = replace(one, version=version_of(one))
    two = replace(two, version=version_of(two))
    found = list(program_changes(one, one if same else two, Places({})))
    assert bool(found) == (not same and one.version != two.version)
