"""After a standstill nobody is written to twice at once, however many of their steps have become due meanwhile.

What comes more than an hour late is caught up on: the first such step of a contact goes as its campaign's `late` says, and
every other waits for an open day of its own. That holds across campaigns, for what was received during the standstill, and
for what follows a late step without a wait between.
"""

from datetime import datetime

from nurture.core.calendar import Hours, hours_for
from nurture.core.draft import Draft
from nurture.core.gates import BEHIND, Keep, shifted
from nurture.core.state import Enrolment, Sending, Slotted
from nurture.core.words import WRITTEN, Gate

OWED = frozenset({Gate.LATE, Gate.CATCH_UP})
"""Slots that hold what a standstill left."""


def is_late(draft: Draft, enrolment: Enrolment) -> bool:
    """Whether what the enrolment does in this decision is caught up on: it comes late, or was kept because it did."""
    campaign = enrolment.campaign
    return draft.now - draft.due.get(campaign, draft.event.at) > BEHIND or campaign in draft.owed


def kept(draft: Draft, enrolment: Enrolment, key: str, late: bool) -> Keep | None:
    """What keeps this touch, which `is_late` or not, when the contact has been, or is being, written to in the same catching
    up."""
    if (
        enrolment.campaign in draft.caught_up
        or (len(draft.state.enrolments) > 1 and _another_goes(draft, enrolment))
        or (late and _written_since(draft, enrolment, _since(draft, enrolment), key))
    ):
        return Keep(Gate.CATCH_UP, day_of_its_own(draft, enrolment, _since(draft, enrolment)))
    return None


def owed(draft: Draft, enrolment: Enrolment, keep: Keep) -> Keep:
    """The same, told as what it is where a late step meets closed hours: it stays owed, on an open day of its own."""
    if keep.gate is not Gate.WINDOW or keep.until is None or not is_late(draft, enrolment):
        return keep
    hours = _hours(draft, enrolment)
    day = hours.local(keep.until).date()
    if any(hours.local(slot.until).date() == day for slot in _owed_slots(draft, enrolment)):
        return Keep(Gate.CATCH_UP, day_of_its_own(draft, enrolment, keep.until))
    return Keep(Gate.LATE, keep.until)


def day_of_its_own(draft: Draft, enrolment: Enrolment, due: datetime) -> datetime:
    """The local time at which something was due, on the first open day after today on which nothing else is caught up on."""
    days = [slot.until for slot in _owed_slots(draft, enrolment)]
    return shifted(_hours(draft, enrolment), due, max([draft.now, *days]))


def _owed_slots(draft: Draft, enrolment: Enrolment) -> list[Slotted]:
    others = (other.position for other in draft.live() if other.campaign != enrolment.campaign)
    return [slot for slot in others if isinstance(slot, Slotted) and slot.gate in OWED]


def _hours(draft: Draft, enrolment: Enrolment) -> Hours:
    return hours_for(draft.world, draft.program(enrolment).cadence, draft.state)


def _since(draft: Draft, enrolment: Enrolment) -> datetime:
    """When the cause of what the enrolment does now was due, or happened."""
    return draft.due.get(enrolment.campaign, draft.event.at)


def _another_goes(draft: Draft, enrolment: Enrolment) -> bool:
    """Whether another campaign has a late touch in the outbox."""
    for other in draft.live():
        position = other.position
        if isinstance(position, Sending) and position.late and other.campaign != enrolment.campaign:
            return True
    return False


def _written_since(draft: Draft, enrolment: Enrolment, since: datetime, but: str) -> bool:
    """Whether the contact was written to today, after that."""
    hours = _hours(draft, enrolment)
    today = hours.local(draft.now).date()
    return any(
        touch.state in WRITTEN and touch.key != but and touch.at > since and hours.local(touch.at).date() == today
        for touch in draft.state.touches.values()
    )
