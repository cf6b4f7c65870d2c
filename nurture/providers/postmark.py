"""Postmark: what we add to a mail sent through it, how it signs in, and what its posts mean.

Postmark posts one JSON object at a time, told apart by `RecordType`, and signs nothing: the hook's
address carries a user and a password. Only bounces and complaints have an id of their own; the key of
the others is a hash of the body, which its retries repeat byte for byte.
Sources: postmarkapp.com/developer/webhooks, …/api/bounce-api, …/user-guide/send-email-with-smtp.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from nurture.providers.bodies import instant_in, key_of, object_in, read_object, text_in
from nurture.providers.bounces import is_about_us, status_of
from nurture.providers.events import Bounce, Hardness, Kind, NotUnderstood, ProviderEvent
from nurture.providers.machines import is_machine
from nurture.providers.postmark_inbound import MAX_INBOUND_BYTES as MAX_INBOUND_BYTES
from nurture.providers.postmark_inbound import parse_inbound as parse_inbound

MAX_EVENT_BYTES: Final = 2 * 1024 * 1024  # a bounce may carry the whole returned message

METADATA: Final = "touch"
_TOUCH = re.compile(r"[0-9a-f]{32}")
_STREAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

_Body = Mapping[str, object]

# Type → (kind, hardness). The provider's own list, with our reason wherever a row is not plain.
BOUNCES: Final[Mapping[str, tuple[Kind, Hardness | None]]] = MappingProxyType(
    {
        "HardBounce": (Kind.BOUNCED, Hardness.HARD),
        "SoftBounce": (Kind.BOUNCED, Hardness.SOFT),
        # Postmark goes on trying; a HardBounce or SoftBounce follows if it gives up.
        "Transient": (Kind.DEFERRED, None),
        # It calls this temporary, but the message is lost and a mistyped domain never recovers:
        # soft, so that only repetition suppresses.
        "DnsError": (Kind.BOUNCED, Hardness.SOFT),
        # A report came back that nobody could classify. The message did not arrive: soft.
        "Unknown": (Kind.BOUNCED, Hardness.SOFT),
        # The address never was one; Postmark did not try. For us that is a hard bounce.
        "BadEmailAddress": (Kind.BOUNCED, Hardness.HARD),
        # A filter's judgement of our content or our network, not of the person.
        "SpamNotification": (Kind.BOUNCED, Hardness.POLICY),
        "VirusNotification": (Kind.BOUNCED, Hardness.POLICY),
        "Blocked": (Kind.BOUNCED, Hardness.POLICY),
        "DMARCPolicy": (Kind.BOUNCED, Hardness.POLICY),
        "SpamComplaint": (Kind.COMPLAINED, None),
        "Unsubscribe": (Kind.UNSUBSCRIBED, None),
        # Someone asked Postmark to be written to again. It lifts nothing here.
        "Subscribe": (Kind.SUBSCRIBED, None),
        "AutoResponder": (Kind.AUTORESPONDED, None),
        # A machine tells of a new address: it arrived, and a person should read it.
        "AddressChange": (Kind.AUTORESPONDED, None),
        # A machine asks us to prove that we are people. It arrived; we do not answer machines.
        "ChallengeVerification": (Kind.AUTORESPONDED, None),
        # Postmark refuses to try: deactivated by the operator, or never confirmed with Postmark.
        # Says nothing about the person, so it suppresses nobody here.
        "ManuallyDeactivated": (Kind.REJECTED, None),
        "Unconfirmed": (Kind.REJECTED, None),
        # Our own request was at fault.
        "SMTPApiError": (Kind.FAILED, None),
        "TemplateRenderingFailed": (Kind.FAILED, None),
        # A receiver probes Postmark for open relays: about no message of ours.
        "OpenRelayTest": (Kind.UNKNOWN, None),
        # Postmark could not reach *our* inbound hook: for the operator, about no contact.
        "InboundError": (Kind.UNKNOWN, None),
    }
)

# Why Postmark's own list changed. It repeats what Bounce and SpamComplaint said, for those who hook only this one.
SUPPRESSIONS: Final[Mapping[str, tuple[Kind, Hardness | None]]] = MappingProxyType(
    {
        "HardBounce": (Kind.BOUNCED, Hardness.HARD),
        "SpamComplaint": (Kind.COMPLAINED, None),
        # The recipient by Postmark's link, or the operator by its pages: either way, do not write.
        "ManualSuppression": (Kind.UNSUBSCRIBED, None),
    }
)

# What an event keeps in `detail`: our name → Postmark's. No place, no IP address.
_DETAIL: Final = {
    "record": "RecordType",
    "type": "Type",
    "description": "Description",
    "details": "Details",
    "stream": "MessageStream",
    "tag": "Tag",
    "origin": "Origin",
    "reason": "SuppressionReason",
    "platform": "Platform",
    "click_location": "ClickLocation",
}


def smtp_headers(touch: str, *, stream: str = "broadcast") -> Mapping[str, str]:
    """The headers a mail needs to go through Postmark's SMTP as ours.

    `touch` comes back in each event. Marketing mail belongs in a broadcast stream. Postmark's own tracking
    is off because ours is used, and it is told to keep our Message-ID, or no reply would find its message.
    """
    if not _TOUCH.fullmatch(touch):
        raise ValueError("a touch key is 32 lower-case hexadecimal characters")
    if not _STREAM.fullmatch(stream):
        raise ValueError(f"{stream!r} is no id of a Postmark message stream: letters, digits, - and _ only")
    return {
        f"X-PM-Metadata-{METADATA}": touch,
        "X-PM-Message-Stream": stream,
        "X-PM-TrackOpens": "false",
        "X-PM-TrackLinks": "None",
        "X-PM-KeepID": "true",
    }


def authorised(authorization_header: str | None, user: str, password: str) -> bool:
    """Whether an Authorization header carries this user and password (RFC 7617), in constant time.

    An instance without a user and a password lets nobody in.
    """
    given = _credentials(authorization_header or "")
    wanted = f"{user}:{password}".encode()
    same = hmac.compare_digest(given, wanted)
    return same and bool(user) and bool(password)


def _credentials(header: str) -> bytes:
    scheme, _, encoded = header[:1_000].partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def parse(body: bytes) -> tuple[ProviderEvent, ...]:
    """The events in one post to the event hook. Raises NotUnderstood, and nothing else.

    An inbound mail posted to the wrong hook is still told apart: its event is of kind INBOUND, and
    `parse_inbound` reads the same body.
    """
    posted = read_object(body, max_bytes=MAX_INBOUND_BYTES, sender="Postmark")
    record = text_in(posted, "RecordType") or ("Inbound" if "FromFull" in posted else None)
    reader = _READERS.get(record or "")
    if reader is None:
        raise NotUnderstood(
            f"Postmark posted a record of type {(record or 'none')[:60]!r}, which nurture does not know."
        )
    if record != "Inbound" and len(body) > MAX_EVENT_BYTES:
        raise NotUnderstood(f"Postmark posted an event of {len(body)} bytes where at most {MAX_EVENT_BYTES} are read.")
    return (reader(posted, body),)


def _delivery(posted: _Body, body: bytes) -> ProviderEvent:
    return _event(posted, body, Kind.DELIVERED)


def _bounce(posted: _Body, body: bytes) -> ProviderEvent:
    named = text_in(posted, "Type")
    if named is None:
        raise NotUnderstood("Postmark posted a bounce without a Type, so nothing says how hard it is.")
    kind, hardness = BOUNCES.get(named, (Kind.UNKNOWN, None))
    return _event(posted, body, kind, bounce=_why(posted, hardness))


def _complaint(posted: _Body, body: bytes) -> ProviderEvent:
    return _event(posted, body, Kind.COMPLAINED)


def _subscription(posted: _Body, body: bytes) -> ProviderEvent:
    suppressed = posted.get("SuppressSending")
    if not isinstance(suppressed, bool):
        raise NotUnderstood("Postmark posted a subscription change without saying whether sending is suppressed.")
    if not suppressed:
        return _event(posted, body, Kind.SUBSCRIBED)
    # A reason it adds one day still means that Postmark will not write: we do not either.
    kind, hardness = SUPPRESSIONS.get(text_in(posted, "SuppressionReason") or "", (Kind.UNSUBSCRIBED, None))
    return _event(posted, body, kind, bounce=_why(posted, hardness))


def _open(posted: _Body, body: bytes) -> ProviderEvent:
    first = posted.get("FirstOpen")
    extra = {"first_open": str(first).lower()} if isinstance(first, bool) else {}
    return _event(posted, body, Kind.OPENED, machine=is_machine(text_in(posted, "UserAgent")), extra=extra)


def _click(posted: _Body, body: bytes) -> ProviderEvent:
    return _event(posted, body, Kind.CLICKED, machine=is_machine(text_in(posted, "UserAgent")))


def _inbound(posted: _Body, body: bytes) -> ProviderEvent:
    return _event(posted, body, Kind.INBOUND)


_READERS: Final[Mapping[str, Callable[[_Body, bytes], ProviderEvent]]] = MappingProxyType(
    {
        "Delivery": _delivery,
        "Bounce": _bounce,
        "SpamComplaint": _complaint,
        "SubscriptionChange": _subscription,
        "Open": _open,
        "Click": _click,
        "Inbound": _inbound,
    }
)


def _event(
    posted: _Body,
    body: bytes,
    kind: Kind,
    *,
    bounce: Bounce | None = None,
    machine: bool = False,
    extra: Mapping[str, str] = MappingProxyType({}),
) -> ProviderEvent:
    kept = {ours: said for ours, theirs in _DETAIL.items() if (said := text_in(posted, theirs, at_most=2_000))}
    return ProviderEvent(
        kind=kind,
        key=_key(posted, body, kind),
        at=instant_in(posted, "DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"),
        provider_message_id=text_in(posted, "MessageID", at_most=200),
        touch=_touch(posted),
        recipient=text_in(posted, "Recipient", "Email", "OriginalRecipient", at_most=320),
        machine=machine,
        bounce=bounce,
        url=text_in(posted, "OriginalLink", at_most=4_000),
        user_agent=text_in(posted, "UserAgent", at_most=1_000),
        detail=MappingProxyType({**kept, **extra}),
    )


def _key(posted: _Body, body: bytes, kind: Kind) -> str:
    # Bounces and complaints are numbered from one series; an inbound mail's MessageID is its own.
    own = text_in(posted, "MessageID" if kind is Kind.INBOUND else "ID", at_most=100)
    record = "inbound" if kind is Kind.INBOUND else "bounce"
    return f"postmark:{record}:{own}" if own else f"postmark:{key_of(body)}"


def _touch(posted: _Body) -> str | None:
    # Some SMTP libraries rewrite the case of header names, and Postmark keeps what it got.
    metadata = {name.lower(): name for name in object_in(posted, "Metadata")}
    said = text_in(object_in(posted, "Metadata"), metadata.get(METADATA, METADATA), at_most=100)
    return said if said and _TOUCH.fullmatch(said) else None


def _why(posted: _Body, hardness: Hardness | None) -> Bounce | None:
    if hardness is None:
        return None
    words = text_in(posted, "Details", at_most=2_000) or ""
    status = status_of(words)
    if (status or "").startswith("5.7.") or is_about_us(words):
        hardness = Hardness.POLICY  # whatever Postmark called it: policy is never the contact's fault
    return Bounce(hardness, status, words, text_in(posted, "Description", at_most=2_000) or "")
