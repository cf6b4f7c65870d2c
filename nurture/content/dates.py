"""Dates of contacts, as people read them: 2027-01-31 is kept, “31 janvier 2027” is printed."""

from datetime import date
from functools import lru_cache

LANGUAGES = frozenset({"fr", "en"})


@lru_cache(maxsize=4096)
def in_words(text: str, language: str) -> str:
    """The date in a language; what is no date, or another language, leaves the text as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    if language not in LANGUAGES:
        return text
    from babel.dates import format_date  # where no mail prints a date, nobody waits for its import

    words = format_date(day, "d MMMM y", locale=language)
    return f"1er{words[1:]}" if language == "fr" and day.day == 1 else words
