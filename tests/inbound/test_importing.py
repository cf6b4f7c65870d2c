"""A contact file taken in: the good ones in with their evidence, none twice, and nobody who asked to be forgotten."""

from dataclasses import replace
from pathlib import Path

from nurture.core.events import ProfileChanged
from nurture.core.words import Basis, Suppression
from nurture.inbound.contact_file import open_contact_file
from nurture.inbound.importing import Report, Terms, import_contacts, rehearse
from nurture.storage.contacts import consents_of, find_contact, suppress_address
from nurture.storage.database import Database
from nurture.storage.timeline import events_of
from tests.builders import MONDAY, at
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]

NOW = at(MONDAY)
TERMS = Terms(Basis.LEGITIMATE_INTEREST, "fair", ("salon",))
PEOPLE = (
    "email,first_name,employees\na@a.example,ANNE,10\nA@A.example,Anne,20\nb@b.example,Bob,lots\nc@c.example,Carl,5\n"
)


def take_in(db: Database, folder: Path, text: str = PEOPLE, terms: Terms = TERMS) -> Report:
    """Import a file with this text."""
    file = folder / "people.csv"
    file.write_text(text)
    return import_contacts(db, open_contact_file(file), terms, NOW, lambda rows: None)


def who(db: Database, address: str) -> int | None:
    """The contact's number."""
    with db.read() as c:
        found = find_contact(c, address)
    return None if found is None else found.id


def test_the_good_rows_are_in_and_the_bad_ones_told(db: Database, tmp_path: Path) -> None:
    report = take_in(db, tmp_path)
    assert (report.created, report.known, report.doubles, report.rejected, report.rows) == (2, 0, 1, 1, 4)
    assert [(row.line, row.reason) for row in report.bad] == [(4, "employees is 'lots'; write a number such as 250")]


def test_fields_tags_and_basis_come_as_one_event_with_the_evidence_beside(db: Database, tmp_path: Path) -> None:
    take_in(db, tmp_path)
    anne = who(db, "a@a.example")
    assert anne is not None
    with db.read() as c:
        (event,) = events_of(c, anne).values()
        (consent,) = consents_of(c, anne)
    fields = {"first_name": "Anne", "employees": 10}
    assert event == ProfileChanged(event.key, NOW, fields, ("salon",), basis=Basis.LEGITIMATE_INTEREST)
    assert (consent.basis, consent.source, consent.at) == (Basis.LEGITIMATE_INTEREST, "fair", NOW)
    assert consent.proof["file"] == "people.csv"
    assert consent.proof["line"] == 2


def test_the_same_file_again_changes_nothing(db: Database, tmp_path: Path) -> None:
    take_in(db, tmp_path)
    again = take_in(db, tmp_path)
    anne = who(db, "a@a.example")
    assert anne is not None
    assert (again.created, again.known) == (0, 2)
    with db.read() as c:
        assert len(events_of(c, anne)) == 1
        assert len(consents_of(c, anne)) == 1


def test_a_better_ground_for_a_known_contact_leaves_its_evidence(db: Database, tmp_path: Path) -> None:
    take_in(db, tmp_path)
    take_in(db, tmp_path, terms=Terms(Basis.OPT_IN, "form", ("vip",)))
    anne = who(db, "a@a.example")
    assert anne is not None
    with db.read() as c:
        events, consents = events_of(c, anne), consents_of(c, anne)
    assert [event.tags for event in events.values() if isinstance(event, ProfileChanged)] in (
        [("salon",), ("vip",)],
        [("vip",), ("salon",)],
    )
    assert {consent.basis for consent in consents} == {Basis.LEGITIMATE_INTEREST, Basis.OPT_IN}


def test_whoever_asked_to_be_erased_is_not_taken_in_again(db: Database, tmp_path: Path) -> None:
    with db.begin() as c:
        suppress_address(c, "A@a.example", Suppression.ERASED, NOW)
    report = take_in(db, tmp_path)
    assert (report.created, report.erased) == (1, 1)
    assert who(db, "a@a.example") is None


def test_whoever_objected_is_known_never_to_be_written_to(db: Database, tmp_path: Path) -> None:
    with db.begin() as c:
        suppress_address(c, "c@c.example", Suppression.UNSUBSCRIBED, NOW)
    assert take_in(db, tmp_path).suppressed == 1


def test_a_rehearsal_reports_the_same_and_changes_nothing(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    rehearsed = rehearse(db, open_contact_file(file), lambda rows: None)
    assert who(db, "a@a.example") is None
    assert rehearsed == take_in(db, tmp_path)
    known = rehearse(db, open_contact_file(file), lambda rows: None)
    assert known == replace(rehearsed, created=0, known=2)


def test_every_bad_row_is_handed_over_and_only_the_first_kept(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\n" + "nobody\n" * 250)
    told: list[int] = []
    seen: list[int] = []
    report = import_contacts(db, open_contact_file(file), TERMS, NOW, seen.append, lambda row: told.append(row.line))
    assert (report.rejected, len(report.bad), told) == (250, 100, list(range(2, 252)))
    assert seen == [250]
