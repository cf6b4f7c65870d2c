"""What time alone makes true of a contact, and when: a contract that ends within thirty days, a silence of sixty.

A condition counts days in three ways: from today to a date, back over signals, and as points fade. What it says changes only
on days on which one of these comes to be enough, or no longer is. So the moments at which it may are known beforehand, and
between two of them it stays as it is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime

from nurture.core.calendar import midnight_of
from nurture.core.changing import changed
from nurture.core.conditions import ENGAGEMENT, And, Compare, Condition, DaysAway, InSegment, Not, Or, Signalled
from nurture.core.facts import Facts, holds, tallies, utc_day
from nurture.core.fading import Fading
from nurture.core.values import date_of


def next_true(condition: Condition, facts: Facts) -> datetime | None:
    """The first instant after `facts.now` at which the condition comes true if nothing happens; None when it never does."""
    held, fading = holds(condition, facts), Fading(facts.scoring, facts.state, utc_day(facts.now))
    for at in sorted({moment for moment in _moments(condition, facts, fading) if moment > facts.now}):
        holds_then = holds(condition, _then(facts, fading, at))
        if holds_then and not held:
            return at
        held = holds_then
    return None


def _then(facts: Facts, fading: Fading, at: datetime) -> Facts:
    state = facts.state
    if state.signals:
        state = changed(state, engagement=fading.on(utc_day(at)))
    return changed(facts, now=at, state=state)


def _moments(condition: Condition, facts: Facts, fading: Fading) -> Iterator[datetime]:
    """The instants at which a part of the condition changes, some of them past."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _moments(term, facts, fading)
        case Not(term) | InSegment(condition=term):
            yield from _moments(term, facts, fading)
        case DaysAway():
            yield from _days(condition, facts)
        case Signalled() if condition.days:
            yield from _silence(condition, facts)
        case Compare(ref=ref, value=int(value)) if ref.name == ENGAGEMENT:
            yield from map(_begins, fading.changes(value))
        case _:
            return


def _days(ask: DaysAway, facts: Facts) -> Iterator[datetime]:
    """At the midnights at which a bound is passed, on the contact's clock.

    Dates are compared as texts, so that one which no calendar has (2027-02-31) is passed with the next that it does have.
    """
    known = date_of(ask.ref, facts)
    if known is None:
        return
    passed = []
    if ask.most is not None:
        passed.append(bisect_left(ALL_DAYS, known, key=_text) - ask.most)
    if ask.least is not None:
        passed.append(bisect_right(ALL_DAYS, known, key=_text) - ask.least)
    today = utc_day(facts.now)
    for day in (ALL_DAYS[0] + at for at in passed):
        if today - 1 <= day < today + LIFETIME:
            yield midnight_of(facts.state, facts.home, date.fromordinal(day))


ALL_DAYS = range(date.min.toordinal(), date.max.toordinal() + 1)
LIFETIME = 36_525
"""Days ahead beyond which nothing is waited for: 9999-12-31 is how some say never."""


def _text(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _silence(ask: Signalled, facts: Facts) -> Iterator[datetime]:
    """At the UTC midnight after which the signals within the days are no longer enough."""
    days = sorted((item for tally in tallies(facts.state, ask) for item in tally.items()), key=lambda item: -item[0])
    count = 0
    for ordinal, day in days:
        count += day.count
        if count >= ask.at_least:
            yield _begins(ordinal + ask.days)
            return


def _begins(day: int) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(date.fromordinal(day), datetime.min.time(), UTC)
