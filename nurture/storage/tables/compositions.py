"""The compiled mails that messages were made from, so that any process can tell where their links lead."""

from sqlalchemy import Text
from sqlmodel import Field

from nurture.storage.tables.base import Base, table_of


class CompositionRow(Base, table=True):
    """One compiled mail without its contact, as canonical JSON, named by its hash. Never changed."""

    __tablename__ = "compositions"

    hash: str = Field(primary_key=True)
    skeleton: str = Field(sa_type=Text)


compositions = table_of(CompositionRow)
