"""An appointment as iCalendar (RFC 5545), published for whoever wants it in a calendar (RFC 5546, METHOD:PUBLISH).

It asks for no answer: one registers by the mail's button, and a calendar's own answer would reach the sender as a reply,
which stops every sequence. The entry keeps its UID for a contact, and its SEQUENCE counts how often the date was another,
so that a calendar takes a newer date and never an older one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText

from nurture.content.spec import Sender

PRODUCT = "-//nurture//webinars//EN"
_UID = "uid-of-the-contact"


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar is told; instants are aware. `told_at` is when this date was made known."""

    title: str
    summary: str
    place: str
    starts_at: datetime
    ends_at: datetime
    told_at: datetime
    moved: int
    organizer: Sender


def calendar_of(appointment: Appointment) -> tuple[str, ...]:
    """The calendar in two pieces, between which the UID of the contact's own entry goes. Lines end with CRLF."""
    organizer = vCalAddress(f"mailto:{appointment.organizer.address}")
    organizer.params["CN"] = vText(appointment.organizer.name)
    event = Event()
    event.add("uid", _UID)
    event.add("sequence", appointment.moved)
    event.add("dtstamp", appointment.told_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", appointment.title)
    event.add("description", "\n".join(part for part in (appointment.summary, appointment.place) if part))
    if appointment.place:
        event.add("location", appointment.place)
    event["organizer"] = organizer
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    before, _, after = calendar.to_ical().decode().partition(_UID)
    return before, after
