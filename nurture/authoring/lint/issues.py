"""Newsletters whose instant lies in closed hours: they leave later than the file says, or not at all."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from nurture.authoring.lint.reviewed import Reviewed
from nurture.authoring.places import holidays_of
from nurture.authoring.problems import Code, Log
from nurture.core.calendar import Hours, NeverOpen, next_open
from nurture.core.program import Cadence

MINUTE = timedelta(minutes=1)


def check_issue(reviewed: Reviewed, log: Log) -> None:
    """Warn of an instant at which the newsletter's own hours are closed."""
    issue, cadence = reviewed.program.issue, reviewed.program.cadence
    if issue is None:
        return
    zone = ZoneInfo(cadence.zone)
    try:
        opens = next_open(Hours(zone, cadence.window, _closed(cadence)), issue.at)
    except NeverOpen:
        return
    if opens >= issue.expires_at:
        message = "nothing is sent: the hours are closed until it expires"
        log.warn(Code.CLOSED_THEN, reviewed.spot("at"), message, 'choose another time, or a later "expires"')
    elif opens - issue.at >= MINUTE:
        when = f"{opens.astimezone(zone):%Y-%m-%d %H:%M}"
        log.warn(Code.CLOSED_THEN, reviewed.spot("at"), f"the hours are closed then: it leaves from {when} on")


def _closed(cadence: Cadence) -> frozenset[date]:
    """The holidays where its author is; contacts elsewhere have their own."""
    if cadence.holidays == "none":
        return frozenset()
    return holidays_of(cadence.country if cadence.holidays == "contact" else cadence.holidays)
