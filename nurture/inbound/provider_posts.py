"""What a provider's event means for a contact: the normalised kinds, one row each.

Our own tracking is the default: then a provider's opens and clicks would count everything twice, and are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from nurture.core.events import AutoReplied, Bounced, Delivered, Event, Signalled, Suppressed, Unsuppressed
from nurture.core.words import Confidence, Hardness, SignalKind, Suppression
from nurture.inbound.told import AboutTouch, Clues, Found, of_touch
from nurture.providers.events import Kind, ProviderEvent

LONGEST_DETAIL: Final = 500


@dataclass(frozen=True, slots=True)
class ToldByProvider:
    """A provider's event. `at` is the time of the fact, never later than when we heard of it."""

    event: ProviderEvent
    received_at: datetime
    own_tracking: bool = True

    @property
    def at(self) -> datetime:
        """The provider's time; ours where it gave none, or one that is yet to come."""
        return min(self.event.at or self.received_at, self.received_at)

    @property
    def clues(self) -> Clues:
        """Our own id came back with it, else the Message-ID, else the provider's id."""
        named = (self.event.touch, touch_in(self.event.message_id))
        return Clues(tuple(key for key in named if key), self.event.provider_message_id)

    def events(self, found: Found) -> tuple[Event, ...]:
        """At most one."""
        meaning = MEANINGS.get(self.event.kind)
        if meaning is None or not found.is_the_contacts:
            return ()
        meant = meaning(self, found)
        return () if meant is None else (meant,)


def touch_in(message_id: str | None) -> str | None:
    """The key in a Message-ID of ours, `<key@domain>`; None in any other."""
    key = (message_id or "").strip("<> ").partition("@")[0]
    return key if len(key) == 32 and all(letter in "0123456789abcdef" for letter in key) else None


Meaning: TypeAlias = Callable[[ToldByProvider, Found], Event | None]


def _delivered(told: ToldByProvider, found: Found) -> Event | None:
    return of_touch(Delivered(told.event.key, told.at), found)


def _bounced(told: ToldByProvider, found: Found) -> Event | None:
    bounce = told.event.bounce
    if bounce is None:
        return None
    detail = bounce.diagnostic or bounce.description
    return of_touch(
        Bounced(told.event.key, told.at, Hardness(bounce.hardness.value), detail=detail[:LONGEST_DETAIL]), found
    )


def _suppressed(reason: Suppression) -> Meaning:
    def meaning(told: ToldByProvider, found: Found) -> Event | None:
        return of_touch(Suppressed(told.event.key, told.at, reason), found)

    return meaning


def _subscribed(told: ToldByProvider, found: Found) -> Event | None:
    # The provider writes to the address again: that undoes its bounce. Who objected to us must ask us, not the provider.
    return Unsuppressed(told.event.key, told.at, Suppression.BOUNCED)


def _signal(signal: SignalKind) -> Meaning:
    def meaning(told: ToldByProvider, found: Found) -> Event | None:
        if told.own_tracking:
            return None
        confidence = Confidence.MACHINE if told.event.machine else Confidence.HUMAN
        event: AboutTouch = Signalled(told.event.key, told.at, signal, found.content, confidence, "provider")
        return of_touch(event, found)

    return meaning


def _auto_replied(told: ToldByProvider, found: Found) -> Event | None:
    return of_touch(AutoReplied(told.event.key, told.at), found)


# What is not here says nothing about a contact: queued, sent, deferred, and what was our own or the provider's fault.
MEANINGS: Final[Mapping[Kind, Meaning]] = {
    Kind.DELIVERED: _delivered,
    Kind.BOUNCED: _bounced,
    Kind.COMPLAINED: _suppressed(Suppression.COMPLAINED),
    Kind.UNSUBSCRIBED: _suppressed(Suppression.UNSUBSCRIBED),
    Kind.SUBSCRIBED: _subscribed,
    Kind.OPENED: _signal(SignalKind.OPENED),
    Kind.CLICKED: _signal(SignalKind.CLICKED),
    Kind.AUTORESPONDED: _auto_replied,
}
