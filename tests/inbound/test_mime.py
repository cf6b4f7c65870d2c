"""A raw mail is read whole, or refused with a sentence; it never takes the program down."""

from __future__ import annotations

import base64
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.inbound import mime
from nurture.inbound.reply import read
from nurture.providers.events import NotUnderstood
from tests.inbound.mails import TOUCH, a_complaint, a_dsn, raw

TODAY = date(2026, 11, 23)


def test_a_reply_is_read_whole() -> None:
    mail = mime.from_bytes(
        raw(
            "Oui, un devis.\n",
            From='"Martin, Camille <x@autre.example>" <camille@exemple.example>',
            To='"via <a@b.example>" <bonjour@exemple.example>, "Chef" <chef@exemple.example>, nu@exemple.example',
            Delivered_To="reply+c2lnbmVkLXg@exemple.example",
            Subject="=?utf-8?Q?R=C3=A9_?=\n =?iso-8859-1?Q?=E9t=E9?=",
            Message_ID="<answer@exemple.example>",
            In_Reply_To=f"<{TOUCH}@exemple.example>",
            References=f"<first@exemple.example>\n <{TOUCH}@exemple.example>",
            Date="Mon, 23 Nov 2026 09:15:00 +0100",
        )
    )
    assert mail.sender == "camille@exemple.example"
    assert mail.recipients == (
        "reply+c2lnbmVkLXg@exemple.example",
        "bonjour@exemple.example",
        "chef@exemple.example",
        "nu@exemple.example",
    )
    assert mail.subject == "Ré été"
    assert mail.message_id == "answer@exemple.example"
    assert mail.in_reply_to == (f"{TOUCH}@exemple.example",)
    assert mail.references == ("first@exemple.example", f"{TOUCH}@exemple.example")
    assert mail.date == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    assert mail.text == "Oui, un devis.\n"


@pytest.mark.parametrize(
    ("charset", "encoded"),
    [
        ("utf-8", "été €".encode()),
        ("iso-8859-15", "été €".encode("iso-8859-15")),
        ("windows-1252", "été €".encode("cp1252")),
        ("no-such-charset", "été €".encode()),
        ("punycode", "été €".encode()),
        ("us-ascii", "été €".encode("cp1252")),
    ],
)
def test_every_charset_gives_text(charset: str, encoded: bytes) -> None:
    body = base64.encodebytes(encoded).decode()
    mail = mime.from_bytes(raw(body, Content_Type=f"text/plain; charset={charset}", Content_Transfer_Encoding="base64"))
    assert mail.text.strip() == "été €"


def test_an_attachment_is_no_part_of_the_text() -> None:
    parts = (
        "--b\nContent-Type: text/plain\n\nOui\n--b\nContent-Type: text/html\n\n<p>Oui</p>\n"
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nSTOP\n--b--\n"
    )
    mail = mime.from_bytes(raw(parts, Content_Type="multipart/mixed; boundary=b"))
    assert (mail.text.strip(), mail.html.strip()) == ("Oui", "<p>Oui</p>")


def test_a_forwarded_mail_is_not_opened_for_its_words() -> None:
    parts = (
        "--b\nContent-Type: text/plain\n\nOui\n--b\nContent-Type: message/rfc822\n\n"
        "Subject: x\nContent-Type: text/plain\n\nSTOP\n--b--\n"
    )
    mail = mime.from_bytes(raw(parts, Content_Type="multipart/mixed; boundary=b"))
    assert "STOP" not in mail.text


def test_control_characters_never_leave_a_header() -> None:
    mail = mime.from_bytes(raw("x", Subject="=?utf-8?Q?a=0D=0ABcc:_b=00?=", X_Long="a\n b"))
    assert mail.subject == "a Bcc: b\N{REPLACEMENT CHARACTER}"
    assert mail.header("X-Long") == "a b"


@pytest.mark.parametrize(
    "source",
    [
        b"x" * (mime.MAX_BYTES + 1),
        b"X: " + b"y" * mime.MAX_HEADER_BYTES + b"\n\nbody",
        b"X: y\n" * 501 + b"\nbody",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 80,
        b"".join(b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(100)),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 3_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + b"a:b\n" * 200_000,
        b"X: y\n\n" + b"\n" * 6_000_000,
    ],
    ids=["bytes", "long headers", "headers", "nested", "nested anew", "parts", "inner headers", "lines"],
)
def test_what_would_grow_is_refused_before_it_is_parsed(source: bytes) -> None:
    before = time.process_time()
    with pytest.raises(NotUnderstood, match=r"^A received mail .*\.$"):
        mime.from_bytes(source)
    assert time.process_time() - before < 2


def test_ordinary_large_mails_are_read() -> None:
    attachment = base64.encodebytes(b"\x00" * 5_000_000).decode()
    parts = f"--b\n\nOui\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n{attachment}\n--b--\n"
    assert mime.from_bytes(raw(parts, Content_Type="multipart/mixed; boundary=b")).text.strip() == "Oui"


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/report; boundary=b\n",
        b"Content-Type: message/delivery-status\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/plain; charset*=''%ff\n",
        b"Content-Type: text/plain; charset=utf-8''x\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"Content-Disposition: attachment; filename*0*=x\n",
        b"From: =?utf-8?b?!!!?= <a@b.example>\n",
        b"Subject: =?utf-8?b?abc?=\n",
        b"Date: Mon, 99 Foo 99999 99:99 +9999\n",
        b"\n",
        b"--b\n",
        b"--b--\n",
        b"Action: failed\nStatus: 5\n",
        b"begin 644 x\n!!!\n",
        b"\xff\xfe\x00",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=20).map(b"".join))
def test_no_bytes_raise_anything_but_a_sentence(source: bytes) -> None:
    try:
        mail = mime.from_bytes(source)
    except NotUnderstood:
        return
    read(mail, TODAY)


@given(st.sampled_from([a_dsn(), a_complaint()]), st.integers(0, 3_000), st.binary(max_size=6))
def test_a_damaged_report_never_raises(source: bytes, at: int, noise: bytes) -> None:
    place = at % len(source)
    read(mime.from_bytes(source[:place] + noise + source[place + len(noise) :]), TODAY)
