"""`wait` in its forms without steps within: a span, until a moment, until a webinar."""

import re

from nurture.authoring.drafts import Draft
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Scalar, Table
from nurture.authoring.problems import Code, Log
from nurture.authoring.times import LATEST, clock, day_of, span, weekday
from nurture.authoring.values import choice, keyed
from nurture.authoring.verbs.place import Place, plain, webinar_of
from nurture.core.calendar import BACKWARDS, MIDNIGHT
from nurture.core.moments import OnDate, OnWeekday, WaitMoment
from nurture.core.program import Edge, Wait, WaitUntil
from nurture.core.spans import Span, Unit

NO_TIME = Span(0, Unit.MINUTES)
UP_TO = "up to"
UNTIL = "until "

WAIT = Keys('"wait"', required=("wait",), optional=("id",))
WAIT_UNTIL = Keys('"wait"', required=("until",))
BY_WEBINAR = Keys('"until"', required=("webinar", "at"), optional=("minus",))

_MOMENT = re.compile(r"(?:(\d{4}-\d{2}-\d{2})|([A-Za-z]+))(?: (\d{1,2}):(\d{2}))?")


def wait(node: Table, place: Place) -> Draft | None:
    """`wait: 3 days`, `wait: until 2027-03-15 09:00`, `wait: {until: {webinar: id, at: start, minus: 1 day}}`."""
    value = node.get("wait")
    if isinstance(value, Table):
        return _until(node, place)
    said = keyed(node, place.log, WAIT) or {}
    if isinstance(value, Scalar) and value.text.startswith(UP_TO):
        place.log.add(Code.MISSING_KEY, value.spot, f'"{value.text}" needs "for": what does it wait for?')
        return None
    if isinstance(value, Scalar) and value.text.startswith(UNTIL):
        moment = _moment(value, place.log)
        step = WaitMoment("", moment, line=node.spot.line) if moment else Wait("", NO_TIME, line=node.spot.line)
        return plain(step, said, "wait", node, place.log)
    step = Wait("", span(said.get("wait"), place.log) or NO_TIME, line=node.spot.line)
    return plain(step, said, "wait", node, place.log)


def _moment(at: Scalar, log: Log) -> OnDate | OnWeekday | None:
    """`until 2027-03-15`, `until 2027-03-15 09:00`, `until Monday 09:00`, on the contact's clock."""
    words = at.text.removeprefix(UNTIL).strip()
    match = _MOMENT.fullmatch(words)
    if match is None:
        hint = 'write it like "until 2027-03-15 09:00" or "until Monday 09:00"'
        log.add(Code.BAD_SPAN, at.spot, f'"{words}" is not a moment', hint)
        return None
    time = clock(match[3], match[4]) if match[3] else MIDNIGHT
    if time is None:
        log.add(Code.BAD_SPAN, at.spot, f'"{match[3]}:{match[4]}" is not a time of the day')
        return None
    if match[2]:
        named = weekday(match[2], at, log)
        return OnWeekday(named, time) if named else None
    day = day_of(match[1])
    if day is None:
        log.add(Code.BAD_SPAN, at.spot, f'"{match[1]}" is not a date', f"write it like 2027-03-15, up to {LATEST}")
        return None
    return OnDate(day, time)


def _until(node: Table, place: Place) -> Draft | None:
    said = keyed(node, place.log, WAIT) or {}
    until = (keyed(said.get("wait"), place.log, WAIT_UNTIL) or {}).get("until")
    if isinstance(until, Scalar):
        moment = _moment(until, place.log)
        return plain(WaitMoment("", moment, line=node.spot.line), said, "wait", node, place.log) if moment else None
    what = keyed(until, place.log, BY_WEBINAR) or {}
    webinar = webinar_of(what.get("webinar"), place)
    at = choice(what.get("at"), place.log, tuple(Edge), '"start" or "end"')
    before = span(what.get("minus"), place.log, units=tuple(BACKWARDS))
    step = WaitUntil("", webinar or "", Edge(at) if at else Edge.END, before=before, line=node.spot.line)
    return plain(step, said, "wait", node, place.log)
