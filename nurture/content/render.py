"""One contact's mail from a compiled skeleton: fill, join, done.

The hot path of delivery. It builds no message object; `tests/content` parses what it writes with
the standard library and compares.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from nurture.content import headers
from nurture.content.fills import Fill
from nurture.content.problems import HeaderRefused
from nurture.content.quoted_printable import encode
from nurture.content.relaxed import relaxed_lines
from nurture.content.skeleton import Skeleton
from nurture.content.wire import Wire

if TYPE_CHECKING:
    from nurture.content.dkim import Signer

LOOKED_AT = 1_000
"""Of a value in a subject, which is capped far below; what lies beyond is neither read nor sent."""

# One encoded line, and never a character that could end the address it stands in.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,75}")
_OURS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "reply-to", "in-reply-to", "references"}
    | {"mime-version", "content-type", "content-transfer-encoding", "content-language"}
    | {"list-unsubscribe", "list-unsubscribe-post"}
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What is true of one message only. `date` must be aware; ids are written `<key@domain>`.

    `references` is the parent's References followed by the parent's id (RFC 5322 §3.6.4).
    """

    recipient_name: str
    recipient_address: str
    message_id: str
    date: datetime
    token: str
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    unsubscribe_mailto: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    calendar_uid: str = ""  # names the contact's entry of an appointment, where the mail has one


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A message ready for the transport, which alone doubles leading full stops (RFC 5321)."""

    data: bytes
    subject: str


def render(
    skeleton: Skeleton, values: Mapping[str, object], heading: Heading, signer: "Signer | None" = None
) -> RenderedMail:
    """The mail for one contact, signed where there is a `signer`; the same input gives the same bytes.

    Raises MissingVariable where a slot has neither value nor default, HeaderRefused where a value
    cannot stand in a header. Either concerns this message alone.
    """
    wire = skeleton.wire
    words = [fill.words(values, skeleton.template) for fill in wire.fills]
    places = _places(wire, words, heading)
    subject, line = _subject(skeleton, words, values)
    head = _head(skeleton, line, heading).encode("ascii")
    signatures = _signatures(signer, head, skeleton, places) if signer is not None else b""
    return RenderedMail(b"".join((signatures, head, b"\r\n", *_filled(wire.chunks, places))), subject)


def _signatures(signer: "Signer", head: bytes, skeleton: Skeleton, places: Sequence[tuple[int, bytes]]) -> bytes:
    """What is the same for every contact was relaxed once; the places are all that is left to do."""
    relaxed = [(at, relaxed_lines(written)) for at, written in places]
    return signer.signatures(head, b"".join(_filled(skeleton.relaxed, relaxed)))


def _places(wire: Wire, words: Sequence[str], heading: Heading) -> list[tuple[int, bytes]]:
    """What becomes of the places, each in whole lines."""
    token = _token(heading.token) + b"=\r\n"
    return [
        *((at, token) for at in wire.tokens),
        *((at, encode(words[value])) for at, value in wire.in_text),
        *((at, encode(escape(words[value]))) for at, value in wire.in_html),
        *((at, encode(heading.calendar_uid)) for at in wire.uids),
    ]


def _filled(chunks: Sequence[bytes], places: Sequence[tuple[int, bytes]]) -> list[bytes]:
    filled = list(chunks)
    for at, written in places:
        filled[at] = written
    return filled


def preview_html(skeleton: Skeleton, values: Mapping[str, object], token: str) -> str:
    """The HTML part as a browser shows it, for pages and pictures; links carry `token`."""
    return "".join(
        piece
        if isinstance(piece, str)
        else escape(piece.words(values, skeleton.template))
        if isinstance(piece, Fill)
        else token
        for piece in skeleton.html
    )


def _subject(skeleton: Skeleton, words: Sequence[str], values: Mapping[str, object]) -> tuple[str, str]:
    wire = skeleton.wire
    if wire.subject is not None:
        return "".join(map(str, wire.subject_pieces)), wire.subject
    for piece in wire.subject_pieces:
        if isinstance(piece, Fill):
            # The words are cleaned; a subject is refused rather than silently mended.
            headers.refuse_controls("Subject", str(values.get(piece.field) or "")[:LOOKED_AT])
    text = "".join(
        words[wire.fills.index(piece)] if isinstance(piece, Fill) else str(piece) for piece in wire.subject_pieces
    )
    return text, headers.unstructured("Subject", text)


def _head(skeleton: Skeleton, subject: str, heading: Heading) -> str:
    lines = [
        _date(heading.date),
        skeleton.wire.head,
        headers.mailbox("To", heading.recipient_name, heading.recipient_address),
        subject,
        headers.message_ids("Message-ID", (heading.message_id,)),
    ]
    if heading.reply_to is not None:
        lines.append(headers.mailbox("Reply-To", "", heading.reply_to))
    if heading.in_reply_to is not None:
        lines.append(headers.message_ids("In-Reply-To", (heading.in_reply_to,)))
    if heading.references:
        lines.append(headers.message_ids("References", heading.references))
    if skeleton.marketing:
        lines.append(_unsubscribe(skeleton.base_url, heading))
    if heading.extra:
        lines.extend(_extra(name, value) for name, value in heading.extra.items())
    return "".join(lines)


def _unsubscribe(base_url: str, heading: Heading) -> str:
    """RFC 2369 and RFC 8058: the address that a POST alone makes act."""
    mailto = ""
    if heading.unsubscribe_mailto is not None:
        mailto = f",\r\n <mailto:{headers.addr_spec('List-Unsubscribe', heading.unsubscribe_mailto)}>"
    return (
        f"List-Unsubscribe: <{base_url}/u/{heading.token}>{mailto}\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )


def _extra(name: str, value: str) -> str:
    if name.lower() in _OURS:
        raise HeaderRefused(name, "the mail writes this header itself")
    return headers.unstructured(name, value)


@lru_cache(maxsize=256)
def _date(date: datetime) -> str:
    """Always in UTC: equal instants share one cache entry, so they must share one spelling."""
    if date.tzinfo is None:
        raise ValueError(f"The mail's date {date} has no time zone; pass an aware UTC time.")
    return f"Date: {format_datetime(date.astimezone(UTC))}\r\n"


def _token(token: str) -> bytes:
    if not _TOKEN.fullmatch(token):
        raise ValueError("A message token is made of URL-safe base64 letters; sign one with sign_message.")
    return token.encode("ascii")
