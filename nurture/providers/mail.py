"""A mail somebody sent us, in one shape whether a provider parsed it or we did.

Also reads its header values: by our own bounded expressions, because the standard library's readers
of addresses and structured headers recurse, or take quadratic time, on hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from nurture.plain_text import storable

MAX_HEADERS = 500
MAX_HEADER_CHARS = 16_000
MAX_DECODED_CHARS = 1_000  # decode_header is quadratic: enough for any subject, too short to hurt
MAX_TEXT_CHARS = 200_000
MAX_ADDRESSES = 100
MAX_REFERENCES = 100

# Parts a machine wrote: delivery statuses (RFC 3464, 6533), complaints (RFC 5965), what was returned.
RETURNED_TYPES = frozenset({"message/rfc822", "message/rfc822-headers", "message/global", "text/rfc822-headers"})
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
COMPLAINT_TYPE = "message/feedback-report"
REPORT_TYPES = RETURNED_TYPES | STATUS_TYPES | {COMPLAINT_TYPE}

Headers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A machine-readable part: a delivery status, a complaint's fields, the headers of what we sent."""

    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class InboundMail:
    """One received mail. Names of headers are in lower case; ids are without their brackets.

    `recipients` is every address it came to, the envelope's first. `stripped` is the provider's idea
    of the reply without its quote, when it has one. `date` is the sender's claim, in UTC.
    """

    sender: str | None = None
    recipients: tuple[str, ...] = ()
    mailbox_hashes: tuple[str, ...] = ()
    subject: str = ""
    headers: Headers = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""
    html: str = ""
    stripped: str | None = None
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    provider_message_id: str | None = None
    reports: tuple[ReportPart, ...] = ()

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case; None when it is absent."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else None


_FOLD = re.compile(r"[\x00-\x1f\x7f]+ ?")
_QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ANGLED = re.compile(r"<\s{0,4}([^\s<>@,;:\"()\[\]]{1,128}@[^\s<>@,;:\"()\[\]]{1,255})\s{0,4}>")
_BARE = re.compile(r"(?<![^\s<,;:(\[])([^\s<>@,;:\"()\[\]]{1,128}@[^\s<>@,;:\"()\[\]]{1,255})")
_ANY_ANGLED = re.compile(r"<[^<>]*>")
_ID = re.compile(r"<\s{0,4}([^<>\s]{1,998})\s{0,4}>")


def headers_of(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Headers by lower-case name, each value on one line, capped in number and length."""
    gathered: dict[str, tuple[str, ...]] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_HEADERS:
            break
        known = name.strip().lower()[:200]
        gathered[known] = (*gathered.get(known, ()), one_line(value[:MAX_HEADER_CHARS]))
    return MappingProxyType(gathered)


def one_line(value: str) -> str:
    """A header value without folds or control characters, storable."""
    return storable(_FOLD.sub(" ", value).strip())


def decoded(value: str) -> str:
    """A header value with its encoded words (RFC 2047) read; as it stands where they are broken."""
    short = value[:MAX_DECODED_CHARS]
    if "=?" not in short:
        return one_line(short)
    try:
        return one_line("".join(_word(piece, charset) for piece, charset in decode_header(short)))
    except (ValueError, LookupError, AssertionError, MessageError):  # its ways of saying "broken"
        return one_line(short)


def _word(piece: bytes | str, charset: str | None) -> str:
    return piece if isinstance(piece, str) else text_of(piece, charset)


def addresses_in(value: str | None) -> tuple[str, ...]:
    """Every address in a To or Cc value, those in angle brackets first; display names hold none."""
    plain = _without_names(value)
    angled = [found[1] for found in _ANGLED.finditer(plain)]
    bare = [found[1] for found in _BARE.finditer(_ANY_ANGLED.sub(",", plain))]
    return unique([*angled, *bare])[:MAX_ADDRESSES]


def sender_in(value: str | None) -> str | None:
    """The address a From value names: the last in angle brackets, the first bare one without any."""
    plain = _without_names(value)
    angled = [found[1] for found in _ANGLED.finditer(plain)]
    bare = _BARE.search(plain)
    return angled[-1] if angled else bare[1] if bare else None


def _without_names(value: str | None) -> str:
    # A quote that never ends would swallow the address: then the quotes mean nothing.
    said = (value or "")[:MAX_HEADER_CHARS]
    plain = _QUOTED.sub(" ", said)
    return plain if "@" in plain else said.replace('"', " ")


def ids_in(value: str | None) -> tuple[str, ...]:
    """The message ids in a Message-ID, In-Reply-To or References value, in order, without brackets."""
    said = (value or "")[:MAX_HEADER_CHARS].strip()
    found = [match[1] for match in _ID.finditer(said)]
    if not found and "@" in said and not re.search(r"\s", said):
        found = [said.strip("<>")]  # some programs forget the brackets
    return unique(found)[-MAX_REFERENCES:]


def date_in(value: str | None) -> datetime | None:
    """An RFC 5322 date in UTC; None when it cannot be read."""
    try:
        read = parsedate_to_datetime((value or "")[:100])
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# Codecs that are no charsets, or whose decoders can be made to crawl.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"})


def text_of(content: bytes, charset: str | None) -> str:
    """Bytes as text. Never raises: an unknown charset is read as UTF-8, then as Windows-1252."""
    name = (charset or "utf-8").strip().lower().replace("-", "_")[:40]
    for attempt in (name, "utf_8", "cp1252"):
        if attempt in _NO_CHARSETS:
            continue
        try:
            return storable(content.decode(attempt))
        except (LookupError, ValueError):
            continue
    return storable(content.decode("latin-1"))


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values without repetition, first places kept."""
    return tuple(dict.fromkeys(values))
