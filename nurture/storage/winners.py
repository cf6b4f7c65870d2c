"""What each variant of a mail did, counted over all who got it; and the one that did best, for the next World."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select, update

from nurture.core.winners import Count
from nurture.core.words import SignalKind, TouchState
from nurture.storage.bulk import upsert_rows
from nurture.storage.tables import active_world, enrolments, ledger, touches, winners

WINNER = ("campaign", "step", "variant", "decided_at", "counts")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was sent of a step's variants: since when, and what came of each."""

    first_at: datetime | None = None
    counts: Mapping[str, Count] = field(default_factory=dict)


def found_winners(c: Connection) -> dict[tuple[str, str], str]:
    """The best variant of each step that has one, by campaign and step."""
    w = winners.c
    return {(row.campaign, row.step): row.variant for row in c.execute(select(w.campaign, w.step, w.variant))}


def sample_of(c: Connection, campaign: str, step: str, by: SignalKind) -> Sample:
    """Count people, not signals: who did it about this content (or replied at all) after the mail left."""
    t, s = touches.c, ledger.c
    about = s.object == t.content if by is not SignalKind.REPLIED else s.object.is_not(None)
    did = exists().where(s.contact_id == t.contact_id, s.signal == by.value, about, s.last_at >= t.at)
    query = select(t.variant, func.count(), func.count().filter(did), func.min(t.at))
    query = query.where(
        t.campaign == campaign, t.step == step, t.variant.is_not(None), t.state == TouchState.SENT.value
    )
    rows = c.execute(query.group_by(t.variant)).all()
    counts = {row[0]: Count(row[1], row[2]) for row in rows}
    return Sample(min((row[3] for row in rows), default=None), counts)


def keep_winner(
    c: Connection, campaign: str, step: str, variant: str, counts: Mapping[str, Count], now: datetime
) -> None:
    """Make it part of the world: every process compiles its own anew."""
    told = {name: asdict(count) for name, count in counts.items()}
    upsert_rows(c, winners, WINNER, [(campaign, step, variant, now, told)], key=["campaign", "step"])
    c.execute(update(active_world).values(winners=active_world.c.winners + 1))


def waiting_for(c: Connection, campaign: str, step: str) -> list[int]:
    """The contacts whose mail waits for this step's winner."""
    e = enrolments.c
    waits = and_(e.details["gate"].as_string() == "winner", e.details["step"].as_string() == step)
    query = select(e.contact_id).where(e.campaign == campaign, e.position == "slotted", waits)
    return list(c.execute(query.order_by(e.contact_id)).scalars())
