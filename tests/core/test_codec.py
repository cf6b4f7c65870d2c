"""What storage keeps of events and positions comes back as it was."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core import state as positions
from nurture.core.codec import event_from_json, event_to_json, position_from_json, position_to_json
from nurture.core.events import KINDS, Event, FieldValue
from nurture.core.state import Position

INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(max_size=12)
MAPPINGS = st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS, max_size=4)
POSITIONS: tuple[type[Position], ...] = (
    positions.Ready, positions.Waiting, positions.Listening, positions.Slotted, positions.Blocked,
    positions.Sending, positions.Exhausted, positions.Stopped, positions.Ended,
)  # fmt: skip


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of the type, its instants in UTC."""
    options = {datetime: INSTANTS, datetime | None: st.none() | INSTANTS}
    return options[hint] if hint in options else st.from_type(hint)


def anything(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of the class, its mappings as events have them."""
    hints = get_type_hints(cls)
    values = {f.name: MAPPINGS if f.name == "fields" else of_type(hints[f.name]) for f in fields(cls)}
    return st.builds(cls, **values)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=20)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    event: Event = data.draw(anything(KINDS[kind]))
    stored = json.loads(json.dumps(event_to_json(event)))
    assert {"key", "at", "kind"} & set(stored) == set()
    back = event_from_json(kind, event.key, event.at, stored)
    assert (type(back), back) == (type(event), event)
    assert event_to_json(back) == event_to_json(event)


@pytest.mark.parametrize("cls", POSITIONS)
@settings(max_examples=20)
@given(data=st.data())
def test_every_position_comes_back_as_it_was(cls: type[Position], data: st.DataObject) -> None:
    position = data.draw(anything(cls))
    name, stored = position_to_json(position)
    assert position_from_json(name, json.loads(json.dumps(stored))) == position


def test_every_position_is_tried() -> None:
    assert set(POSITIONS) == set(Position.__args__)  # type: ignore[attr-defined]


def test_equal_instants_have_equal_json() -> None:
    here = datetime(2027, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))
    assert [position_to_json(positions.Waiting("s", at)) for at in (here, here.astimezone(UTC))] == [
        ("waiting", {"step": "s", "until": "2027-03-01T09:00:00+00:00"})
    ] * 2


def test_what_a_newer_version_added_is_ignored_and_what_it_left_out_has_its_default() -> None:
    at = datetime(2027, 3, 1, tzinfo=UTC)
    event = event_from_json("auto_replied", "k", at, {"return_on": "2027-03-09", "colour": "blue"})
    assert event == KINDS["auto_replied"]("k", at, date(2027, 3, 9))  # type: ignore[call-arg]


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        event_from_json("teleported", "k", datetime(2027, 3, 1, tzinfo=UTC), {})


def test_a_field_may_be_text_a_number_or_a_truth() -> None:
    assert set(FieldValue.__args__) == {str, int, bool}  # type: ignore[attr-defined]
