"""What colleagues are asked to do about contacts."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from nurture.core.words import TaskKind
from nurture.storage.tables.base import Base, Utc, one_of, table_of

OPEN = text("done_at IS NULL")


class TaskRow(Base, table=True):
    """One task; `tag` is what the contact gets once it is done."""

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("what", TaskKind),
        Index("ix_tasks_open", "due_at", "key", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    key: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contacts.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    campaign: str
    step: str
    what: str
    text: str
    team: str
    owner: str
    tag: str
    opened_at: datetime = Field(sa_type=Utc)
    due_at: datetime = Field(sa_type=Utc)
    done_at: datetime | None = Field(sa_type=Utc)


tasks = table_of(TaskRow)
