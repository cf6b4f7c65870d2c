"""Which reader a receipt's source has. A new provider is one more row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from nurture.content.tokens import Tokens
from nurture.inbound import api_events, tracking
from nurture.inbound.mails import read_mail
from nurture.inbound.mime import from_bytes
from nurture.inbound.provider_posts import ToldByProvider
from nurture.inbound.told import Told
from nurture.providers import postmark, resend
from nurture.providers.bodies import key_of
from nurture.providers.events import Kind, NotUnderstood
from nurture.storage.receipts import StoredReceipt

POSTMARK: Final = "postmark"
POSTMARK_INBOUND: Final = "postmark_inbound"
RESEND: Final = "resend"
MAIL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the readers need beside the bytes."""

    tokens: Tokens
    salt: bytes
    own_tracking: bool = True


Reader: TypeAlias = Callable[[StoredReceipt, Reading], Sequence[Told]]


def read_receipt(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    """What the receipt tells. Raises NotUnderstood with the sentence for the operator."""
    reader = READERS.get(stored.receipt.source)
    if reader is None:
        raise NotUnderstood(f"Nobody reads what comes from {stored.receipt.source!r} in this version of nurture.")
    return reader(stored, reading)


def _postmark(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    body = stored.receipt.body
    events = postmark.parse(body)
    if any(event.kind is Kind.INBOUND for event in events):  # posted to the other hook
        return _postmark_inbound(stored, reading)
    return [ToldByProvider(event, stored.received_at, reading.own_tracking) for event in events]


def _postmark_inbound(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    body = stored.receipt.body
    mail = postmark.parse_inbound(body)
    own = mail.provider_message_id
    key = f"postmark:inbound:{own}" if own else f"postmark:{key_of(body)}"
    return [read_mail(mail, key, reading.tokens, stored.received_at)]


def _resend(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    events = resend.parse(stored.receipt.body, stored.receipt.key)
    return [ToldByProvider(event, stored.received_at, reading.own_tracking) for event in events]


def _mail(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    body = stored.receipt.body
    return [read_mail(from_bytes(body), f"mail:{key_of(body)}", reading.tokens, stored.received_at)]


def _tracking(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    return [tracking.read_hit(stored.receipt.body, stored.received_at, reading.salt)]


def _api(stored: StoredReceipt, reading: Reading) -> Sequence[Told]:
    return api_events.read_facts(stored.receipt.body, reading.salt)


READERS: Final[Mapping[str, Reader]] = {
    POSTMARK: _postmark,
    POSTMARK_INBOUND: _postmark_inbound,
    RESEND: _resend,
    MAIL: _mail,
    tracking.SOURCE: _tracking,
    api_events.SOURCE: _api,
}
