"""What a program may post to /events, checked item by item: one bad item is told apart, its siblings go in."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    field_validator,
)

from nurture.core.words import CONTENT_FACTS, Basis, Status
from nurture.plain_text import storable

MOST_ITEMS: Final = 1_000
MOST_FIELDS: Final = 50
GREATEST: Final = 2**53
ABOUT_CONTENT: Final = frozenset(kind.value for kind in CONTENT_FACTS)
"""Signals that are about a content of the catalogue."""

_PLAIN: Final = frozenset({"signal", "contact", "object", "key"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

SHORTEST: Final = 3
LONGEST: Final = 320
LONG: Final = 200

Name = Annotated[str, Field(max_length=LONG)]
Tag = Annotated[str, Field(min_length=1, max_length=100)]
Whole = Annotated[StrictInt, Field(ge=-GREATEST, le=GREATEST)]
Value = StrictBool | Whole | Annotated[str, Field(max_length=500)] | None
Signal = Literal[
    "submitted", "opened", "clicked", "downloaded", "registered", "attended", "visited", "replied", "profile"
]
SIGNALS: Final = frozenset(get_args(Signal))


class Item(BaseModel):
    """One fact about one contact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signal: Signal = Field(description="What happened; `profile` only changes what is known.")
    contact: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)] = Field(
        description="An e-mail address, or a contact's key."
    )
    object: Name = Field("", description="What it was about: a content's id, a page, a form.")
    at: AwareDatetime | None = Field(None, description="When it happened, with a zone; without it, now.")
    key: Name = Field("", description="Your own name for this fact: sent again, it counts once.")
    fields: dict[str, Value] = Field(
        default_factory=dict, max_length=MOST_FIELDS, description="Fields that became known; null forgets one."
    )
    tags: Annotated[list[Tag], Field(max_length=MOST_FIELDS)] = Field(default_factory=list)
    untagged: Annotated[list[Tag], Field(max_length=MOST_FIELDS)] = Field(
        default_factory=list, description="Tags to take away."
    )
    status: Status | None = None
    basis: Literal[Basis.OPT_IN, Basis.LEGITIMATE_INTEREST, Basis.EXISTING_CUSTOMER] | None = Field(
        None, description="The legal ground on which the contact may be written to."
    )
    create: bool = Field(False, description="Take in an address that is not known; needs a basis.")

    @field_validator("contact", "object", "key", mode="after")
    @classmethod
    def _kept(cls, text: str) -> str:
        return storable(text).strip()

    @field_validator("tags", "untagged", mode="after")
    @classmethod
    def _tags(cls, tags: list[str]) -> list[str]:
        return [storable(tag).strip() for tag in tags]

    @field_validator("fields", mode="after")
    @classmethod
    def _named(cls, fields: dict[str, Any]) -> dict[str, Any]:
        for name in fields:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name[:40]!r} is no name of a field: lower-case letters, digits and _ only")
        return {name: storable(value) if isinstance(value, str) else value for name, value in fields.items()}


class Plain(NamedTuple):
    """An item that tells no more than that something happened, just now: nearly all are such. It reads as `Item` would."""

    signal: str
    contact: str
    object: str
    key: str


Reading: TypeAlias = Item | Plain | str
"""An item, or the sentence that says what is wrong with it."""


class Result(BaseModel):
    """What became of one item."""

    index: int
    accepted: bool
    contact: str | None = Field(None, description="The contact's key.")
    created: bool = False
    problem: str | None = Field(None, description="Why it was not accepted, and what to do.")


class Outcome(BaseModel):
    """What became of a call."""

    accepted: int
    rejected: int
    results: list[Result]


def read_item(said: object) -> Reading:
    """What one item says."""
    if not isinstance(said, dict):
        return 'An item is an object, as in {"signal": "visited", "contact": "camille@exemple.example"}.'
    plain = _plain(said)
    if plain is not None:
        return plain
    try:
        return Item.model_validate(said)
    except ValidationError as why:
        return " ".join(_sentence(error) for error in why.errors(include_url=False, include_context=False)[:5])


def _plain(said: Mapping[str, object]) -> Plain | None:
    """What needs no closer look, read in a tenth of the time; None where `Item` has to judge."""
    if not said.keys() <= _PLAIN:
        return None
    signal, contact = said.get("signal"), said.get("contact")
    about, key = said.get("object", ""), said.get("key", "")
    if not (isinstance(signal, str) and isinstance(contact, str) and isinstance(about, str) and isinstance(key, str)):
        return None
    fits = signal in SIGNALS and SHORTEST <= len(contact) <= LONGEST and len(about) <= LONG and len(key) <= LONG
    if not (fits and contact.isprintable() and about.isprintable() and key.isprintable()):  # so it is storable, too
        return None
    return Plain(signal, contact.strip(), about.strip(), key.strip())


def objection(item: Item | Plain, contents: frozenset[str]) -> str | None:
    """What speaks against an item that reads well; `contents` are the ids of the catalogue, if there is one."""
    if contents and item.signal in ABOUT_CONTENT and item.object not in contents:
        near = get_close_matches(item.object, contents, 1)
        hint = f'; did you mean "{near[0]}"?' if near else "; content.yaml has the ids."
        return f'object: unknown content "{item.object[:80]}"{hint}'
    return None


def _sentence(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"][:3])[:80]
    told = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {told}." if place else f"{told}."
