"""The zone in which a sample person lives."""

from zoneinfo import ZoneInfo

from nurture.core.calendar import ONE_ZONE
from nurture.demo.people import Person


def zone_of(person: Person) -> ZoneInfo:
    """The person's own, else the country's."""
    return ZoneInfo(person.zone or ONE_ZONE[person.country])
