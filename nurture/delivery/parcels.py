"""Which messages go in one request, and what a request in doubt needs before it is repeated.

Messages of one campaign go together, so that a brake on another keeps nobody waiting. What was refused with others, and what
was tried by itself before, goes by itself.

A request whose answer was lost is repeated under its key: whole, where that can be, and the provider answers as the first
time. Where a member may not go any more, or would not be the same message, it is *left out*, and after a while, in which something
may come back about any of them, the others are still sent under the same key. That is safe, because a provider takes one body under a key and refuses every other:

    it takes this one     it never had the first: the others are sent now, once, and who was left out surely was not
    it refuses            it has the first: nothing goes, and whether that one was carried out stays unknown
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.core.words import Gate, Suppression
from nurture.delivery.batch import Batch, Parcel, Ready
from nurture.delivery.brakes import campaign_of
from nurture.delivery.compose import Composed
from nurture.delivery.doubt import NO_ANSWER, is_remembered
from nurture.providers.transport import Capabilities, Outgoing, Parcels
from nurture.storage.outbox import OutboxClaim, OutboxRow
from nurture.storage.parcels import made_at, parcel_key, take_others, torn
from nurture.storage.put_offs import PutOff
from nurture.storage.results import Deferred, HeldBack, LeftOpen, Result

IN_PARTS = timedelta(seconds=5)
"""After how long a worker looks again for the others of a request; up to twice that, lest two go on taking turns."""

FOR_A_SIGN = timedelta(minutes=2)
"""How long whatever comes back about any of a request is waited for, before it is repeated without one of them: a provider that
has the first refuses the second, and no more can be found out by asking."""

SIGN_FIRST = (
    "One of its request may not go any more; something may come back about it before the others are sent without."
)
NOT_NOW = "It waits for others of its request, one of which cannot be made just now."

Made = tuple[OutboxRow, Composed]


def gathered(
    c: Connection, claim: OutboxClaim, sift: Callable[[OutboxClaim], OutboxClaim], now: datetime
) -> OutboxClaim:
    """The claim with the others of the parcels in doubt of which it has a part; `sift` keeps back what waits for a brake."""
    parcels = in_doubt(claim.rows)
    if not parcels:
        return claim
    more = sift(replace(claim, rows=take_others(c, claim, parcels, now)))
    return replace(claim, rows=(*claim.rows, *more.rows), torn=torn(c, claim.token, parcels))


def in_doubt(rows: Sequence[OutboxRow]) -> dict[str, list[OutboxRow]]:
    """The messages of each parcel in doubt."""
    found: dict[str, list[OutboxRow]] = {}
    for row in rows:
        if row.parcel is not None:
            found.setdefault(row.parcel, []).append(row)
    return found


def undivided(claim: OutboxClaim, worth: Sequence[OutboxRow], batch: Batch, can: Capabilities) -> Sequence[OutboxRow]:
    """Of what is worth preparing, what need not wait for others of its parcel."""
    parcels = in_doubt(worth)
    if not parcels or can.parcels is None:
        return worth
    wait = IN_PARTS * (1 + claim.token % 1000 / 1000)
    waiting = {one.key: one.until for one in batch.waiting}
    whole = in_doubt(claim.rows)
    late: set[str] = set()
    for parcel, rows in parcels.items():
        untils = [waiting[row.key] for row in whole[parcel] if row.key in waiting]
        if untils or (parcel in claim.torn and _is_sure(can, parcel, rows, batch.now)):
            until = max(untils, default=batch.now + wait)
            batch.waiting += [PutOff(row.key, until, "It waits for others of its request.", row.state) for row in rows]
            late.add(parcel)
    return [row for row in worth if row.parcel not in late]


@dataclass(slots=True)
class Packing:
    """What hangs together of one batch: made from what was composed, finished when the intents are committed."""

    batch: Batch
    can: Capabilities
    left_out: dict[str, dict[str, tuple[OutboxRow, Result]]] = field(default_factory=dict)

    def sort_out(self, rows: Sequence[OutboxRow], composed: list[Made]) -> list[Made]:
        """What may be repeated of the parcels in doubt, and all that is in none.

        Where one cannot be made just now, all wait; where one may not go any more, it is left out.
        """
        doubtful = in_doubt(rows) if self.can.parcels is not None else {}
        if not doubtful:
            return composed
        said = {result.key: result for result in self.batch.settled}
        made = {row.key for row, _ in composed}
        gone: set[str] = set()
        for parcel, members in doubtful.items():
            known = [m for m in members if m.key in said or m.key in made]  # the others were erased since
            late = [r.until for m in known if isinstance(r := said.get(m.key), Deferred)]
            if late:
                said |= {m.key: Deferred(m.key, max(late), NOT_NOW) for m in known}
                gone |= {m.key for m in known}
                continue
            out = {m.key: (m, said.pop(m.key, _stays(m))) for m in known if m.key in said or _is_out(m)}
            until = max(m.unknown_since or self.batch.now for m in members) + FOR_A_SIGN
            if out and until > self.batch.now:
                said |= {m.key: Deferred(m.key, until, SIGN_FIRST) for m in known}
                gone |= {m.key for m in known}
            elif len(out) < len(known):
                self.left_out[parcel] = out
            else:
                said |= {key: result for key, (_, result) in out.items()}
            gone |= out.keys()
        self.batch.settled[:] = said.values()
        return [one for one in composed if one[0].key not in gone]

    def fix(self, composed: Sequence[Made]) -> Sequence[Made]:
        """Give each message its parcel and its place in it."""
        parcels = self.can.parcels
        return composed if parcels is None else _fixed(composed, parcels, self.batch)

    def hold_back(self, composed: Sequence[Made], suppressed: Mapping[str, Collection[Suppression]]) -> None:
        """These may not go after all."""
        for row, _ in composed if suppressed else ():
            if (reasons := suppressed.get(row.key)) is None:
                continue
            result = HeldBack(row.key, Gate.SUPPRESSED, None, ", ".join(sorted(reasons)))
            if row.parcel is not None and self.can.parcels is not None:
                self.left_out.setdefault(row.parcel, {})[row.key] = (row, result)
            else:
                self.batch.settled.append(result)

    def out_of_parcels(self) -> list[str]:
        """The messages that are in no repetition of their parcel from now on."""
        return [key for those in self.left_out.values() for key in those]

    def finish(self, composed: Sequence[Made], go: frozenset[str], deadline: float) -> None:
        """Put into the batch what may go. What is said of the others of a parcel in doubt waits for its answer."""
        parcels: dict[str, list[tuple[int, Ready]]] = {}
        for row, made in composed:
            if row.key not in go:
                continue
            parcel = made.intent.parcel
            first_at = made.intent.date if parcel is None else made_at(parcel)
            one = Ready(row, _outgoing(made, deadline), first_at, self.batch.policy(row))
            if parcel is None:
                self.batch.ready.append(one)
            else:
                parcels.setdefault(parcel, []).append((made.intent.place or 0, one))
        for parcel, members in parcels.items():
            ordered = tuple(one for _, one in sorted(members, key=lambda member: member[0]))
            is_sure = _is_sure(self.can, parcel, [one.row for one in ordered], self.batch.now)
            self.batch.parcels.append(Parcel(parcel, ordered, self.left_out.pop(parcel, {}), is_sure))
        self._settle_the_rest(composed)

    def _settle_the_rest(self, composed: Sequence[Made]) -> None:
        """Parcels of which nothing goes: because all others wait for a brake, or because none may."""
        not_braked = {row.parcel for row, _ in composed}
        for parcel, those in self.left_out.items():
            for row, result in those.values():
                if parcel in not_braked:
                    self.batch.settled.append(result)
                else:
                    self.batch.waiting.append(PutOff(row.key, self.batch.now, "A brake came on.", row.state))
        self.left_out.clear()


def _fixed(composed: Sequence[Made], can: Parcels, batch: Batch) -> list[Made]:
    found: list[Made] = []
    loads: dict[str, _Load] = {}
    number = 0
    for row, made in composed:
        parcel, place = row.parcel, row.intent.place if row.intent is not None else None
        if not row.doubts and not _goes_alone(row) and can.takes(made.data):
            load = loads.get(campaign_of(row))
            if load is None or not load.has_room(len(made.data), can):
                number += 1
                load = loads[campaign_of(row)] = _Load(parcel_key(batch.now, batch.token, number))
            parcel, place = load.key, load.take(len(made.data))
        if parcel is not None:
            made = replace(made, intent=replace(made.intent, parcel=parcel, place=place))
        found.append((row, made))
    return found


@dataclass(slots=True)
class _Load:
    """A request that is being filled."""

    key: str
    count: int = 0
    octets: int = 0

    def has_room(self, octets: int, can: Parcels) -> bool:
        return self.count < can.most and self.octets + octets <= can.octets

    def take(self, octets: int) -> int:
        """Its place."""
        self.count, self.octets = self.count + 1, self.octets + octets
        return self.count - 1


def _is_sure(can: Capabilities, parcel: str, rows: Sequence[OutboxRow], now: datetime) -> bool:
    """Whether the provider surely remembers what it may have got under the key of these."""
    return is_remembered(can, made_at(parcel), now, is_dated=not any(row.clock_jumped for row in rows))


def has_parcel(row: OutboxRow, made: Composed) -> bool:
    """Whether the message goes, or went, with others."""
    return made.intent.parcel is not None or (row.intent is not None and row.intent.parcel is not None)


def _outgoing(made: Composed, deadline: float) -> Outgoing:
    return Outgoing(made.intent.key, made.mail_from, made.rcpt_to, made.data, deadline)


def _goes_alone(row: OutboxRow) -> bool:
    """It was tried by itself, under its own key, and the provider may know it by that."""
    return row.intent is not None and row.intent.parcel is None


def _is_out(row: OutboxRow) -> bool:
    return row.intent is not None and row.intent.place is None


def _stays(row: OutboxRow) -> Result:
    return LeftOpen(row.key, None, f"Its request was repeated without it. {NO_ANSWER}")
