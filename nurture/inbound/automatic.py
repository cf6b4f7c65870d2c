"""Tells a machine's answer from a person's: headers first, then the subject, then the first lines.

Nobody may take an absence message for interest, and no machine may ever be answered.
Sources: RFC 3834 (Auto-Submitted), Microsoft's X-Auto-Response-Suppress, and what programs really send.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nurture.inbound.words import folded
from nurture.providers.mail import InboundMail

_FIRST_LINES: Final = 10
_FIRST_CHARS: Final = 1_500


class AutomaticKind(StrEnum):
    """What a machine answers."""

    OUT_OF_OFFICE = "out_of_office"  # back one day
    LEFT = "left"  # never back: the person no longer works there
    ACKNOWLEDGEMENT = "acknowledgement"  # "we have received your message"
    RECEIPT = "receipt"  # read, displayed or delivered (RFC 8098, RFC 3464)
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Automatic:
    """A machine's answer. `sure` is False when only words say so that a person might write as well."""

    kind: AutomaticKind
    sure: bool


_SUBJECT = re.compile(
    r"^\[?(?:reponse auto(?:matique)?|message automatique|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|auto ?:"
    r"|absence du bureau|absent du bureau|absence ?:|absent(?:e)? ?[:(]|out of (?:the )?office|ooo ?:|on (?:annual )?leave|vacation reply"
    r"|notification d'absence|message d'absence|en conge|accuse de reception|lu ?:|read ?:|non lu ?:|not read ?:|delivered ?:)"
    r"|\b(?:is|am) (?:currently )?out of (?:the )?office\b|\bautoreply\b|\bout[- ]of[- ]office (?:reply|auto)"
)
# Words of machines only.
_SURE = re.compile(
    r"\b(?:ceci est|il s'agit d')(?: ?une?)? (?:message|reponse|mail|e-mail) automatique|\breponse automatique\b|\bmessage automatique\b"
    r"|\bthis is an auto(?:mated|matic)\b|\bautomatic(?:ally generated)? (?:reply|response|message)\b|\bauto-?reply\b"
    r"|\bout of (?:the )?office\b|\babsence du bureau\b|\b(?:ne pas|merci de ne pas) repondre a ce (?:message|mail|courriel|e-mail)\b"
    r"|\bdo not reply to this (?:message|e-?mail)\b"
)
_KINDS: Final = (
    (
        AutomaticKind.LEFT,
        re.compile(
            r"\bne (?:fait|fais) plus partie\b|\bne travaille plus\b|\b(?:a|ai) (?:definitivement )?quitte (?:la|l'|le|mon|notre|ses|mes)"
            r"|\bno longer (?:with|works?|working|employed|part of)\b|\b(?:has|have) left (?:the|our) (?:company|organi[sz]ation|firm)\b"
        ),
    ),
    (
        AutomaticKind.OUT_OF_OFFICE,
        re.compile(
            r"\bout of (?:the )?office\b|\bon (?:annual |parental |maternity |paternity |sick )?leave\b|\bon (?:vacation|holidays?)\b"
            r"|\b(?:limited|no|intermittent) access to (?:my )?(?:e-?mails?|inbox|mailbox)\b|\baway (?:from|until|on)\b|\bback (?:on|in the office)\b"
            r"|\babsence\b|\b(?:actuellement|suis|serai|est) absente?s?\b|\babsente? (?:jusqu|du |de |pour|le |a partir)|\babsente? actuellement\b"
            r"|\ben conges?\b|\ben vacances\b|\bconge (?:maternite|parental|paternite|maladie)\b|\bde retour (?:le|au|a partir|lundi|mardi|mercredi|jeudi|vendredi|demain)"
            r"|\bacces (?:limite|restreint|reduit) a\b|\bhors du bureau\b|\ben deplacement\b"
        ),
    ),
    (
        AutomaticKind.ACKNOWLEDGEMENT,
        re.compile(
            r"\bbien (?:recu|pris en compte|enregistre) votre (?:message|demande|mail|e-?mail|courriel)\b|\baccus\w+ reception\b"
            r"|\breceived your (?:message|request|e-?mail|enquiry|inquiry)\b|\bthank you for (?:contacting|your (?:message|e-?mail))\b.{0,80}\bwill\b"
            r"|\bticket\b.{0,40}(?:#|n°|number|numero|cree|created)"
        ),
    ),
)


def automatic(mail: InboundMail, human: str) -> Automatic | None:
    """Whether a machine wrote this, and what; `human` is the mail's text without its quote. None: a person."""
    first = folded("\n".join([line for line in human.split("\n") if line.strip()][:_FIRST_LINES]), _FIRST_CHARS)
    subject = folded(mail.subject, 300)
    said = f"{subject}\n{first}"
    if "disposition-notification" in folded(mail.header("content-type") or "", 300):
        return Automatic(AutomaticKind.RECEIPT, sure=True)
    if says_so_itself(mail) or _SUBJECT.search(subject) or _SURE.search(first):
        return Automatic(_kind(said), sure=True)
    kind = _kind(first)
    return None if kind is AutomaticKind.OTHER else Automatic(kind, sure=False)


def _kind(said: str) -> AutomaticKind:
    return next((kind for kind, words in _KINDS if words.search(said)), AutomaticKind.OTHER)


def says_so_itself(mail: InboundMail) -> bool:
    """Whether a header marks the mail as a machine's."""
    submitted = _value(mail, "auto-submitted")
    suppress = _value(mail, "x-auto-response-suppress")
    return (
        submitted not in ("", "no")
        or suppress not in ("", "none")
        or _value(mail, "precedence") in ("auto_reply", "auto-reply", "bulk", "junk")
        or any(mail.header(name) is not None for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))
        or (mail.header("return-path") or "").replace(" ", "") == "<>"
    )


def _value(mail: InboundMail, name: str) -> str:
    # "auto-replied; owner=…" and "auto-generated (vacation)" carry more than the word.
    return folded(mail.header(name) or "", 200).partition(";")[0].partition("(")[0].strip()
