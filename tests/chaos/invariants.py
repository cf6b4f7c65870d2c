"""What must hold at the end of every course, read at the sink and in the event log as well as in the tables."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from sqlalchemy import select

from nurture.core.absorb import absorb
from nurture.core.codec import event_from_json
from nurture.core.draft import Draft
from nurture.core.events import Event
from nurture.core.program import Window
from nurture.core.state import (
    Blocked,
    ContactState,
    Ended,
    Enrolment,
    Exhausted,
    Listening,
    Ready,
    Sending,
    Slotted,
    Stopped,
    Waiting,
)
from nurture.delivery.doubt import REPEATS, SAFE_PART
from nurture.storage.load import load_contacts
from nurture.storage.tables import agenda, events, outbox, receipts
from nurture.storage.words import OutboxState, Purpose, ReceiptState
from tests.chaos.campaigns import CAPS_OF, HOLIDAYS, WINDOWS, WORLD
from tests.chaos.course import BATCH, LEASE, Course
from tests.chaos.sink import Taken

AFTER_OBJECTING = 1.0  # seconds from the acknowledgement
SORTED_WITHIN = timedelta(hours=2)
CAN_BE_OUT = frozenset({OutboxState.SENT, OutboxState.UNKNOWN})
ASKED_FOR = timedelta(days=1) * SAFE_PART
"""How long after the first attempt a provider can tell, at least: a key's lifetime, or that of a search."""
IN_FLIGHT = 2 * BATCH
"""Messages that one worker may have as intents: a batch on its way, and the next prepared."""


@dataclass(frozen=True)
class Remains:
    """What is left when a course is over."""

    course: Course
    messages: Mapping[str, Any]
    states: Mapping[int, ContactState]
    agenda: tuple[Any, ...]
    receipts: tuple[Any, ...]
    facts: Mapping[int, list[Event]]

    @property
    def touches(self) -> list[Taken]:
        """What contacts received of campaigns, in order."""
        return [t for t in self.course.sink.taken if self._purpose(t) == Purpose.TOUCH]

    def _purpose(self, taken: Taken) -> str:
        row = self.messages.get(taken.key)
        return row.purpose if row is not None else ""


def remains(course: Course) -> Remains:
    """Read everything."""
    with course.db.read() as c:
        messages = {row.key: row for row in c.execute(select(outbox))}
        ids = [person.id for person in course.people.values()]
        states = {who: loaded.state for who, loaded in load_contacts(c, ids, course.now).items()}
        facts: dict[int, list[Event]] = defaultdict(list)
        for row in c.execute(select(events)):
            facts[row.contact_id].append(event_from_json(row.kind, row.key, row.at, row.payload))
        return Remains(
            course,
            messages,
            states,
            tuple(c.execute(select(agenda))),
            tuple(c.execute(select(receipts))),
            facts,
        )


def violations(course: Course) -> list[str]:
    """A sentence for each promise that was broken."""
    left = remains(course)
    return [sentence for check in CHECKS for sentence in check(left)]


def _no_touch_twice(left: Remains) -> Iterator[str]:
    """Some times more, and in the same bytes, where the author of a campaign would rather have it so."""
    most = 1 + REPEATS if left.course.host.again else 1
    came: dict[str, list[str]] = defaultdict(list)
    for taken in left.course.sink.taken:
        came[taken.message_id].append(taken.sha256)
    for name, bodies in came.items():
        if len(bodies) > most:
            yield f"sent twice: {name} was accepted {len(bodies)} times"
        if len(set(bodies)) > 1:
            yield f"other bytes: {name} came again as another message"
    for key in left.course.sink.clashes:
        yield f"other bytes: {key} came again under its key as another message"


def _none_while_held(left: Remains) -> Iterator[str]:
    for taken in left.course.sink.taken:
        if any(since + 1 < taken.second < until for since, until in left.course.holds):
            yield f"while held: {taken.recipient} got {taken.key} after the clock had leapt"


def _none_after_objecting(left: Remains) -> Iterator[str]:
    for taken in left.touches:
        since = left.course.objected.get(taken.recipient)
        if since is not None and taken.second - since > AFTER_OBJECTING:
            yield f"after leaving: {taken.recipient} got {taken.key} {taken.second - since:.1f} s after it left"
        at = left.course.complained.get(taken.recipient)
        if at is not None and taken.at - at > SORTED_WITHIN:
            yield f"after objecting: {taken.recipient} got {taken.key} {taken.at - at} after its complaint or bounce"


def _none_over_cap(left: Remains) -> Iterator[str]:
    """Of a message that its author let come twice, the last time counts: nobody knows of the first."""
    days: dict[str, list[int]] = defaultdict(list)
    for taken in {taken.key: taken for taken in left.touches}.values():
        day = taken.at.astimezone(ZoneInfo(left.course.people[taken.recipient].zone)).toordinal()
        days[taken.recipient].append(day)
        for cap in CAPS_OF[left.messages[taken.key].campaign]:
            within = sum(day - cap.days < other <= day for other in days[taken.recipient])
            if within > cap.count:
                yield f"over cap: {taken.recipient} got {within} mails in {cap.days} days with {taken.key}"


def _none_in_quiet_hours(left: Remains) -> Iterator[str]:
    """A message let go within its lease's deadline may arrive that much after its window closed."""
    for taken in left.touches:
        person = left.course.people[taken.recipient]
        window = WINDOWS[left.messages[taken.key].campaign]
        zone, closed = ZoneInfo(person.zone), HOLIDAYS(person.country)
        instants = (taken.at.astimezone(zone), (taken.at - LEASE).astimezone(zone))
        if not any(_is_open(window, local) and local.date() not in closed for local in instants):
            yield f"quiet hours: {person.address} got {taken.key} at {instants[0].isoformat()}"


def _is_open(window: Window, local: Any) -> bool:
    return local.isoweekday() in window.weekdays and window.start <= local.time() < window.end


def _nobody_is_stuck(left: Remains) -> Iterator[str]:
    for row in left.agenda:
        if (row.due_at is not None and row.due_at <= left.course.now) or row.token is not None:
            yield f"stuck: contact {row.contact_id} is due since {row.due_at}, token {row.token}"
        if row.problem:
            yield f"set aside: contact {row.contact_id}: {row.problem}"


def _every_enrolment_has_a_waker(left: Remains) -> Iterator[str]:
    for state in left.states.values():
        for enrolment in state.enrolments.values():
            problem = _without_waker(left, state, enrolment)
            if problem:
                yield f"no waker: {state.key} in {enrolment.campaign}: {problem}"


def _without_waker(left: Remains, state: ContactState, enrolment: Enrolment) -> str:
    match enrolment.position:
        case Waiting(until=until) | Listening(until=until) | Slotted(until=until):
            return "" if until > left.course.now else f"{enrolment.position} is past"
        case Sending(touch=key):
            row = left.messages.get(key)
            is_to_be_sent = row is not None and row.state in (OutboxState.QUEUED, OutboxState.RETRY)
            return "" if is_to_be_sent and row.due_at > left.course.now else f"waits for {key}: {row and row.state}"
        case Blocked() | Exhausted() | Stopped() | Ended():
            return ""
        case Ready():
            return "ready outside a decision"
        case _:
            assert_never(enrolment.position)


def _nothing_is_silently_lost(left: Remains) -> Iterator[str]:
    out = {taken.key for taken in left.course.sink.taken}
    for key in out - left.messages.keys():
        yield f"made up: {key} went out and is not in the outbox"
    for key, row in left.messages.items():
        state = OutboxState(row.state)
        if state is OutboxState.INTENT:
            yield f"lost: {key} is an intent for ever"
        if state is OutboxState.SENT and key not in out:
            yield f"lost: {key} is sent by our tables, and never came"
        if key in out and state not in CAN_BE_OUT:
            yield f"untrue: {key} went out, and our tables say {state}"
    for state in left.states.values():
        for key in state.touches.keys() - left.messages.keys():
            yield f"lost: the touch {key} of {state.key} never reached the outbox"


def _unknown_is_bounded(left: Remains) -> Iterator[str]:
    """None where the provider can tell, unless the clock leapt over the time in which it can, a notice is not the same any more,
    or a request of several may not be made again as it was; else what crashes had on its way.
    """
    course, counts = left.course, left.course.faults.counts
    rows = [row for row in left.messages.values() if row.state == OutboxState.UNKNOWN]
    unknown, is_alone = len(rows), course.host.capabilities.parcels is None
    rows = [row for row in rows if not _was_leapt_over(course, row)]
    told = sum(not (_is_another(row) if is_alone else _may_not_come_again(left, row)) for row in rows)
    if course.host.settles and told and not course.holds:
        yield f"unknown: {told} messages, though the host can tell of each"
    most = counts.get("lost", 0) + IN_FLIGHT * (counts.get("kill", 0) + counts.get("pause", 0))
    if unknown > most:
        yield f"unknown: {unknown} messages, and at most {most} can be"


def _was_leapt_over(course: Course, row: Any) -> bool:
    """The clock went from before the end of the time in which the provider can tell to after it."""
    end = row.date + ASKED_FOR
    return any(row.date <= left_at < end <= came_to for left_at, came_to in course.leaps)


def _is_another(row: Any) -> bool:
    """A notice tells of the contact as it is: where that has changed since, the same bytes cannot be made again."""
    return row.purpose != Purpose.TOUCH and row.detail.startswith("It would not be the same message any more.")


def _may_not_come_again(left: Remains, row: Any) -> bool:
    """Somebody objected, or acted upon what a relance is about; a notice tells of the contact as it is, which may have changed; or
    the request, made again, was refused for one of them.
    """
    course = left.course
    (address,) = (person.address for person in course.people.values() if person.id == row.contact_id)
    is_barred = (
        row.purpose != Purpose.TOUCH
        or address in course.objected
        or address in course.complained
        or "/relance:" in row.step
    )
    return is_barred or row.parcel in course.sink.refused


def _score_is_a_fold(left: Remains) -> Iterator[str]:
    """Signals are counted from the set of facts, in whatever order they came."""
    dice = random.Random(f"order:{left.course.seed}")
    for who, state in left.states.items():
        shuffled = sorted(left.facts.get(who, []), key=lambda event: event.key)
        dice.shuffle(shuffled)
        blank = ContactState(state.key, zone=state.zone, touches=state.touches)
        for event in shuffled:
            draft = Draft(WORLD, blank, event, left.course.now)
            absorb(draft, event)
            blank = draft.state
        if blank.signals != state.signals:
            yield f"not a fold: the signals of {state.key} are {state.signals}, and their facts make {blank.signals}"
        if blank.suppressed != state.suppressed:
            yield f"not a fold: {state.key} is {sorted(state.suppressed)}, and its facts make {sorted(blank.suppressed)}"


def _what_was_acknowledged_is_consumed(left: Remains) -> Iterator[str]:
    stored = {row.key: row for row in left.receipts}
    for key in sorted(left.course.acknowledged):
        row = stored.get(key)
        if row is None or row.state != ReceiptState.SORTED:
            yield f"receipt lost: {key} was answered 200 and is {row and (row.state, row.problem)}"


CHECKS: tuple[Callable[[Remains], Iterator[str]], ...] = (
    _no_touch_twice,
    _none_while_held,
    _none_after_objecting,
    _none_over_cap,
    _none_in_quiet_hours,
    _nobody_is_stuck,
    _every_enrolment_has_a_waker,
    _nothing_is_silently_lost,
    _unknown_is_bounded,
    _score_is_a_fold,
    _what_was_acknowledged_is_consumed,
)
