"""Rates as an operator writes them: `gmail.com=600/hour, *=3000/hour`, and `news.exemple.example=50/day*1.5 for 14 days`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

WINDOWS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
LARGEST = 10**9

_RATE = re.compile(r"(\d{1,9})/(minute|hour|day)")
_WARM_UP = re.compile(r"(\d{1,9})/day\*(\d{1,2}(?:\.\d{1,3})?) for (\d{1,3}) days")
_DOMAIN = re.compile(r"\*|(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in each window."""

    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class WarmUp:
    """So many on the first day, each day `factor` times as many as the day before, and no limit after `days`."""

    first: int
    factor: float
    days: int

    def limit_on(self, day: int) -> int | None:
        """The limit of that day, counted from 0."""
        if day >= self.days:
            return None
        grown = self.first
        for _ in range(day):
            grown = min(int(grown * self.factor), LARGEST)
        return grown


def parse_rates(text: str) -> dict[str, Rate]:
    """Rates by recipient domain (ValueError: a sentence)."""
    return _parse(text, _rate, "gmail.com=600/hour")


def parse_warm_ups(text: str) -> dict[str, WarmUp]:
    """Warm-ups by sender domain (ValueError: a sentence)."""
    found = _parse(text, _warm_up, "news.exemple.example=50/day*1.5 for 14 days")
    if "*" in found:
        raise ValueError("a warm-up is of one domain; write its name instead of *")
    return found


def _parse(text: str, read: Callable[[str], T | None], example: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        domain, _, rate = part.partition("=")
        domain = domain.strip().lower()
        value = read(rate.strip()) if _DOMAIN.fullmatch(domain) else None
        if value is None:
            raise ValueError(f"{part!r} is not understood; write it like {example}")
        if domain in found:
            raise ValueError(f"{domain} is given twice; write it once")
        found[domain] = value
    return found


def _rate(text: str) -> Rate | None:
    told = _RATE.fullmatch(text)
    return Rate(int(told[1]), WINDOWS[told[2]]) if told and int(told[1]) else None


def _warm_up(text: str) -> WarmUp | None:
    told = _WARM_UP.fullmatch(text)
    made = WarmUp(int(told[1]), float(told[2]), int(told[3])) if told else None
    return made if made and made.first and made.factor >= 1 and made.days else None
