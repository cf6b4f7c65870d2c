"""What a contact has been sent, and putting one more mail on its way."""

from nurture.core.draft import Draft
from nurture.core.effects import SendTouch
from nurture.core.ids import touch_key
from nurture.core.quick import maker_of
from nurture.core.reasons import Reason
from nurture.core.state import ContactState, Enrolment, Touch
from nurture.core.words import CONTENT_FACTS, RECEIVED, TouchState

QUEUED, _touch = TouchState.QUEUED, maker_of(Touch)  # looked up and written once

PART = "mail"
"""The part of steps that write once."""


def key_of(draft: Draft, enrolment: Enrolment, step: str, part: str = PART) -> str:
    """The name of the touch that a step makes in this rotation."""
    return touch_key(draft.world.salt, draft.state.key, enrolment.campaign, enrolment.rotation, step, part)


def had(draft: Draft, content: str, but: str = "") -> bool:
    """Whether the contact has the content: sent by any campaign and not bounced, or consumed by any way."""
    for touch in draft.state.touches.values():
        if touch.content == content and touch.state in RECEIVED and touch.key != but:
            return True
    return is_consumed(draft.state, content)


def is_consumed(state: ContactState, content: str) -> bool:
    """Whether the contact took the content itself, whoever sent it."""
    for signal in CONTENT_FACTS if state.signals else ():  # noqa: SIM110 - asked of every mail
        if (signal, content) in state.signals:
            return True
    return False


def queue(
    draft: Draft,
    enrolment: Enrolment,
    key: str,
    step: str,
    content: str,
    *,
    part: str = PART,
    variant: str | None = None,
    thread: str | None = None,
) -> None:
    """Put a touch (whose `key` is that of the step and part) into the outbox. One that was withheld keeps its strikes."""
    known = draft.state.touches.get(key)
    touch = _touch(
        key, enrolment.campaign, enrolment.rotation, step, part, content, draft.now, QUEUED, variant, thread,
        known.strikes if known else 0,
    )  # fmt: skip
    draft.put_touch(touch)
    draft.effects.append(SendTouch(touch, enrolment.version))
    name = step if part == PART else f"{step} {part}"
    draft.say(Reason.QUEUED, enrolment.campaign, step=name, content=content, touch=key)
