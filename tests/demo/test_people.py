"""Sample people are plainly samples, and their files are as dirty as real ones."""

from pathlib import Path

from nurture.demo.contact_files import ENGLISH, FRENCH, write_files
from nurture.demo.people import Door, draw_people
from nurture.demo.temperaments import TEMPERAMENTS
from nurture.inbound.contact_file import BadRow, GoodRow, open_contact_file


def test_everybody_has_an_address_of_their_own_at_an_example_domain() -> None:
    people = draw_people(1, 500)
    addresses = {person.address for person in people}
    assert len(addresses) == len(people)
    assert all(address.endswith(".example") and address.isascii() for address in addresses)


def test_a_seed_draws_the_same_people_and_another_seed_others() -> None:
    assert draw_people(7, 40) == draw_people(7, 40)
    assert draw_people(7, 40) != draw_people(8, 40)


def test_even_a_few_people_are_of_every_kind() -> None:
    assert {person.temperament for person in draw_people(1, 40)} == set(TEMPERAMENTS)


def test_as_many_come_by_file_as_were_asked_for_and_some_more_by_a_form() -> None:
    doors = [person.door for person in draw_people(1, 100)]
    assert doors.count(Door.FILE) == 100
    assert doors.count(Door.FORM) > 0


def test_the_files_are_dirty_and_everybody_in_them_is_still_found(tmp_path: Path) -> None:
    people = draw_people(1, 500)
    french, english = (open_contact_file(path) for path in write_files(people, 1, tmp_path))
    assert (french.encoding in ("latin-1", "cp1252"), french.separator, english.separator) == (True, ";", ",")
    assert french.ignored == ("Vu sur le stand",)
    rows = [row for file in (french, english) for row in file.rows()]
    good = [row.address.lower() for row in rows if isinstance(row, GoodRow)]
    assert {person.address for person in people if person.door is Door.FILE} <= set(good)
    assert len(good) > len(set(good))
    assert sum(isinstance(row, BadRow) for row in rows) >= 5


def test_the_tags_are_those_that_the_shipped_campaigns_take_in() -> None:
    assert {FRENCH.tag, ENGLISH.tag} == {"salon-2026", "fair-2026"}
