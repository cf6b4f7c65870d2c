"""A file that begins with `newsletter:` is a campaign of one mail, and its mistakes are told like a campaign's."""

import pytest

from nurture.authoring.bundle import Bundle, check
from nurture.authoring.problems import Code
from nurture.core.conditions import InSegment, Tagged
from nurture.core.newsletters import Issue
from nurture.core.program import Audience, Program, Send, WhenExhausted
from nurture.delivery.specs import spec_of
from tests.authoring.builders import FILES, compiled, problems, project
from tests.builders import at

FILE = "campaigns/march.yaml"
SEGMENTS = "campaigns/segments.yaml"
LETTER = """\
newsletter: march
title: La lettre de mars
language: fr
sender: {name: Exemple, address: bonjour@exemple.example}
to: friends
send: guide
subject: En mars
at: 2027-03-02 09:30
"""


def files(letter: str = LETTER, **others: str) -> dict[str, str]:
    return {**FILES, SEGMENTS: "segments:\n  friends: tagged('friend')\n", FILE: letter, **others}


def the_newsletter(letter: str = LETTER) -> Program:
    found = compiled(files=files(letter))
    assert found.world is not None, found.problems
    return found.world.program("march", found.world.current["march"])


def test_it_is_a_campaign_of_one_stage_and_one_mail() -> None:
    march = the_newsletter()
    (stage,) = march.stages
    (step,) = stage.steps
    assert isinstance(step, Send)
    assert (step.key, step.content, step.subject, step.line) == ("newsletter/send:guide#1", "guide", "En mars", 6)
    assert stage.exhausted is WhenExhausted.LEAVE
    assert march.audience == Audience(only_if=InSegment("friends", Tagged("friend")))


def test_it_goes_out_on_the_clock_of_its_zone_and_is_worth_reading_for_three_days() -> None:
    assert the_newsletter().issue == Issue("friends", at("2027-03-02 09:30"), at("2027-03-05 09:30"))
    there = LETTER + "expires: 12 hours\ncadence: {timezone: America/Montreal}\n"
    begins = at("2027-03-02 09:30", "America/Montreal")
    assert the_newsletter(there).issue == Issue("friends", begins, at("2027-03-02 21:30", "America/Montreal"))


def test_another_time_or_segment_is_another_version() -> None:
    edits = ("at: 2027-03-02 09:30", "at: 2027-03-02 09:31"), ("to: friends", "to: others")
    others = [the_newsletter_of(LETTER.replace(*edit)) for edit in edits]
    assert len({the_newsletter().version, *others}) == 3


def the_newsletter_of(letter: str) -> str:
    two = {SEGMENTS: "segments:\n  friends: tagged('friend')\n  others: tagged('other')\n"}
    found = compiled(files=files(letter, **two))
    assert found.world is not None, found.problems
    return found.world.current["march"]


def test_variants_with_a_winner_and_the_companys_caps_are_as_in_campaigns() -> None:
    variants = """\
variants:
  a: {share: 50%, subject: A}
  b: {share: 50%, subject: B}
  winner: {by: clicked, after: 2 hours, sample: 20%}
"""
    march = the_newsletter(LETTER.replace("subject: En mars\n", variants))
    step = march.stages[0].steps[0]
    assert isinstance(step, Send)
    assert (len(step.variants), step.winner is not None) == (2, True)
    assert [(cap.count, cap.days) for cap in march.cadence.at_most] == [(1, 1)]


def test_check_finds_nothing_in_it_and_makes_its_mail() -> None:
    text = {**project(), SEGMENTS: "segments:\n  friends: tagged('friend')\n", FILE: LETTER}
    assert check(Bundle(text), spec_of) == []
    wrong = LETTER.replace("En mars", "{{ contact.nobody }}")
    assert [p.file for p in check(Bundle({**text, FILE: wrong}), spec_of)] == [FILE]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("to: friends", "to: freinds", Code.UNKNOWN_SEGMENT, 'did you mean "friends"?'),
        ("to: friends\n", "", Code.MISSING_KEY, 'a newsletter needs "to"'),
        ("send: guide", "send: giude", Code.UNKNOWN_CONTENT, 'did you mean "guide"?'),
        ("send: guide\n", "", Code.MISSING_KEY, 'a newsletter needs "send"'),
        ("at: 2027-03-02 09:30", "at: 2027-03-02", Code.BAD_SPAN, "is not a date with a time"),
        ("at: 2027-03-02 09:30", "at: 2027-03-28 02:30", Code.BAD_SPAN, "does not exist in Europe/Paris"),
        ("to: friends", "expires: 3 business days\nto: friends", Code.BAD_SPAN, "is not a unit of time here"),
        ("to: friends", "stages: {}\nto: friends", Code.UNKNOWN_KEY, 'a newsletter has no "stages"'),
        ("newsletter: march", "newsletter: welcome", Code.REPEATED_NAME, "already holds"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(old: str, new: str, code: Code, words: str) -> None:
    found = [p for p in problems(files=files(LETTER.replace(old, new, 1))) if p.is_error]
    assert found[0].code == code
    assert any(words in f"{p.message} {p.hint}" for p in found), found


def test_a_cadence_may_only_be_tighter() -> None:
    loose = LETTER + "cadence: {window: Mon-Sun 00:00-24:00}\n"
    assert Code.LOOSER_THAN_COMPANY in [p.code for p in problems(files=files(loose))]
