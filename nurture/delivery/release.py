"""How fast a backlog is released after an outage or a standstill: a rate that rises to a cap. Pure: time is passed in.

A mail server, the people who answer the telephone, and the reputation of a sending domain all take a day's mails better in
an hour than in a minute. The rate begins at one message a second and doubles until it reaches the cap; what was not used is
saved for a second at most. A release ends when the backlog does.
"""

import math
from dataclasses import dataclass, replace

FIRST = 1.0
"""Messages a second at the beginning."""

DOUBLES = 5.0
"""Seconds in which the rate doubles."""

WORTHWHILE = 0.5
"""Seconds' worth of messages that are waited for, so that a release does not send them one by one."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that began at `began`; by `at`, `saved` messages may go. Seconds of a clock that only goes forward."""

    cap: float
    began: float
    at: float
    saved: float = 1.0


def begin(cap: float, now: float) -> Release:
    """Start slowly now: one message may go at once."""
    return Release(cap, now, now)


def rate(release: Release, now: float) -> float:
    """Messages a second."""
    doubled = min((now - release.began) / DOUBLES, 30.0)
    return min(FIRST * math.exp2(doubled), release.cap)


def advanced(release: Release, now: float) -> Release:
    """The release as it is now."""
    speed = rate(release, now)
    saved = min(release.saved + (now - release.at) * speed, max(speed, 1.0))
    return replace(release, at=now, saved=saved)


def room(release: Release, now: float) -> int:
    """How many may go now; 0 while it is not worthwhile. `release` is as `advanced` to `now`."""
    return int(release.saved) if release.saved >= max(rate(release, now) * WORTHWHILE, 1.0) else 0


def taken(release: Release, count: int) -> Release:
    """So many have gone."""
    return replace(release, saved=release.saved - count)
