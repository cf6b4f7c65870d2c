"""A mail as one reader would get it, taken apart as a mail program does."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from html import unescape

from nurture.content.html_rules import HEAVIEST_MAIL
from nurture.content.skeleton import Skeleton

HEAVY = HEAVIEST_MAIL * 9 // 10
"""From here on a mail is near the size at which it is cut short."""

SHOWN_HEADERS = (
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language"),
)
_HIDDEN = re.compile(r"<div[^>]*display:\s*none[^>]*>(.*?)</div>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")
_FILLERS = re.compile(r"[\u00ad\u034f\u2007\u200b-\u200d\ufeff]+")


@dataclass(frozen=True)
class Letter:
    """One message as bytes, and what a mail program makes of it."""

    data: bytes
    skeleton: Skeleton

    @cached_property
    def message(self) -> EmailMessage:
        """As the standard library reads it."""
        return message_from_bytes(self.data, policy=policy.default)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The headers people ask about, decoded, then all others."""
        said = {name: str(value) for name, value in self.message.items()}
        return {**{name: said[name] for name in SHOWN_HEADERS if name in said}, **said}

    @property
    def subject(self) -> str:
        """Decoded."""
        return self.headers.get("Subject", "")

    @cached_property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    @cached_property
    def text(self) -> str:
        """The text part."""
        return self._part("plain")

    @cached_property
    def preheader(self) -> str:
        """The words that lists of mails show beside the subject."""
        found = _HIDDEN.search(self.html)
        return " ".join(_FILLERS.sub(" ", unescape(_TAGS.sub("", found[1]))).split()) if found else ""

    @cached_property
    def version(self) -> str:
        """Names these very words, so that a frame is loaded again only when they change."""
        return hashlib.sha256(self.html.encode()).hexdigest()[:12]

    @property
    def size(self) -> int:
        """Octets of the HTML part, which is what Gmail measures before it cuts."""
        return len(self.html.encode())

    @property
    def is_heavy(self) -> bool:
        """Whether it is near the size at which it is cut."""
        return self.size > HEAVY

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""
