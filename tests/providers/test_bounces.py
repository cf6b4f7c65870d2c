"""What a server's refusal says about an address."""

from __future__ import annotations

import pytest

from nurture.providers.bounces import hardness_of, status_of
from nurture.providers.events import Hardness
from nurture.providers.machines import is_machine
from tests.providers import postmark_posts as posts

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
