"""What a server's refusal says about an address."""

from __future__ import annotations

import pytest

from nurture.providers.bounces import hardness_of, status_of
from nurture.providers.events import Hardness
from nurture.providers.machines import is_machine
from tests.providers import postmark_posts as posts

US = "bonjour@exemple.example"
HARD, SOFT, POLICY = Hardness.HARD, Hardness.SOFT, Hardness.POLICY


@pytest.mark.parametrize(
    ("status", "words", "hardness"),
    [
        ("5.1.1", "", HARD),
        ("5.1.0", "", HARD),
        ("5.1.10", "", HARD),
        ("5.1.8", "", POLICY),
        ("5.1.7", "", POLICY),
        ("5.2.1", "", HARD),
        ("5.2.2", "mailbox full", SOFT),
        ("5.2.3", "", POLICY),
        ("5.3.0", "", SOFT),
        ("5.3.4", "", POLICY),
        ("5.4.4", "", SOFT),
        ("5.5.4", "", POLICY),
        ("5.6.1", "", POLICY),
        ("5.7.1", "user unknown", POLICY),
        ("5.7.26", "", POLICY),
        ("4.1.1", "user unknown", SOFT),
        ("4.7.1", "greylisted", SOFT),
        ("4.2.2", "", SOFT),
        ("5.0.0", "550 No such user here", HARD),
        ("5.0.0", "550 blocked by our policy: user unknown", POLICY),
        ("5.0.0", "something odd", SOFT),
        ("5.4.1", "Recipient address rejected: Access denied", POLICY),
        (None, "550 5.1.1 <a@exemple.example>: Recipient address rejected", HARD),
        (None, "550 Mailbox not found", HARD),
        (None, "450 mailbox unknown for now", SOFT),
        (None, "554 Your IP 192.0.2.5 is listed by Spamhaus", POLICY),
        (None, "", SOFT),
    ],
)
def test_a_refusal_suppresses_only_where_nobody_is_there(status: str | None, words: str, hardness: Hardness) -> None:
    assert hardness_of(status, words) is hardness


@pytest.mark.parametrize(
    ("status", "words"),
    [
        # Exim
        (None, f"550 Verification failed for <{US}> Called: 192.0.2.1 Sent: RCPT TO:<{US}> Response: 550 No such user here Sender verify failed"),
        ("5.0.0", f"550-Verification failed for <{US}> 550-The account or domain may not exist 550 Sender verify failed"),
        (None, f"550-Callback setup failed while verifying <{US}> 550 no such user"),
        (None, "550 Could not complete sender verify callout"),
        (None, f"SMTP error from remote mail server after MAIL FROM:<{US}> SIZE=2048: 550 user unknown"),
        # Postfix
        ("5.1.7", f"550 5.1.7 <{US}>: Sender address rejected: undeliverable address: host mx.exemple.example said: 550 5.1.1 User unknown"),
        ("5.1.1", f"550 5.1.1 <{US}>: Sender address rejected: User unknown in local sender table"),
        ("5.1.0", f"550 5.1.0 <{US}>: Sender address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"),
        ("4.1.8", f"450 4.1.8 <{US}>: Sender address rejected: Domain not found"),
        ("4.1.7", f"450 4.1.7 <{US}>: Sender address rejected: unverified address: Host not found"),
        ("5.1.1", "550 5.1.1 User unknown (in reply to MAIL FROM command)"),
        # Sendmail, qmail, Exchange and others
        ("5.0.0", f"553 5.0.0 <{US}>... Domain of sender address {US} does not exist"),
        (None, f"501 {US}... Sender domain must exist"),
        (None, "Connected to 192.0.2.225 but sender was rejected. Remote host said: 550 No such user"),
        (None, "553 sorry, your envelope sender is in my badmailfrom list"),
        ("5.1.0", "550 5.1.0 Sender denied"),
        ("5.1.0", "501 5.1.0 Emetteur invalide. Invalid Sender. OFR305_414"),
        ("5.1.0", f"550 5.1.0 <{US}> sender rejected"),
        (None, "550 Sender address does not exist"),
        (None, "550 Sender domain does not exist"),
        (None, "550 Requested mail action not taken: Fake sender"),
        (None, "550 The destination mail system rejected your return address: no such user"),
        (None, f"550 Return path <{US}> does not exist"),
        (None, f"550 MAIL FROM:<{US}> rejected, unknown user"),
    ],
)  # fmt: skip
def test_what_is_said_of_our_sender_suppresses_nobody(status: str | None, words: str) -> None:
    assert hardness_of(status, words) is POLICY


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 <anna@contact.example>: Recipient address rejected: User unknown in local recipient table",
        "550 RCPT TO:<anna@contact.example> User unknown",
        "550 No such user here (in reply to RCPT TO command)",
        "SMTP error from remote mail server after RCPT TO:<anna@contact.example>: 550 user unknown",
        "550 anna@contact.example: unknown user. Returned to sender: invalid recipient",
        "550 Mail returned to the sender, unknown user",
        "550 <sender@contact.example>: no such user",
        f"550 User unknown. Return-Path: <{US}>",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
    ],
)
def test_what_is_said_of_the_contact_is_not_taken_for_what_is_said_of_us(words: str) -> None:
    assert hardness_of(None, words) is HARD


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("smtp; 550 5.1.1 unknown", "5.1.1"),
        ("550-5.7.26 This mail", "5.7.26"),
        ("from 4.3.2.1 refused", None),
        ("10.5.1.1 refused", None),
        ("on 4.12.2026", None),
        ("2.0.0 OK", "2.0.0"),
        ("", None),
    ],
)
def test_a_status_is_not_an_address_nor_a_date(words: str, status: str | None) -> None:
    assert status_of(words) == status


@pytest.mark.parametrize(
    ("user_agent", "machine"),
    [
        (None, True),
        ("  ", True),
        (posts.APPLE, True),
        (posts.GMAIL, True),
        ("YahooMailProxy; https://example.net", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://example.net)", True),
        ("Mozilla/5.0 (X11) HeadlessChrome/120.0", True),
        ("python-requests/2.32", True),
        ("curl/8.5.0", True),
        ("Proofpoint URL Defense", True),
        (posts.PERSON, False),
        ("Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", False),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", False),
    ],
)
def test_a_machine_is_told_from_a_person(user_agent: str | None, machine: bool) -> None:
    assert is_machine(user_agent) is machine
