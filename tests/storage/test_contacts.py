"""People are taken in once, whatever the spelling, and those who must not be written to stay so."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from nurture.core.words import Basis, Suppression
from nurture.storage.contacts import (
    Consent,
    NewContact,
    Upserted,
    consents_of,
    contact_ids_by_key,
    contact_ids_by_touch,
    every_contact_id,
    find_contact,
    look_up,
    record_consents,
    suppress_address,
    upsert_contacts,
)
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.tables import contacts
from tests.builders import SALT
from tests.storage.scenes import DAY, NOW, decide, loaded, people, queue


def take_in(db: Database, *new: NewContact) -> list[Upserted]:
    """Take them in, in a transaction of its own."""
    with db.begin() as c:
        return upsert_contacts(c, new, NOW)


def test_a_contact_is_stored_as_it_was_given(db: Database) -> None:
    (one,) = take_in(
        db,
        NewContact(
            " Zoé@Exemple.example ", {"age": 40, "vip": True}, frozenset({"b", "a"}), "fr", "FR", "Europe/Paris"
        ),
    )
    state = loaded(db, one.id).state
    assert (state.fields, state.tags, state.language) == ({"age": 40, "vip": True}, {"a", "b"}, "fr")
    assert (state.country, state.zone, state.basis, state.seq) == ("FR", "Europe/Paris", Basis.NONE, 0)
    with db.read() as c:
        found = find_contact(c, one.key)
    assert found is not None
    assert found.address == "Zoé@Exemple.example"


def test_an_address_is_one_contact_in_any_spelling(db: Database) -> None:
    first = take_in(db, NewContact("zoe\u0301@exemple.example"), NewContact("ZOÉ@EXEMPLE.example"))
    assert first[0].id == first[1].id
    (again,) = take_in(db, NewContact("  zoé@exemple.Example", {"age": 1}))
    assert (again.id, again.created) == (first[0].id, False)
    assert loaded(db, again.id).state.fields == {}


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("bücher.example", "BU\u0308CHER.example"),
        ("bücher.example", "ｂücher。example"),
    ],
)
def test_a_contact_is_the_same_in_whatever_spelling_of_its_domain(db: Database, read: str, written: str) -> None:
    told = take_in(db, NewContact(f"zoe@{read}"), NewContact(f"zoe@{written}"), NewContact("zoe@strasse.example"))
    assert told[0].id == told[1].id != told[2].id
    with db.begin() as c:
        suppress_address(c, f"zoe@{written}", Suppression.MANUAL, NOW)
        ((_, why),) = look_up(c, [f"zoe@{read}"])
    assert why == {Suppression.MANUAL}


def test_answers_come_in_the_order_of_the_rows(db: Database) -> None:
    addresses = [f"{name}@exemple.example" for name in "zaymbxc"]
    told = take_in(db, *map(NewContact, addresses))
    with db.read() as c:
        own = instance(c)
    assert [one.key for one in told] == [own.contact_key(address) for address in addresses]
    assert all(one.created for one in told)


def test_two_imports_of_the_same_people_make_them_once(db: Database) -> None:
    rows = [NewContact(f"p{n}@exemple.example") for n in range(200)]

    def take_in_all(turn: int) -> list[int]:
        order = rows if turn % 2 else rows[::-1]
        return sorted(one.id for one in take_in(db, *order))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(take_in_all, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0])) == 200


def test_a_suppression_survives_erasure_and_import(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, suppressed=frozenset({Suppression.ERASED}))
    with db.begin() as c:
        c.execute(delete(contacts).where(contacts.c.id == who))
    (again,) = take_in(db, NewContact(" P0@Exemple.example"))
    assert again.created
    assert again.suppressed == {Suppression.ERASED}
    assert loaded(db, again.id).state.suppressed == {Suppression.ERASED}


def test_an_address_can_be_suppressed_before_anybody_has_it(db: Database) -> None:
    with db.begin() as c:
        for _ in range(2):
            suppress_address(c, "p0@exemple.example", Suppression.MANUAL, NOW)
    (who,) = people(db, 1)
    assert loaded(db, who).state.suppressed == {Suppression.MANUAL}


def test_no_suppression_holds_an_address(db: Database) -> None:
    with db.begin() as c:
        suppress_address(c, "p0@exemple.example", Suppression.MANUAL, NOW)
        (row,) = c.exec_driver_sql("SELECT address_hash, reason FROM suppressions").all()
    assert "p0" not in str(row)
    assert len(row[0]) == 32


def test_a_contact_is_found_by_address_key_and_number(db: Database) -> None:
    who, other = people(db, 2)
    with db.read() as c:
        found = find_contact(c, "P0@exemple.example")
        assert found is not None
        assert found == find_contact(c, found.key) == find_contact(c, str(who))
        assert found.id == who != other
        for unknown in ("nobody@exemple.example", "0", "9" * 40, "²", ""):
            assert find_contact(c, unknown) is None


def test_a_company_is_made_once_and_named_first_come(db: Database) -> None:
    take_in(
        db,
        NewContact("a@firme.example", company_domain="firme.example", company_name="Firme"),
        NewContact("b@firme.example", company_domain="firme.example"),
    )
    with db.read() as c:
        for address in ("a@firme.example", "b@firme.example"):
            found = find_contact(c, address)
            assert found is not None
            assert found.company == "Firme"


def test_keys_are_derived_and_nothing_else(db: Database) -> None:
    (who,) = people(db, 1)
    with db.read() as c:
        own = instance(c)
        assert own.salt == SALT
        assert contact_ids_by_key(c, [own.contact_key("P0@exemple.example"), "unknown"]) == {
            loaded(db, who).state.key: who
        }


def test_a_message_leads_to_its_contact(db: Database) -> None:
    (who,) = people(db, 1)
    touch = queue(db, who)
    with db.read() as c:
        owner = contact_ids_by_touch(c, [touch.key, "unknown"])[touch.key]
    assert (owner.contact_id, owner.content, owner.purpose) == (who, "guide", "touch")
    assert owner.address == "p0@exemple.example"


def test_consents_are_kept_in_order_and_never_overwritten(db: Database) -> None:
    (who,) = people(db, 1)
    first = Consent(Basis.PENDING, "form:audit", NOW, "v1", "J'accepte", {"ip": "192.0.2.1"})
    second = Consent(Basis.OPT_IN, "confirmation", NOW + DAY)
    with db.begin() as c:
        record_consents(c, [(who, second), (who, first)])
        assert consents_of(c, who) == [first, second]


def test_a_walk_over_all_contacts_meets_each_once(db: Database) -> None:
    ids = people(db, 25)
    met: list[int] = []
    with db.read() as c:
        while some := every_contact_id(c, after=met[-1] if met else 0, limit=10):
            met += some
        assert len(c.execute(select(contacts.c.id)).all()) == 25
    assert met == sorted(ids)
