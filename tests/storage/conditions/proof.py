"""What it means that SQL and the core agree about a crowd."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, select

from nurture.core.conditions import Condition
from nurture.core.state import ContactState
from nurture.storage.conditions import Asked, count_contacts, holds_now, select_contacts, where
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.states import save_states
from nurture.storage.tables import contacts
from tests.storage.conditions.strategies import Crowd
from tests.storage.scenes import NOW


def disagreements(db: Database, crowd: Crowd, *, exact: bool) -> list[Condition]:
    """The conditions of which the database says anything else than the core; with `exact`, those it cannot say, too.

    Nothing of the crowd is left in the database.
    """
    with db.engine.connect() as c, c.begin() as transaction:
        ids = put(c, crowd.states, crowd)
        wrong = [condition for condition in crowd.conditions if not _agree(c, crowd, condition, ids, exact)]
        transaction.rollback()
    return wrong


def put(c: Connection, states: Sequence[ContactState], crowd: Crowd) -> list[int]:
    """Keep these states; answers their numbers."""
    new = [NewContact(f"p{n}@exemple.example") for n in range(len(states))]
    ids = [one.id for one in upsert_contacts(c, new, NOW)]
    empty = load_contacts(c, ids, NOW)
    named = {who: replace(each, key=empty[who].state.key) for who, each in zip(ids, states, strict=True)}
    placed = {who: replace(each, enrolments=_named(each)) for who, each in named.items()}
    save_states(c, [(who, empty[who].state, after) for who, after in placed.items()], crowd.world.scoring, NOW)
    return sorted(ids)


def _named(state: ContactState) -> dict[str, object]:
    return {name: replace(enrolment, campaign=name) for name, enrolment in state.enrolments.items()}


def _agree(c: Connection, crowd: Crowd, condition: Condition, ids: list[int], exact: bool) -> bool:
    asked = Asked.of(c, crowd.world, crowd.now, crowd.campaign)
    loaded = load_contacts(c, ids, NOW)
    meant = [who for who in ids if holds_now(condition, loaded[who].state, asked)]
    said = (condition, crowd.world, crowd.now, crowd.campaign)
    found = where(condition, asked)
    maybe = _where(c, found.clause)
    surely = maybe if found.exact else _where(c, found.surely)
    bounded = surely <= set(meant) <= maybe and (found.exact or not exact)
    return bounded and list(select_contacts(c, *said, chunk=2)) == meant and count_contacts(c, *said) == len(meant)


def _where(c: Connection, clause: ColumnElement[bool]) -> set[int]:
    return set(c.execute(select(contacts.c.id).where(clause)).scalars())
