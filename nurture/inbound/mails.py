"""What a received mail means for the contact whose message it answers.

It is found by what it answers (In-Reply-To, References), then by the signed token in the address it came to; never by the
text it quotes, which anybody can write.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, assert_never

from nurture.content.local_parts import LocalPart, touch_of_address, touch_of_token
from nurture.content.tokens import Tokens
from nurture.core.events import AutoReplied, Bounced, Event, Replied, Suppressed
from nurture.core.words import Hardness, Intent, Suppression
from nurture.inbound.dsn import Action, BounceReport, ComplaintReport
from nurture.inbound.provider_posts import LONGEST_DETAIL, touch_in
from nurture.inbound.reply import (
    AutomaticReply,
    HumanReply,
    Reply,
    bounce_token_of,
    read,
    references_of,
    reply_token_of,
)
from nurture.inbound.told import Clues, Found, of_touch
from nurture.providers.mail import InboundMail

UNSUBSCRIBE_ME: Final = "unsubscribe-me"


@dataclass(frozen=True, slots=True)
class ToldByMail:
    """A mail as read. `key` names it for ever; `asks_to_leave` when it came to an address that only says that."""

    key: str
    at: datetime
    reply: Reply
    messages: tuple[str, ...]
    asks_to_leave: bool = False

    @property
    def clues(self) -> Clues:
        """The messages it may be about."""
        return Clues(self.messages)

    def events(self, found: Found) -> tuple[Event, ...]:
        """What happened; a colleague's answer to a hand-off is no word of the contact's."""
        if not found.is_the_contacts:
            return ()
        if self.asks_to_leave and isinstance(self.reply, HumanReply | AutomaticReply):
            return (self._objection(found),)
        return self._events(found)

    def _events(self, found: Found) -> tuple[Event, ...]:
        match self.reply:
            case HumanReply(intent=intent, wants_unsubscribe=leaves):
                replied = of_touch(Replied(self.key, self.at, Intent(intent.value)), found)
                return (replied, self._objection(found)) if leaves else (replied,)
            case AutomaticReply(return_on=day):
                return (of_touch(AutoReplied(self.key, self.at, day), found),)
            case BounceReport(action=Action.DELAYED):
                return ()
            case BounceReport(bounce=bounce):
                detail = (bounce.diagnostic or bounce.description)[:LONGEST_DETAIL]
                return (of_touch(Bounced(self.key, self.at, Hardness(bounce.hardness.value), detail=detail), found),)
            case ComplaintReport():
                return (of_touch(Suppressed(self.key, self.at, Suppression.COMPLAINED), found),)
            case _:
                assert_never(self.reply)

    def _objection(self, found: Found) -> Suppressed:
        event = Suppressed(f"{self.key}:{UNSUBSCRIBE_ME}", self.at, Suppression.UNSUBSCRIBED)
        return of_touch(event, found)


def read_mail(mail: InboundMail, key: str, tokens: Tokens, received_at: datetime) -> ToldByMail:
    """The mail as told. Its own Date is not believed: replies are dated by when they reached us."""
    reply = read(mail, received_at.date())
    leaves = [touch_of_address(tokens, LocalPart.UNSUBSCRIBE, address) for address in mail.recipients]
    named = chain(_named_by_report(reply, tokens) if _is_report(reply) else _named_by_reply(mail, tokens), leaves)
    messages = tuple(dict.fromkeys(touch for touch in named if touch))
    return ToldByMail(key, received_at, reply, messages, any(leaves))


def _is_report(reply: Reply) -> bool:
    return isinstance(reply, BounceReport | ComplaintReport)


def _named_by_reply(mail: InboundMail, tokens: Tokens) -> list[str | None]:
    reply_token, bounce_token = reply_token_of(mail), bounce_token_of(mail)
    return [
        *(touch_in(message_id) for message_id in references_of(mail)),
        touch_of_token(tokens, LocalPart.REPLY, reply_token) if reply_token else None,
        touch_of_token(tokens, LocalPart.BOUNCE, bounce_token) if bounce_token else None,
    ]


def _named_by_report(reply: Reply, tokens: Tokens) -> list[str | None]:
    """The signed return path goes before the headers that were sent back."""
    if not isinstance(reply, BounceReport | ComplaintReport):
        return []
    return [
        touch_of_token(tokens, LocalPart.BOUNCE, reply.token) if reply.token else None,
        touch_in(reply.message_id),
    ]
