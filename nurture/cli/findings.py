"""What an examination of the instance can say."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One point that was looked at, and what to do about it."""

    level: Level
    what: str
    found: str
    remedy: str = ""


def ok(what: str, found: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, what, found)


def warn(what: str, found: str, remedy: str = "") -> Finding:
    """It works, and somebody should know."""
    return Finding(Level.WARN, what, found, remedy)


def fail(what: str, found: str, remedy: str = "") -> Finding:
    """It cannot work."""
    return Finding(Level.FAIL, what, found, remedy)
