"""What an edit does to everybody in flight: contacts in chunks, in one process or several; the counts are the same."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from sqlalchemy import Connection, select

from nurture.planning.effects import Comparison
from nurture.planning.lines import Effects
from nurture.planning.stages import LookAgain, Stage
from nurture.simulate.processes import spread
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.tables import contacts, enrolments
from nurture.storage.whereabouts import whereabouts

CHUNK = 500
ALONE = 4_000
"""So many contacts are done before another process would have begun."""

Progress = Callable[[int], None]


class Counter:
    """Compares contacts of a database, in one process."""

    def __init__(self, task: tuple[Comparison, str]) -> None:
        self._comparison, self._url = task

    @cached_property
    def _db(self) -> Database:
        return Database.open(self._url, connections=1)

    def do(self, ids: Sequence[int]) -> Effects:
        """Count what the edit does to these; whoever cannot be read is left out, and logged."""
        effects, now = Effects(), self._comparison.now
        with self._db.read() as c:
            stand = whereabouts(c, ids, now) if self._comparison.may_be_past else {}
            past = {who for who, state in stand.items() if self._comparison.of_past(state, effects)}
            loaded = load_contacts(c, [who for who in ids if who not in past], now)
        for contact in loaded.values():
            self._comparison.of(contact.state, contact.pending, effects)
        return effects

    def close(self) -> None:
        """Let go of the database."""
        if "_db" in self.__dict__:
            self._db.close()


def count_effects(
    comparison: Comparison,
    url: str,
    ids: Sequence[int],
    processes: int | None = None,
    progress: Progress = lambda done: None,
) -> Effects:
    """Compare all these contacts; `progress` hears how many are done. Raises DatabaseProblem."""
    chunks = [ids[begin : begin + CHUNK] for begin in range(0, len(ids), CHUNK)]
    wanted = processes or (1 if len(ids) <= ALONE else os.cpu_count() or 1)
    total, task = Effects(), (comparison, url)
    for effects in _alone(task, chunks) if wanted == 1 else spread(Counter, task, chunks, wanted):
        total.add(effects)
        progress(total.contacts)
    return total


def _alone(task: tuple[Comparison, str], chunks: Sequence[Sequence[int]]) -> Iterator[Effects]:
    counter = Counter(task)
    try:
        for chunk in chunks:
            yield counter.do(chunk)
    finally:
        counter.close()


def in_flight(c: Connection, stages: Sequence[Stage], *, all_campaigns: bool, campaigns: Sequence[str]) -> list[int]:
    """The contacts that an edit can concern: who is in one of the campaigns, or in any, or who may enter one."""
    if any(isinstance(stage, LookAgain) and stage.everybody for stage in stages):
        return list(c.execute(select(contacts.c.id).order_by(contacts.c.id)).scalars())
    e = enrolments.c
    live = select(e.contact_id).where(~e.ended).distinct().order_by(e.contact_id)
    return list(c.execute(live if all_campaigns else live.where(e.campaign.in_(campaigns))).scalars())
