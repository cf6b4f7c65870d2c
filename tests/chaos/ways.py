"""The ways mail can leave, by what can be done about a lost answer, and what is promised of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.crashes import Score


@dataclass(frozen=True, slots=True)
class Way:
    """A transport and an author's policy. With `again` a message may come twice; with `settles` none stays unknown.

    With `shares` messages travel together, so that what a server sees of each comes once for many; with `parcels` what the
    process itself sees of them, too.
    """

    title: str
    provider: str = "smtp"
    policy: str = ""
    again: bool = False
    settles: bool = False
    shares: bool = False
    parcels: bool = False

    def broken(self, score: "Score") -> Iterator[str]:
        """The promises that did not hold, in sentences."""
        at_most = score.slots
        missing = score.lost + (score.unknown - score.unknown_accepted if self.settles or self.again else 0)
        if missing:
            yield f"{score.moment}: {missing} people did not get their mail, and nobody owns up to it."
        if self.again and (score.twice_other or score.twice > at_most * score.kills):
            yield f"{score.moment}: {score.twice} messages came again, {score.twice_other} of them in other bytes."
        if score.twice and not self.again:
            yield f"{score.moment}: {score.twice} messages were accepted twice."
        if self.settles and score.unknown:
            yield f"{score.moment}: {score.unknown} messages stayed unknown."
        if (
            not self.settles and not self.again and score.worst > at_most
        ):  # with `again` those of earlier kills wait, too
            yield f"{score.moment}: one kill left {score.worst} messages unknown, with {score.slots} under way."


WAYS: Mapping[str, Way] = {
    "smtp": Way("plain SMTP, at_most_once"),
    "smtp-again": Way("plain SMTP, at_least_once", policy="at_least_once", again=True),
    "resend": Way("Resend, idempotency keys", provider="resend", settles=True, shares=True, parcels=True),
    "postmark": Way("Postmark, searched", provider="postmark", settles=True, shares=True),
}
