"""The one vocabulary every provider's events are translated into.

The kinds are those the field has settled on. A provider's own words are never lost: whoever
receives a post keeps its raw body; an event keeps beside its kind the few details a person asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

NO_DETAIL: Mapping[str, str] = MappingProxyType({})


class NotUnderstood(ValueError):
    """A body that is authentic, yet not what its sender promised.

    Its text is one sentence for the operator. Answer the provider 200, keep the raw body, show
    the sentence: a refusal would only make the provider send the same bytes again.
    """


class Kind(StrEnum):
    """What happened to a message. Closed: `match` over it can be exhaustive."""

    QUEUED = "queued"
    SENT = "sent"
    REJECTED = "rejected"  # the provider would not even try
    FAILED = "failed"  # our request was at fault
    BOUNCED = "bounced"  # always carries a Bounce
    DEFERRED = "deferred"  # the provider is still trying
    DELIVERED = "delivered"
    AUTORESPONDED = "autoresponded"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"  # the provider writes again; never a consent
    INBOUND = "inbound"
    UNKNOWN = "unknown"


class Hardness(StrEnum):
    """What a bounce says about the address."""

    HARD = "hard"  # nobody is there: suppress at once
    SOFT = "soft"  # not now: suppress only after repeated failure over days
    POLICY = "policy"  # our fault or the receiver's, never the contact's: do not suppress


@dataclass(frozen=True, slots=True)
class Bounce:
    """Why a message came back. `status` is an enhanced status code (RFC 3463), as "5.1.1"."""

    hardness: Hardness
    status: str | None = None
    diagnostic: str = ""  # the receiving server's words
    description: str = ""  # the reporter's words


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One fact a provider reported.

    `key` is the same each time the provider repeats the fact, so that twice is once.
    `at` is aware and in UTC, or None when the provider gave no time that can be read.
    `touch` is our opaque id, `message_id` the RFC 5322 Message-ID we sent, without its brackets.
    `bounce` is there exactly when `kind` is BOUNCED.
    """

    kind: Kind
    key: str
    at: datetime | None = None
    provider_message_id: str | None = None
    message_id: str | None = None
    touch: str | None = None
    recipient: str | None = None
    machine: bool = False
    bounce: Bounce | None = None
    url: str | None = None
    user_agent: str | None = None
    detail: Mapping[str, str] = field(default_factory=lambda: NO_DETAIL)

    def __post_init__(self) -> None:
        if (self.bounce is not None) != (self.kind is Kind.BOUNCED):
            raise ValueError("an event carries a bounce exactly when its kind is bounced")
