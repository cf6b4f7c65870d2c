"""When people read, act, speak up, and what salespeople answer: the same for the demo's people and the simulated."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nurture.simulate.dice import Dice
from nurture.simulate.hours import waking, working

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ACCEPTED = "accept"
NO_ANSWER = "nothing"
ANSWERS = (
    (55, ACCEPTED),
    (14, "not_ready"),
    (10, "unreachable"),
    (6, "not_a_fit"),
    (3, "already_customer"),
    (12, NO_ANSWER),
)
"""What salespeople say of a prospect, in shares of a hundred: an assumption."""


def reads_at(dice: Dice, since: datetime, zone: ZoneInfo) -> datetime:
    """When a mail is opened by whoever opens it: mostly within hours, at most two days later, and by day."""
    return waking(since + 10 * MINUTE + dice.throw("opens after") ** 3 * 2 * DAY, zone)


def acts_at(dice: Dice, opened_at: datetime) -> datetime:
    """When the button of an open mail is pressed."""
    return opened_at + dice.between("clicks after", 1, 12) * MINUTE


def speaks_at(dice: Dice, received_at: datetime, zone: ZoneInfo) -> datetime:
    """When somebody answers a mail or objects to it."""
    return waking(received_at + dice.between("speaks after", 1, 20) * HOUR, zone)


def days_away(dice: Dice) -> int:
    """For how many days somebody is out of the office."""
    return int(dice.between("back after", 4, 13))


def answered_at(dice: Dice, offered_at: datetime, zone: ZoneInfo) -> datetime:
    """When a salesperson answers a prospect."""
    return working(offered_at + timedelta(minutes=dice.between("after", 15, 180)), zone)
