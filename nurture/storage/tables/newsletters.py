"""How far each newsletter has come."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.storage.tables.base import Base, Utc, table_of


class NewsletterRow(Base, table=True):
    """A newsletter whose instant has come. Contacts up to the number `looked_to` were asked whether they are in its segment."""

    __tablename__ = "newsletters"

    name: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=Utc)
    looked_to: int = Field(sa_type=BigInteger)
    told: int
    done_at: datetime | None = Field(sa_type=Utc)


newsletters = table_of(NewsletterRow)
