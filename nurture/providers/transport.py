"""What delivery asks of any way to hand a message over, and the few answers it can get.

A transport never raises for one message: whatever happened becomes an `Outcome`, so that nobody has to guess from an
exception whether the message may be out. The one thing that matters is told apart by type: `Unknown` means that the next
host may have taken it, every other outcome but `Accepted` means that it has not.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias

from nurture.core.words import Hardness
from nurture.plain_text import printable

LONGEST = 1_000  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one address.

    `data` is ready for the wire: CRLF line ends only, not dot-stuffed. `deadline` is an instant of `time.monotonic()`
    after which the message may no longer leave, because another worker may then hold it.
    """

    key: str
    mail_from: str
    rcpt_to: str
    data: bytes
    deadline: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """The next host has taken the message. `provider_id` is its own name for it, where it told one."""

    reply: str
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """The message was refused, and would be again. `status` is the enhanced code of RFC 3463, where there was one."""

    hardness: Hardness
    code: int
    status: str | None
    text: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """The message has surely not left; `after` is how long the host asked us to wait, if it did.

    `recipient`: the host takes messages, and said this of the one recipient.
    """

    text: str
    after: timedelta | None = None
    recipient: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer to the whole message was lost: it may have left. `for_good`: to send it again would tell no more."""

    text: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """`may_go` or the deadline said no at the last instant; the message has surely not left."""

    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The message has surely not left, through no fault of its own: it may go at once, in another request.

    Another of its parcel was stopped; or, with `apart`, one of them was refused and nobody says which, so that each is to go
    by itself.
    """

    text: str
    apart: bool = False


Outcome: TypeAlias = Accepted | RefusedForGood | TryLater | Unknown | Stopped | Again

MayGo: TypeAlias = Callable[[Outgoing], bool]
MayAllGo: TypeAlias = Callable[[Sequence[Outgoing]], Collection[str]]
"""Which of these, by their keys, may not go. None: the next thing is that all of them do."""


def always(message: Outgoing) -> bool:
    """A `may_go` that never stops a message."""
    return True


class Repeat(StrEnum):
    """What can be done about a message whose answer was lost."""

    KEYED = "keyed"  # sent again under the same idempotency key
    SEARCHABLE = "searchable"  # looked up at the provider
    PLAIN = "plain"  # nothing: the author's policy decides


@dataclass(frozen=True, slots=True)
class Parcels:
    """How a `Parcelling` transport takes several messages in one request under one key.

    At most so many, and so many octets of them; `takes` tells by its bytes whether a message may be among them.
    """

    most: int
    octets: int
    takes: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a transport can do.

    `connections` is how many messages can be in doubt at once, `lanes` how many each connection has use for: what is
    handed over beyond the first waits, and has surely not left.

    `key_lifetime` goes with KEYED: how long the provider remembers a message's key. `search_settles` goes with
    SEARCHABLE: how long after a send a search that finds nothing means nothing. `parcels` goes with KEYED, too.
    """

    repeat: Repeat
    connections: int
    custom_list_unsubscribe: bool = True
    keeps_message_id: bool = True
    key_lifetime: timedelta | None = None
    search_settles: timedelta | None = None
    lanes: int = 1
    parcels: Parcels | None = None

    @property
    def at_once(self) -> int:
        """How many messages are best handed over at once."""
        return self.connections * self.lanes


@dataclass(frozen=True, slots=True)
class Seen:
    """The provider has the message, under this name of its own."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class NotSeen:
    """The search answered, and found nothing: the message never got there, once the search has settled."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The search did not answer, or answers only in part."""

    text: str


Sighting: TypeAlias = Seen | NotSeen | CannotTell


class TransportProblem(Exception):
    """The next host cannot be used at all; the text is a sentence for the operator, whatever the host said in it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence[:LONGEST]))


class Transport(Protocol):
    """A way to hand messages over."""

    @property
    def capabilities(self) -> Capabilities:
        """What this transport can do."""
        ...

    async def open(self) -> None:
        """Make sure that messages can be handed over; TransportProblem says why they cannot."""
        ...

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Hand one message over, asking `may_go` as late as the protocol allows. Raises for no message."""
        ...

    async def close(self) -> None:
        """Take leave of the next host. The transport may be opened again."""
        ...


class Searchable(Transport, Protocol):
    """A transport whose provider can be asked what became of a message: `Repeat.SEARCHABLE`."""

    async def find(self, key: str, since: datetime) -> Sighting:
        """Whether the provider has the message of this key, handed over at `since` or later. Raises for no message."""
        ...


class Parcelling(Transport, Protocol):
    """A transport that takes several messages in one request under one key, all or none of them: its `parcels` say how many.

    Who calls it has written down the key and the messages, in their order, before.
    """

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        """Hand them over, and answer what came of each, in order. `may_go` is asked once, as late as the protocol allows.

        Where it names one, none has left: that one is `Stopped`, the others are to go `Again`. Raises for no message.
        """
        ...
