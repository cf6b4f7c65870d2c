"""Reads the reports mail servers send back: what bounced (RFC 3464, 6522, 6533) and who complained (RFC 5965).

Where a server reports in prose instead, flufl.bounce knows the dialects; it is asked last, and only
about mails that come from a mail system.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Final

from flufl.bounce import all_failures

from nurture.inbound.words import folded
from nurture.providers.bounces import hardness_of, status_of
from nurture.providers.events import Bounce, Hardness
from nurture.providers.mail import (
    COMPLAINT_TYPE,
    RETURNED_TYPES,
    STATUS_TYPES,
    InboundMail,
    addresses_in,
    ids_in,
    one_line,
    sender_in,
)

_READ: Final = 20_000  # characters of a report or of prose
_LOG = logging.getLogger(__name__)
# It prints a traceback for each text it stumbles over; one line of ours is enough.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


class Action(StrEnum):
    """What became of the message, in the reporting server's word."""

    FAILED = "failed"
    DELAYED = "delayed"  # it is still trying


@dataclass(frozen=True, slots=True)
class BounceReport:
    """A message of ours came back, or is late.

    `message_id` is the returned message's, without brackets, `token` what `bounce+<token>@` carried;
    either may be None, and so may the recipient where the report hides it.
    """

    bounce: Bounce
    action: Action = Action.FAILED
    recipient: str | None = None
    message_id: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class ComplaintReport:
    """Somebody called a message of ours spam. The address is often blacked out; the token is not."""

    feedback: str
    recipient: str | None = None
    message_id: str | None = None
    token: str | None = None


_Fields = Mapping[str, str]

_FIELD = re.compile(r"^([!-9;-~]{1,80}):[ \t]*(.*)$")
_VERP = re.compile(r"bounces?\+([A-Za-z0-9_-]{8,200})@", re.IGNORECASE)
_RETURNED_ID = re.compile(r"^[ \t>]{0,4}message-id:[ \t]{0,4}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
# "auth-failure", "virus", "not-spam" and the like are no person's complaint (RFC 5965 §7.3, 6430, 6591).
_COMPLAINTS = frozenset({"abuse", "fraud", "other", "opt-out", "opt-out-list", "complaint"})
_SYSTEM = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon)(?:[+-].*)?@", re.IGNORECASE)
_RETURNED_SUBJECT = re.compile(
    r"undeliver|deliver(?:y|ed)? (?:status|fail|has failed|problem|delay)|returned mail|failure notice|mail delivery|mail system error"
    r"|non[- ]remis|non distribu|echec de (?:la )?(?:remise|distribution)|remise (?:differee|impossible)|message refuse|delivery notification"
)


def report_in(mail: InboundMail) -> BounceReport | ComplaintReport | None:
    """The bounce or complaint a mail reports; None when it reports neither (a delivery receipt does not)."""
    complaint = next((part for part in mail.reports if part.content_type == COMPLAINT_TYPE), None)
    if complaint is not None:
        return _complaint(mail, _first(_blocks(complaint.text)))
    statuses = [part for part in mail.reports if part.content_type in STATUS_TYPES]
    if statuses:
        return _status(mail, [block for part in statuses for block in _blocks(part.text)])
    return _prose(mail) if _is_from_a_mail_system(mail) else None


def bounce_token_in(*addresses: str) -> str | None:
    """The token of the first `bounce+<token>@…` among addresses."""
    return next((found[1] for address in addresses if (found := _VERP.match(address))), None)


def _complaint(mail: InboundMail, fields: _Fields) -> ComplaintReport | None:
    feedback = folded(fields.get("feedback-type", "abuse"), 40)
    if feedback not in _COMPLAINTS:
        return None
    named = fields.get("original-rcpt-to") or fields.get("removal-recipient") or ""
    recipient = sender_in(named)
    return ComplaintReport(
        feedback=feedback,
        # A redacted address ("redacted@…", "<>") is worse than none: it would match nobody or somebody else.
        recipient=None if recipient is None or "redact" in recipient.lower() else recipient,
        message_id=_message_id(mail),
        token=bounce_token_in(*addresses_in(fields.get("original-mail-from")), *_return_paths(mail)),
    )


def _status(mail: InboundMail, blocks: list[_Fields]) -> BounceReport | None:
    ranked = sorted((block for block in blocks if _action(block)), key=lambda block: _action(block) is Action.DELAYED)
    if not ranked:
        return None
    worst = ranked[0]
    action = _action(worst) or Action.FAILED
    status = status_of(worst.get("status", ""))
    diagnostic = worst.get("diagnostic-code", "").partition(";")[2].strip() or worst.get("diagnostic-code", "")
    hardness = Hardness.SOFT if action is Action.DELAYED else hardness_of(status, diagnostic)
    return BounceReport(
        bounce=Bounce(hardness, status or status_of(diagnostic), diagnostic[:2_000], one_line(mail.subject)),
        action=action,
        # What we wrote to comes first: a final recipient may be an alias nobody told us of.
        recipient=sender_in(worst.get("original-recipient", "").partition(";")[2])
        or sender_in(worst.get("final-recipient", "").partition(";")[2]),
        message_id=_message_id(mail),
        token=bounce_token_in(*mail.recipients, *_return_paths(mail)),
    )


def _action(block: _Fields) -> Action | None:
    said = folded(block.get("action", ""), 40).partition(" ")[0]
    return Action(said) if said in tuple(Action) else None


def _prose(mail: InboundMail) -> BounceReport | None:
    text = mail.text[:_READ]
    later, never = _known_dialects(mail, text)
    if not (later or never or _RETURNED_SUBJECT.search(folded(mail.subject, 300))):
        return None
    delayed = bool(later) and not never
    return BounceReport(
        bounce=Bounce(
            Hardness.SOFT if delayed else hardness_of(None, text), status_of(text), "", one_line(mail.subject)
        ),
        action=Action.DELAYED if delayed else Action.FAILED,
        recipient=next(iter(sorted(never or later)), None),
        message_id=_message_id(mail),
        token=bounce_token_in(*mail.recipients),
    )


def _known_dialects(mail: InboundMail, text: str) -> tuple[set[str], set[str]]:
    message = Message()
    message["from"] = mail.sender or "mailer-daemon"  # one of them fails without
    for name in ("subject", "x-failed-recipients", "x-mailer"):
        if (value := mail.header(name)) is not None:
            message[name] = value
    message.set_payload("\n".join(line[:500] for line in text.splitlines()), "utf-8")
    try:
        later, never = all_failures(message)
    except Exception as why:  # its detectors raise whatever a strange text makes them raise
        _LOG.info("flufl.bounce could not read a report: %s", why)
        return set(), set()
    return _texts(later), _texts(never)


def _texts(found: object) -> set[str]:
    items = found if isinstance(found, (set, frozenset, list, tuple)) else ()
    spelt = (one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in items)
    return {address for text in spelt if (address := sender_in(text))}


def _is_from_a_mail_system(mail: InboundMail) -> bool:
    return bool(_SYSTEM.match(mail.sender or "")) or mail.header("x-failed-recipients") is not None


def _message_id(mail: InboundMail) -> str | None:
    returned = (_first(_blocks(part.text)) for part in mail.reports if part.content_type in RETURNED_TYPES)
    named = next((found for fields in returned if (found := ids_in(fields.get("message-id")))), ())
    quoted = _RETURNED_ID.search(mail.text[:_READ])
    found = named or (ids_in(quoted[1]) if quoted else ()) or mail.in_reply_to or mail.references[-1:]
    return found[0] if found else None


def _return_paths(mail: InboundMail) -> tuple[str, ...]:
    returned = (_first(_blocks(part.text)) for part in mail.reports if part.content_type in RETURNED_TYPES)
    return tuple(address for fields in returned for address in addresses_in(fields.get("return-path")))


def _first(blocks: Iterator[_Fields]) -> _Fields:
    return next(blocks, {})


def _blocks(text: str) -> Iterator[_Fields]:
    """The blocks of header-like fields in a report, names in lower case, folded lines joined."""
    for block in re.split(r"\n[ \t]*\n", text[:_READ].replace("\r\n", "\n").strip("\n"))[:200]:
        fields: dict[str, str] = {}
        last: str | None = None
        for line in block.split("\n"):
            if line[:1] in (" ", "\t") and last is not None:
                fields[last] = f"{fields[last]} {line.strip()}"
            elif found := _FIELD.match(line):
                last = found[1].lower()
                fields.setdefault(last, found[2].strip())
        if fields:
            yield {name: one_line(value) for name, value in fields.items()}
