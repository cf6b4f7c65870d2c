"""Who is meant is walked over in chunks, and the database alone says it wherever it can."""

from typing import Any

from sqlalchemy import event

from nurture.core.conditions import ALWAYS, NEVER, And, Compare, Condition, Not, Op, Or, Ref, Scope, Signalled, Tagged
from nurture.core.words import SignalKind
from nurture.storage.conditions import count_contacts, select_contacts
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from tests.storage.scenes import NOW, WORLD

FRENCH = Compare(Ref("country"), Op.EQ, "fr")
BUSY = Signalled(SignalKind.CLICKED, None, 1, Scope.WITHIN, 7)
HALF_A_CHARACTER = Tagged("\ud800")
"""What SQL cannot be told."""


def take_in(db: Database, count: int) -> tuple[list[int], list[int]]:
    """Contacts of whom every second one lives in France: all of them, and those."""
    new = [NewContact(f"p{n}@exemple.example", country="FR" if n % 2 else "BE") for n in range(count)]
    with db.begin() as c:
        ids = [one.id for one in upsert_contacts(c, new, NOW)]
    return sorted(ids), sorted(ids[1::2])


def statements(db: Database, condition: Condition, chunk: int) -> tuple[list[int], int]:
    """Who is found, and by how many statements."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.extend([args[2]] * args[2].startswith("SELECT"))

    event.listen(db.engine, "before_cursor_execute", note)
    with db.read() as c:
        found = list(select_contacts(c, condition, WORLD, NOW, chunk=chunk))
    event.remove(db.engine, "before_cursor_execute", note)
    return found, len(seen)


def test_everybody_is_found_once_and_in_order_whatever_the_chunk(db: Database) -> None:
    ids, french = take_in(db, 7)
    for chunk in (1, 3, 7, 100):
        assert statements(db, ALWAYS, chunk)[0] == ids
        assert statements(db, FRENCH, chunk)[0] == french
    assert statements(db, NEVER, 3)[0] == []


def test_contacts_are_not_loaded_where_sql_says_it_all(db: Database) -> None:
    _, french = take_in(db, 6)
    assert statements(db, Or((FRENCH, BUSY)), 10) == (french, 1)
    assert statements(db, FRENCH, 2) == (french, 2)  # a chunk that is not full is the last


def test_only_those_in_doubt_are_loaded(db: Database) -> None:
    _, french = take_in(db, 6)
    found, with_doubts = statements(db, Or((FRENCH, HALF_A_CHARACTER)), 10)
    assert found == french
    assert with_doubts > 1
    assert statements(db, And((FRENCH, Not(HALF_A_CHARACTER))), 10)[0] == french
    assert statements(db, And((NEVER, HALF_A_CHARACTER)), 10) == ([], 1)


def test_the_number_is_that_of_those_found(db: Database) -> None:
    take_in(db, 5)
    with db.read() as c:
        assert count_contacts(c, FRENCH, WORLD, NOW) == 2
        assert count_contacts(c, Or((FRENCH, HALF_A_CHARACTER)), WORLD, NOW) == 2
        assert count_contacts(c, NEVER, WORLD, NOW) == 0


def test_a_condition_as_deep_as_authors_may_write_is_answered(db: Database) -> None:
    take_in(db, 4)
    deep: Condition = FRENCH
    for _ in range(75):
        deep = Not(And((deep, ALWAYS, Not(BUSY))))
    with db.read() as c:
        assert count_contacts(c, deep, WORLD, NOW) in (2, 4)
