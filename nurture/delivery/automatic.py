"""The brake that nobody has to pull: too many complaints, or too much that comes back, pauses a campaign, or all mail.

Gmail and Yahoo ask senders to stay under 0.1 % of complaints and never reach 0.3 % (their sender requirements of February
2024); a bounce rate of 5 % is where hosts begin to refuse. A rate needs a minimum to mean something. At half of the
limit, 0.05 %, a thousand mails bring three complaints or more once in seventy times; so 3 complaints and 1,000 mails. A bounce
is common, so 10 of them and 100 mails. Hard bounces count, and policy refusals do: they are never held against the
contact, but they say that hosts do not want these mails. Full mailboxes do not count.

Campaigns are judged one by one, by the mails that left within a day and since a person last released such a brake. Those that are
fine by themselves are then judged together, and too many complaints over all of them stop everything.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.storage.brakes import EVERYTHING, Brake, brakes_on, last_released, put_on
from nurture.storage.setbacks import Setbacks, sent_since, setbacks
from nurture.storage.words import BrakeKind

log = logging.getLogger(__name__)

WINDOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """One in `one_in` is too many, where there are `least` of them and `messages` mails."""

    kind: BrakeKind
    one_in: int
    least: int
    messages: int
    words: str

    def enough(self, count: int) -> int:
        """With how many mails this count is no longer too many; 0: never too many."""
        return max(count * self.one_in, self.messages) + 1 if count >= self.least else 0

    def broken(self, count: int, sent: int) -> bool:
        """Whether the rate is at the limit or above."""
        return count >= self.least and sent >= self.messages and count * self.one_in >= sent


COMPLAINTS = Limit(BrakeKind.COMPLAINTS, 1000, 3, 1000, "called spam")
BOUNCES = Limit(BrakeKind.BOUNCES, 20, 10, 100, "returned or refused")


def brake_automatically(c: Connection, now: datetime) -> list[Brake]:
    """Put on what the last day asks for; answers the brakes that were not on before."""
    released = last_released(c, {BrakeKind.COMPLAINTS, BrakeKind.BOUNCES})
    whole = max(released.get(EVERYTHING, now - WINDOW), now - WINDOW)
    since = {name: max(whole, at) for name, at in released.items() if name}
    found = {name: some for name, some in setbacks(c, whole, since).items() if name}
    if not found:
        return []
    standing = {brake.campaign for brake in brakes_on(c) if brake.kind in (BrakeKind.COMPLAINTS, BrakeKind.BOUNCES)}
    wanted: list[Brake] = []
    for name in sorted(found.keys() - standing):
        wanted += _judge(name, found[name], {name: since.get(name, whole)}, c, now)
    fine = found.keys() - standing - {brake.campaign for brake in wanted}
    if len(fine) > 1 and EVERYTHING not in standing:
        total = Setbacks(sum(found[n].complaints for n in fine), sum(found[n].bounces for n in fine))
        wanted += _judge(EVERYTHING, total, {name: since.get(name, whole) for name in sorted(fine)}, c, now)
    put = [brake for brake in wanted if put_on(c, brake)]
    for brake in put:
        log.error("%s A person has to look, and to run `nurture resume %s`.", brake.why, brake.campaign)
    return put


def _judge(name: str, some: Setbacks, since: Mapping[str, datetime], c: Connection, now: datetime) -> list[Brake]:
    wanted: list[Brake] = []
    for limit, count in ((COMPLAINTS, some.complaints), (BOUNCES, some.bounces)):
        most = limit.enough(count)
        sent = sum(sent_since(c, campaign, at, most) for campaign, at in since.items()) if most else 0
        if limit.broken(count, sent):
            whose = f"mails of {name}" if name else "mails of all campaigns together"
            why = (
                f"{count:,} of {sent:,} {whose} within a day were {limit.words} ({100 * count / sent:.2f} %; "
                f"the limit is {100 / limit.one_in:g} %)."
            )
            wanted.append(Brake(name, limit.kind, now, "nurture", why))
    return wanted
