"""Instants as text: what reasons tell and what profiles are sorted by, made of pieces that are there already.

`isoformat` asks the zone and prints number after number, which costs as much as a fiftieth of a decision.
"""

from datetime import UTC, datetime

from nurture.core.remembering import remember

_DAYS: dict[int, str] = {}
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02}" for second in range(60))


def text_of(at: datetime) -> str:
    """What `at.isoformat()` says."""
    if at.tzinfo is not UTC:
        return at.isoformat()
    number = at.toordinal()
    day = _DAYS.get(number) or remember(_DAYS, number, at.date().isoformat())
    micros = at.microsecond
    end = f".{micros:06}+00:00" if micros else "+00:00"
    return day + _MINUTES[at.hour * 60 + at.minute] + _SECONDS[at.second] + end
