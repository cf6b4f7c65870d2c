"""What people did so far, counted in a database: so that a simulation follows a company's own readers."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, and_, func, select

from nurture.core.program import Content
from nurture.core.words import Intent, SignalKind, Suppression, TouchState
from nurture.simulate.rates import Count
from nurture.storage.tables import events, ledger, suppressions, touches

LEFT = (TouchState.SENT.value, TouchState.BOUNCED.value)


def count_history(c: Connection, catalogue: Mapping[str, Content]) -> dict[str, Count]:
    """Counts by the names of rates (`article.clicked`, `replied`); five statements, whose cost grows with the history.

    People are counted, not mails, where a content is concerned: whoever was sent it, and whoever then did something with it.
    """
    sent, did = _sent(c), _did(c)
    found: dict[str, Count] = {}
    for kind in sorted({content.kind for content in catalogue.values()}):
        ids = [content.id for content in catalogue.values() if content.kind == kind]
        found |= _of_kind(kind, ids, sent, did)
    return {**found, **_of_people(c, sum(did[content, "acted"] for content in catalogue))}


def _of_kind(kind: str, ids: list[str], sent: Mapping[str, int], did: Counter[tuple[str, str]]) -> dict[str, Count]:
    people = sum(sent.get(content, 0) for content in ids)
    opened, acted, registered, attended = (
        sum(did[content, what] for content in ids)
        for what in (SignalKind.OPENED, "acted", SignalKind.REGISTERED, SignalKind.ATTENDED)
    )
    counts = {"opened": Count(max(opened, acted), people), "clicked": Count(acted, people)}
    if registered:
        counts |= {"registered": Count(registered, acted), "attended": Count(attended, registered)}
    return {f"{kind}.{what}": count for what, count in counts.items()}


def _sent(c: Connection) -> dict[str, int]:
    """How many people each content was sent to."""
    t = touches.c
    query = select(t.content, func.count(t.contact_id.distinct())).where(t.state.in_(LEFT)).group_by(t.content)
    return {row[0]: row[1] for row in c.execute(query)}


def _did(c: Connection) -> Counter[tuple[str, str]]:
    """How many of them did what; `acted` is to click or to download."""
    t, e = touches.c, ledger.c
    left = select(t.contact_id, t.content).where(t.state.in_(LEFT)).distinct().subquery()
    mine = and_(e.contact_id == left.c.contact_id, e.object == left.c.content)
    joined = ledger.join(left, mine)
    by_signal = select(e.object, e.signal, func.count(e.contact_id.distinct())).select_from(joined)
    found: Counter[tuple[str, str]] = Counter()
    for about, signal, people in c.execute(by_signal.group_by(e.object, e.signal)):
        found[about, signal] = people
    acts = e.signal.in_((SignalKind.CLICKED.value, SignalKind.DOWNLOADED.value))
    acted = select(e.object, func.count(e.contact_id.distinct())).select_from(joined).where(acts).group_by(e.object)
    for about, people in c.execute(acted):
        found[about, "acted"] = people
    return found


def _of_people(c: Connection, acted: int) -> dict[str, Count]:
    mails, written, bounced = _mails(c)
    replies: Counter[str] = Counter()
    query = select(ledger.c.object, func.sum(ledger.c.count)).where(ledger.c.signal == SignalKind.REPLIED.value)
    for intent, times in c.execute(query.group_by(ledger.c.object)):
        replies[intent] = int(times)
    visits = select(func.count(ledger.c.contact_id.distinct())).where(ledger.c.signal == SignalKind.VISITED.value)
    stopped = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
    reasons = {row[0]: row[1] for row in c.execute(stopped)}
    away = select(func.count()).select_from(events).where(events.c.kind == "auto_replied")
    said = sum(replies.values())
    return {
        "visited": Count(int(c.execute(visits).scalar_one()), acted),
        "replied": Count(said, mails),
        "interested": Count(replies[Intent.INTERESTED.value], said),
        "unsubscribed": Count(reasons.get(Suppression.UNSUBSCRIBED.value, 0), mails),
        "complained": Count(reasons.get(Suppression.COMPLAINED.value, 0), mails),
        "away": Count(int(c.execute(away).scalar_one()), mails),
        "bounced": Count(bounced, written),
    }


def _mails(c: Connection) -> tuple[int, int, int]:
    """Mails that left, people written to, and people whose mail came back."""
    t = touches.c
    people = func.count(t.contact_id.distinct())
    mails, written = c.execute(select(func.count(), people).where(t.state.in_(LEFT))).one()
    bounced = c.execute(select(people).where(t.state == TouchState.BOUNCED.value)).scalar_one()
    return int(mails), int(written), int(bounced)
