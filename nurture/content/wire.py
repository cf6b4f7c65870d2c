"""A skeleton as the wire will carry it: static bytes encoded once, with numbered places between.

This is what makes a mail cost microseconds: everything equal for all contacts is already MIME,
and a place only asks for one short value, escaped for where it stands.
"""

from dataclasses import dataclass
from enum import IntEnum

from nurture.content import headers
from nurture.content.fills import Fill
from nurture.content.quoted_printable import encode
from nurture.content.slots import Piece
from nurture.content.spec import Sender

TOKEN_PLACE = -1
UID_PLACE = -2
CALENDAR_FILE = "invitation.ics"


class Escape(IntEnum):
    """How a value is written where it stands."""

    TEXT = 0
    HTML = 1


@dataclass(frozen=True, slots=True)
class Place:
    """`chunks[at]` is to become value number `value` (or the token), written as `escape`."""

    at: int
    value: int
    escape: Escape


@dataclass(frozen=True, slots=True)
class Wire:
    """The body as chunks and places, and the head lines that never change.

    `fills` are the distinct contact values; `subject` is a whole header line where no value
    stands in it, else None, and `subject_pieces` then says how to make one.
    """

    head: str
    subject: str | None
    subject_pieces: tuple[Piece, ...]
    fills: tuple[Fill, ...]
    chunks: tuple[bytes, ...]
    tokens: tuple[int, ...]
    in_text: tuple[tuple[int, int], ...]
    in_html: tuple[tuple[int, int], ...]
    uids: tuple[int, ...] = ()


def wire_of(
    composition: str,
    *,
    language: str,
    marketing: bool,
    sender: Sender,
    subject: tuple[Piece, ...],
    text: tuple[Piece, ...],
    html: tuple[Piece, ...],
    calendar: tuple[str, ...] = (),
) -> Wire:
    """Encode everything static. Raises HeaderRefused for a sender that cannot stand in a header."""
    # "=_" cannot occur in quoted-printable, where "=" is followed by two figures or a line end.
    boundary = f"=_nurture_{composition}"
    outer = f"{boundary}_and"
    body = _Body()
    if calendar:
        body.add(f"--{outer}\r\n{_multipart('alternative', boundary)}\r\n")
    body.add(_part_head(boundary, "plain"))
    body.add_pieces(text, Escape.TEXT)
    body.add("\r\n" + _part_head(boundary, "html"))
    body.add_pieces(html, Escape.HTML)
    body.add(f"\r\n--{boundary}--\r\n")
    if calendar:
        body.add(f"\r\n--{outer}\r\n{_CALENDAR_HEAD}")
        body.add_calendar(calendar)
        body.add(f"\r\n--{outer}--\r\n")
    fixed = all(isinstance(piece, str) for piece in subject)
    fills = [piece for piece in subject if isinstance(piece, Fill)]
    for piece in fills:
        body.number(piece)
    return Wire(
        head=_head(
            outer if calendar else boundary, "mixed" if calendar else "alternative", language, marketing, sender
        ),
        subject=headers.unstructured("Subject", "".join(map(str, subject))) if fixed else None,
        subject_pieces=subject,
        fills=tuple(body.fills),
        chunks=tuple(body.chunks),
        tokens=tuple(place.at for place in body.places if place.value == TOKEN_PLACE),
        in_text=body.numbered(Escape.TEXT),
        in_html=body.numbered(Escape.HTML),
        uids=tuple(place.at for place in body.places if place.value == UID_PLACE),
    )


def refuse_headers(sender: Sender, subject: tuple[Piece, ...]) -> None:
    """Raises HeaderRefused for what `wire_of` would refuse, at a hundredth of its cost."""
    headers.mailbox("From", sender.name, sender.address)
    if all(isinstance(piece, str) for piece in subject):
        headers.unstructured("Subject", "".join(map(str, subject)))


def _head(boundary: str, kind: str, language: str, marketing: bool, sender: Sender) -> str:
    lines = [
        headers.mailbox("From", sender.name, sender.address),
        "MIME-Version: 1.0\r\n",
        f"Content-Language: {language}\r\n",
        _multipart(kind, boundary),
    ]
    if not marketing:
        # RFC 3834: nobody's holiday responder need answer a machine's notice.
        lines.append("Auto-Submitted: auto-generated\r\n")
    return "".join(lines)


def _multipart(kind: str, boundary: str) -> str:
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n'


_CALENDAR_HEAD = (
    'Content-Type: text/calendar; charset="utf-8"; method=PUBLISH;\r\n'
    f' name="{CALENDAR_FILE}"\r\n'
    f'Content-Disposition: attachment; filename="{CALENDAR_FILE}"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)


def _part_head(boundary: str, subtype: str) -> str:
    return (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )


class _Body:
    """Chunks in the making; neighbouring static bytes grow together."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.places: list[Place] = []
        self.fills: list[Fill] = []

    def add(self, static: str) -> None:
        self._append(static.encode("ascii"))

    def add_pieces(self, pieces: tuple[Piece, ...], escape: Escape) -> None:
        for piece in pieces:
            match piece:
                case str():
                    self._append(encode(piece))
                case Fill():
                    self._place(self.number(piece), escape)
                case None:
                    self._place(TOKEN_PLACE, escape)

    def add_calendar(self, calendar: tuple[str, ...]) -> None:
        """The UID is written between the pieces."""
        before, after = calendar
        self._append(encode(before))
        self._place(UID_PLACE, Escape.TEXT)
        self._append(encode(after))

    def number(self, fill: Fill) -> int:
        if fill not in self.fills:
            self.fills.append(fill)
        return self.fills.index(fill)

    def numbered(self, escape: Escape) -> tuple[tuple[int, int], ...]:
        return tuple((p.at, p.value) for p in self.places if p.escape is escape and p.value >= 0)

    def _append(self, static: bytes) -> None:
        if self.chunks and not (self.places and self.places[-1].at == len(self.chunks) - 1):
            self.chunks[-1] += static
        else:
            self.chunks.append(static)

    def _place(self, value: int, escape: Escape) -> None:
        self.places.append(Place(len(self.chunks), value, escape))
        self.chunks.append(b"")
