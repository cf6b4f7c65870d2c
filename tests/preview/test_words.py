"""The preview's words: in both languages, with the same things filled in, and none that nobody says."""

import re
from pathlib import Path

import pytest

from nurture.texts.preview import words

ROOMS = Path(__file__).parents[2] / "nurture" / "preview"
SAID = "\n".join(path.read_text() for path in ROOMS.rglob("*") if path.suffix in (".py", ".html"))
MADE = ("turn_", "unit_", "edge_", "exhausted_", "link_")
"""Names that are put together from a prefix and a value of the core."""


@pytest.mark.parametrize("name", words("fr"))
def test_a_word_is_said_in_both_languages_and_by_somebody(name: str) -> None:
    french, english = words("fr")[name], words("en")[name]
    assert french
    assert english
    assert set(re.findall(r"\{(\w+)\}", french)) == set(re.findall(r"\{(\w+)\}", english))
    by_value = name in ("typical", "empty", "long", "fr", "en", "confirmation", "hand_off", "notify")
    assert (
        by_value or name.startswith(MADE) or re.search(rf"\bw\.{name}\b|\bwords\[[\"']{name}[\"']\]|\"{name}\"", SAID)
    )
