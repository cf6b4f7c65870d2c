"""Checking and applying the authors' files, as a person types it."""

import pytest
from sqlalchemy import func, select

from nurture.storage.database import Database
from nurture.storage.tables import bundles
from nurture.storage.worlds import active_hash
from tests.cli.shell import Shell, told_well


@pytest.fixture
def project(shell: Shell) -> Shell:
    """A shell with a small campaign."""
    shell.add_files()
    return shell


def test_files_without_mistakes_pass(project: Shell) -> None:
    answer = project("check")
    assert answer.code == 0
    assert "no mistakes" in answer.told


def test_a_mistake_is_shown_as_a_good_compiler_would(project: Shell) -> None:
    project.edit("campaigns/welcome.yaml", "- send: guide", "- send: guidde")
    answer = project("check")
    assert answer.code == 1
    line = project.line_of("campaigns/welcome.yaml", "send: guidde")
    assert answer.out.startswith(
        f'campaigns/welcome.yaml:{line}:15  unknown content "guidde" (C012)\n'
        f"{line:>5} |       - send: guidde\n"
        '      |               ^^^^^^ did you mean "guide"?\n'
    )
    assert "1 error" in answer.err


def test_all_mistakes_of_all_files_are_told_at_once(project: Shell) -> None:
    project.edit("campaigns/welcome.yaml", "relance: guide", "relance: gide")
    project.edit("campaigns/teams.yaml", "claire@exemple.example", "claire at exemple")
    found = project("check", "--format", "json").data
    assert {problem["file"] for problem in found} == {"campaigns/welcome.yaml", "campaigns/teams.yaml"}
    assert {problem["severity"] for problem in found} == {"error"}


@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        ("campaigns/welcome.yaml", "language: fr", "language: [fr", ("campaigns/welcome.yaml:",)),
        ("campaigns/welcome.yaml", "send: guide", "send: nothing", ("unknown content", "C012")),
        ("campaigns/welcome.yaml", "- send: guide", '- {send: guide, subject: "{{ contact.frist_name }}"}',
         ("campaigns/welcome.yaml:", "frist_name", "first_name")),
        ("email_templates/white_paper.fr.mjml", "content.title", "content.titel", ("email_templates/white_paper.fr.mjml", "titel")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_applied(
    project: Shell, sqlite_db: Database, name: str, before: str, after: str, words: tuple[str, ...]
) -> None:
    project.edit(name, before, after)
    assert told_well(project("check"), *words)
    assert told_well(project("apply", "--yes"), *words, "Nothing was applied.")
    with sqlite_db.read() as c:
        assert active_hash(c) is None
        assert c.execute(select(func.count()).select_from(bundles)).scalar_one() == 0


def test_the_last_good_files_stay_when_an_edit_is_wrong(project: Shell, sqlite_db: Database) -> None:
    project("apply", "--yes")
    with sqlite_db.read() as c:
        before = active_hash(c)
    project.edit("campaigns/welcome.yaml", "send: guide", "send: nothing")
    assert project("apply", "--yes").code == 1
    with sqlite_db.read() as c:
        assert active_hash(c) == before


def test_apply_tells_what_it_applied(on_both: Shell) -> None:
    on_both.add_files()
    first = on_both("apply", "--yes", "--json").data
    assert (first["changed"], [(c["campaign"], c["before"]) for c in first["campaigns"]]) == (True, [("welcome", None)])
    again = on_both("apply", "--yes")
    assert "These very files were applied already: nothing changed." in again.told
    on_both.edit("campaigns/welcome.yaml", "wait: 3 days", "wait: 4 days")
    edited = on_both("apply", "--yes", "--json").data
    assert edited["campaigns"][0]["before"] == first["campaigns"][0]["version"]


def test_those_on_their_way_are_counted(shell: Shell) -> None:
    shell.add_files()
    shell("apply", "--yes")
    shell.write("people.csv", "email\nanne@a.example\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    shell("contacts", "enrol", "anne@a.example", "welcome")
    shell.work()
    shell.edit("campaigns/welcome.yaml", "wait: 3 days", "wait: 4 days")
    assert shell("apply", "--yes", "--json").data["campaigns"][0]["on_their_way"] == 1


def test_nobody_there_to_say_yes_applies_nothing(project: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null") as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert told_well(project("apply"), "Nothing was applied", "--yes")


def test_a_missing_folder_is_told(shell: Shell) -> None:
    assert told_well(shell("check"), "There is no folder campaigns", "NURTURE_CAMPAIGNS_DIR")
    assert told_well(shell("apply", "--yes"), "There is no folder campaigns")


def test_places_are_those_of_this_machine(project: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.folder / "campaigns").rename(project.folder / "marketing")
    monkeypatch.setenv("NURTURE_CAMPAIGNS_DIR", "marketing")
    project.edit("marketing/welcome.yaml", "send: guide", "send: nothing")
    line = project.line_of("marketing/welcome.yaml", "send: nothing")
    assert told_well(project("check"), f"marketing/welcome.yaml:{line}:15")
