"""Why each decision was taken, including the decision to do nothing."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.storage.tables.base import Base, Utc, table_of


class JournalRow(Base, table=True):
    """One decision. `because` is canonical JSON text, so that equal reasons are equal bytes on every database."""

    __tablename__ = "journal"

    contact_key: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    contact_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Utc)
    event: str
    event_key: str
    world: str
    because: str


journal = table_of(JournalRow)
