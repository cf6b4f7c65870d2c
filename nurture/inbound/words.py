"""Folds text so that one table of words matches every way people and programs spell it."""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_CHARS: Final = 20_000  # a person's own words; more of it decides nothing

# Emphasis of mail programs, curly apostrophes, invisible marks.
_MARKS = str.maketrans({"*": None, "\u2019": "'", "\u2018": "'", "`": "'", "\u200b": None, "\ufeff": None})


def folded(text: str, at_most: int = MAX_CHARS) -> str:
    """Lower case, without accents, single spaces, straight apostrophes. "Été  indien" is "ete indien"."""
    spread = unicodedata.normalize("NFKD", text[:at_most].translate(_MARKS))
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).lower().split())
