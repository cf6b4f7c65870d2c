"""Handing over messages that go in one request: what is asked, noted and written down once for all of them.

The log of what goes names the request by its key, in one line, and tells what came of it in one line, so that a killed process
leaves all of it in doubt or nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from nurture.clock import passing
from nurture.delivery.batch import Batch, Parcel, stopped
from nurture.delivery.brakes import campaign_of
from nurture.delivery.flow import Flow
from nurture.delivery.last_look import LastLook
from nurture.delivery.outcomes import Attempt, result_of
from nurture.delivery.prepare import braked, waits
from nurture.providers.transport import (
    Accepted,
    Again,
    MayAllGo,
    Outcome,
    Outgoing,
    Parcelling,
    Stopped,
    Transport,
    TryLater,
    Unknown,
)
from nurture.storage.results import Deferred, HeldBack, LeftOpen, NeverLeft, NotKnown, Result

STILL_OPEN = "It is in doubt with the others of its request."
NOT_THERE = "The provider took its request without it, so it never had the one that it was in."


class Carrier:
    """Hands over the parcels of batches. Only for a transport whose capabilities have `parcels`."""

    def __init__(self, transport: Transport, flow: Flow | None, passing: Callable[[], float] = passing) -> None:
        """As `Delivery`'s."""
        self._transport = transport
        self._flow = flow
        self._passing = passing

    def hands(self, batch: Batch) -> int:
        """How many may `carry` at once: each request has a connection."""
        can = self._transport.capabilities
        most = can.parcels.most if can.parcels is not None else 1
        return min(len(batch.parcels), -(-can.connections // most))

    async def carry(self, batch: Batch, look: LastLook) -> None:
        """Hand over one parcel after another, until none is left."""
        while batch.parcels:
            if look.is_stale:
                await look.again()
                continue  # another hand may have taken the last meanwhile
            parcel = batch.take_parcel()
            wait = self._flow.ask(_first(parcel).rcpt_to) if self._flow is not None else None
            if wait is None:
                await self._try(batch, parcel, look)
            else:
                batch.waiting += [waits(row, wait, batch.now) for row in parcel.rows]
            for ready in parcel.members:
                look.gone(ready.row.key)

    async def _try(self, batch: Batch, parcel: Parcel, look: LastLook) -> None:
        """Hand one over, and note what came of it: in the batch, and in its log."""
        try:
            outcomes = await self._sent(batch, parcel, look)
        except BaseException:
            if parcel.key not in batch.in_hand:  # the worker was told to stop before this one was let go
                batch.settled += [stopped(row, batch.now) for row in parcel.rows]
            raise
        is_stopped = any(isinstance(outcome, Stopped) for outcome in outcomes)
        if is_stopped and look.held.keeps(campaign_of(parcel.members[0].row)):
            batch.waiting += [braked(row, batch.now) for row in parcel.rows]
            batch.in_hand.discard(parcel.key)
            return
        results = self._results(batch, parcel, outcomes, look)
        batch.settled += results
        batch.in_hand.discard(parcel.key)
        if batch.flight is not None:
            batch.flight.came(*results)

    async def _sent(self, batch: Batch, parcel: Parcel, look: LastLook) -> Sequence[Outcome]:
        """The transport's answers; the flow hears one of them, also when the worker is told to stop."""
        messages = [ready.message for ready in parcel.members]
        may_go = _letting_go(batch, parcel, look)
        outcomes: Sequence[Outcome] = ()
        began = self._passing()
        try:
            outcomes = await cast(Parcelling, self._transport).send_parcel(parcel.key, messages, may_go)
        finally:
            if self._flow is not None:
                told = next(iter(outcomes), None)
                is_ours = isinstance(told, Unknown | TryLater) and look.stood_still(began)
                self._flow.heard(_first(parcel).rcpt_to, None if is_ours else told)
        return outcomes

    def _results(self, batch: Batch, parcel: Parcel, outcomes: Sequence[Outcome], look: LastLook) -> list[Result]:
        can = self._transport.capabilities
        results: list[Result] = []
        for ready, outcome in zip(parcel.members, outcomes, strict=True):
            attempt = Attempt(ready.row, ready.first_at, ready.policy, can, parcel.key)
            result = result_of(outcome, attempt, look, batch.now)
            if isinstance(result, HeldBack) and ready.row.doubts:  # the next repetition is without it
                result = Deferred(ready.row.key, batch.now, result.detail)
            results.append(result)
            if isinstance(outcome, Again) and outcome.apart and not ready.row.doubts:
                batch.apart.add(ready.row.key)
        is_taken = parcel.is_sure and all(isinstance(outcome, Accepted) for outcome in outcomes)
        if all(isinstance(outcome, Unknown) and outcome.for_good for outcome in outcomes):
            batch.back |= _places(parcel)
        again = next((at for result in results if (at := _looked_into(result)) is not None), None)
        for key, (_, said) in parcel.left_out.items():
            if is_taken:
                results.append(NeverLeft(key, batch.now, NOT_THERE))
            else:
                results.append(said if again is None else LeftOpen(key, again, STILL_OPEN))
        return results


def _first(parcel: Parcel) -> Outgoing:
    """Whoever stands for the request: it is one question to the server."""
    return parcel.members[0].message


def _letting_go(batch: Batch, parcel: Parcel, look: LastLook) -> MayAllGo:
    """Asks about all, then notes in the batch and in its log that the request goes; what cannot be written there may not go."""

    def kept(messages: Sequence[Outgoing]) -> Sequence[str]:
        if keys := [message.key for message in messages if not look.may_go(message)]:
            return keys
        if batch.flight is not None and not batch.flight.going(parcel.key):
            return [message.key for message in messages]
        batch.in_hand.add(parcel.key)
        return ()

    return kept


def _places(parcel: Parcel) -> dict[str, int]:
    """Of those left out for the first time: what the provider has under the key is no body without them."""
    intents = (row.intent for row, _ in parcel.left_out.values())
    return {intent.key: intent.place for intent in intents if intent is not None and intent.place is not None}


def _looked_into(result: Result) -> datetime | None:
    """When the request is made again because of this one."""
    match result:
        case NotKnown(again=at) | LeftOpen(again=at) | Deferred(until=at):
            return at
        case _:
            return None
