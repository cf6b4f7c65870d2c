"""What Postmark posts about a mail, in the shapes its documentation gives; see `providers.postmark` for the sources."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from nurture.demo.letters import Letter

Post: TypeAlias = Mapping[str, Any]

About: TypeAlias = Callable[[Letter, datetime, str], Post]
"""Makes a post about a letter, at an instant, of a kind."""

WORDS = {
    "HardBounce": ("Hard bounce", 1, "smtp;550 5.1.1 The email account that you tried to reach does not exist"),
    "SoftBounce": ("Soft bounce", 4096, "smtp;452 4.2.2 The recipient's mailbox is over its quota"),
    "SpamComplaint": ("Spam complaint", 100001, ""),
}


def delivered(letter: Letter, at: datetime) -> Post:
    """The contact's host took it."""
    said = {"Recipient": letter.rcpt_to, "DeliveredAt": _when(at), "Details": "smtp;250 2.0.0 OK"}
    return _about(letter, "Delivery", said)


def bounced(letter: Letter, at: datetime, kind: str) -> Post:
    """It came back, or (SpamComplaint) was reported as unwanted."""
    name, code, details = WORDS[kind]
    said = {
        "ID": _number(letter, kind),
        "Type": kind,
        "TypeCode": code,
        "Name": name,
        "Description": name,
        "Details": details,
        "Email": letter.rcpt_to,
        "From": letter.mail_from,
        "BouncedAt": _when(at),
        "DumpAvailable": False,
        "Inactive": kind != "SoftBounce",
        "CanActivate": kind != "SpamComplaint",
        "Subject": letter.header("Subject"),
    }
    return _about(letter, "SpamComplaint" if kind == "SpamComplaint" else "Bounce", said)


def stopped(letter: Letter, at: datetime, reason: str) -> Post:
    """Postmark itself will not write to the address any more."""
    said = {
        "Recipient": letter.rcpt_to,
        "ChangedAt": _when(at),
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": reason,
    }
    return _about(letter, "SubscriptionChange", said)


def answer(letter: Letter, at: datetime, sender: str, text: str, *, automatic: bool = False) -> Post:
    """A mail that came back to the address replies go to, as the inbound hook posts it."""
    own = _named(letter, f"inbound:{sender}:{at.isoformat()}")
    subject, to = letter.header("Subject"), letter.reply_to
    part = to.partition("@")[0].partition("+")[2]
    marks = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"} if automatic else {}
    headers = {
        "Message-ID": f"<{own}@{letter.recipient.rpartition('@')[2]}>",
        "In-Reply-To": letter.message_id,
        "References": letter.message_id,
        **marks,
    }
    person = {"Email": letter.rcpt_to, "Name": sender, "MailboxHash": ""}
    return {
        "FromName": sender,
        "MessageStream": "inbound",
        "From": letter.rcpt_to,
        "FromFull": person,
        "To": to,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": part}],
        "CcFull": [],
        "BccFull": [],
        "OriginalRecipient": to,
        "Subject": f"Réponse automatique : {subject}" if automatic else f"Re: {subject}",
        "MessageID": own,
        "MailboxHash": part,
        "Date": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "TextBody": f"{text}\n\n{_quoted(letter)}",
        "HtmlBody": "",
        "StrippedTextReply": text,
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        "Attachments": [],
    }


def _about(letter: Letter, record: str, said: Post) -> Post:
    return {
        "RecordType": record,
        "ServerID": 1,
        "MessageStream": "broadcast",
        "MessageID": _named(letter, "postmark"),
        "Tag": "",
        "Metadata": {"touch": letter.touch} if letter.touch else {},
        **said,
    }


def _quoted(letter: Letter) -> str:
    lines = letter.text.splitlines()[:12]
    return f"Le {letter.at:%d/%m/%Y}, {letter.reply_to} a écrit :\n" + "\n".join(f"> {line}" for line in lines)


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _named(letter: Letter, what: str) -> str:
    digest = hashlib.sha256(f"{what}:{letter.message_id}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def _number(letter: Letter, what: str) -> int:
    return int(_named(letter, what)[:8], 16)
