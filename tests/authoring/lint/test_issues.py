"""A newsletter that would leave later than its file says, or not at all, is warned of; any other is not."""

import pytest

from nurture.authoring.bundle import Bundle, check
from nurture.authoring.problems import Code
from tests.authoring.test_newsletter import LETTER, files


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2027-03-06 09:30", "it leaves from 2027-03-08 08:00 on"),  # a Saturday
        ("2027-03-02 19:00", "it leaves from 2027-03-03 08:00 on"),
        ("2027-05-06 09:30", "it leaves from 2027-05-07 08:00 on"),  # Ascension
        ("2027-03-02 08:00", ""),
        ("2027-03-02 18:59", ""),
    ],
)
def test_closed_hours_are_told_with_when_they_open(at: str, words: str) -> None:
    found = [p for p in check(Bundle(files(LETTER.replace("2027-03-02 09:30", at)))) if p.code == Code.CLOSED_THEN]
    assert [words in p.message for p in found] == [True] * bool(words)


def test_what_expires_before_the_hours_open_is_told_not_to_be_sent() -> None:
    letter = LETTER.replace("2027-03-02 09:30", "2027-03-05 20:00\nexpires: 1 day")
    (found,) = [p for p in check(Bundle(files(letter))) if p.code == Code.CLOSED_THEN]
    assert "nothing is sent" in found.message
    assert not found.is_error
