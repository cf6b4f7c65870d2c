"""Keys with which programs may post events."""

from datetime import datetime

from sqlmodel import Field

from nurture.storage.tables.base import Base, Utc, table_of


class ApiKeyRow(Base, table=True):
    """A key, of which only the hash is kept."""

    __tablename__ = "api_keys"

    hash: str = Field(primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Utc)
    revoked_at: datetime | None = Field(sa_type=Utc)


api_keys = table_of(ApiKeyRow)
