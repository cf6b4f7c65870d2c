"""Postmark's received mail, read into the one shape of `mail.InboundMail`.

Postmark has already taken the MIME apart: headers as a list, bodies as texts, attachments in base64.
Of the attachments only machine-readable reports are looked at.
Source: postmarkapp.com/developer/webhooks/inbound-webhook.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from nurture.providers.bodies import object_in, objects_in, read_object, text_in
from nurture.providers.events import NotUnderstood
from nurture.providers.mail import (
    MAX_HEADERS,
    MAX_TEXT_CHARS,
    REPORT_TYPES,
    InboundMail,
    ReportPart,
    addresses_in,
    date_in,
    headers_of,
    ids_in,
    one_line,
    sender_in,
    text_of,
    unique,
)

MAX_INBOUND_BYTES: Final = 36 * 1024 * 1024  # Postmark itself stops at 35 MB with attachments
_MAX_REPORT_CHARS: Final = 400_000  # of base64

_Body = Mapping[str, object]


def parse_inbound(body: bytes) -> InboundMail:
    """The mail in one post to the inbound hook. Raises NotUnderstood, and nothing else."""
    posted = read_object(body, max_bytes=MAX_INBOUND_BYTES, sender="Postmark")
    if text_in(posted, "RecordType") not in (None, "Inbound") or not ("FromFull" in posted or "From" in posted):
        raise NotUnderstood("Postmark posted something that is no received mail to the hook for received mail.")
    headers = headers_of(
        (text_in(item, "Name") or "", text_in(item, "Value", at_most=16_000) or "")
        for item in objects_in(posted, "Headers", at_most=MAX_HEADERS)
    )
    first = {name: values[0] for name, values in headers.items()}
    return InboundMail(
        sender=text_in(object_in(posted, "FromFull"), "Email", at_most=320) or sender_in(text_in(posted, "From")),
        recipients=_recipients(posted, headers.get("delivered-to", ())),
        mailbox_hashes=_hashes(posted),
        subject=one_line(text_in(posted, "Subject", at_most=1_000) or ""),
        headers=headers,
        text=text_in(posted, "TextBody", at_most=MAX_TEXT_CHARS) or "",
        html=text_in(posted, "HtmlBody", at_most=MAX_TEXT_CHARS) or "",
        stripped=text_in(posted, "StrippedTextReply", at_most=MAX_TEXT_CHARS),
        date=date_in(text_in(posted, "Date", at_most=100)),
        message_id=(ids_in(first.get("message-id")) or (None,))[0],
        in_reply_to=ids_in(first.get("in-reply-to")),
        references=ids_in(first.get("references")),
        provider_message_id=text_in(posted, "MessageID", at_most=200),
        reports=_reports(posted),
    )


def _everybody(posted: _Body) -> list[_Body]:
    return [person for name in ("ToFull", "CcFull", "BccFull") for person in objects_in(posted, name, at_most=100)]


def _recipients(posted: _Body, delivered_to: tuple[str, ...]) -> tuple[str, ...]:
    envelope = text_in(posted, "OriginalRecipient", at_most=320)
    named = [text_in(person, "Email", at_most=320) for person in _everybody(posted)]
    listed = [text_in(posted, name, at_most=16_000) for name in ("To", "Cc")]
    spelt = [address for value in (*delivered_to, *listed) for address in addresses_in(value)]
    return unique(address for address in (envelope, *named, *spelt) if address)


def _hashes(posted: _Body) -> tuple[str, ...]:
    found = (text_in(owner, "MailboxHash", at_most=300) for owner in (posted, *_everybody(posted)))
    return unique(said for said in found if said)


def _reports(posted: _Body) -> tuple[ReportPart, ...]:
    return tuple(
        ReportPart(kind, text_of(_content(attachment), "utf-8")[:MAX_TEXT_CHARS])
        for attachment in objects_in(posted, "Attachments", at_most=50)
        if (kind := _media_type(attachment)) in REPORT_TYPES
    )


def _media_type(attachment: _Body) -> str:
    return (text_in(attachment, "ContentType", at_most=200) or "").partition(";")[0].strip().lower()


def _content(attachment: _Body) -> bytes:
    encoded = attachment.get("Content")
    compact = "".join(encoded[:_MAX_REPORT_CHARS].split()) if isinstance(encoded, str) else ""
    try:
        return base64.b64decode(compact[: len(compact) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""
