"""Bounces and complaints, as mail servers write them."""

from __future__ import annotations

from datetime import date

import pytest

from nurture.inbound import mime
from nurture.inbound.automatic import AutomaticKind
from nurture.inbound.dsn import Action, BounceReport, ComplaintReport
from nurture.inbound.reply import AutomaticReply, HumanReply, Reply, read
from nurture.providers.events import Bounce, Hardness
from nurture.providers.mail import InboundMail, ReportPart
from tests.inbound.mails import TOUCH, a_complaint, a_dsn, raw

TODAY = date(2026, 11, 23)
HARD, SOFT, POLICY = Hardness.HARD, Hardness.SOFT, Hardness.POLICY


def of(source: bytes) -> Reply:
    return read(mime.from_bytes(source), TODAY)


def test_a_delivery_status_says_who_why_and_which_message() -> None:
    assert of(a_dsn()) == BounceReport(
        bounce=Bounce(HARD, "5.1.1", "550 5.1.1 unknown", "Undelivered Mail Returned to Sender"),
        action=Action.FAILED,
        recipient="camille@exemple.example",
        message_id=f"{TOUCH}@exemple.example",
        token="c2lnbmVkLXRva2Vu",
    )


@pytest.mark.parametrize(
    ("status", "diagnostic", "hardness"),
    [
        ("5.1.1", "smtp; 550 no", HARD),
        ("5.1.10", "smtp; 550 null mx", HARD),
        ("5.2.2", "smtp; 552 mailbox full", SOFT),
        ("4.4.7", "smtp; delivery time expired", SOFT),
        ("5.7.1", "smtp; 550 blocked, user unknown", POLICY),
        ("5.0.0", "smtp; 550 5.1.1 user unknown", HARD),
        ("5.0.0", "smtp; 550 5.7.1 spam", POLICY),
        ("5.1.1", "smtp; 550 5.1.1 <bonjour@exemple.example>: Sender address rejected: User unknown", POLICY),
        ("5.0.0", "smtp; 550-Verification failed for <bonjour@exemple.example> 550-No such user here", POLICY),
    ],
)
def test_only_a_missing_person_is_hard(status: str, diagnostic: str, hardness: Hardness) -> None:
    report = of(a_dsn(status=status, diagnostic=diagnostic))
    assert isinstance(report, BounceReport)
    assert report.bounce.hardness is hardness


def test_a_delay_is_soft_whatever_its_status() -> None:
    report = of(a_dsn(action="delayed", status="5.1.1"))
    assert isinstance(report, BounceReport)
    assert (report.action, report.bounce.hardness) == (Action.DELAYED, SOFT)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_delivery_receipt_is_no_bounce(action: str) -> None:
    assert of(a_dsn(action=action)) == AutomaticReply(None, AutomaticKind.OTHER)


def test_the_token_in_the_envelope_finds_the_message_when_nothing_was_returned() -> None:
    mail = InboundMail(
        sender="mailer-daemon@mx.exemple.example",
        recipients=(f"bounce+{TOUCH}@exemple.example",),
        reports=(ReportPart("message/delivery-status", "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n"),),
    )
    report = read(mail, TODAY)
    assert isinstance(report, BounceReport)
    assert (report.token, report.recipient, report.message_id) == (TOUCH, None, None)


def test_folded_fields_and_comments_are_read() -> None:
    text = "Action: failed (bad)\nStatus: 5.1.1 (no mailbox)\nFinal-Recipient: rfc822;\n camille@exemple.example\nDiagnostic-Code: smtp;\n 550 nobody\n"
    report = read(InboundMail(reports=(ReportPart("message/global-delivery-status", text),)), TODAY)
    assert isinstance(report, BounceReport)
    assert report.recipient == "camille@exemple.example"
    assert report.bounce.diagnostic == "550 nobody"


def test_prose_from_a_mail_system_is_a_bounce() -> None:
    exim = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  camille@exemple.example\n    550 5.1.1 no such user\n\n------ This is a copy of the message ------\n\n"
        f"Message-ID: <{TOUCH}@exemple.example>\n"
    )
    source = raw(
        exim,
        From="Mailer-Daemon@mx.exemple.example",
        Subject="Mail delivery failed: returning message to sender",
        X_Failed_Recipients="camille@exemple.example",
    )
    report = of(source)
    assert isinstance(report, BounceReport)
    assert report.bounce.hardness is HARD
    assert report.bounce.status == "5.1.1"
    assert report.recipient == "camille@exemple.example"
    assert report.message_id == f"{TOUCH}@exemple.example"


def test_prose_that_no_dialect_knows_is_soft_until_it_repeats() -> None:
    report = of(raw("Désolé, rien à faire.", From="postmaster@mx.exemple.example", Subject="Non remis : Bonjour"))
    assert isinstance(report, BounceReport)
    assert (report.bounce.hardness, report.recipient) == (SOFT, None)


def test_a_person_who_speaks_of_a_bounce_is_a_person() -> None:
    assert isinstance(of(raw("550 5.1.1 user unknown, c'est ce que je reçois", Subject="Undeliverable")), HumanReply)


def test_a_complaint_finds_the_message_by_id_and_token() -> None:
    assert of(a_complaint()) == ComplaintReport(
        "abuse", "camille@exemple.example", f"{TOUCH}@exemple.example", "c2lnbmVkLXRva2Vu"
    )


def test_a_blacked_out_address_is_none() -> None:
    report = of(a_complaint(recipient="redacted-1a2b@exemple.example"))
    assert isinstance(report, ComplaintReport)
    assert (report.recipient, report.token) == (None, "c2lnbmVkLXRva2Vu")


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure", "virus"])
def test_what_no_person_complained_of_is_no_complaint(feedback: str) -> None:
    assert not isinstance(of(a_complaint(feedback=feedback)), ComplaintReport)
