"""The day an absent person is back, relative to the day their answer came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.inbound.return_date import FARTHEST, return_date

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("de retour le 4 janvier", date(2027, 1, 4)),
        ("De retour le lundi 4 JANVIER 2027", date(2027, 1, 4)),
        ("je serai de retour au bureau le 1er décembre", date(2026, 12, 1)),
        ("retour le 30/11", date(2026, 11, 30)),
        ("retour le 30.11.", date(2026, 11, 30)),
        ("jusqu'au 01/12/2026", date(2026, 12, 1)),
        ("jusqu’au 12 janvier", date(2027, 1, 12)),
        ("jusqu'au 12 janvier inclus", date(2027, 1, 13)),
        ("jusqu'au vendredi 27 nov. 2026", date(2026, 11, 27)),
        ("absent du 20 décembre au 3 janvier", date(2027, 1, 4)),
        ("absent du 20 décembre au 3 janvier, de retour le mardi 5", date(2027, 1, 4)),
        ("absent du 20 décembre au 3 janvier. De retour le 5 janvier.", date(2027, 1, 5)),
        ("disponible à partir du 15/01/27", date(2027, 1, 15)),
        ("de retour demain", date(2026, 11, 24)),
        ("de retour mercredi", date(2026, 11, 25)),
        ("de retour lundi", date(2026, 11, 30)),
        ("until 12 Jan", date(2027, 1, 12)),
        ("until January 12th, 2027", date(2027, 1, 12)),
        ("back on the 5th of January", date(2027, 1, 5)),
        ("back in the office on Monday, Nov 30", date(2026, 11, 30)),
        ("returning 2026-12-01", date(2026, 12, 1)),
        ("back tomorrow", date(2026, 11, 24)),
        ("from 1 Dec to 5 Dec", date(2026, 12, 6)),
        ("through December 3", date(2026, 12, 4)),
        ("until 01/12/2026", date(2026, 12, 1)),
        ("until 12/31/2026", date(2026, 12, 31)),
        ("until 12 Jan inclusive", date(2027, 1, 13)),
        ("out until today, 23 November", date(2026, 11, 23)),
    ],
)
def test_a_return_is_read_in_both_languages(text: str, back: date) -> None:
    assert return_date(text, MONDAY) == back


@pytest.mark.parametrize(
    "text",
    [
        "",
        "de retour bientôt",
        "je suis absent",
        "de retour le 30 février",
        "de retour le 20 novembre",  # last year's message, still on
        "de retour le 4 janvier 2026",
        "until 12 Jan 2099",
        "back to you in 2 days",
        "jusqu'au 4 à 14h",
        "le 4 janvier est férié",
        "retour le 45/13",
        "jusqu'au 12/31/2026",
    ],
)
def test_no_return_is_invented(text: str) -> None:
    assert return_date(text, MONDAY) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 299))
def test_a_day_to_come_is_read_whenever_the_answer_came(received: date, ahead: int) -> None:
    back = received + timedelta(days=ahead)
    assert return_date(f"de retour le {back.day}/{back.month:02}", received) == back
    assert return_date(f"back on {back:%B} {back.day}", received) == back


@given(st.text(alphabet="0123456789/.- janvierdeuoltmbck", max_size=80), st.dates(date(1, 1, 1), date(9998, 1, 1)))
def test_a_return_is_never_past_nor_far(text: str, received: date) -> None:
    back = return_date("de retour le " + text, received)
    assert back is None or received <= back <= received + FARTHEST + timedelta(days=1)
