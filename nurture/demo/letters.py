"""A mail as its reader has it: taken apart with the standard library, its links found in what is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from html import unescape
from urllib.parse import urlsplit

_LINK = re.compile(r"<a\s[^>]*?href=\"([^\"]+)\"", re.IGNORECASE)
_PIXEL = re.compile(r"<img\s[^>]*?src=\"([^\"]+/o/[^\"]+)\"", re.IGNORECASE)
_ADDRESS = re.compile(r"<([^<>]+)>\s*$")


@dataclass(frozen=True)
class Letter:
    """One message as the sink took it, at an instant of the demo's calendar."""

    at: datetime
    mail_from: str
    rcpt_to: str
    data: bytes

    @cached_property
    def message(self) -> Message:
        """As the standard library reads it."""
        return message_from_bytes(self.data)

    def header(self, name: str) -> str:
        """A header's text; empty when there is none."""
        return str(make_header(decode_header(self.message.get(name, ""))))

    @cached_property
    def message_id(self) -> str:
        """With its angle brackets."""
        return str(self.message["Message-ID"] or "").strip()

    @cached_property
    def touch(self) -> str:
        """The key the mail host was told to give back with its events."""
        return str(self.message["X-PM-Metadata-touch"] or "").strip()

    @cached_property
    def recipient(self) -> str:
        """To whom it went, in small letters."""
        return self.rcpt_to.lower()

    @property
    def reply_to(self) -> str:
        """Where an answer goes."""
        said = str(self.message["Reply-To"] or self.message["From"] or "")
        found = _ADDRESS.search(said)
        return found[1] if found else said.strip()

    @cached_property
    def html(self) -> str:
        """What most people see."""
        return self._part("text/html")

    @cached_property
    def text(self) -> str:
        """What the others see."""
        return self._part("text/plain")

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Every address in it that can be pressed, each once, in their order."""
        found = (unescape(url) for url in _LINK.findall(self.html))
        return tuple(dict.fromkeys(url for url in found if url.startswith("http")))

    @cached_property
    def pixel(self) -> str | None:
        """The picture whose loading shows that the mail was opened."""
        found = _PIXEL.search(self.html)
        return unescape(found[1]) if found else None

    def link(self, *beginnings: str) -> str | None:
        """The first link whose path begins so."""
        return next((url for url in self.links if urlsplit(url).path.startswith(beginnings)), None)

    def link_to(self, ending: str) -> str | None:
        """The first link whose path ends so."""
        return next((url for url in self.links if urlsplit(url).path.endswith(ending)), None)

    @property
    def one_click(self) -> str | None:
        """Where the mail program posts when "Unsubscribe" is pressed there (RFC 8058)."""
        if "One-Click" not in str(self.message["List-Unsubscribe-Post"] or ""):
            return None
        addresses = re.findall(r"<([^>]+)>", str(self.message["List-Unsubscribe"] or ""))
        return next((url for url in addresses if url.startswith("http")), None)

    def headers(self) -> Mapping[str, str]:
        """All headers, decoded, in their order."""
        return {name: self.header(name) for name in self.message}

    def _part(self, wanted: str) -> str:
        for part in self.message.walk():
            if part.get_content_type() == wanted:
                payload = part.get_payload(decode=True)
                return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
        return ""
