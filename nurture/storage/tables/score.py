"""The score as a ledger: what each signal counted, day by day."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.core.words import SignalKind
from nurture.storage.tables.base import Base, Utc, one_of, table_of


class LedgerRow(Base, table=True):
    """One signal on one object during one UTC day (an ordinal). `points` are milli-points as earned, before fading."""

    __tablename__ = "ledger"
    __table_args__ = (one_of("signal", SignalKind),)

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    signal: str = Field(primary_key=True)
    object: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    count: int
    first_at: datetime = Field(sa_type=Utc)
    last_at: datetime = Field(sa_type=Utc)
    points: int = Field(sa_type=BigInteger)


ledger = table_of(LedgerRow)
