"""What a contact's signals are worth on a day: the sum that the ledger comes to, without writing the ledger.

The ledger needs an order only where several objects share one daily cap; everything else is added up as it lies.
"""

from collections.abc import Iterable, Iterator, Mapping

from nurture.core.scoring import MILLION, LedgerEntry, Scoring, SignalRule, decay_table, ledger
from nurture.core.state import SignalKey, Tally
from nurture.core.words import SignalKind

Signals = Mapping[SignalKey, Tally]


def engagement_on(scoring: Scoring, signals: Signals, today: int) -> int:
    """The points left on a day (an ordinal of UTC), in milli-points: the sum over `entries_of`."""
    total = 0
    sharing: dict[SignalKind, list[SignalKey]] = {}
    for key, tally in signals.items():
        rule = scoring.by_signal.get(key)
        if rule is None:
            rule = scoring.by_kind.get(key[0])
            if rule is None:
                continue
            if rule.cap_per_day is not None:
                sharing.setdefault(key[0], []).append(key)
                continue
        total += _left(rule, tally, today)
    for kind, keys in sharing.items():
        if len(keys) == 1:
            total += _left(scoring.by_kind[kind], signals[keys[0]], today)
        else:
            total += sum(entry.remaining for entry in entries_of(scoring, {key: signals[key] for key in keys}, today))
    return total


def entries_of(scoring: Scoring, signals: Signals, today: int) -> Iterator[LedgerEntry]:
    """The ledger's entries as they are on a day."""
    return ledger(scoring, _counts(signals), today)


def _counts(signals: Signals) -> Iterable[tuple[SignalKind, str, int, int]]:
    for (signal, about), tally in signals.items():
        for ordinal, day in tally.items():
            yield signal, about, ordinal, day.count


def _left(rule: SignalRule, tally: Tally, today: int) -> int:
    """What is left of the points of one object, which has the rule's cap to itself."""
    points, cap = rule.points, rule.cap_per_day
    table = None if rule.half_life is None else decay_table(rule.half_life)
    left = 0
    for ordinal, day in tally.items():
        earned = points * day.count
        if cap is not None and earned > cap:
            earned = cap
        if table is None:
            left += earned
        else:
            age = today - ordinal
            if age < len(table):
                left += earned * table[max(0, age)] // MILLION
    return left
