"""What happened to contacts, what came in raw, and who has to be looked at."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from nurture.storage.tables.base import BIG_KEY, JSON_TYPE, Base, Utc, one_of, table_of
from nurture.storage.words import ReceiptState

UNCONSUMED = text("consumed_at IS NULL")
DUE = text("due_at IS NOT NULL")
CAME_BACK = text("kind IN ('bounced', 'refused', 'suppressed')")


class EventRow(Base, table=True):
    """A fact about a contact. A key names it for ever: posted again, it is the same event."""

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "ix_events_unconsumed",
            "contact_id",
            "received_at",
            sqlite_where=UNCONSUMED,
            postgresql_where=UNCONSUMED,
        ),
        Index("ix_events_came_back", "received_at", sqlite_where=CAME_BACK, postgresql_where=CAME_BACK),
    )

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    key: str = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_type=Utc)
    received_at: datetime = Field(sa_type=Utc)
    payload: dict[str, Any] = Field(sa_type=JSON_TYPE)
    consumed_at: datetime | None = Field(sa_type=Utc)


class ReceiptRow(Base, table=True):
    """What a provider, a form or a mailbox handed in, stored before it is answered and sorted later."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        one_of("state", ReceiptState),
        Index("ix_receipts_due", "due_at", "id", sqlite_where=DUE, postgresql_where=DUE),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    source: str
    key: str
    body: bytes
    meta: dict[str, Any] = Field(sa_type=JSON_TYPE)
    received_at: datetime = Field(sa_type=Utc)
    state: str
    due_at: datetime | None = Field(sa_type=Utc)
    token: int | None = Field(sa_type=BigInteger)
    leased_until: datetime | None = Field(sa_type=Utc)
    settled_at: datetime | None = Field(sa_type=Utc)
    problem: str


class AgendaRow(Base, table=True):
    """When a contact must be looked at next (NULL: not by itself), and which worker has it in hand.

    `due_at` is the least of the contact's timers and of the received_at of its unconsumed events. `strikes` counts the
    times in a row that deciding it failed, `problem` says how. `seq` is the state's, which every decision changes and
    which would otherwise have the contact's own row written again.
    """

    __tablename__ = "agenda"
    __table_args__ = (Index("ix_agenda_due", "due_at", "contact_id", sqlite_where=DUE, postgresql_where=DUE),)

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    due_at: datetime | None = Field(sa_type=Utc)
    token: int | None = Field(sa_type=BigInteger)
    leased_until: datetime | None = Field(sa_type=Utc)
    strikes: int
    problem: str
    seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


events = table_of(EventRow)
receipts = table_of(ReceiptRow)
agenda = table_of(AgendaRow)
