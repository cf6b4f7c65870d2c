"""A compiled mail: everything decided except who receives it.

A skeleton holds the finished words with slots between. It is stored as JSON and named by its
`composition`, so that a message can always say from which text it was made.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nurture.content.fills import COMPUTED, Applied, Fill
from nurture.content.links import Link, LinkKind
from nurture.content.relaxed import relaxed_lines
from nurture.content.slots import TOKEN, Piece
from nurture.content.spec import Sender
from nurture.content.wire import Wire, wire_of

Pieces = tuple[Piece, ...]
COMPOSITION_HEX = 16


@dataclass(frozen=True)
class Skeleton:
    """One compiled mail. Immutable; equal skeletons have equal compositions.

    `links[n]` is where `/c/{token}/{n}` and `/d/{token}/{n}` lead. Not slotted, because the wire
    form and the composition are computed once, on first use, and kept with it.
    """

    template: str
    language: str
    marketing: bool
    base_url: str
    sender: Sender
    subject: Pieces
    text: Pieces
    html: Pieces
    links: tuple[Link, ...]
    calendar: tuple[str, ...] = ()  # an appointment, around the UID of the contact's own entry

    @cached_property
    def composition(self) -> str:
        """16 hex of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:COMPOSITION_HEX]

    @cached_property
    def wire(self) -> Wire:
        """The bytes that are the same for every contact, with the places of the others."""
        return wire_of(
            self.composition,
            language=self.language,
            marketing=self.marketing,
            sender=self.sender,
            subject=self.subject,
            text=self.text,
            html=self.html,
            calendar=self.calendar,
        )

    @cached_property
    def relaxed(self) -> tuple[bytes, ...]:
        """The chunks of `wire` as a signature compares them; each is whole lines. Only signed mail needs them."""
        return tuple(map(relaxed_lines, self.wire.chunks))

    @cached_property
    def asks_for(self) -> tuple[str, ...]:
        """The values this mail prints, by name: the contact's fields, and what its template computed of them."""
        pieces = (*self.subject, *self.text, *self.html)
        return tuple(sorted({piece.field for piece in pieces if isinstance(piece, Fill)}))

    @property
    def fields(self) -> frozenset[str]:
        """The contact fields this mail prints."""
        return frozenset(name for name in self.asks_for if not name.startswith(COMPUTED))

    def to_json(self) -> str:
        """The canonical JSON: sorted keys, no spaces; `from_json` reads it back equal."""
        document = {
            "template": self.template,
            "language": self.language,
            "marketing": self.marketing,
            "base_url": self.base_url,
            "sender": {"name": self.sender.name, "address": self.sender.address, "postal": self.sender.postal},
            "subject": to_plain(self.subject),
            "text": to_plain(self.text),
            "html": to_plain(self.html),
            "links": [[link.kind.value, link.url, link.object] for link in self.links],
            **({"calendar": self.calendar} if self.calendar else {}),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, source: str) -> "Skeleton":
        """The skeleton `to_json` wrote. Raises KeyError, TypeError or ValueError for another document."""
        document: Mapping[str, Any] = json.loads(source)
        return cls(
            template=document["template"],
            language=document["language"],
            marketing=document["marketing"],
            base_url=document["base_url"],
            sender=Sender(**document["sender"]),
            subject=from_plain(document["subject"]),
            text=from_plain(document["text"]),
            html=from_plain(document["html"]),
            links=tuple(
                Link(index, LinkKind(kind), url, about) for index, (kind, url, about) in enumerate(document["links"])
            ),
            calendar=tuple(document.get("calendar", ())),
        )


def to_plain(pieces: Pieces) -> list[object]:
    """The pieces as JSON."""
    return [
        [piece.field, *([applied.name, applied.argument] for applied in piece.filters)]
        if isinstance(piece, Fill)
        else piece
        for piece in pieces
    ]


def from_plain(pieces: list[Any]) -> Pieces:
    """What `to_plain` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    return tuple(
        Fill(piece[0], tuple(Applied(name, argument) for name, argument in piece[1:]))
        if isinstance(piece, list)
        else (TOKEN if piece is None else str(piece))
        for piece in pieces
    )
