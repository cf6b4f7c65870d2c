"""Events and positions as JSON, and back: what storage keeps of them.

The shapes are those of the dataclasses, read once from their annotations; datetimes are ISO 8601 in UTC, sets are sorted
lists, so that equal values have equal JSON.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from nurture.core import state as positions
from nurture.core.events import KINDS, Event
from nurture.core.instants import text_of
from nurture.core.invite import Reminder
from nurture.core.state import Position

_POSITIONS: Mapping[str, type[Position]] = {
    cls.__name__.lower(): cls
    for cls in (
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
}


_NAMES: Mapping[type[Position], str] = {cls: name for name, cls in _POSITIONS.items()}


def plain(value: Any) -> Any:
    """`value` as JSON types."""
    kind: Any = type(value)
    return _way_of(kind)(value)


def _as_is(value: Any) -> Any:
    return value


_WAYS: tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((Enum,), lambda value: value.value),
    ((datetime,), lambda value: text_of(value if value.tzinfo is UTC else value.astimezone(UTC))),
    ((date,), lambda value: value.isoformat()),
    ((frozenset, set), lambda value: sorted(map(plain, value))),
    ((tuple, list), lambda value: [plain(item) for item in value]),
    ((Mapping,), lambda value: {str(key): plain(item) for key, item in value.items()}),
    ((object,), _as_is),
)
"""How values are written: the first whose type fits."""


@cache
def _way_of(kind: type) -> Callable[[Any], Any]:
    """Found once a type, because a journal is made of thousands of small values."""
    if is_dataclass(kind):
        return _way_of_parts(tuple(field.name for field in fields(kind)))
    return next(way for kinds, way in _WAYS if issubclass(kind, kinds))


_SIMPLE = frozenset({str, int, bool, type(None)})
"""Types whose values are JSON already."""


def _way_of_parts(names: tuple[str, ...]) -> Callable[[Any], Any]:
    def way(value: Any) -> dict[str, Any]:
        found = {}
        for name in names:
            part = getattr(value, name)
            found[name] = part if type(part) in _SIMPLE else plain(part)
        return found

    return way


def event_to_json(event: Event) -> dict[str, Any]:
    """The event's fields but its key, kind and instant, which storage keeps in columns."""
    data: dict[str, Any] = plain(event)
    return {name: item for name, item in data.items() if name not in {"key", "at"}}


def event_from_json(kind: str, key: str, at: datetime, data: Mapping[str, Any]) -> Event:
    """The event that `event_to_json` took apart (KeyError: a kind that this version does not know)."""
    event: Event = _build(KINDS[kind], {**data, "key": key, "at": at})
    return event


def position_to_json(position: Position) -> tuple[str, dict[str, Any]]:
    """The position's name, and its fields."""
    return _NAMES[type(position)], plain(position)


def position_from_json(name: str, data: Mapping[str, Any]) -> Position:
    """The position of that name."""
    position: Position = _build(_POSITIONS[name], data)
    return position


def reminder_from_json(data: Mapping[str, Any]) -> Reminder:
    """The reminder that `plain` wrote."""
    reminder: Reminder = _build(Reminder, data)
    return reminder


def _build(cls: Any, data: Mapping[str, Any]) -> Any:
    names, readers = _readers(cls)
    given = {name: value for name, value in data.items() if name in names}
    for name, read in readers:
        if name in given:
            given[name] = read(given[name])
    return cls(**given)


@cache
def _readers(cls: type) -> tuple[frozenset[str], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The names of its fields, and what reads those whose values are not taken as they are."""
    hints = get_type_hints(cls)
    readers = {f.name: _reader(hints[f.name]) for f in fields(cls)}
    return frozenset(readers), tuple((name, read) for name, read in readers.items() if read is not _as_is)


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        options = [arg for arg in args if arg is not type(None)]
        inner = _reader(options[0]) if len(options) == 1 else _as_is
        if inner is _as_is:
            return inner
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _reader(args[0])
        return lambda value: tuple(item(part) for part in value)
    if origin is frozenset:
        item = _reader(args[0])
        return lambda value: frozenset(item(part) for part in value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint is datetime:
        return _instant
    if hint is date:
        return lambda value: value if isinstance(value, date) else date.fromisoformat(value)
    return _as_is


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
