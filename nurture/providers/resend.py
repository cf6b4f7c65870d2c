"""What Resend's posts mean. One JSON object at a time, told apart by `type`; the post's id is in its signed headers.

Our key comes back in `data.tags`: a list of names and values, or an object, as Resend has written both.
Source: resend.com/docs/webhooks (event types, body parameters).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nurture.plain_text import storable
from nurture.providers.bodies import instant_in, object_in, objects_in, read_object, text_in
from nurture.providers.bounces import is_about_us, status_of
from nurture.providers.events import Bounce, Hardness, Kind, NotUnderstood, ProviderEvent
from nurture.providers.machines import is_machine
from nurture.providers.resend_api import TAG

MAX_EVENT_BYTES: Final = 1024 * 1024

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "email.scheduled": Kind.QUEUED,
        "email.sent": Kind.SENT,
        "email.delivered": Kind.DELIVERED,
        "email.delivery_delayed": Kind.DEFERRED,
        "email.bounced": Kind.BOUNCED,
        "email.complained": Kind.COMPLAINED,
        "email.opened": Kind.OPENED,
        "email.clicked": Kind.CLICKED,
        "email.failed": Kind.FAILED,
        # Resend would not try, because the address bounced or complained for it before.
        "email.suppressed": Kind.REJECTED,
    }
)

# The bounce's type. What is undetermined suppresses only when it keeps happening.
HARDNESS: Final[Mapping[str, Hardness]] = MappingProxyType(
    {"permanent": Hardness.HARD, "transient": Hardness.SOFT, "undetermined": Hardness.SOFT}
)
# The content was refused, or its attachment: never the contact's doing.
_POLICY: Final = frozenset({"contentrejected", "attachmentrejected", "messagetoolarge"})


def parse(body: bytes, name: str) -> tuple[ProviderEvent, ...]:
    """The events in one post, whose id is `name`. Raises NotUnderstood, and nothing else."""
    posted = read_object(body, max_bytes=MAX_EVENT_BYTES, sender="Resend")
    said = text_in(posted, "type", at_most=60) or "none"
    kind = KINDS.get(said)
    if kind is None:
        raise NotUnderstood(f"Resend posted an event of type {said!r}, which nurture does not know.")
    data = object_in(posted, "data")
    click, to = object_in(data, "click") or object_in(data, "open"), data.get("to")
    agent = text_in(click, "userAgent", at_most=1_000)
    return (
        ProviderEvent(
            kind=kind,
            key=f"resend:{name}",
            at=instant_in(posted, "created_at"),
            provider_message_id=text_in(data, "email_id", at_most=200),
            touch=_touch(data),
            recipient=storable(to[0][:320]) if isinstance(to, list) and to and isinstance(to[0], str) else None,
            machine=kind in (Kind.OPENED, Kind.CLICKED) and is_machine(agent),
            bounce=_bounce(object_in(data, "bounce")) if kind is Kind.BOUNCED else None,
            url=text_in(click, "link", at_most=4_000),
            user_agent=agent,
            detail=MappingProxyType(_detail(said, data)),
        ),
    )


def _bounce(bounce: Mapping[str, object]) -> Bounce:
    codes = bounce.get("diagnosticCode")
    lines = codes[:5] if isinstance(codes, list) else [codes]
    words = storable(" ".join(line for line in lines if isinstance(line, str)))[:2_000]
    message = text_in(bounce, "message", at_most=2_000) or ""
    status = status_of(words or message)
    hardness = HARDNESS.get((text_in(bounce, "type") or "").lower(), Hardness.SOFT)
    is_policy = (text_in(bounce, "subType") or "").lower() in _POLICY or (status or "").startswith("5.7.")
    if is_policy or is_about_us(words) or is_about_us(message):
        hardness = Hardness.POLICY
    return Bounce(hardness, status, words, message)


def _touch(data: Mapping[str, object]) -> str | None:
    listed = {text_in(tag, "name"): text_in(tag, "value") for tag in objects_in(data, "tags", at_most=50)}
    said = listed.get(TAG) or text_in(object_in(data, "tags"), TAG, at_most=100)
    return said if said and len(said) == 32 and all(letter in "0123456789abcdef" for letter in said) else None


def _detail(said: str, data: Mapping[str, object]) -> dict[str, str]:
    bounce, failed = object_in(data, "bounce"), object_in(data, "failed")
    found = {
        "record": said,
        "type": text_in(bounce, "type", at_most=200),
        "subtype": text_in(bounce, "subType", at_most=200),
        "reason": text_in(failed, "reason", at_most=2_000),
    }
    return {name: value for name, value in found.items() if value}
