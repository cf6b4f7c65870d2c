"""Mails within every limit that are as costly as their authors could make them: read, or refused, in a second or so."""

import time
from contextlib import suppress
from datetime import date

import pytest

from nurture.inbound import mime
from nurture.inbound.reply import read
from nurture.providers.events import NotUnderstood

TODAY = date(2026, 11, 23)
MULTIPART = b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n"
STATUS = MULTIPART + b"--b\nContent-Type: message/delivery-status\n\n"
MAILER = b"From: mailer-daemon@x.example\nSubject: Undelivered Mail Returned to Sender\n\n"

HOSTILE = {
    "as many parts as are read": MULTIPART + b"--b\nContent-Type: text/plain\n\nx\n" * 1_900,
    "as many parts within parts": b"".join(
        b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(59)
    )
    + b"\n"
    + b"x\n" * 70_000,
    "messages within messages": b"Content-Type: message/rfc822\n\n" * 59 + b"x",
    "one line of attributions": b"Subject: x\n\n" + b"wrote: On 1 " * 2_000_000,
    "base64 up to the limit": b"Content-Transfer-Encoding: base64\n\n" + b"AAAA" * 6_000_000,
    "quoted-printable up to the limit": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=41" * 9_000_000,
    "uuencoded": b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + (b"M" + b"A" * 60 + b"\n") * 300_000,
    "a status for twenty thousand": STATUS + b"Action: failed\nStatus: 5.1.1\n\n" * 20_000 + b"--b--\n",
    "a diagnostic of megabytes": STATUS + b"A: b\n\nDiagnostic-Code: smtp; " + b"5.1.1 " * 2_000_000 + b"\n--b--\n",
    "a bounce in prose": MAILER + b"<a@" * 3_000_000,
    "a bounce in many lines of prose": MAILER + b"<a@b.example> said 550 5.1.1\n" * 100_000,
    "as many headers as are read": b"".join(b"X-%d: %s\n" % (n, b"a" * 500) for n in range(490)) + b"\nx",
    "references of a long life": b"References: " + b"<a@b> " * 40_000 + b"\n\nx",
    "recipients never closed": b"To: " + b'\\"(' * 60_000 + b"\n\nx",
    "a subject of encoded words": b"Subject: " + b"=?utf-8?b?QQ==?= " * 14_000 + b"\n\nx",
    "parameters in pieces": b"Content-Type: text/plain; " + b"".join(b"a*%d=x;" % n for n in range(25_000)) + b"\n\nx",
    "quotes in parameters": b"Content-Type: multipart/mixed; " + b'a="\\\\"' * 40_000 + b"\n\nx",
    "HTML nested beyond every stack": b"Content-Type: text/html\n\n" + b"<div>" * 5_000_000,
    "tags never closed": b"Content-Type: text/html\n\n" + b"<blockquote" * 2_000_000,
    **{
        f"in {name.decode()}": b"Content-Type: text/plain; charset=" + name + b"\n\n" + text * 4_000_000
        for name, text in [(b"utf-7", b"+AAo-"), (b"punycode", b"a-bcd"), (b"idna", b"xn--a."), (b"utf-32", b"\0\0\0a")]
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_costly_mail_is_read_or_refused_in_a_second_or_so(name: str) -> None:
    began = time.process_time()
    with suppress(NotUnderstood):
        read(mime.from_bytes(HOSTILE[name]), TODAY)
    assert time.process_time() - began < 5
