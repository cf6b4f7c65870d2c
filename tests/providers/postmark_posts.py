"""Posts as Postmark makes them, at example domains. Each call gives a fresh dict to bend."""

from __future__ import annotations

import json
from typing import Any

TOUCH = "0f" * 16
PM_ID = "883953f4-6105-42a2-a16a-77a8eac79483"
APPLE = "Mozilla/5.0"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

Post = dict[str, Any]


def as_body(post: Post) -> bytes:
    return json.dumps(post, ensure_ascii=False).encode()


def _common(record: str, **more: Any) -> Post:
    return {
        "RecordType": record,
        "ServerID": 23,
        "MessageStream": "broadcast",
        "MessageID": PM_ID,
        "Tag": "migration-cloud",
        "Metadata": {"touch": TOUCH},
        **more,
    }


def delivery(**more: Any) -> Post:
    facts = {
        "Recipient": "camille@exemple.example",
        "DeliveredAt": "2026-11-23T08:00:01.9070259Z",
        "Details": "smtp;250 2.0.0 OK",
    }
    return _common("Delivery", **{**facts, **more})


def bounce(kind: str = "HardBounce", **more: Any) -> Post:
    facts = {
        "ID": 4323372036854775807,
        "Type": kind,
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist",
        "Email": "camille@exemple.example",
        "From": "bonjour@exemple.example",
        "BouncedAt": "2026-11-23T09:00:00.1234567+01:00",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Votre livre blanc",
        "Content": "Return-Path: <>",
    }
    return _common("Bounce", **{**facts, **more})


def complaint(**more: Any) -> Post:
    changed = {"RecordType": "SpamComplaint", "TypeCode": 100001, "Details": "", "ID": 42}
    return {**bounce("SpamComplaint"), **changed, **more}


def opened(user_agent: str = PERSON, **more: Any) -> Post:
    facts = {
        "FirstOpen": True,
        "Recipient": "camille@exemple.example",
        "ReceivedAt": "2026-11-23T08:10:00Z",
        "Platform": "Desktop",
        "ReadSeconds": 5,
        "UserAgent": user_agent,
        "Client": {"Name": "Firefox", "Company": "Mozilla", "Family": "Firefox"},
        "Geo": {"City": "Lyon", "IP": "192.0.2.7"},
    }
    return _common("Open", **{**facts, **more})


def clicked(user_agent: str = PERSON, **more: Any) -> Post:
    facts = {"ClickLocation": "HTML", "OriginalLink": "https://exemple.example/livre-blanc?a=1"}
    return {**opened(user_agent), "RecordType": "Click", **facts, **more}


def subscription(suppressed: object = True, reason: str | None = "ManualSuppression", **more: Any) -> Post:
    facts = {
        "Recipient": "camille@exemple.example",
        "ChangedAt": "2026-11-23T08:20:00.5Z",
        "Origin": "Recipient",
        "SuppressSending": suppressed,
        "SuppressionReason": reason,
    }
    return _common("SubscriptionChange", **{**facts, **more})


def inbound(**more: Any) -> Post:
    token = "c2lnbmVkLXJlcGx5LXRva2Vu"
    facts = {
        "FromName": "Camille Martin",
        "MessageStream": "inbound",
        "From": "camille@exemple.example",
        "FromFull": {"Email": "camille@exemple.example", "Name": "Camille Martin", "MailboxHash": ""},
        "To": f'"Exemple" <reply+{token}@reponses.exemple.example>',
        "ToFull": [{"Email": f"reply+{token}@reponses.exemple.example", "Name": "Exemple", "MailboxHash": token}],
        "Cc": "Chef <chef@exemple.example>",
        "CcFull": [{"Email": "chef@exemple.example", "Name": "Chef", "MailboxHash": ""}],
        "BccFull": [],
        "OriginalRecipient": f"reply+{token}@reponses.exemple.example",
        "Subject": "Re: Votre livre blanc",
        "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
        "ReplyTo": "",
        "MailboxHash": token,
        "Date": "Mon, 23 Nov 2026 09:15:00 +0100",
        "TextBody": f"Oui, rappelez-moi.\n\nLe 20 nov. 2026, Exemple a écrit :\n> Bonjour {TOUCH}\n",
        "HtmlBody": "<p>Oui, rappelez-moi.</p>",
        "StrippedTextReply": "Oui, rappelez-moi.",
        "Tag": "",
        "Headers": [
            {"Name": "Message-ID", "Value": "<answer@exemple.example>"},
            {"Name": "In-Reply-To", "Value": f"<{TOUCH}@exemple.example>"},
            {"Name": "References", "Value": f"<first@exemple.example> <{TOUCH}@exemple.example>"},
            {"Name": "X-Spam-Status", "Value": "No"},
        ],
        "Attachments": [],
    }
    return {**facts, **more}
