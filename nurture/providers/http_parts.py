"""A finished MIME message as the parts that a provider's HTTP API asks for, without losing any in silence.

The bytes are read back with the standard library's parser, so that what goes out is what a recipient would have read.
The same bytes always give the same parts, in the same order: a provider that remembers keys compares whole requests.
"""

import base64
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Final

from nurture.providers.transport import TransportProblem

_OWN: Final = frozenset({"from", "to", "reply-to", "subject"})
_THE_PROVIDERS: Final = frozenset({"date", "mime-version", "content-type", "content-transfer-encoding"})
"""What the provider writes itself: it dates and encodes the message when it takes it."""

_READ: Final = policy.default.clone(max_line_length=None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the message; its content in base64, on one line."""

    name: str
    media_type: str
    content: str


@dataclass(frozen=True)
class Parts:
    """One message taken apart. Every text is decoded; addresses stay as they are written in a header."""

    sender: str
    recipient: str
    reply_to: str | None
    subject: str
    text: str | None
    html: str | None
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The headers that no field of its own stands for, by name in small letters."""
        return {name.lower(): value for name, value in self.headers}


def parts_of(data: bytes) -> Parts:
    """Take a message apart. Raises TransportProblem for what an HTTP API could only drop."""
    message = message_from_bytes(data, policy=_READ)
    assert isinstance(message, EmailMessage)
    text, html, files = _bodies(message)
    return Parts(
        sender=_one(message, "From"),
        recipient=_one(message, "To"),
        reply_to=str(message["Reply-To"]) if "Reply-To" in message else None,
        subject=str(message["Subject"] or ""),
        text=text,
        html=html,
        headers=tuple(_others(message)),
        attachments=tuple(files),
    )


def _one(message: EmailMessage, name: str) -> str:
    values = message.get_all(name, [])
    if len(values) != 1:
        raise TransportProblem(f"A message must have one {name}, and this one has {len(values)}.")
    return str(values[0])


def _others(message: EmailMessage) -> list[tuple[str, str]]:
    found = [(name, str(value)) for name, value in message.items() if name.lower() not in _OWN | _THE_PROVIDERS]
    names = [name.lower() for name, _ in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or "cc" in names or "bcc" in names:
        raise TransportProblem(f"A message by HTTP has each header once and no copies; see {(twice or ['cc'])[0]}.")
    return found


def _bodies(message: EmailMessage) -> tuple[str | None, str | None, list[Attachment]]:
    text: str | None = None
    html: str | None = None
    files: list[Attachment] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, is_file = part.get_content_type(), part.get_content_disposition() == "attachment"
        if not is_file and kind == "text/plain" and text is None:
            text = _text(part)
        elif not is_file and kind == "text/html" and html is None:
            html = _text(part)
        elif is_file and part.get_filename():
            files.append(_attachment(part, kind))
        else:
            raise TransportProblem(f"A part of type {kind} is neither the text nor a named attachment.")
    return text, html, files


def _text(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def _attachment(part: EmailMessage, kind: str) -> Attachment:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return Attachment(part.get_filename() or "", kind, base64.b64encode(payload).decode("ascii"))
