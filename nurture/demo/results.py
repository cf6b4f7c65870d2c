"""What came of it all, in figures: read from the database, as the live table and the last report show them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from nurture.core.words import HandOffState
from nurture.demo.archive import Archive
from nurture.storage.hand_offs import Prospect, prospects
from nurture.storage.journal import digest
from nurture.storage.reports import Counts, counts
from nurture.storage.tables import ledger, outbox, suppressions, touches
from nurture.texts.reasons import sentence

EVERYBODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Where everything stands at an instant of the demo's calendar."""

    at: datetime
    mails: int
    counts: Counts
    signals: Mapping[str, int]  # what people did, by signal; machines left out
    suppressed: Mapping[str, int]  # addresses, by reason


@dataclass(frozen=True, slots=True)
class ContentResult:
    """One content of one campaign: mails that left, and how many people did what with it."""

    campaign: str
    content: str
    sent: int
    opened: int
    clicked: int
    downloaded: int


def figures(c: Connection, now: datetime, archive: Archive) -> Figures:
    """Read the figures."""
    did = select(ledger.c.signal, func.sum(ledger.c.count)).group_by(ledger.c.signal).order_by(ledger.c.signal)
    stopped = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
    return Figures(
        at=now,
        mails=len(archive),
        counts=counts(c, now),
        signals={row[0]: int(row[1]) for row in c.execute(did)},
        suppressed={row[0]: row[1] for row in c.execute(stopped.order_by(suppressions.c.reason))},
    )


def content_results(c: Connection) -> list[ContentResult]:
    """What was sent and what came of it, by campaign and content."""
    t = touches.c
    left = select(t.campaign, t.content, func.count()).where(t.state.in_(("sent", "bounced")))
    left = left.group_by(t.campaign, t.content).order_by(t.campaign, t.content)
    return [ContentResult(row[0], row[1], row[2], *_did(c, row[0], row[1])) for row in c.execute(left)]


def _did(c: Connection, campaign: str, content: str) -> tuple[int, int, int]:
    """How many of those it was sent to opened, clicked, downloaded."""
    t, e = touches.c, ledger.c
    had = select(t.contact_id).where(t.campaign == campaign, t.content == content)
    query = select(e.signal, func.count(e.contact_id.distinct())).where(e.object == content, e.contact_id.in_(had))
    found = {row[0]: row[1] for row in c.execute(query.group_by(e.signal))}
    return found.get("opened", 0), found.get("clicked", 0), found.get("downloaded", 0)


def all_prospects(c: Connection) -> list[Prospect]:
    """Everybody who was handed to sales, the first first."""
    return sorted(prospects(c, limit=EVERYBODY), key=lambda p: (p.hand_off.offered_at, p.contact_key))


def reasons_of(prospect: Prospect, language: str = "en") -> list[str]:
    """Why sales should call, as sentences."""
    return [
        sentence(reason["reason"], reason.get("detail") or {}, language, reason.get("subject", ""))
        for reason in prospect.reasons
    ]


def name_of(prospect: Prospect) -> str:
    """The prospect's name, else the address."""
    known = (prospect.fields.get(part) for part in ("first_name", "last_name"))
    return " ".join(str(part) for part in known if part) or prospect.address


def answer_of(prospect: Prospect) -> str:
    """What sales said."""
    given = prospect.hand_off
    rejected = given.rejection is not None and given.state is HandOffState.REJECTED
    return f"{given.state.value}: {given.rejection.value}" if rejected and given.rejection else given.state.value


def steps_of_mails(c: Connection) -> Mapping[str, tuple[str, str, str]]:
    """Campaign, step and variant of each mail, by its key."""
    o = outbox.c
    rows = c.execute(select(o.key, o.campaign, o.purpose, o.step, o.variant))
    return {row.key: (row.campaign, row.step or row.purpose, row.variant or "") for row in rows}


def as_json(c: Connection, found: Figures, archive: Archive) -> dict[str, Any]:
    """Everything that a seed determines; no time of this machine, no port, no row id."""
    mails = archive.in_order()
    named = hashlib.sha256("\n".join(sent.message_id for sent in mails).encode()).hexdigest()
    funnel = [
        {"campaign": s.campaign, "stage": s.stage, "position": s.position, "contacts": s.count}
        for s in found.counts.enrolments
    ]
    return {
        "until": found.at.isoformat(),
        "mails": found.mails,
        "message_ids": named,
        "statuses": found.counts.contacts,
        "funnel": funnel,
        "signals": dict(found.signals),
        "suppressed": dict(found.suppressed),
        "outbox": found.counts.outbox,
        "events": found.counts.events,
        "hand_offs": found.counts.hand_offs,
        "prospects": [_plain(prospect) for prospect in all_prospects(c)],
        "journal_digest": digest(c),
    }


def _plain(prospect: Prospect) -> dict[str, Any]:
    given = prospect.hand_off
    return {
        "contact": prospect.contact_key,
        "name": name_of(prospect),
        "campaign": given.campaign,
        "owner": given.owner,
        "offered_at": given.offered_at.isoformat(),
        "state": given.state.value,
        "rejection": given.rejection.value if given.rejection else None,
        "reasons": reasons_of(prospect),
    }
