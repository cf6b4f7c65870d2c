"""Every mail as it was sent, packed small, for the page that shows them and for whoever checks what left."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum

from nurture.demo.letters import Letter


class Purpose(StrEnum):
    """What a mail was for."""

    TOUCH = "touch"
    CONFIRMATION = "confirmation"
    HAND_OFF = "hand_off"


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail the sink took. `packed` is the message, compressed."""

    at: datetime
    recipient: str
    message_id: str
    subject: str
    sender: str
    purpose: Purpose
    mail_from: str
    packed: bytes = field(repr=False)

    @property
    def letter(self) -> Letter:
        """The mail itself."""
        return Letter(self.at, self.mail_from, self.recipient, zlib.decompress(self.packed))

    @property
    def sender_address(self) -> str:
        """Who wrote it."""
        return parseaddr(self.sender)[1]

    @property
    def key(self) -> str:
        """Names the mail in addresses and files: the part of its Message-ID before the @."""
        return self.message_id.strip("<>").partition("@")[0]


@dataclass(slots=True)
class Archive:
    """All mails of a run."""

    kept: list[Sent] = field(default_factory=list)

    def keep(self, letter: Letter, purpose: Purpose) -> None:
        """Keep a mail."""
        packed = zlib.compress(letter.data, 1)
        subject, sender = letter.header("Subject"), letter.header("From")
        self.kept.append(
            Sent(letter.at, letter.recipient, letter.message_id, subject, sender, purpose, letter.mail_from, packed)
        )

    def __len__(self) -> int:
        return len(self.kept)

    def in_order(self) -> list[Sent]:
        """By time and name: the same in every run of a seed."""
        return sorted(self.kept, key=lambda sent: (sent.at, sent.message_id))

    def find(self, key: str) -> Sent | None:
        """The mail of that key."""
        return next((sent for sent in self.kept if sent.key == key), None)

    def of(self, purpose: Purpose) -> Iterator[Sent]:
        """Those sent for one purpose."""
        return (sent for sent in self.kept if sent.purpose is purpose)
