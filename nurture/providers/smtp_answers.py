"""What an SMTP server's refusal means for the message: try later, or never again and why.

RFC 5321 §4.2.1 gives the first digit, RFC 3463 the enhanced status. At MAIL a permanent refusal is about us, not about
the contact (wrong sender, not authenticated, blocked): the operator can mend it, so the message waits instead of being
lost. A bare code that no words explain is never taken as "nobody is there", because a badly configured relay answers
"550 relay not permitted" for every address.
"""

import re
from enum import StrEnum

from nurture.core.words import Hardness
from nurture.providers.bounces import hardness_of, status_of
from nurture.providers.smtp_replies import CLOSING, Reply
from nurture.providers.transport import Accepted, RefusedForGood, TryLater

_OURS = frozenset({530, 534, 535, 538})  # authentication wanted: never about one message
_OUR_MESSAGE = frozenset({"5.2.3", "5.3.4", "5.6.1", "5.6.3", "5.6.7"})  # too big, or not to be carried
_TOO_BIG = 552

_PROVIDER_ID = re.compile(
    r"queued (?:mail )?(?:as|id) <?([^\s<>;,]+)|^(?:2\.\d+\.\d+ )?ok:? <?([\w.@+=-]{8,})>?$", re.IGNORECASE
)


class Stage(StrEnum):
    """The command that a reply answers."""

    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "the message"


def accepted(reply: Reply) -> Accepted:
    """The whole message was taken."""
    found = _PROVIDER_ID.search(reply.text)
    return Accepted(str(reply), (found[1] or found[2]) if found else None)


def refused(stage: Stage, reply: Reply) -> RefusedForGood | TryLater:
    """What a negative reply at this stage means."""
    if reply.code < 500 or reply.code in _OURS:
        about_one = stage is Stage.RCPT and reply.code != CLOSING and reply.code not in _OURS
        return TryLater(f"The server answered {reply} to {stage}.", recipient=about_one)
    status = status_of(reply.text)
    if stage is Stage.MAIL and status not in _OUR_MESSAGE and reply.code != _TOO_BIG:
        return TryLater(f"The server refuses our sender: {reply}. Correct the sender's address or the account.")
    return RefusedForGood(_hardness(stage, status, reply), reply.code, status, str(reply))


def _hardness(stage: Stage, status: str | None, reply: Reply) -> Hardness:
    if stage is Stage.MAIL:
        return Hardness.POLICY
    hardness = Hardness(hardness_of(status, f"{reply.code} {reply.text}"))
    if stage is Stage.RCPT or status is not None or hardness is not Hardness.SOFT:
        return hardness
    return Hardness.POLICY  # the address had been taken: what was refused is the message
