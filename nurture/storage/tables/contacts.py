"""People and where they work, and the reasons for which they may or may not be written to."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.core.words import Basis, HoldKind, Status, Suppression
from nurture.storage.tables.base import BIG_KEY, JSON_TYPE, Base, Utc, one_of, table_of


class CompanyRow(Base, table=True):
    """Where contacts work; found by domain."""

    __tablename__ = "companies"

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    domain: str = Field(unique=True)
    name: str = ""
    fields: dict[str, Any] = Field(sa_type=JSON_TYPE)
    created_at: datetime = Field(sa_type=Utc)


class ContactRow(Base, table=True):
    """A person with an address. `address_hash` is the peppered hash that suppressions outlive the contact by."""

    __tablename__ = "contacts"
    __table_args__ = (one_of("basis", Basis), one_of("status", Status))

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    key: str = Field(unique=True)
    address: str
    address_hash: str = Field(unique=True)
    fields: dict[str, Any] = Field(sa_type=JSON_TYPE)
    tags: list[str] = Field(sa_type=JSON_TYPE)
    told: dict[str, str] = Field(sa_type=JSON_TYPE)
    language: str
    country: str
    zone: str | None
    basis: str
    status: str = Field(index=True)
    pending_forms: list[str] = Field(sa_type=JSON_TYPE)
    soft_bounces: list[int] = Field(sa_type=JSON_TYPE)
    engagement: int = Field(sa_type=BigInteger)
    fit: int | None
    grade: str | None
    persona: str | None
    looks_at: datetime | None = Field(sa_type=Utc)
    hand_off: str | None  # the key of the one the contact's state holds
    company_id: int | None = Field(foreign_key="companies.id", sa_type=BigInteger, index=True)
    created_at: datetime = Field(sa_type=Utc)


class ConsentRow(Base, table=True):
    """Evidence of a legal ground: who agreed to which words, where, when."""

    __tablename__ = "consents"
    __table_args__ = (one_of("basis", Basis),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    contact_id: int = Field(foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    basis: str
    source: str
    at: datetime = Field(sa_type=Utc)
    text_version: str
    text: str
    proof: dict[str, Any] = Field(sa_type=JSON_TYPE)


class SuppressionRow(Base, table=True):
    """A reason never to write to an address, kept under its hash: it survives the contact."""

    __tablename__ = "suppressions"
    __table_args__ = (one_of("reason", Suppression),)

    address_hash: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)


class HoldRow(Base, table=True):
    """A reason not to write for now; `n` keeps the order in which the state lists them."""

    __tablename__ = "holds"
    __table_args__ = (one_of("kind", HoldKind),)

    contact_id: int = Field(primary_key=True, foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger)
    n: int = Field(primary_key=True)
    kind: str
    until: datetime | None = Field(sa_type=Utc)


companies = table_of(CompanyRow)
contacts = table_of(ContactRow)
consents = table_of(ConsentRow)
suppressions = table_of(SuppressionRow)
holds = table_of(HoldRow)
