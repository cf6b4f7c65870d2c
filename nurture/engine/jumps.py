"""Watches business time against time that passes: a jump of more than an hour, either way, holds all mail.

Only production has one of these; virtual time jumps by design.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from nurture.storage.brakes import EVERYTHING, JUMP, Brake, put_on
from nurture.storage.database import Database
from nurture.storage.words import BrakeKind

log = logging.getLogger(__name__)


def passing() -> float:
    """Seconds that pass, also while the machine sleeps where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class JumpWatch:
    """Compares each reading of business time with the one before."""

    def __init__(self, db: Database, passing: Callable[[], float] = passing) -> None:
        self._db = db
        self._passing = passing
        self._last: tuple[datetime, float] | None = None

    def look(self, now: datetime) -> None:
        """Call with each reading, before acting upon it."""
        before, self._last = self._last, (now, self._passing())
        if before is None:
            return
        jump = (now - before[0]) - timedelta(seconds=self._last[1] - before[1])
        if abs(jump) > JUMP:
            try:
                self._hold(before[0], now, jump)
            except BaseException:
                self._last = before  # it must be seen again
                raise

    def _hold(self, before: datetime, now: datetime, jump: timedelta) -> None:
        way = "forward" if jump > timedelta() else "back"
        hours = abs(jump) / timedelta(hours=1)
        why = f"The database's clock jumped {way} by {hours:.1f} hours, to {now:%Y-%m-%d %H:%M} UTC."
        with self._db.begin() as c:
            if put_on(c, Brake(EVERYTHING, BrakeKind.CLOCK, now, "nurture", why)):
                log.error("%s Nothing is sent until a person has looked and runs `nurture resume`.", why)
