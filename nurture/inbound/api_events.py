"""Facts that other programs report: a visit, a registration, an attendance, a changed profile.

The web checks them and finds their contacts before it answers; what it stores is a list of `Fact`, read here again. A
fact's name comes from the caller's own key, else from what it says and when: told twice, it is one fact.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from nurture.core.events import Event, FieldValue, ProfileChanged, Replied, Signalled, Submitted
from nurture.core.ids import derive
from nurture.core.words import Basis, Intent, SignalKind, Status
from nurture.inbound.told import Clues, Found
from nurture.providers.events import NotUnderstood
from nurture.storage.receipts import Receipt

SOURCE: Final = "api"
PROFILE: Final = "profile"
KINDS: Final = (*(kind.value for kind in SignalKind), PROFILE)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a program says about a contact. `signal` is one of KINDS; `at` is aware."""

    signal: str
    contact: str
    at: datetime
    object: str = ""
    key: str = ""
    fields: Mapping[str, FieldValue | None] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    status: Status | None = None
    basis: Basis | None = None

    @property
    def changes_the_profile(self) -> bool:
        """Whether it says more than that something happened."""
        return bool(self.fields or self.tags or self.untagged or self.status or self.basis)

    def plain(self) -> dict[str, Any]:
        """As JSON types."""
        return {
            "signal": self.signal,
            "contact": self.contact,
            "at": self.at.isoformat(),
            "object": self.object,
            "key": self.key,
            "fields": dict(self.fields),
            "tags": list(self.tags),
            "untagged": list(self.untagged),
            "status": self.status,
            "basis": self.basis,
        }


def receipt_of(facts: Sequence[Fact]) -> Receipt:
    """What the web stores of one call. The same call with the same instants is the same receipt."""
    body = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    return Receipt(SOURCE, hashlib.sha256(body).hexdigest(), body)


@dataclass(frozen=True, slots=True)
class ToldByProgram:
    """A fact, as the sorter reads it."""

    fact: Fact
    salt: bytes

    @property
    def clues(self) -> Clues:
        """The web has found the contact already."""
        return Clues(contact=self.fact.contact)

    def events(self, found: Found) -> tuple[Event, ...]:
        """What happened, then what it changes of the profile."""
        fact, name = self.fact, self._name()
        profile = ProfileChanged(
            f"{name}:{PROFILE}", fact.at, fact.fields, fact.tags, fact.untagged, fact.basis, fact.status
        )
        happened = self._happened(name)
        if happened is None:
            return (profile,)
        told_already = isinstance(happened, Submitted) and not (fact.tags or fact.untagged or fact.status)
        return (happened, profile) if fact.changes_the_profile and not told_already else (happened,)

    def _happened(self, name: str) -> Event | None:
        fact = self.fact
        match fact.signal:
            case "profile":
                return None
            case SignalKind.REPLIED:
                interested = fact.object == Intent.INTERESTED
                return Replied(name, fact.at, Intent.INTERESTED if interested else Intent.OTHER)
            case SignalKind.SUBMITTED:
                known = {name: value for name, value in fact.fields.items() if value is not None}
                return Submitted(name, fact.at, fact.object, known, basis=fact.basis or Basis.NONE)
            case _:
                return Signalled(name, fact.at, SignalKind(fact.signal), fact.object, source=SOURCE)

    def _name(self) -> str:
        fact = self.fact
        if fact.key:
            return derive(self.salt, SOURCE, fact.contact, "key", fact.key)
        said = orjson.dumps(fact.plain(), option=orjson.OPT_SORT_KEYS).decode()
        return derive(self.salt, SOURCE, fact.contact, "said", said)


def read_facts(body: bytes, salt: bytes) -> list[ToldByProgram]:
    """The facts the web stored (NotUnderstood: another version of the program wrote them)."""
    try:
        return [ToldByProgram(_fact(item), salt) for item in orjson.loads(body)]
    except (ValueError, KeyError, TypeError) as why:
        raise NotUnderstood(f"Stored facts of the events interface cannot be read ({why}).") from why


def _fact(item: Mapping[str, Any]) -> Fact:
    return Fact(
        signal=item["signal"],
        contact=item["contact"],
        at=datetime.fromisoformat(item["at"]),
        object=item["object"],
        key=item["key"],
        fields=item["fields"],
        tags=tuple(item["tags"]),
        untagged=tuple(item["untagged"]),
        status=Status(item["status"]) if item["status"] else None,
        basis=Basis(item["basis"]) if item["basis"] else None,
    )
