"""When webinars take place, and how often that was changed: what calendars ask before they take a new date."""

from datetime import datetime

from sqlmodel import Field

from nurture.storage.tables.base import Base, Utc, table_of


class WebinarDateRow(Base, table=True):
    """The date that was applied last; none for a cancelled webinar."""

    __tablename__ = "webinar_dates"

    webinar: str = Field(primary_key=True)
    starts_at: datetime | None = Field(sa_type=Utc)
    ends_at: datetime | None = Field(sa_type=Utc)
    dated_at: datetime = Field(sa_type=Utc)
    moved: int


webinar_dates = table_of(WebinarDateRow)
