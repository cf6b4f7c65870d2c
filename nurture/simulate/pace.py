"""What an hourly budget would do to the mails of a run: they wait in one line, and go as fast as it lets them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Mails come as the campaigns send them; `most_waiting` at once, `longest_hours` from joining the line to leaving it."""

    limit: int
    busiest_hour: int
    delayed: int
    most_waiting: int
    longest_hours: int


def pace_of(by_hour: Mapping[int, int], limit: int) -> Pace:
    """A budget of `limit` mails an hour, given the mails of each hour.

    Contacts are simulated without it: what a late mail changes of what follows it is not in the figures.
    """
    waiting, delayed, most, longest = 0, 0, 0, 0
    last = -1
    for hour in sorted(by_hour):
        waiting = max(0, waiting - limit * (hour - last - 1)) if last >= 0 else 0
        waiting += by_hour[hour]
        left = max(0, waiting - limit)
        delayed += min(left, by_hour[hour])
        longest = max(longest, -(-left // limit))
        waiting, most, last = left, max(most, left), hour
    return Pace(limit, max(by_hour.values(), default=0), delayed, most, longest)
