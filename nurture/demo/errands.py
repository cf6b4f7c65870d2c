"""What people and mail hosts do, as data: each errand is one request to the real web."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Fetch:
    """Follow an address of a mail. A reader (not a machine) then stands on the page it led to."""

    url: str
    agent: str
    method: str = "GET"
    reads_on: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Send the form of a page that an address shows."""

    url: str
    agent: str
    fields: Mapping[str, str] = field(default_factory=dict)
    looks_first: bool = True  # people see the page before they press its button; mail programs do not


@dataclass(frozen=True, slots=True)
class FillIn:
    """Fill in the form of this id."""

    form: str
    agent: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hook:
    """The mail host posts an event, or a mail it received (`inbound`)."""

    post: Mapping[str, Any]
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """The company's own site reports what somebody did there."""

    facts: tuple[Mapping[str, Any], ...]


Errand: TypeAlias = Fetch | Press | FillIn | Hook | Tell


@dataclass(frozen=True, slots=True)
class Planned:
    """An errand with its time. `who` and `key` name it for ever, and order what happens at one instant."""

    at: datetime
    who: str
    key: str
    errand: Errand

    @property
    def order(self) -> tuple[datetime, str, str]:
        """By time, then by name."""
        return self.at, self.who, self.key
