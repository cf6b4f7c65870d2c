"""How sample people are: shares of a hundred, as rows of a table. Written to show every way a mail can go, not as statistics."""

from dataclasses import dataclass
from enum import StrEnum


class Mailbox(StrEnum):
    """What becomes of mail to an address."""

    FINE = "fine"
    UNKNOWN = "unknown"  # the host knows nobody by that name: 550 at RCPT
    FULL_FOR_NOW = "full_for_now"  # 452 at RCPT some times, then fine
    SOFT = "soft"  # taken, and every mail comes back: over quota
    LATER = "later"  # taken, and comes back for good the next day


@dataclass(frozen=True, slots=True)
class Temperament:
    """One kind of person. `share` of a thousand people; all the others are chances in percent, mail by mail.

    `nth` numbers count a person's mails from 1; 0 is never.
    """

    name: str
    share: int
    opens: int = 0
    clicks: int = 0  # of those opened
    attends: int = 0  # of those who booked a webinar
    browses: int = 0  # looks around the site after a click, prices included
    replies_at: int = 0
    interested: int = 0  # of replies
    leaves_at: int = 0
    complains_at: int = 0
    away_at: int = 0
    scanned: bool = False
    mailbox: Mailbox = Mailbox.FINE


TEMPERAMENTS = (
    Temperament("keen", 130, opens=96, clicks=80, attends=85, browses=45),
    Temperament("curious", 250, opens=75, clicks=42, attends=60, browses=12),
    Temperament("quiet", 240, opens=22, clicks=8, attends=20),
    Temperament("asks", 45, opens=92, clicks=60, attends=60, browses=20, replies_at=3, interested=100),
    Temperament("answers", 40, opens=80, clicks=35, attends=50, replies_at=2, interested=15),
    Temperament("away", 65, opens=70, clicks=40, attends=50, away_at=1),
    Temperament("scanned", 80, opens=60, clicks=35, attends=50, scanned=True),
    Temperament("annoyed", 55, opens=60, clicks=5, leaves_at=2),
    Temperament("complainer", 15, opens=40, complains_at=2),
    Temperament("unknown", 25, mailbox=Mailbox.UNKNOWN),
    Temperament("full", 25, opens=50, clicks=25, attends=40, mailbox=Mailbox.FULL_FOR_NOW),
    Temperament("overflowing", 15, mailbox=Mailbox.SOFT),
    Temperament("moved", 15, mailbox=Mailbox.LATER),
)
