"""Reads a raw mail (RFC 5322, MIME) into the one shape a provider's inbound hook also gives.

What could make the standard library's parser recurse or build millions of objects is counted on the
bytes first. Its `compat32` policy is used on purpose: the newer one parses header values with
a reader that raises on, or crawls over, hostile ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from itertools import islice
from typing import Final

from nurture.providers.events import NotUnderstood
from nurture.providers.mail import (
    COMPLAINT_TYPE,
    MAX_HEADERS,
    MAX_TEXT_CHARS,
    REPORT_TYPES,
    RETURNED_TYPES,
    STATUS_TYPES,
    Headers,
    InboundMail,
    ReportPart,
    addresses_in,
    date_in,
    decoded,
    headers_of,
    ids_in,
    sender_in,
    text_of,
    unique,
)

MAX_BYTES: Final = 30 * 1024 * 1024
MAX_HEADER_BYTES: Final = 256 * 1024
MAX_NESTED: Final = 60  # parts that contain parts
MAX_BOUNDARIES: Final = 2_000
MAX_FIELDS: Final = 100_000  # in the whole mail: each becomes an object
MAX_WORK: Final = 5_000_000  # the parser asks every open part about every line

_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(rb"^[!-9;-~]{1,200}:", re.MULTILINE)
_CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.MULTILINE | re.IGNORECASE)
_BOUNDARY = re.compile(rb"^--[^\s-]", re.MULTILINE)

# Where a mail says to whom it came: the envelope's traces before what its author wrote.
_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "to", "cc")


def from_bytes(raw: bytes) -> InboundMail:
    """The mail in `raw`. Raises NotUnderstood when it is too big or too deep to be read, nothing else."""
    _refuse_what_grows(raw)
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        return _read(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MessageError) as why:
        raise NotUnderstood(f"A received mail is too broken to be read ({type(why).__name__}: {why}).") from why


def _refuse_what_grows(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise NotUnderstood(f"A received mail has {len(raw)} bytes where at most {MAX_BYTES} are read.")
    end = _BLANK_LINE.search(raw)
    head = end.start() if end else len(raw)
    if head > MAX_HEADER_BYTES or _more_than(MAX_HEADERS, _FIELD.finditer(raw, 0, head)):
        raise NotUnderstood(f"A received mail has more than {MAX_HEADERS} headers, or headers of more than 256 kB.")
    nested = _count(MAX_NESTED, _CONTAINER.finditer(raw))
    if nested > MAX_NESTED or _more_than(MAX_BOUNDARIES, _BOUNDARY.finditer(raw)):
        raise NotUnderstood(f"A received mail is made of more than {MAX_NESTED} nested or {MAX_BOUNDARIES} parts.")
    lines = raw.count(b"\n") + raw.count(b"\r")
    if lines * (1 + nested) > MAX_WORK or _more_than(MAX_FIELDS, _FIELD.finditer(raw)):
        raise NotUnderstood("A received mail has too many lines in too many parts to be read.")


def _more_than(limit: int, found: Iterator[re.Match[bytes]]) -> bool:
    return _count(limit, found) > limit


def _count(limit: int, found: Iterator[re.Match[bytes]]) -> int:
    """How many there are, counted no further than one beyond the limit."""
    return sum(1 for _ in islice(found, limit + 1))


def _read(message: Message) -> InboundMail:
    headers = headers_of((name, _as_text(value)) for name, value in message.raw_items())
    first = {name: values[0] for name, values in headers.items()}
    leaves = tuple(_leaves(message))
    return InboundMail(
        sender=sender_in(first.get("from")),
        recipients=_recipients(headers),
        subject=decoded(first.get("subject", "")),
        headers=headers,
        text=_body(leaves, "text/plain"),
        html=_body(leaves, "text/html"),
        date=date_in(first.get("date")),
        message_id=(ids_in(first.get("message-id")) or (None,))[0],
        in_reply_to=ids_in(first.get("in-reply-to")),
        references=ids_in(first.get("references")),
        reports=tuple(_report(part) for part in leaves if part.get_content_type() in REPORT_TYPES),
    )


def _as_text(value: object) -> str:
    # Eight-bit bytes arrive as surrogates: most are UTF-8 that nobody encoded.
    return text_of(str(value).encode("utf-8", "surrogateescape"), "utf-8")


def _recipients(headers: Headers) -> tuple[str, ...]:
    values = (value for name in _RECIPIENT_FIELDS for value in headers.get(name, ()))
    return unique(address for value in values for address in addresses_in(value))[:100]


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order. What was returned or forwarded is one leaf, not opened."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting.extend(child for child in reversed(inner) if isinstance(child, Message))
        else:
            yield part


def _body(leaves: tuple[Message, ...], kind: str) -> str:
    texts = [
        _text(part)
        for part in leaves
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment"
    ]
    return "\n".join(texts)[:MAX_TEXT_CHARS]


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    # One character takes at most four bytes: what lies beyond is cut off anyway.
    return text_of(content[: 4 * MAX_TEXT_CHARS], _charset(part))[:MAX_TEXT_CHARS].replace("\r\n", "\n")


def _charset(part: Message) -> str | None:
    said = part.get_param("charset")
    return said if isinstance(said, str) else None


def _report(part: Message) -> ReportPart:
    kind = part.get_content_type()
    inner = part.get_payload()
    if not isinstance(inner, list):
        return ReportPart(kind, _text(part))
    if kind in STATUS_TYPES or kind == COMPLAINT_TYPE or kind in RETURNED_TYPES:
        # The library has parsed these as mails of their own: one block of fields each.
        return ReportPart(kind, "\n".join(_fields(block) for block in inner[:50] if isinstance(block, Message)))
    return ReportPart(kind, "")


def _fields(block: Message) -> str:
    pairs = headers_of((name, _as_text(value)) for name, value in block.raw_items())
    return "".join(f"{name}: {value}\n" for name, values in pairs.items() for value in values)
