"""A salesperson takes a prospect or gives it back: the first answer counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from nurture.core.events import HandOffAnswered
from nurture.core.ids import derive
from nurture.core.words import HandOffState, Rejection
from nurture.storage.hand_offs import Prospect, find_hand_off
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.tables import events


@dataclass(frozen=True, slots=True)
class Desk:
    """A prospect as the salesperson finds it: with the answer that stands, also one that was not decided yet."""

    prospect: Prospect
    state: HandOffState
    rejection: Rejection | None = None

    def takes(self, rejection: Rejection | None) -> bool:
        """Whether this answer may still be given: an acceptance also after the time is over."""
        open_to_all = self.state is HandOffState.OFFERED
        return open_to_all or (self.state is HandOffState.EXPIRED and rejection is None)


def look_at(c: Connection, key: str) -> Desk | None:
    """The prospect of a hand-off; None when there is no such hand-off any more."""
    prospect = find_hand_off(c, key)
    if prospect is None:
        return None
    given = prospect.hand_off
    if given.state in (HandOffState.ACCEPTED, HandOffState.REJECTED):
        return Desk(prospect, given.state, given.rejection)
    query = select(events.c.payload).where(
        events.c.contact_id == prospect.contact_id, events.c.key == _name(c, key), events.c.consumed_at.is_(None)
    )
    waiting = c.execute(query).first()
    if waiting is None:
        return Desk(prospect, given.state, given.rejection)
    said = waiting.payload["rejection"]
    rejection = Rejection(said) if said else None
    return Desk(prospect, HandOffState.REJECTED if rejection else HandOffState.ACCEPTED, rejection)


def answer(c: Connection, key: str, rejection: Rejection | None, now: datetime) -> bool:
    """Give the answer (no rejection: accepted); False when it no longer counts."""
    desk = look_at(c, key)
    if desk is None or not desk.takes(rejection):
        return False
    event = HandOffAnswered(_name(c, key), now, key, rejection)
    return post_events(c, [(desk.prospect.contact_id, event)], now) == 1


def _name(c: Connection, key: str) -> str:
    """One name for any answer, so that of two that cross the first one counts."""
    return derive(instance(c).salt, "hand_off_answered", key)
