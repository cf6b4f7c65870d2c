"""What a receipt tells of one contact, before anybody knows which: the shape all sources are read into.

A source (a provider's post, a mail, a click, a call of the API) becomes a number of `Told`. Each names what would find
its contact, and says which events it means once the contact is found. So the sorter matches hundreds of them in one
statement, whatever they are.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from nurture.core.events import AutoReplied, Bounced, Delivered, Event, Replied, Signalled, Suppressed
from nurture.storage.words import TO_COLLEAGUES, Purpose

AboutTouch = Signalled | Delivered | Bounced | Suppressed | Replied | AutoReplied
_E = TypeVar("_E", bound=AboutTouch)


@dataclass(frozen=True, slots=True)
class Clues:
    """What finds the contact: keys of messages, the likeliest first; else the provider's own name of the message; else
    the contact's key."""

    messages: tuple[str, ...] = ()
    provider_id: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The contact, and the message by which it was found (None: by its own key)."""

    contact_id: int
    contact_key: str
    message: str | None = None
    purpose: Purpose | None = None
    content: str = ""
    sent_at: datetime | None = None

    @property
    def touch(self) -> str | None:
        """The key of the touch, unless the message is a notice: the rules know of no notices."""
        return self.message if self.purpose is Purpose.TOUCH else None

    @property
    def is_the_contacts(self) -> bool:
        """Whether the message went to the contact; what goes to a colleague says nothing about the contact."""
        return self.purpose not in TO_COLLEAGUES


class Told(Protocol):
    """One thing told of one contact."""

    @property
    def clues(self) -> Clues:
        """What finds the contact."""
        ...

    def events(self, found: Found) -> tuple[Event, ...]:
        """What it means for this contact; nothing, where it means nothing."""
        ...


def of_touch(event: _E, found: Found) -> _E:
    """The event, about the touch that was found."""
    return event if found.touch is None else replace(event, touch=found.touch)
