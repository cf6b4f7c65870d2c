"""A breaker: leaves alone whoever cannot take messages, and comes back to it slowly. Pure: time is passed in.

Theory of operation. What is behind a breaker answers, fails, or stays silent about itself. Seconds are of any clock that
only goes forward.

    state        an answer               a failure                       time
    Closed       forgets the failures    the fifth in a row: Open        -
    Open         -                       -                               at its end: HalfOpen, one message
    HalfOpen     a round answered:       Open again, for longer          -
                 twice as many; past
                 the last round: Closed

Open lasts for a random part of a ceiling that doubles (full jitter: many processes do not come back together), never less
than the other side asked for. Answers to messages that left before the breaker opened change nothing.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

FAILURES = 5
"""Failures in a row that open a breaker."""

FIRST = 30.0
LONGEST = 900.0
LEAST = 2.0
"""Seconds for which a breaker stays open: the first ceiling, the last one, and the least it can be."""

LONGEST_ASKED = 86_400.0
"""However long the other side asks to be left alone, it is asked again the next day."""

LAST_ROUND = 64
"""Messages at once in the last round before everything goes as usual."""


@dataclass(frozen=True, slots=True)
class Closed:
    """All goes. `failures` is how many there were since the last answer."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """Nothing goes before `until`. It is the `times`-th time in a row."""

    until: float
    times: int


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """As many as `window` at once; `out` of them have no answer yet, `answered` had a good one in this round."""

    times: int
    window: int = 1
    out: int = 0
    answered: int = 0


Breaker: TypeAlias = Closed | Open | HalfOpen

CLOSED = Closed()


def at(breaker: Breaker, now: float) -> Breaker:
    """What it is by now: an open one whose time is over is half open."""
    match breaker:
        case Open(until=until, times=times) if now >= until:
            return HalfOpen(times)
        case _:
            return breaker


def room(breaker: Breaker) -> int | None:
    """How many messages may go now, beside those that are out; None: as many as there are."""
    match breaker:
        case Closed():
            return None
        case Open():
            return 0
        case HalfOpen(window=window, out=out, answered=answered):
            return max(window - out - answered, 0)
        case _:
            assert_never(breaker)


def let_out(breaker: Breaker) -> Breaker:
    """One message goes. Whoever lets it out says later what came of it, or that nothing was learnt."""
    return replace(breaker, out=breaker.out + 1) if isinstance(breaker, HalfOpen) else breaker


def answered(breaker: Breaker) -> Breaker:
    """One message was taken, or refused for a reason of its own."""
    match breaker:
        case Closed(failures=0) | Open():
            return breaker
        case Closed():
            return CLOSED
        case HalfOpen(window=window, out=out, answered=done):
            done, out = done + 1, max(out - 1, 0)
            if done < window:
                return replace(breaker, out=out, answered=done)
            return CLOSED if window >= LAST_ROUND else replace(breaker, out=out, answered=0, window=window * 2)
        case _:
            assert_never(breaker)


def failed(breaker: Breaker, now: float, fraction: float, asked: float = 0.0) -> Breaker:
    """One message could not be handed over; `asked` seconds is for how long the other side wants to be left alone.

    `fraction`, from 0 to 1, is the part of the ceiling that is waited.
    """
    match breaker:
        case Closed(failures=failures) if failures + 1 < FAILURES and not asked:
            return Closed(failures + 1)
        case Closed():
            return _open(1, now, fraction, asked)
        case Open(until=until):
            return replace(breaker, until=max(until, now + min(asked, LONGEST_ASKED))) if asked else breaker
        case HalfOpen(times=times):
            return _open(times + 1, now, fraction, asked)
        case _:
            assert_never(breaker)


def untold(breaker: Breaker) -> Breaker:
    """One message that was let out told nothing about what is behind this breaker."""
    return replace(breaker, out=max(breaker.out - 1, 0)) if isinstance(breaker, HalfOpen) else breaker


def _open(times: int, now: float, fraction: float, asked: float) -> Open:
    ceiling = min(FIRST * (1 << min(times - 1, 16)), LONGEST)
    return Open(now + max(ceiling * fraction, LEAST, min(asked, LONGEST_ASKED)), times)
