"""What delivery works from: messages to hand over, and each attempt to do so."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from nurture.storage.tables.base import BIG_KEY, JSON_TYPE, Base, Utc, one_of, table_of
from nurture.storage.words import OutboxState, Purpose

DUE = text("due_at IS NOT NULL")
IN_FLIGHT = text("state = 'intent'")
PARKED = text("gate = 'brake'")
IN_PARCELS = text("parcel IS NOT NULL AND state IN ('intent', 'unknown')")


class OutboxEntryRow(Base, table=True):
    """One message. `due_at` NULL: nothing to do (with the gate `brake`: until the brake is released). `round` counts how often it was queued again after being withheld.

    `composition`, `message_id`, `date`, `sha256` and `slots` are the intent: enough to make the same bytes again.
    `doubts` counts the attempts of which nobody knows whether they left; while it is not 0 the message is `unknown`, or an
    intent again, and never plainly to be sent. `seen_at` is when something came back about it before its outcome was
    written down. `settled_at` of an unknown message is when it became so; `due_at`, when it is looked into again.

    `parcel` is the key of the request in which the intent's message goes with others, `place` its place there. They say
    something as long as the message is an intent or unknown; without a place it was in that request once, and is in no
    repetition of it. An intent without a parcel goes by itself.

    `clock_jumped`: business time did, while the outcome was open, so that what it tells of the attempt's age means nothing.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("state", OutboxState),
        Index("ix_outbox_due", "due_at", "key", sqlite_where=DUE, postgresql_where=DUE),
        Index("ix_outbox_in_flight", "key", sqlite_where=IN_FLIGHT, postgresql_where=IN_FLIGHT),
        Index("ix_outbox_parked", "campaign", sqlite_where=PARKED, postgresql_where=PARKED),
        Index("ix_outbox_parcel", "parcel", sqlite_where=IN_PARCELS, postgresql_where=IN_PARCELS),
    )

    key: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    purpose: str
    campaign: str
    version: str
    rotation: int
    step: str
    part: str
    content: str
    variant: str | None
    thread: str | None
    subject: str
    language: str
    recipient: str | None
    recipient_hash: str | None
    state: str
    round: int
    attempts: int
    queued_at: datetime = Field(sa_type=Utc)
    due_at: datetime | None = Field(sa_type=Utc)
    token: int | None = Field(sa_type=BigInteger)
    leased_until: datetime | None = Field(sa_type=Utc)
    composition: str | None
    message_id: str | None
    date: datetime | None = Field(sa_type=Utc)
    sha256: str | None
    slots: dict[str, Any] | None = Field(sa_type=JSON_TYPE)
    settled_at: datetime | None = Field(sa_type=Utc)
    gate: str | None
    detail: str
    doubts: int = Field(sa_column_kwargs={"server_default": text("0")})
    seen_at: datetime | None = Field(sa_type=Utc)
    parcel: str | None
    place: int | None
    clock_jumped: bool | None


class DeliveryRow(Base, table=True):
    """One attempt to hand a message over, with its outcome. `provider_id` is the provider's own name for it."""

    __tablename__ = "deliveries"
    __table_args__ = (one_of("outcome", OutboxState), Index("ix_deliveries_at", "at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    contact_id: int = Field(foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    key: str
    attempt: int
    at: datetime = Field(sa_type=Utc)
    outcome: str
    provider_id: str | None = Field(index=True)
    detail: str


outbox = table_of(OutboxEntryRow)
deliveries = table_of(DeliveryRow)
