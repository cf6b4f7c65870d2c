"""Where contacts stand in campaigns, and what they were meant to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Computed, Index, text
from sqlmodel import Field

from nurture.core.words import TouchState
from nurture.storage.tables.base import JSON_TYPE, Base, Utc, one_of, table_of

POSITIONS = ("ready", "waiting", "listening", "slotted", "blocked", "sending", "exhausted", "stopped", "ended")
VARIED = text("variant IS NOT NULL")
LIVE, LIVE_IN_SQLITE = text("NOT ended"), text("ended = 0")


class EnrolmentRow(Base, table=True):
    """A contact in a campaign, pinned to a version; `due_at` is its timer, for people to read.

    The database works `ended` out from the position: what an index goes by is to change seldom, and the position does at
    each step.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        one_of("position", POSITIONS),
        Index("ix_enrolments_newest", "campaign", "began_at"),
        Index("ix_enrolments_live", "campaign", "version", "stage", sqlite_where=LIVE_IN_SQLITE, postgresql_where=LIVE),
    )

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    campaign: str = Field(primary_key=True)
    version: str
    stage: str
    position: str
    details: dict[str, Any] = Field(sa_type=JSON_TYPE)
    due_at: datetime | None = Field(sa_type=Utc)
    entered_at: datetime = Field(sa_type=Utc)
    began_at: datetime = Field(sa_type=Utc)
    anchor: datetime = Field(sa_type=Utc)
    rotation: int
    held_out: bool
    skipped: list[str] = Field(sa_type=JSON_TYPE)
    reminders: list[Any] = Field(sa_type=JSON_TYPE, sa_column_kwargs={"server_default": text("'[]'")})
    ended: bool | None = Field(sa_column=Column(Boolean, Computed("position = 'ended'", persisted=True)))


class TouchRow(Base, table=True):
    """One intended message, as the contact's state remembers it."""

    __tablename__ = "touches"
    __table_args__ = (
        one_of("state", TouchState),
        Index("ix_touches_variants", "campaign", "step", sqlite_where=VARIED, postgresql_where=VARIED),
    )

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    key: str = Field(primary_key=True, unique=True)
    campaign: str
    rotation: int
    step: str
    part: str
    content: str
    at: datetime = Field(sa_type=Utc)
    state: str
    variant: str | None
    thread: str | None
    strikes: int


enrolments = table_of(EnrolmentRow)
touches = table_of(TouchRow)
