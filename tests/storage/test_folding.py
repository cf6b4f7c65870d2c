"""Texts are folded by the databases as Python folds them, for every character there is."""

import sys

from sqlalchemy import select

from nurture.storage.bulk import given_rows, is_sqlite, relation
from nurture.storage.database import Database
from nurture.storage.folding import casefolded
from nurture.storage.tables import contacts

CASED = [char for char in map(chr, range(1, sys.maxunicode + 1)) if char.casefold() != char]


def folded(db: Database, texts: list[str]) -> dict[str, str]:
    """What the database makes of each of them."""
    with db.read() as c:
        lite = is_sqlite(c)
        given = relation(lite, [contacts.c.key])
        rows = c.execute(
            select(given.c.key, casefolded(given.c.key, lite)),
            given_rows(c, [contacts.c.key], [[text] for text in texts]),
        )
        return {row[0]: row[1] for row in rows}


def test_every_character_that_has_a_case_folds_as_in_python(db: Database) -> None:
    texts = [*CASED, *(f"É{char}x" for char in CASED)]
    assert len(CASED) > 1500
    assert folded(db, texts) == {text: text.casefold() for text in texts}


def test_texts_without_a_case_stay(db: Database) -> None:
    texts = ["", " ", "a%_'\"\\", "é", "日本", "\u0307", "🙂\U0010ffff", "\uffff"]
    assert folded(db, texts) == {text: text for text in texts}


def test_order_is_that_of_the_characters_numbers(db: Database) -> None:
    texts = ["a", "Z", "é", "z", "", "\uffff", "𐐀", "a ", "B", "_"]
    with db.read() as c:
        lite = is_sqlite(c)
        given = relation(lite, [contacts.c.key])
        query = select(given.c.key).order_by(casefolded(given.c.key, lite))
        rows = c.execute(query, given_rows(c, [contacts.c.key], [[text] for text in texts])).scalars().all()
    assert rows == sorted(texts, key=str.casefold)
