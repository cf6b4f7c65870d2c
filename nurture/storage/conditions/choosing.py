"""The contacts whom a condition means: by SQL alone where it can say so, else finished by the core's own evaluation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from nurture.core.conditions import Condition
from nurture.core.facts import holds
from nurture.core.qualify import as_of
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.storage.conditions.asked import Asked
from nurture.storage.conditions.tree import Tree
from nurture.storage.load import load_contacts
from nurture.storage.tables import contacts

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition as SQL over `contacts`: `clause` holds of everybody who meets it, and with `exact` of nobody else.

    Where it is not exact, those of whom `surely` holds meet it, and the others have to be looked at.
    """

    clause: ColumnElement[bool]
    surely: ColumnElement[bool]

    @property
    def exact(self) -> bool:
        """Whether the clause says all there is to say."""
        return self.surely is self.clause


def where(condition: Condition, asked: Asked) -> Selection:
    """The condition in SQL."""
    found = Tree(asked).between(condition)
    return Selection(found.possibly, found.surely)


def holds_now(condition: Condition, state: ContactState, asked: Asked) -> bool:
    """The same question put to the core: a contact as it is kept, its scores brought up to the instant."""
    facts = as_of(asked.world, state, asked.now)
    facts.enrolment = None if asked.campaign is None else state.enrolments.get(asked.campaign)
    return holds(condition, facts)


def select_contacts(
    c: Connection, condition: Condition, world: World, now: datetime, campaign: str | None = None, chunk: int = CHUNK
) -> Iterator[int]:
    """The numbers of the contacts who meet the condition at the instant, ascending; never more than a chunk is held.

    With `campaign`, its stage and what counts since a passage began are those of the contact's passage there.
    """
    asked = Asked.of(c, world, now, campaign)
    found = where(condition, asked)
    p = contacts.c.id
    query = select(p, found.surely.label("surely")).where(found.clause).order_by(p).limit(chunk)
    after = 0
    while rows := c.execute(query.where(p > after)).all():
        after = rows[-1].id
        doubted = [] if found.exact else [row.id for row in rows if not row.surely]
        meeting = _meeting(c, condition, asked, doubted)
        yield from (row.id for row in rows if row.surely or row.id in meeting)
        if len(rows) < chunk:
            return


def count_contacts(
    c: Connection, condition: Condition, world: World, now: datetime, campaign: str | None = None
) -> int:
    """How many meet the condition: one statement where SQL can say it."""
    found = where(condition, Asked.of(c, world, now, campaign))
    if found.exact:
        return int(c.execute(select(func.count()).select_from(contacts).where(found.clause)).scalar_one())
    return sum(1 for _ in select_contacts(c, condition, world, now, campaign))


def _meeting(c: Connection, condition: Condition, asked: Asked, ids: list[int]) -> frozenset[int]:
    loaded = load_contacts(c, ids, asked.now)
    return frozenset(who for who, each in loaded.items() if holds_now(condition, each.state, asked))
