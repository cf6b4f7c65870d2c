"""Every state a contact may be in, and every event, for properties."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from nurture.core import state as positions
from nurture.core.events import KINDS, Event, TimerFired
from nurture.core.invite import Reminder
from nurture.core.state import ContactState, Day, Enrolment, HandOff, Hold, Position, Touch
from nurture.core.words import (
    Basis,
    HandOffState,
    HoldKind,
    Rejection,
    SignalKind,
    Status,
    Suppression,
    TouchState,
)

INSTANTS = st.integers(0, 10**17).map(
    lambda micros: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros % (3 * 10**15))
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.text("abcdefghij-é/:#", min_size=1, max_size=8)
KEYS = st.uuids().map(lambda value: value.hex)
WHOLE = st.integers(-(2**31), 2**31 - 1)
COUNTS = st.integers(0, 2**31 - 1)
VALUES = TEXTS | WHOLE | st.booleans()
DAYS = st.integers(1, 1_000_000)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=3)

st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(str, TEXTS)

POSITIONS: tuple[type[Any], ...] = (
    positions.Ready,
    positions.Waiting,
    positions.Listening,
    positions.Slotted,
    positions.Blocked,
    positions.Sending,
    positions.Exhausted,
    positions.Stopped,
    positions.Ended,
)


def a_position() -> st.SearchStrategy[Position]:
    """Any position, with any details."""
    return st.one_of(*(st.builds(cls) for cls in POSITIONS))


def an_event() -> st.SearchStrategy[Event]:
    """Any event that is stored; a timer is a function of the state, and never is."""
    kinds = [cls for cls in KINDS.values() if cls is not TimerFired]
    given = {"key": KEYS, "fields": FIELDS, "tags": st.lists(TEXTS, max_size=2).map(tuple)}
    names = {cls: {name: given[name] for name in given if name in cls.__dataclass_fields__} for cls in kinds}
    return st.one_of(*(st.builds(cls, **names[cls]) for cls in kinds))


@st.composite
def a_state(draw: st.DrawFn, key: str = "") -> ContactState:
    """Any state, its parts named as the state names them."""
    touches = draw(st.lists(_touch(), max_size=3))
    enrolments = draw(st.dictionaries(NAMES, _enrolment(), max_size=2))
    return ContactState(
        key=key,
        fields=draw(FIELDS),
        tags=draw(st.frozensets(TEXTS, max_size=3)),
        told=draw(st.dictionaries(NAMES, TEXTS, max_size=2)),
        language=draw(TEXTS),
        country=draw(TEXTS),
        zone=draw(st.none() | NAMES),
        basis=draw(st.sampled_from(Basis)),
        status=draw(st.sampled_from(Status)),
        suppressed=draw(st.frozensets(st.sampled_from(Suppression))),
        pending_forms=draw(st.frozensets(NAMES, max_size=2)),
        holds=draw(st.lists(st.builds(Hold, st.sampled_from(HoldKind), st.none() | INSTANTS), max_size=3).map(tuple)),
        signals=draw(_signals()),
        soft_bounces=draw(st.frozensets(DAYS, max_size=3)),
        touches={touch.key: touch for touch in touches},
        enrolments={name: enrolment(name) for name, enrolment in enrolments.items()},
        hand_off=draw(st.none() | _hand_off()),
        engagement=draw(st.integers(0, 2**60)),
        fit=draw(st.none() | st.integers(0, 100)),
        grade=draw(st.none() | st.sampled_from("ABCD")),
        persona=draw(st.none() | NAMES),
        looks_at=draw(st.none() | INSTANTS),
        seq=draw(COUNTS),
    )


def _signals() -> st.SearchStrategy[dict[Any, Any]]:
    day = st.builds(Day, COUNTS, INSTANTS, INSTANTS)
    tally = st.dictionaries(DAYS, day, min_size=1, max_size=3)
    return st.dictionaries(st.tuples(st.sampled_from(SignalKind), TEXTS), tally, max_size=3)


def _touch() -> st.SearchStrategy[Touch]:
    return st.builds(
        Touch, KEYS, NAMES, COUNTS, NAMES, NAMES, NAMES, INSTANTS, st.sampled_from(TouchState), st.none() | NAMES,
        st.none() | KEYS, COUNTS,
    )  # fmt: skip


def _enrolment() -> st.SearchStrategy[Any]:
    """Lacks the name of its campaign."""

    def build(*parts: Any) -> Any:
        return lambda name: Enrolment(name, *parts)

    skipped = st.lists(NAMES, max_size=2).map(tuple)
    reminders = st.lists(st.builds(Reminder, NAMES, NAMES, INSTANTS), max_size=2).map(tuple)
    return st.builds(
        build, NAMES, NAMES, a_position(), INSTANTS, INSTANTS, INSTANTS, COUNTS, st.booleans(), skipped, reminders
    )  # fmt: skip


def _hand_off() -> st.SearchStrategy[HandOff]:
    return st.builds(
        HandOff, KEYS, NAMES, NAMES, TEXTS, INSTANTS, INSTANTS, st.sampled_from(HandOffState), st.none() | INSTANTS,
        st.none() | st.sampled_from(Rejection),
    )  # fmt: skip
