"""What time it is, asked in one place.

Everybody else is handed `now`, an aware UTC datetime; a test or the demo hands out a manual
clock's. No other module may ask the system (tests/house proves it).

Time zones come from the `tzdata` package, never from the machine: see `use_packaged_zones`.
"""

import threading
import time
import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives business time: due dates, windows, caps, the age of tokens and webhooks."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)


def passing() -> float:
    """Seconds that pass, from any beginning, also while the machine sleeps where the system counts them.

    Leases go on meanwhile. `time.monotonic`, by which timers go, stands still on Linux.
    """
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class ManualClock:
    """A clock that stands still until it is moved, and never runs backwards.

    Safe to read and move from several threads.
    """

    def __init__(self, start: datetime) -> None:
        """Stand at `start`, which must be aware."""
        self._lock = threading.Lock()
        self._now = _in_utc(start)

    def now(self) -> datetime:
        """Return the instant the clock was last moved to."""
        with self._lock:
            return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` and return the new instant; ValueError when `by` is negative."""
        with self._lock:
            return self._move(self._now + by)

    def move_to(self, instant: datetime) -> datetime:
        """Move forward to `instant` and return it; ValueError when it lies in the past."""
        with self._lock:
            return self._move(_in_utc(instant))

    def _move(self, instant: datetime) -> datetime:
        if instant < self._now:
            raise ValueError(
                f"a clock never runs backwards: it shows {self._now.isoformat()}, "
                f"and was asked to show {instant.isoformat()}"
            )
        self._now = instant
        return instant


def use_packaged_zones() -> None:
    """Read time zones from the tzdata package only, so that every machine has the same.

    A machine with last year's zones would send an hour off after a country changed its mind.
    Called when this module is imported; calling it again does no harm.
    """
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone: pass an aware datetime")
    return instant.astimezone(UTC)


use_packaged_zones()
