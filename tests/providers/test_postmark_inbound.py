"""A received mail as Postmark hands it over."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from nurture.providers import postmark
from nurture.providers.events import NotUnderstood
from nurture.providers.mail import InboundMail, ReportPart
from tests.providers import postmark_posts as posts

TOKEN = "c2lnbmVkLXJlcGx5LXRva2Vu"


def read(**more: object) -> InboundMail:
    return postmark.parse_inbound(posts.as_body(posts.inbound(**more)))


def test_a_reply_is_read_whole() -> None:
    mail = read()
    assert mail.sender == "camille@exemple.example"
    assert mail.recipients == (f"reply+{TOKEN}@reponses.exemple.example", "chef@exemple.example")
    assert mail.mailbox_hashes == (TOKEN,)
    assert mail.subject == "Re: Votre livre blanc"
    assert mail.message_id == "answer@exemple.example"
    assert mail.in_reply_to == (f"{posts.TOUCH}@exemple.example",)
    assert mail.references == ("first@exemple.example", f"{posts.TOUCH}@exemple.example")
    assert mail.stripped == "Oui, rappelez-moi."
    assert mail.date == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    assert mail.header("x-spam-status") == "No"
    assert mail.provider_message_id == "73e6d360-66eb-11e1-8e72-a8904824019b"


def test_the_envelope_counts_even_when_no_header_names_us() -> None:
    mail = read(To="liste@exemple.example", ToFull=[], OriginalRecipient=f"reply+{TOKEN}@reponses.exemple.example")
    assert mail.recipients[0] == f"reply+{TOKEN}@reponses.exemple.example"


def test_a_report_travels_as_an_attachment() -> None:
    status = "Final-Recipient: rfc822; camille@exemple.example\nAction: failed\nStatus: 5.1.1\n"
    encoded = base64.encodebytes(status.encode()).decode()
    attachments = [
        {"Name": "status", "ContentType": "message/delivery-status; charset=us-ascii", "Content": encoded},
        {"Name": "photo.png", "ContentType": "image/png", "Content": "AAAA"},
        {"Name": "broken", "ContentType": "message/rfc822", "Content": 7},
    ]
    assert read(Attachments=attachments).reports == (
        ReportPart("message/delivery-status", status),
        ReportPart("message/rfc822", ""),
    )


def test_control_characters_never_leave_a_header() -> None:
    mail = read(Subject="Re: a\r\nBcc: x@exemple.example", Headers=[{"Name": "X", "Value": "a\r\n b"}])
    assert mail.subject == "Re: a Bcc: x@exemple.example"
    assert mail.header("x") == "a b"


def test_an_event_on_the_hook_for_mail_is_refused_with_a_sentence() -> None:
    with pytest.raises(NotUnderstood, match="no received mail"):
        postmark.parse_inbound(posts.as_body(posts.delivery()))
    with pytest.raises(NotUnderstood, match="no received mail"):
        postmark.parse_inbound(b"{}")
