"""What a condition in SQL is read against, beside the contacts: the world with its rules of score, an instant, a campaign."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nurture.core.facts import utc_day
from nurture.core.scoring import Scoring
from nurture.core.world import World
from nurture.storage.bulk import is_sqlite

SMALLEST, LARGEST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """`lite` on SQLite. With a campaign, `stage` and the signals of a passage are those of the contact's passage there."""

    lite: bool
    world: World
    now: datetime
    campaign: str | None = None

    @staticmethod
    def of(c: Connection, world: World, now: datetime, campaign: str | None = None) -> "Asked":
        """The question on this connection's kind of database."""
        return Asked(is_sqlite(c), world, now, campaign)

    @property
    def scoring(self) -> Scoring:
        """The rules of score."""
        return self.world.scoring

    @property
    def today(self) -> int:
        """The ordinal of the instant's UTC date, as the ledger counts days."""
        return utc_day(self.now)


def can_be_kept(value: str | int) -> bool:
    """Whether a database can be told this value: an integer of 64 bits, or a text without NUL and halves of characters."""
    if isinstance(value, int):
        return SMALLEST <= value <= LARGEST
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
