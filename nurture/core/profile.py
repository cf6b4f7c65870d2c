"""What is known of a contact's person: fields and tags, each as it was last told.

"Last" is by when the fact was told, not by when it reached us: two sources that cross on the way leave the same profile in
whatever order they are heard. Of two facts of one instant the greater key wins.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, TypeAlias

from nurture.core.events import Event, FieldValue
from nurture.core.instants import text_of
from nurture.core.state import ContactState

Told: TypeAlias = Mapping[str, FieldValue | None]
Parts: TypeAlias = dict[str, Any]
"""Parts of a state, as they become."""

TAG = "#"
"""Begins a tag's name in `ContactState.told`."""

OWN = frozenset({"language", "country", "timezone"})
"""Fields that the state keeps apart from the rest."""


def stamp_of(event: Event) -> str:
    """When a fact was told: sorts as text by instant, then by key."""
    at = event.at if event.at.tzinfo is UTC else event.at.astimezone(UTC)
    return f"{text_of(at)} {event.key}"


def learned(state: ContactState, stamp: str, fields: Told) -> Parts:
    """What the fields that were told change of the state; None forgets. What was told later stands."""
    new = _not_older(state, stamp, fields)
    if not new:
        return {}
    values = dict(state.fields)
    for name, value in new.items():
        if name in OWN:
            continue
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    language, country = new.get("language", state.language), new.get("country", state.country)
    zone = new.get("timezone", state.zone)
    return {
        "fields": values,
        "language": str(language or ""),
        "country": str(country or "").upper(),
        "zone": str(zone) if zone else None,
        "told": {**state.told, **dict.fromkeys(new, stamp)},
    }


def filled_in(state: ContactState, stamp: str, fields: Told) -> Parts:
    """The same for those fields only of which nothing was known: anybody may have typed this address."""
    own = {"language": state.language, "country": state.country, "timezone": state.zone}
    known = set(state.fields) | {name for name, value in own.items() if value}
    return learned(state, stamp, {name: value for name, value in fields.items() if name not in known})


def tagged(state: ContactState, stamp: str, tags: tuple[str, ...], untagged: tuple[str, ...]) -> Parts:
    """What the tags given and taken away change of the state; taking away wins within one event."""
    told = state.told
    new = [name for name in dict.fromkeys((*tags, *untagged)) if stamp >= told.get(TAG + name, "")]
    if not new:
        return {}
    taken = [name for name in new if name in untagged]
    return {"tags": state.tags.union(new).difference(taken), "told": {**told, **{TAG + name: stamp for name in new}}}


def _not_older(state: ContactState, stamp: str, told: Told) -> dict[str, FieldValue | None]:
    if not state.told:
        return dict(told)
    return {name: value for name, value in told.items() if stamp >= state.told.get(name, "")}
