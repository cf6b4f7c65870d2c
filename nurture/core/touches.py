"""What a contact has been sent, and putting one more mail on its way."""

from nurture.core.absorb import put_touch
from nurture.core.draft import Draft
from nurture.core.effects import SendTouch
from nurture.core.ids import touch_key
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Touch
from nurture.core.words import CONTENT_FACTS, RECEIVED, TouchState

PART = "mail"
"""The part of steps that write once."""


def key_of(draft: Draft, enrolment: Enrolment, step: str, part: str = PART) -> str:
    """The name of the touch that a step makes in this rotation."""
    return touch_key(draft.world.salt, draft.state.key, enrolment.campaign, enrolment.rotation, step, part)


def had(draft: Draft, content: str, but: str = "") -> bool:
    """Whether the contact has the content: sent by any campaign and not bounced, or consumed by any way."""
    if any(t.content == content and t.state in RECEIVED and t.key != but for t in draft.state.touches.values()):
        return True
    return any((signal, content) in draft.state.signals for signal in CONTENT_FACTS)


def queue(
    draft: Draft,
    enrolment: Enrolment,
    step: str,
    content: str,
    *,
    part: str = PART,
    variant: str | None = None,
    thread: str | None = None,
) -> str:
    """Put the touch into the outbox, and answer its key. One that was withheld keeps its strikes."""
    key = key_of(draft, enrolment, step, part)
    known = draft.state.touches.get(key)
    touch = Touch(
        key, enrolment.campaign, enrolment.rotation, step, part, content, draft.now, TouchState.QUEUED, variant, thread,
        known.strikes if known else 0,
    )  # fmt: skip
    put_touch(draft, touch)
    draft.effects.append(SendTouch(touch, enrolment.version))
    name = step if part == PART else f"{step} {part}"
    draft.say(Reason.QUEUED, enrolment.campaign, step=name, content=content, touch=key)
    return key
