"""Finding whom a condition means, as a person types it."""

import csv

import pytest

from tests.cli.shell import Shell, told_well
from tests.cli.test_contacts import TERMS

PEOPLE = (
    "email,first_name,company,country,servers\n"
    "anne@a.example,Anne,=Acme,FR,25\n"
    "bob@b.example,Bob,STRASSE,BE,3\n"
    "carl@c.example,Carl,Straße,FR,\n"
)


@pytest.fixture
def known(on_both: Shell) -> Shell:
    """A project with a campaign applied and three people, one of whom is in it."""
    on_both.add_files()
    on_both.write("people.csv", PEOPLE)
    assert on_both("apply", "--yes").code == 0
    assert on_both("contacts", "import", "people.csv", *TERMS, "--tag", "salon").code == 0
    assert on_both("contacts", "enrol", "anne@a.example", "welcome").code == 0
    on_both.work()
    return on_both


def addresses(shell: Shell, condition: str, *more: str) -> list[str]:
    """Who is found."""
    answer = shell("contacts", "find", condition, "--format", "json", *more)
    assert answer.code == 0, answer.told
    return sorted(one["address"] for one in answer.data)


def test_those_whom_the_condition_means_are_found(known: Shell) -> None:
    assert addresses(known, 'company = "strasse"') == ["bob@b.example", "carl@c.example"]
    assert addresses(known, 'country = "FR" and not servers is unknown') == ["anne@a.example"]
    assert addresses(known, 'servers > 2 and tagged("salon")') == ["anne@a.example", "bob@b.example"]
    assert addresses(known, 'downloaded("guide") or engagement >= 1') == []


def test_a_campaigns_stages_can_be_asked_for(known: Shell) -> None:
    assert addresses(known, 'stage = "tofu"', "--campaign", "welcome") == ["anne@a.example"]
    assert told_well(known("contacts", "find", 'stage = "tofu"'), '"stage" cannot be used here')
    assert told_well(known("contacts", "find", "always", "--campaign", "welcom"), "did you mean 'welcome'?")


def test_people_are_shown_and_counted(known: Shell) -> None:
    answer = known("contacts", "find", 'country = "FR"')
    assert answer.code == 0
    assert "Anne anne@a.example" in answer.told
    assert "2 contacts." in answer.told
    assert known("contacts", "find", 'country = "FR"', "--count").out == "2\n"
    assert known("contacts", "find", 'country = "FR"', "--count", "--format", "json").data == {"contacts": 2}
    assert known("contacts", "find", "never").out == "Nobody.\n"


def test_a_table_for_a_spreadsheet_has_every_field_and_no_formula(known: Shell) -> None:
    table = csv.DictReader(known("contacts", "find", "servers is known", "--format", "csv").out.splitlines())
    assert [
        (row["email"], row["company"], row["servers"], row["tags"])
        for row in sorted(table, key=lambda row: row["email"])
    ] == [
        ("anne@a.example", "'=Acme", "25", "salon"),
        ("bob@b.example", "STRASSE", "3", "salon"),
    ]


def test_a_mistake_is_told_with_a_caret(known: Shell) -> None:
    answer = known("contacts", "find", 'downloaded("guid") and country == "FR"')
    assert told_well(answer, 'unknown content "guid" (C012)', '^^^^ did you mean "guide"?', '"==" is not a comparison')


def test_before_anything_is_applied_profiles_can_be_asked_for(shell: Shell) -> None:
    shell.write("people.csv", PEOPLE)
    shell("contacts", "import", "people.csv", *TERMS)
    assert (
        shell("contacts", "find", "country is unknown", "--count").out == "3\n"
    )  # nobody has decided on the import yet
    assert shell("contacts", "find", "engagement > 0", "--count").out == "0\n"


def test_a_segment_can_be_asked_for(known: Shell) -> None:
    known.write("campaigns/segments.yaml", 'segments:\n  here:\n    when: country = "FR"\n')
    assert known("apply", "--yes").code == 0
    assert addresses(known, 'in segment("here") and created < 2100-01-01') == ["anne@a.example", "carl@c.example"]
    assert told_well(known("contacts", "find", 'in segment("heer")'), 'did you mean "here"')
