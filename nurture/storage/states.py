"""What changed in contacts' states, written in sets: a part that is the same costs nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, select

from nurture.core.codec import plain, position_to_json
from nurture.core.scoring import Scoring
from nurture.core.scoring import ledger as score
from nurture.core.state import ContactState, Enrolment, SignalKey, Tally, Touch
from nurture.storage.bulk import among, delete_rows, insert_rows, update_rows, upsert_rows
from nurture.storage.tables import contacts, enrolments, holds, ledger, suppressions, touches

Change: TypeAlias = tuple[int, ContactState, ContactState]
"""A contact's number, its state as loaded, its state now."""
T = TypeVar("T")

PROFILE = ("fields", "tags", "told", "language", "country", "zone")
STANDING = (
    "basis", "status", "pending_forms", "soft_bounces", "engagement", "fit", "grade", "persona", "looks_at", "hand_off",
)  # fmt: skip
"""Parts of a contact's own row that change together, and seldom."""
ENROLMENT = (
    "contact_id", "campaign", "version", "stage", "position", "details", "due_at", "entered_at", "began_at", "anchor",
    "rotation", "held_out", "skipped", "reminders",
)  # fmt: skip
MOVED = ("contact_id", "campaign", "position", "details", "due_at", "anchor")
"""What a step changes of an enrolment. An index is written anew for each of its columns that a statement names."""
TOUCH = (
    "contact_id", "key", "campaign", "rotation", "step", "part", "content", "at", "state", "variant", "thread", "strikes",
)  # fmt: skip
SETTLED = ("contact_id", "key", "at", "state", "strikes")
"""What an outcome changes of a touch."""
LEDGER = ("contact_id", "signal", "object", "day", "count", "first_at", "last_at", "points")


def save_states(c: Connection, changes: Sequence[Change], scoring: Scoring, at: datetime) -> None:
    """Write every part that differs."""
    update_rows(c, contacts, ("id", *PROFILE), _differing(changes, _PROFILE, _profile), key=["id"])
    update_rows(c, contacts, ("id", *STANDING), _differing(changes, _STANDING, _standing), key=["id"])
    other, moved = _changed_values(changes, _ENROLMENTS, _KEPT_WHEN_MOVED)
    upsert_rows(c, enrolments, ENROLMENT, [_enrolment(who, e) for who, e in other], key=["contact_id", "campaign"])
    update_rows(c, enrolments, MOVED, [_moved(who, e) for who, e in moved], key=["contact_id", "campaign"])
    new, settled = _changed_values(changes, _TOUCHES, _KEPT_WHEN_SETTLED)
    upsert_rows(c, touches, TOUCH, [_touch(who, t) for who, t in new], key=["contact_id", "key"])
    update_rows(
        c, touches, SETTLED, [(who, t.key, t.at, t.state, t.strikes) for who, t in settled], key=["contact_id", "key"]
    )
    _save_signals(c, [change for change in changes if change[1].signals is not change[2].signals], scoring)
    _save_holds(c, [change for change in changes if change[1].holds != change[2].holds])
    _save_suppressions(c, [change for change in changes if change[1].suppressed != change[2].suppressed], at)


_PROFILE, _STANDING = attrgetter(*PROFILE), attrgetter(*STANDING)
_ENROLMENTS, _TOUCHES = attrgetter("enrolments"), attrgetter("touches")
_KEPT_WHEN_MOVED = attrgetter(
    "version", "stage", "entered_at", "began_at", "rotation", "held_out", "skipped", "reminders"
)
_KEPT_WHEN_SETTLED = attrgetter("campaign", "rotation", "step", "part", "content", "variant", "thread")


def _differing(
    changes: Sequence[Change],
    parts: Callable[[ContactState], tuple[Any, ...]],
    row: Callable[[int, ContactState], tuple[Any, ...]],
) -> list[tuple[Any, ...]]:
    return [row(who, after) for who, before, after in changes if before is not after and parts(before) != parts(after)]


def _profile(who: int, s: ContactState) -> tuple[Any, ...]:
    return (who, dict(s.fields), sorted(s.tags), dict(s.told), s.language, s.country, s.zone)


def _standing(who: int, s: ContactState) -> tuple[Any, ...]:
    hand_off = None if s.hand_off is None else s.hand_off.key
    return (
        who, s.basis, s.status, sorted(s.pending_forms), sorted(s.soft_bounces), s.engagement, s.fit, s.grade, s.persona,
        s.looks_at, hand_off,
    )  # fmt: skip


def _changed_values(
    changes: Sequence[Change], part: Callable[[ContactState], Mapping[str, T]], kept: Callable[[T], tuple[Any, ...]]
) -> tuple[list[tuple[int, T]], list[tuple[int, T]]]:
    """The values of a mapping that are other than before: all of them, or only in what is not `kept`."""
    whole: list[tuple[int, T]] = []
    partly: list[tuple[int, T]] = []
    for who, before, after in changes:
        old, new = part(before), part(after)
        if old is new:
            continue
        for key, value in new.items():
            known = old.get(key)
            if known is value:
                continue
            if known is None or kept(known) != kept(value):
                whole.append((who, value))
            elif known != value:
                partly.append((who, value))
    return whole, partly


def _enrolment(who: int, e: Enrolment) -> tuple[Any, ...]:
    position, details = position_to_json(e.position)
    due_at = getattr(e.position, "until", None)
    return (
        who, e.campaign, e.version, e.stage, position, details, due_at, e.entered_at, e.began_at, e.anchor, e.rotation,
        e.held_out, list(e.skipped), plain(e.reminders) if e.reminders else [],
    )  # fmt: skip


def _moved(who: int, e: Enrolment) -> tuple[Any, ...]:
    position, details = position_to_json(e.position)
    return who, e.campaign, position, details, getattr(e.position, "until", None), e.anchor


def _touch(who: int, t: Touch) -> tuple[Any, ...]:
    return (
        who, t.key, t.campaign, t.rotation, t.step, t.part, t.content, t.at, t.state, t.variant, t.thread, t.strikes,
    )  # fmt: skip


def _save_signals(c: Connection, changes: Sequence[Change], scoring: Scoring) -> None:
    gone: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for who, before, after in changes:
        gone += [(who, *day) for day in _days(before.signals) - _days(after.signals)]
        rows += _ledger_rows(who, before.signals, after.signals, scoring)
    delete_rows(c, ledger, ("contact_id", "signal", "object", "day"), gone)
    upsert_rows(c, ledger, LEDGER, rows, key=["contact_id", "signal", "object", "day"])


def _ledger_rows(
    who: int, before: Mapping[SignalKey, Tally], after: Mapping[SignalKey, Tally], scoring: Scoring
) -> Iterator[tuple[Any, ...]]:
    """All entries of the days on which anything changed: a cap of the day is shared by its entries."""
    touched = {day for key in before.keys() | after.keys() for day in _other_days(before.get(key), after.get(key))}
    here = [(*key, day, tally[day]) for key, tally in after.items() for day in tally if day in touched]
    counts = [(signal, about, day, entry.count) for signal, about, day, entry in here]
    points = {(e.signal, e.object, e.day): e.points for e in score(scoring, counts, max(touched, default=0))}
    for signal, about, day, entry in here:
        earned = points.get((signal, about, day), 0)
        yield who, signal, about, day, entry.count, entry.first_at, entry.last_at, earned


def _other_days(before: Tally | None, after: Tally | None) -> set[int]:
    if before is after:
        return set()
    old, new = before or {}, after or {}
    return {day for day in old.keys() | new.keys() if old.get(day) != new.get(day)}


def _days(signals: Mapping[SignalKey, Tally]) -> set[tuple[str, str, int]]:
    return {(signal, about, day) for (signal, about), tally in signals.items() for day in tally}


def _save_holds(c: Connection, changes: Sequence[Change]) -> None:
    delete_rows(c, holds, ["contact_id"], [(who,) for who, _, _ in changes])
    rows = [(who, n, hold.kind, hold.until) for who, _, after in changes for n, hold in enumerate(after.holds)]
    insert_rows(c, holds, ("contact_id", "n", "kind", "until"), rows)


def _save_suppressions(c: Connection, changes: Sequence[Change], at: datetime) -> None:
    """Under the hash of the address, so that they outlive the contact."""
    if not changes:
        return
    query = select(contacts.c.id, contacts.c.address_hash).where(
        among(c, contacts.c.id, [who for who, _, _ in changes])
    )
    hashes = {row.id: row.address_hash for row in c.execute(query)}
    new = sorted((hashes[who], reason, at) for who, old, now in changes for reason in now.suppressed - old.suppressed)
    insert_rows(c, suppressions, ("address_hash", "reason", "at"), new, unless=["address_hash", "reason"])
    gone = sorted((hashes[who], reason) for who, old, now in changes for reason in old.suppressed - now.suppressed)
    delete_rows(c, suppressions, ("address_hash", "reason"), gone)
