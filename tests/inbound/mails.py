"""Builders of received mails, raw and read, at example domains."""

from __future__ import annotations

from types import MappingProxyType

from nurture.providers.mail import InboundMail

TOUCH = "ab" * 16


def a_mail(text: str = "", subject: str = "Re: Votre livre blanc", *, html: str = "", **headers: str) -> InboundMail:
    """A read mail; header names are written with underscores."""
    named = {name.replace("_", "-").lower(): (value,) for name, value in headers.items()}
    return InboundMail(
        sender="camille@exemple.example", subject=subject, text=text, html=html, headers=MappingProxyType(named)
    )


def raw(body: str, *, eol: str = "\r\n", **headers: str) -> bytes:
    """A raw mail with these headers over this body."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    standard = {"From": "Camille Martin <camille@exemple.example>", "Subject": "Re: Bonjour"}
    head = "\n".join(f"{name}: {value}" for name, value in {**standard, **given}.items())
    return f"{head}\n\n{body}".replace("\n", eol).encode()


def a_dsn(
    *, action: str = "failed", status: str = "5.1.1", diagnostic: str = "smtp; 550 5.1.1 unknown", **headers: str
) -> bytes:
    """A delivery status notification as Postfix writes it (RFC 3464)."""
    parts = f"""This is a MIME-encapsulated message.

--report
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.example
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0100

Final-Recipient: rfc822; alias@exemple.example
Original-Recipient: rfc822;camille@exemple.example
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--report
Content-Type: message/rfc822

Return-Path: <bounce+c2lnbmVkLXRva2Vu@exemple.example>
From: bonjour@exemple.example
To: camille@exemple.example
Subject: Votre livre blanc
Message-ID: <{TOUCH}@exemple.example>

Bonjour

--report--
"""
    standard = {
        "From": "MAILER-DAEMON@mx.exemple.example (Mail Delivery System)",
        "To": "bonjour@exemple.example",
        "Subject": "Undelivered Mail Returned to Sender",
        "Auto_Submitted": "auto-replied",
        "MIME_Version": "1.0",
        "Content_Type": 'multipart/report; report-type=delivery-status; boundary="report"',
    }
    return raw(parts, **{**standard, **headers})


def a_complaint(*, feedback: str = "abuse", recipient: str = "camille@exemple.example") -> bytes:
    """A feedback loop's report (RFC 5965)."""
    parts = f"""
--report
Content-Type: text/plain

This is an email abuse report.

--report
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: ExempleFBL/1.0
Version: 1
Original-Mail-From: <bounce+c2lnbmVkLXRva2Vu@exemple.example>
Original-Rcpt-To: <{recipient}>

--report
Content-Type: text/rfc822-headers

From: bonjour@exemple.example
Message-ID: <{TOUCH}@exemple.example>

--report--
"""
    return raw(
        parts,
        From="fbl@exemple.example",
        Subject="FW: Votre livre blanc",
        MIME_Version="1.0",
        Content_Type='multipart/report; report-type=feedback-report; boundary="report"',
    )
