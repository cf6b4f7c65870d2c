"""When people are up, and when salespeople work."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

UP, DOWN = time(7, 30), time(22)
OPENS, CLOSES = time(9, 30), time(17)
DAY = timedelta(days=1)


def waking(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant itself by day, else the next morning, with some minutes kept so that not all wake at once."""
    local = at.astimezone(zone)
    if UP <= local.time() < DOWN:
        return at
    morning = local if local.time() < UP else local + DAY
    return morning.replace(hour=UP.hour, minute=UP.minute) + timedelta(minutes=2 * local.minute)


def working(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant itself within office hours, else the next morning of a working day."""
    local = at.astimezone(zone)
    if local.time() >= CLOSES:
        local = (local + DAY).replace(hour=0)
    while local.isoweekday() > 5:
        local = (local + DAY).replace(hour=0)
    return max(local, local.replace(hour=OPENS.hour, minute=OPENS.minute))
