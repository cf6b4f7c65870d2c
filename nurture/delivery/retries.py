"""When a message that did not get through is tried again, and when it is given up.

Exponential back-off with full jitter, so that a thousand messages that failed together do not come back together. The
jitter is a hash of the message and the attempt: the same on every machine and in every run.
"""

import hashlib
from datetime import datetime, timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
LEAST = timedelta(seconds=5)
GIVE_UP_AFTER = timedelta(hours=24)
LEAST_ATTEMPTS = 3
"""However long a message had to wait for us, the other side gets this many chances."""


def next_try(key: str, attempts: int, queued_at: datetime, now: datetime, asked: timedelta | None) -> datetime | None:
    """When attempt number `attempts` is to be followed by another, heeding the wait the host asked for; None: never."""
    if now - queued_at >= GIVE_UP_AFTER and attempts >= LEAST_ATTEMPTS:
        return None
    ceiling = min(FIRST * (1 << min(attempts - 1, 16)), LONGEST)
    return now + max(LEAST + ceiling * _fraction(key, attempts), asked or timedelta())


def _fraction(key: str, attempt: int) -> float:
    """From 0 to 1, evenly spread over messages and attempts."""
    digest = hashlib.sha256(f"{key}:{attempt}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32
