"""What is known of a contact's person: fields and tags, each as it was last told.

"Last" is by when the fact was told, not by when it reached us: two sources that cross on the way leave the same profile in
whatever order they are heard. Of two facts of one instant the greater key wins.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import TypeAlias

from nurture.core.changing import changed
from nurture.core.events import Event, FieldValue
from nurture.core.state import ContactState

Told: TypeAlias = Mapping[str, FieldValue | None]

TAG = "#"
"""Begins a tag's name in `ContactState.told`."""

OWN = frozenset({"language", "country", "timezone"})
"""Fields that the state keeps apart from the rest."""


def learn(state: ContactState, event: Event, fields: Told) -> ContactState:
    """The state with the fields that the event tells; None forgets. What a later event has told stands."""
    new = _not_older(state, event, fields)
    if not new:
        return state
    values = {**state.fields, **{name: value for name, value in new.items() if name not in OWN}}
    language, country = new.get("language", state.language), new.get("country", state.country)
    zone = new.get("timezone", state.zone)
    return changed(
        state,
        fields={name: value for name, value in values.items() if value is not None},
        language=str(language or ""),
        country=str(country or "").upper(),
        zone=str(zone) if zone else None,
        told=_told(state, event, new),
    )


def fill_in(state: ContactState, event: Event, fields: Told) -> ContactState:
    """The state with those fields of which nothing was known: anybody may have typed this address."""
    own = {"language": state.language, "country": state.country, "timezone": state.zone}
    known = set(state.fields) | {name for name, value in own.items() if value}
    return learn(state, event, {name: value for name, value in fields.items() if name not in known})


def tag(state: ContactState, event: Event, tags: tuple[str, ...], untagged: tuple[str, ...]) -> ContactState:
    """The state with the tags given and taken away; taking away wins within one event."""
    told: Told = {**{TAG + name: True for name in tags}, **{TAG + name: False for name in untagged}}
    new = _not_older(state, event, told)
    if not new:
        return state
    given = {name.removeprefix(TAG) for name, is_given in new.items() if is_given}
    taken = {name.removeprefix(TAG) for name, is_given in new.items() if not is_given}
    return changed(state, tags=(state.tags | given) - taken, told=_told(state, event, new))


def _not_older(state: ContactState, event: Event, told: Told) -> dict[str, FieldValue | None]:
    stamp = _stamp(event)
    return {name: value for name, value in told.items() if stamp >= state.told.get(name, "")}


def _told(state: ContactState, event: Event, names: Told) -> dict[str, str]:
    return {**state.told, **dict.fromkeys(names, _stamp(event))}


def _stamp(event: Event) -> str:
    """Sorts as text by instant, then by key."""
    return f"{event.at.astimezone(UTC).isoformat()} {event.key}"
