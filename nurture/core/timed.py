"""What time alone makes true of a contact, and when: a contract that ends within thirty days, a silence of sixty.

A condition counts days in two ways, from today to a date and back over signals; what it says changes only when one of these
counts does. So the moments at which it may are known beforehand, and between two of them it stays as it is. Scores are not
among them: points fade with every day, and what is left of them is told with the next event.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

from nurture.core.calendar import midnight_of
from nurture.core.changing import changed
from nurture.core.conditions import And, Condition, DaysAway, InSegment, Not, Or, Signalled
from nurture.core.facts import Facts, date_of, holds, tallies

ONE_DAY = timedelta(days=1)
MONTHS = 12


def next_true(condition: Condition, facts: Facts) -> datetime | None:
    """The first instant after `facts.now` at which the condition comes true if nothing happens; None when it never does."""
    held = holds(condition, facts)
    for at in sorted({moment for moment in _moments(condition, facts) if moment > facts.now}):
        holds_then = holds(condition, changed(facts, now=at))
        if holds_then and not held:
            return at
        held = holds_then
    return None


def _moments(condition: Condition, facts: Facts) -> Iterator[datetime]:
    """The instants at which a part of the condition changes, some of them past."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _moments(term, facts)
        case Not(term) | InSegment(condition=term):
            yield from _moments(term, facts)
        case DaysAway():
            yield from _days(condition, facts)
        case Signalled() if condition.days:
            yield from _silence(condition, facts)
        case _:
            return


def _days(ask: DaysAway, facts: Facts) -> Iterator[datetime]:
    """At the midnights at which a bound is passed, on the contact's clock."""
    words = date_of(ask.ref, facts)
    if words is None:
        return
    day = _not_before(words)
    with suppress(OverflowError):  # before the calendar begins or after it ends, which nobody lives to see
        if ask.most is not None:
            yield midnight_of(facts.state, facts.home, day - timedelta(days=ask.most))
    with suppress(OverflowError):
        if ask.least is not None:
            after = day + ONE_DAY if day.isoformat() == words else day
            yield midnight_of(facts.state, facts.home, after - timedelta(days=ask.least))


def _not_before(words: str) -> date:
    """The date; of one that the calendar lacks, such as 2027-02-31, the first after where it would stand among others."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        year, month, day = (int(part) for part in words.split("-"))
    if year < MINYEAR:
        return date.min
    if month < 1 or (month <= MONTHS and day < 1):
        return date(year, max(month, 1), 1)
    year, month = (year, month + 1) if month < MONTHS else (year + 1, 1)
    return date(year, month, 1) if year <= MAXYEAR else date.max


def _silence(ask: Signalled, facts: Facts) -> Iterator[datetime]:
    """At the UTC midnight after which the signals within the days are no longer enough."""
    days = sorted((item for tally in tallies(facts.state, ask) for item in tally.items()), key=lambda item: -item[0])
    count = 0
    for ordinal, day in days:
        count += day.count
        if count >= ask.at_least:
            yield datetime.combine(date.fromordinal(ordinal + ask.days), datetime.min.time(), UTC)
            return
