"""A link followed, a picture loaded, a document fetched: noted by the web as it happens, believed or not later.

The web stores a `Hit` and answers at once. What makes a machine of it is decided here, because that needs the message's
history: by a HEAD, by a known scanner's name, by coming within seconds of the send, by following a link that no person
sees. A machine's hit is kept and marked, never thrown away.
"""

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson

from nurture.core.events import Event, Signalled
from nurture.core.ids import derive
from nurture.core.words import Confidence, SignalKind
from nurture.inbound.told import Clues, Found, of_touch
from nurture.providers.events import NotUnderstood
from nurture.providers.machines import is_machine
from nurture.storage.receipts import Receipt

SOURCE: Final = "tracking"
TOO_SOON: Final = timedelta(seconds=10)
_LONGEST_AGENT: Final = 500


class HitKind(StrEnum):
    """What was fetched."""

    OPEN = "open"
    CLICK = "click"
    DOWNLOAD = "download"
    TRAP = "trap"  # a link hidden from people


SIGNALS: Final = {
    HitKind.OPEN: SignalKind.OPENED,
    HitKind.CLICK: SignalKind.CLICKED,
    HitKind.DOWNLOAD: SignalKind.DOWNLOADED,
    HitKind.TRAP: SignalKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One request for an address of a mail. `link` is its place in the mail's table, -1 for the open pixel.

    It happened when it was taken in; a web process need not ask anybody for the time before it redirects.
    """

    kind: HitKind
    message: str
    link: int = -1
    object: str = ""
    method: str = "GET"
    agent: str = ""

    def receipt(self, name: str) -> Receipt:
        """What the web stores. Each request is a receipt of its own: nobody repeats one to be sure that it arrived."""
        body = orjson.dumps(
            {
                "kind": self.kind.value,
                "message": self.message,
                "link": self.link,
                "object": self.object,
                "method": self.method,
                "agent": self.agent[:_LONGEST_AGENT],
            },
            option=orjson.OPT_SORT_KEYS,
        )
        return Receipt(SOURCE, name, body)


class Names:
    """Names for the hits of one process, unlike those of any other.

    They follow one another, so that a commit writes one page of the index that keeps receipts apart. Random ones would
    write a page each, which costs more than all the rest of a receipt.
    """

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._count = itertools.count()

    def next(self) -> str:
        """A name that was never given."""
        return f"{self._process}{next(self._count):016x}"


@dataclass(frozen=True, slots=True)
class ToldHit:
    """A hit, as the sorter reads it. The same link followed twice at one instant is one signal."""

    hit: Hit
    at: datetime
    salt: bytes

    @property
    def clues(self) -> Clues:
        """The signed token named the message."""
        return Clues(messages=(self.hit.message,))

    def events(self, found: Found) -> tuple[Event, ...]:
        """One signal; about the content of the link, for an open about the content of the mail."""
        hit = self.hit
        if not found.is_the_contacts:
            return ()
        about = found.content if hit.kind is HitKind.OPEN else hit.object
        instant = self.at.isoformat()
        signal = Signalled(
            key=derive(self.salt, "hit", hit.kind, hit.message, str(hit.link), hit.method, instant),
            at=self.at,
            signal=SIGNALS[hit.kind],
            object=about,
            confidence=confidence(hit, self.at, found.sent_at),
            source=SOURCE,
        )
        return (of_touch(signal, found),)


def confidence(hit: Hit, at: datetime, sent_at: datetime | None) -> Confidence:
    """Who is behind a hit on a message sent at `sent_at`.

    While it is still being handed over (no `sent_at`), only the receiving host has seen it: a scanner at the door.
    """
    by_machine = (
        hit.kind is HitKind.TRAP
        or hit.method == "HEAD"
        or is_machine(hit.agent)
        or sent_at is None
        or at - sent_at < TOO_SOON
    )
    return Confidence.MACHINE if by_machine else Confidence.HUMAN


def read_hit(body: bytes, at: datetime, salt: bytes) -> ToldHit:
    """The hit the web stored (NotUnderstood: another version of the program wrote it)."""
    try:
        said: dict[str, Any] = orjson.loads(body)
        hit = Hit(HitKind(said["kind"]), said["message"], said["link"], said["object"], said["method"], said["agent"])
    except (ValueError, KeyError, TypeError) as why:
        raise NotUnderstood(f"A stored click or open cannot be read ({why}).") from why
    return ToldHit(hit, at, salt)
