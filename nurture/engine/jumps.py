"""Watches business time against time that passes: a jump of more than an hour, either way, holds all mail.

Only production has one of these; virtual time jumps by design.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.clock import passing
from nurture.storage.brakes import EVERYTHING, JUMP, Brake, put_on
from nurture.storage.database import Database
from nurture.storage.words import BrakeKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Business time as it was at some moment between two of time that passes: the machine may sleep before or after it."""

    at: datetime
    began: float
    ended: float

    def jump_since(self, last: "_Reading") -> timedelta:
        """By how much business time went on more, or less (negative), than can have passed."""
        passed = self.at - last.at
        at_least, at_most = timedelta(seconds=self.began - last.ended), timedelta(seconds=self.ended - last.began)
        return max(passed - at_most, timedelta()) + min(passed - at_least, timedelta())


class JumpWatch:
    """Compares each reading of business time with the one before."""

    def __init__(self, db: Database, passing: Callable[[], float] = passing) -> None:
        self._db = db
        self._passing = passing
        self._last: _Reading | None = None

    def look(self, clock: Callable[[], datetime]) -> datetime:
        """Read the clock, and answer what it says, once mail is held if it has jumped: all readings are to come from here."""
        began = self._passing()
        now = clock()
        before, self._last = self._last, _Reading(now, began, self._passing())
        jump = timedelta() if before is None else self._last.jump_since(before)
        if abs(jump) > JUMP:
            try:
                self._hold(now, jump)
            except BaseException:
                self._last = before  # it must be seen again
                raise
        return now

    def _hold(self, now: datetime, jump: timedelta) -> None:
        way = "forward" if jump > timedelta() else "back"
        hours = abs(jump) / timedelta(hours=1)
        why = f"The database's clock jumped {way} by {hours:.1f} hours, to {now:%Y-%m-%d %H:%M} UTC."
        with self._db.begin() as c:
            if put_on(c, Brake(EVERYTHING, BrakeKind.CLOCK, now, "nurture", why)):
                log.error("%s Nothing is sent until a person has looked and runs `nurture resume`.", why)
