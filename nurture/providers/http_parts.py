"""A finished MIME message as the parts that a provider's HTTP API asks for, without losing any in silence.

The bytes are read back, by the standard library where they are not wholly in a form of ours, so that what goes out is what
a recipient would have read.
The same bytes always give the same parts, in the same order: a provider that remembers keys compares whole requests.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Final

from nurture.providers.own_mail import Leaf, Mail, read_own
from nurture.providers.transport import TransportProblem

_OWN: Final = frozenset({"from", "to", "reply-to", "subject"})
_THE_PROVIDERS: Final = frozenset({"date", "mime-version", "content-type", "content-transfer-encoding"})
"""What the provider writes itself: it dates and encodes the message when it takes it."""

_TEXTS: Final = frozenset({"text/plain", "text/html"})
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
    mail = read_own(data) or _read_any(data)
    fields: dict[str, list[str]] = {}
    for name, value in mail.fields:
        fields.setdefault(name.lower(), []).append(value)
    text, html, files = _bodies(mail.leaves)
    return Parts(
        sender=_one(fields, "From"),
        recipient=_one(fields, "To"),
        reply_to=fields["reply-to"][0] if "reply-to" in fields else None,
        subject=fields.get("subject", [""])[0],
        text=text,
        html=html,
        headers=tuple(_others(mail, fields)),
        attachments=tuple(files),
    )


def _read_any(data: bytes) -> Mail:
    """By the standard library, whose types for each field take it a while."""
    message = message_from_bytes(data, policy=_READ)
    assert isinstance(message, EmailMessage)
    fields = [(name, str(value)) for name, value in message.items() if name.lower() not in _THE_PROVIDERS]
    return Mail(fields, [_leaf(part) for part in message.walk() if not part.is_multipart()])


def _leaf(part: EmailMessage) -> Leaf:
    kind, is_file = part.get_content_type(), part.get_content_disposition() == "attachment"
    if not is_file and kind in _TEXTS:
        return Leaf(kind, None, str(part.get_content()).encode())
    payload = part.get_payload(decode=True)
    if not is_file or not part.get_filename() or not isinstance(payload, bytes):
        raise _neither(kind)
    return Leaf(kind, part.get_filename(), payload)


def _neither(kind: str) -> TransportProblem:
    return TransportProblem(f"A part of type {kind} is neither the text nor a named attachment.")


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name.lower(), ())
    if len(values) != 1:
        raise TransportProblem(f"A message must have one {name}, and this one has {len(values)}.")
    return values[0]


def _others(mail: Mail, fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    twice = sorted(name for name, values in fields.items() if len(values) > 1 and name not in _OWN)
    if twice or "cc" in fields or "bcc" in fields:
        raise TransportProblem(f"A message by HTTP has each header once and no copies; see {(twice or ['cc'])[0]}.")
    return [(name, value) for name, value in mail.fields if name.lower() not in _OWN]


def _bodies(leaves: Sequence[Leaf]) -> tuple[str | None, str | None, list[Attachment]]:
    texts: dict[str, str] = {}
    files: list[Attachment] = []
    for leaf in leaves:
        if leaf.name is not None:
            files.append(Attachment(leaf.name, leaf.media_type, base64.b64encode(leaf.payload).decode("ascii")))
        elif leaf.media_type in _TEXTS and leaf.media_type not in texts:
            texts[leaf.media_type] = leaf.payload.decode("utf-8", "replace").replace("\r\n", "\n")
        else:
            raise _neither(leaf.media_type)
    return texts.get("text/plain"), texts.get("text/html"), files
