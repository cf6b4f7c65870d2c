"""When a campaign may write: the `cadence` of a campaign, a team's hours, and what cadence.yaml allows everybody."""

from collections.abc import Mapping
from dataclasses import replace

from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.places import country_of_zone
from nurture.authoring.problems import Code, Log
from nurture.authoring.times import caps, span, weekdays, window
from nurture.authoring.values import choice, country, keyed, scalar, zone
from nurture.core.program import Cadence, WhenLate
from nurture.core.spans import Span, Unit

CADENCE = Keys("a cadence", optional=("window", "weekdays", "timezone", "holidays", "at_most", "late"))
CADENCE_FILE = replace(CADENCE, what="cadence.yaml")
TIMEZONE = Keys("timezone", required=("use", "else"), optional=("unknown",))
HOLIDAYS = Keys("holidays", required=("use", "else"))
LATE = Keys("late", required=("max", "then"))

CONTACT = "contact"
CAMPAIGN = "campaign"
NO_HOLIDAYS = "none"
EVERYWHERE = "everywhere"
UNKNOWN_ZONE = ("else", EVERYWHERE)
"""What to do about a contact in a country of several zones who has not said in which: the campaign's zone, or all of them."""

COMPANY = Cadence()
"""What holds when there is no cadence.yaml: nothing that a campaign could loosen."""

LATE_UNITS = (Unit.MINUTES, Unit.HOURS, Unit.DAYS, Unit.WEEKS)
_MINUTES_IN = {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.DAYS: 1440, Unit.WEEKS: 10080}


def read_cadence(node: Node | None, log: Log, company: Cadence, keys: Keys = CADENCE) -> Cadence:
    """The cadence of `node` over the company's: what is not said is the company's, what is said may only be tighter."""
    said = keyed(node, log, keys) if node is not None else None
    if said is None:
        return company
    mine = _late(said, log, _holidays(said, log, _zone(said, log, _window(said, log, company))))
    mine = replace(mine, at_most=tuple(sorted({*company.at_most, *mine.at_most}, key=lambda c: (c.days, c.count))))
    if company is not COMPANY:
        _check_tighter(said, log, company, mine)
    return mine


def _window(said: Mapping[str, Node], log: Log, base: Cadence) -> Cadence:
    found = (window(said["window"], log, base.window) if "window" in said else None) or base.window
    if days := weekdays(said.get("weekdays"), log):
        found = replace(found, weekdays=days)
    return replace(base, window=found, at_most=caps(said.get("at_most"), log))


def _zone(said: Mapping[str, Node], log: Log, base: Cadence) -> Cadence:
    node = said.get("timezone")
    if isinstance(node, Table):
        pair = keyed(node, log, TIMEZONE) or {}
        use = choice(pair.get("use"), log, (CONTACT, CAMPAIGN), '"contact" or "campaign"')
        name = zone(pair.get("else"), log)
        unsure = choice(pair.get("unknown"), log, UNKNOWN_ZONE, '"else" or "everywhere"')
        base = replace(base, everywhere=unsure == EVERYWHERE if unsure else base.everywhere)
    else:
        use, name = CAMPAIGN, zone(node, log)
    if name is None:
        return base
    return replace(base, use_contact_zone=use != CAMPAIGN, zone=name, country=country_of_zone(name) or base.country)


def _holidays(said: Mapping[str, Node], log: Log, base: Cadence) -> Cadence:
    node = said.get("holidays")
    if isinstance(node, Table):
        pair = keyed(node, log, HOLIDAYS) or {}
        use = choice(pair.get("use"), log, (CONTACT,), '"contact"')
        code = country(pair.get("else"), log)
        return replace(base, holidays=use or CONTACT, country=code or base.country)
    found = scalar(node, log, 'holidays: "contact", "none" or a country such as FR')
    if found is None:
        return base
    if found.text in (CONTACT, NO_HOLIDAYS):
        return replace(base, holidays=found.text)
    code = country(found, log)
    return replace(base, holidays=code, country=code) if code else base


def _late(said: Mapping[str, Node], log: Log, base: Cadence) -> Cadence:
    if "late" not in said:
        return base
    pair = keyed(said["late"], log, LATE) or {}
    longest = span(pair.get("max"), log, units=LATE_UNITS)
    then = choice(pair.get("then"), log, tuple(WhenLate), "what to do when late")
    return replace(base, late_max=longest or base.late_max, late_then=WhenLate(then) if then else base.late_then)


def _check_tighter(said: Mapping[str, Node], log: Log, company: Cadence, mine: Cadence) -> None:
    """What cadence.yaml allows may be narrowed, never widened."""
    open_, asked = company.window, mine.window
    if not asked.weekdays <= open_.weekdays:
        extra = ", ".join(_DAY_NAMES[day - 1] for day in sorted(asked.weekdays - open_.weekdays))
        _looser(said.get("weekdays") or said.get("window"), log, f"cadence.yaml does not open on {extra}")
    if asked.start < open_.start or asked.end > open_.end:
        hours = f"{open_.start:%H:%M} to {open_.end:%H:%M}"
        _looser(said.get("window"), log, f"cadence.yaml only opens from {hours}")
    if mine.holidays == NO_HOLIDAYS != company.holidays:
        _looser(said.get("holidays"), log, "cadence.yaml keeps the holidays")
    if company.late_max and mine.late_max and _minutes(mine.late_max) > _minutes(company.late_max):
        _looser(said.get("late"), log, f"cadence.yaml allows at most {company.late_max} of lateness")


def _minutes(length: Span) -> int:
    return length.amount * _MINUTES_IN[length.unit]


def _looser(node: Scalar | Listing | Table | None, log: Log, message: str) -> None:
    if node is not None:
        log.add(Code.LOOSER_THAN_COMPANY, node.spot, message, "a campaign may only be stricter")


_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
