"""What came of a message is decided on in the transaction that writes it down, where the contact is in nobody's hands.

The long way round is to post it as an event, wake the contact, claim it, read it and commit once more: a seventh of what a
mail costs PostgreSQL. It leads to the same rows, and it is the way wherever this one does not serve: when a decider has
the contact, and when anything goes wrong here. Virtual time always takes it, so that a contact's inputs of one instant
meet in one decision, however many workers there are. In time that passes, they meet as they come.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from nurture.core.events import Event
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.engine.deciding import decide_all
from nurture.storage.claims import idle
from nurture.storage.inbox import keep_decided, post_events
from nurture.storage.load import Received, load_again
from nurture.storage.save import Outcome, write_outcomes


class CannotDecide(Exception):
    """Somebody of these cannot be decided: they go the long way, on which one bad contact harms nobody else."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One transaction's worth. `states` are contacts as they were read before, `now` when this begins."""

    world: World
    states: Mapping[int, ContactState]
    now: datetime

    def tell(self, c: Connection, heard: Sequence[tuple[int, Event]], received_at: datetime) -> None:
        """Decide on these (contact, event), of contacts whose agenda is locked, and whatever else waits for them; post the
        rest. Raises CannotDecide, and then the transaction must be rolled back.
        """
        if not heard:
            return
        free = idle(c, {who for who, _ in heard})
        post_events(c, [one for one in heard if one[0] not in free], received_at)
        new = keep_decided(c, [one for one in heard if one[0] in free], received_at, self.now)
        told: dict[int, list[Received]] = defaultdict(list)
        for who, event in heard:
            if (who, event.key) in new:
                told[who].append((received_at, event))
        self._decide(c, told)

    def _decide(self, c: Connection, told: Mapping[int, Sequence[Received]]) -> None:
        loaded = load_again(c, self.states, told.keys(), self.now)
        contacts = {who: replace(one, pending=(*one.pending, *told[who])) for who, one in loaded.items()}
        outcomes, faults = decide_all(self.world, contacts, self.now)
        if faults or len(loaded) < len(told):
            raise CannotDecide(f"{len(told) - len(outcomes)} of {len(told)} contacts cannot be decided")
        write_outcomes(c, [_without(outcome, told[outcome.contact_id]) for outcome in outcomes], self.world, self.now)


def _without(outcome: Outcome, told: Sequence[Received]) -> Outcome:
    """Of the events used up, those that were stored before."""
    new = {event.key for _, event in told}
    return replace(outcome, consumed=tuple(key for key in outcome.consumed if key not in new))
