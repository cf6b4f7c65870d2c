"""Taking people in and deciding about one by hand, as a person types it."""

import csv

import pytest

from nurture.core.words import Suppression
from nurture.storage.contacts import look_up
from nurture.storage.database import Database
from tests.cli.shell import Shell, told_well

PEOPLE = (
    "email;prenom;societe;chats\n"
    "anne@a.example;ANNE;Acme;2\n"
    "nobody;=cmd|' /C calc'!A0;+Evil;1\n"
    "bob@b.example;Bob;Beta;0\n"
    'carl@c.example;"Carl;Cé\n'
)
TERMS = ("--basis", "opt_in", "--source", "fair")


def imported(shell: Shell, *more: str) -> None:
    """Take the sample people in."""
    shell.write("people.csv", PEOPLE.encode("latin-1"))
    assert shell("contacts", "import", "people.csv", *TERMS, *more).code == 0


def test_the_good_ones_are_in_and_the_bad_ones_are_told_and_written_aside(on_both: Shell) -> None:
    on_both.write("people.csv", PEOPLE.encode("latin-1"))
    answer = on_both("contacts", "import", "people.csv", *TERMS, "--tag", "salon")
    assert answer.code == 0
    assert "4 rows: 2 contacts taken in, 0 known already." in answer.told
    assert "people.csv:3: 'nobody' is no e-mail address" in answer.told
    assert "people.csv:5: a quote is opened and never closed" in answer.told
    assert "Columns that mean nothing here: chats" in answer.told
    assert "2 rows cannot be taken in; see people.rejected.csv" in answer.told


def test_no_cell_written_aside_is_a_formula(shell: Shell) -> None:
    imported(shell)
    text = (shell.folder / "people.rejected.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    assert rows[0] == ["line", "reason", "email", "prenom", "societe", "chats"]
    assert rows[1][0] == "3"
    assert rows[1][2:] == ["nobody", "'=cmd|' /C calc'!A0", "'+Evil", "1"]
    assert not (shell.folder / "people.rejected.csv.part").exists()


def test_rows_written_aside_come_in_once_mended(shell: Shell) -> None:
    imported(shell)
    shell.edit("people.rejected.csv", ";nobody;", ";dora@d.example;")
    answer = shell("contacts", "import", "people.rejected.csv", *TERMS)
    assert "1 contact taken in" in answer.told
    assert shell("contacts", "show", "dora@d.example").code == 0


def test_the_same_file_again_changes_nothing(on_both: Shell) -> None:
    imported(on_both)
    before = on_both("contacts", "show", "anne@a.example", "--json").data
    answer = on_both("contacts", "import", "people.csv", *TERMS, "--json")
    assert (answer.data["created"], answer.data["known"]) == (0, 2)
    assert on_both("contacts", "show", "anne@a.example", "--json").data == before


def test_a_rehearsal_changes_nothing(shell: Shell) -> None:
    shell.write("people.csv", PEOPLE.encode("latin-1"))
    answer = shell("contacts", "import", "people.csv", *TERMS, "--dry-run", "--json")
    assert (answer.data["created"], answer.data["rejected"], answer.data["dry_run"]) == (2, 2, True)
    assert told_well(shell("contacts", "show", "anne@a.example"), "no contact")
    assert not (shell.folder / "people.rejected.csv").exists()


def test_without_a_basis_the_choices_are_explained(shell: Shell) -> None:
    shell.write("people.csv", PEOPLE.encode("latin-1"))
    answer = shell("contacts", "import", "people.csv", "--source", "fair")
    assert told_well(answer, "--basis is missing", "--basis opt_in", "--basis legitimate_interest", "existing_customer")
    assert answer.code == 2
    assert told_well(shell("contacts", "import", "people.csv", "--basis", "trust-me"), "'trust_me' is no basis")
    assert told_well(shell("contacts", "import", "people.csv", "--basis", "opt_in"), "--source is missing")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"PK\x03\x04", "is a spreadsheet"), (b"nom\nMartin\n", "no column of addresses")],
)
def test_a_file_that_holds_no_contacts_is_told(shell: Shell, content: bytes, words: str) -> None:
    shell.write("people.csv", content)
    assert told_well(shell("contacts", "import", "people.csv", *TERMS), "people.csv", words)


def test_a_file_that_is_not_there_is_told(shell: Shell) -> None:
    assert told_well(shell("contacts", "import", "nowhere.csv", *TERMS), "nowhere.csv does not exist")


def test_fields_of_the_authors_own_are_taken_in_once_applied(shell: Shell) -> None:
    shell.add_files()
    assert shell("apply", "--yes").code == 0
    shell.write("people.csv", "email,servers\nanne@a.example,25\n")
    shell("contacts", "import", "people.csv", *TERMS)
    shell.work()
    assert shell("contacts", "show", "anne@a.example", "--json").data["fields"] == {"servers": 25}


def test_a_contact_is_shown_by_address_or_key_with_its_evidence(on_both: Shell) -> None:
    imported(on_both)
    key = on_both("contacts", "show", " ANNE@a.example", "--json").data["key"]
    answer = on_both("contacts", "show", key)
    assert answer.code == 0
    assert "opt_in since 2027-03-01 08:00 UTC, from fair" in answer.told


def test_a_person_enrols_holds_resumes_and_removes(on_both: Shell) -> None:
    on_both.add_files()
    on_both("apply", "--yes")
    imported(on_both)
    for words, campaign in [
        (("enrol", "anne@a.example", "welcome"), {"stage": "tofu"}),
        (("hold", "anne@a.example", "--until", "2027-04-01"), {"stage": "tofu"}),
        (("resume", "anne@a.example"), {"stage": "tofu"}),
        (("remove", "anne@a.example", "welcome"), {"position": "ended"}),
    ]:
        assert on_both("contacts", *words).code == 0
        on_both.work()
        (found,) = on_both("contacts", "show", "anne@a.example", "--json").data["campaigns"]
        assert found.items() >= campaign.items()
    journal = on_both("explain", "anne@a.example", "--json").data["journal"]
    assert [one["event"] for one in journal][:5] == ["profile_changed", "enrol", "held", "resumed", "remove"]


def test_a_suppression_is_true_at_once_and_ends_what_runs(on_both: Shell) -> None:
    on_both.add_files()
    on_both("apply", "--yes")
    imported(on_both)
    on_both("contacts", "enrol", "anne@a.example", "welcome")
    on_both.work()
    assert on_both("contacts", "suppress", "anne@a.example").code == 0
    assert on_both("contacts", "show", "anne@a.example", "--json").data["suppressed"] == ["manual"]
    on_both.work()
    (found,) = on_both("contacts", "show", "anne@a.example", "--json").data["campaigns"]
    assert found["position"] == "ended"


def test_an_address_that_is_no_contact_can_be_suppressed(shell: Shell, sqlite_db: Database) -> None:
    assert shell("contacts", "suppress", "Stranger@x.example").code == 0
    with sqlite_db.read() as c:
        assert look_up(c, ["stranger@x.example"]) == [(False, frozenset({Suppression.MANUAL}))]
    assert told_well(shell("contacts", "suppress", "stranger"), "write the whole address")


def test_what_is_wrong_is_told_with_what_was_probably_meant(shell: Shell) -> None:
    shell.add_files()
    imported(shell)
    assert told_well(shell("contacts", "enrol", "anne@a.example", "welcome"), "run `nurture apply`")
    shell("apply", "--yes")
    assert told_well(shell("contacts", "enrol", "anne@a.example", "welcom"), "did you mean 'welcome'?")
    assert told_well(shell("contacts", "enrol", "anna@a.example", "welcome"), "There is no contact 'anna@a.example'")
    assert told_well(shell("contacts", "hold", "anne@a.example", "--until", "soon"), "--until 'soon' is no day")
    assert told_well(shell("contacts", "hold", "anne@a.example", "--until", "2020-01-01"), "is past")
    assert told_well(shell("contacts", "show", "anna@a.example"), "There is no contact")
    assert told_well(shell("contacts", "remove", "anne@a.example", "nothing"), "There is no campaign 'nothing'")
