"""The entry of a webinar for the contact's calendar."""

from nurture.content.calendar import Appointment, calendar_of
from nurture.content.spec import MailSpec
from nurture.core.program import Content


def webinar_calendar(webinar: Content, spec: MailSpec) -> tuple[str, ...]:
    """What goes with an invitation and its reminders; nothing for a webinar that was cancelled meanwhile."""
    if webinar.starts_at is None or webinar.ends_at is None or spec.content is None:
        return ()
    return calendar_of(
        Appointment(
            title=spec.content.title,
            summary=spec.content.summary,
            place=spec.content.url or "",
            starts_at=webinar.starts_at,
            ends_at=webinar.ends_at,
            told_at=webinar.dated_at or webinar.starts_at,
            moved=webinar.moved,
            organizer=spec.sender,
        )
    )
