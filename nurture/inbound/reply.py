"""Reads a received mail: a person's reply, a machine's, a bounce or a complaint; and to what it answers.

Reports are looked for first, because they also call themselves automatic; then machines, because a
person on holiday must not be taken for an interested one; what remains is a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from nurture.inbound.automatic import Automatic, AutomaticKind, automatic
from nurture.inbound.dsn import BounceReport, ComplaintReport, bounce_token_in, report_in
from nurture.inbound.html import lines_of
from nurture.inbound.intent import Intent, Wish, wish_of
from nurture.inbound.quoting import split
from nurture.inbound.return_date import return_date
from nurture.providers.mail import InboundMail, unique


@dataclass(frozen=True, slots=True)
class HumanReply:
    """A person answered. `text` is what they wrote, without the quote."""

    intent: Intent
    text: str
    wants_unsubscribe: bool = False


@dataclass(frozen=True, slots=True)
class AutomaticReply:
    """A machine answered; never answer it. `return_on` is the first day the person may be written to again."""

    return_on: date | None
    kind: AutomaticKind


Reply = HumanReply | AutomaticReply | BounceReport | ComplaintReport


def read(mail: InboundMail, received: date) -> Reply:
    """What a received mail is. `received` is the day it came in, for dates without a year."""
    report = report_in(mail)
    if report is not None:
        return report
    human = human_part(mail)
    wish = wish_of(human)
    answered = automatic(mail, human)
    if answered is not None and not _overruled(answered, wish):
        return AutomaticReply(_return_on(mail, human, answered, received), answered.kind)
    return HumanReply(wish.intent, human, wish.wants_unsubscribe)


def human_part(mail: InboundMail) -> str:
    """What the author wrote, without quote, signature and footers; the provider's reading where ours is empty."""
    text = mail.text if mail.text.strip() else lines_of(mail.html)
    return split(text).human or (mail.stripped or "").strip()


def _overruled(answered: Automatic, wish: Wish) -> bool:
    # "I am on holiday until the 12th, call me then" is a person: no machine asks to be called, or to be let go.
    return not answered.sure and wish.explicit


def _return_on(mail: InboundMail, human: str, answered: Automatic, received: date) -> date | None:
    if answered.kind in (AutomaticKind.LEFT, AutomaticKind.RECEIPT):
        return None
    return return_date(human, received) or return_date(mail.subject, received)


# Of the addresses we gave: the token is signed, so what does not fit is refused when it is read.
_REPLY = re.compile(r"reply\+([A-Za-z0-9_.~-]{8,200})@", re.IGNORECASE)
_HASH = re.compile(r"[A-Za-z0-9_.~-]{8,200}")


def references_of(mail: InboundMail) -> tuple[str, ...]:
    """The message ids this mail answers, the likeliest first: In-Reply-To, then References from last to first."""
    return unique((*mail.in_reply_to, *reversed(mail.references)))


def reply_token_of(mail: InboundMail) -> str | None:
    """The token of the first `reply+<token>@…` the mail came to, or what a provider took out of such an address."""
    spelt = (found[1] for address in mail.recipients if (found := _REPLY.match(address)))
    taken = (said for said in mail.mailbox_hashes if _HASH.fullmatch(said))
    return next(spelt, None) or next(taken, None)


def bounce_token_of(mail: InboundMail) -> str | None:
    """The token of the first `bounce+<token>@…` the mail came to (the return path of what we sent)."""
    return bounce_token_in(*mail.recipients)
