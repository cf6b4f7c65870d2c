"""This installation: its salt, its secret, and the name of this very database."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from nurture.storage.tables.base import Base, Utc, table_of


class InstanceRow(Base, table=True):
    """One row. `salt` names contacts and touches and must never change; `epoch` changes when a database is cloned."""

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    salt: bytes
    secret: bytes
    epoch: str
    created_at: datetime = Field(sa_type=Utc)


instance = table_of(InstanceRow)
