"""Prospects given to sales."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.core.words import HandOffState, Rejection
from nurture.storage.tables.base import JSON_TYPE, Base, Utc, one_of, table_of


class HandOffRow(Base, table=True):
    """One hand-off with the reasons a person can read."""

    __tablename__ = "hand_offs"
    __table_args__ = (one_of("state", HandOffState), one_of("rejection", Rejection, nullable=True))

    key: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    campaign: str
    team: str
    owner: str
    offered_at: datetime = Field(sa_type=Utc)
    due_at: datetime = Field(sa_type=Utc)
    state: str
    answered_at: datetime | None = Field(sa_type=Utc)
    rejection: str | None
    reasons: list[Any] = Field(sa_type=JSON_TYPE)


hand_offs = table_of(HandOffRow)
