"""Where contacts stand is what loading them says, and who has something to do or is with sales is left out."""

from datetime import timedelta

from nurture.storage.database import Database
from nurture.storage.tables import contacts, enrolments
from nurture.storage.whereabouts import whereabouts
from tests.storage.scenes import NOW, decide, fact, loaded, people, post, waiting


def test_where_contacts_stand_is_what_loading_them_says(db: Database) -> None:
    ids = people(db, 3)
    for n, who in enumerate(ids[:2], 1):
        decide(db, who, enrolments=waiting(NOW + timedelta(days=n)))
    with db.read() as c:
        found = whereabouts(c, ids, NOW)
    assert {who: (state.key, state.enrolments) for who, state in found.items()} == {
        who: (loaded(db, who).state.key, loaded(db, who).state.enrolments) for who in ids[:2]
    }


def test_who_has_something_to_do_or_is_with_sales_is_left_out(db: Database) -> None:
    due, told, sold, free = people(db, 4)
    for who in (due, told, sold, free):
        decide(db, who, enrolments=waiting(NOW + timedelta(days=1 if who is not due else 0)))
    post(db, [told], fact("news"))
    with db.begin() as c:
        c.execute(contacts.update().where(contacts.c.id == sold).values(hand_off="h" * 32))
    with db.read() as c:
        assert set(whereabouts(c, [due, told, sold, free], NOW)) == {free}


def test_who_cannot_be_read_is_left_out(db: Database) -> None:
    one, other = people(db, 2)
    for who in (one, other):
        decide(db, who, enrolments=waiting(NOW + timedelta(days=1)))
    with db.begin() as c:
        c.execute(enrolments.update().where(enrolments.c.contact_id == one).values(details={"until": "never"}))
    with db.read() as c:
        assert set(whereabouts(c, [one, other], NOW)) == {other}
