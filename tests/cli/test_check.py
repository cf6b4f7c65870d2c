"""`nurture check` for people and for programs: formats, exit codes, real contacts, and what its codes mean."""

import pytest

from nurture.storage.database import Database
from tests.cli.shell import Shell, told_well

CAMPAIGN = "campaigns/welcome.yaml"
CLOSE = ("language: fr", "language: fr\ncadence: {at_most: 1 per 5 days}")
"""A change after which a cap makes a mail late: a warning."""


@pytest.fixture
def project(shell: Shell) -> Shell:
    """A shell with a small campaign."""
    shell.add_files()
    return shell


def test_a_warning_is_shown_and_is_no_failure_unless_asked_to_be(project: Shell) -> None:
    project.edit(CAMPAIGN, *CLOSE)
    answer = project("check")
    assert (answer.code, "warning: this mail cannot leave so soon" in answer.out) == (0, True)
    assert "0 errors, 1 warning" in answer.err
    assert project("check", "--strict").code == 1


def test_what_has_no_problem_passes_strictly(project: Shell) -> None:
    assert project("check", "--strict").code == 0


def test_a_warning_is_silenced_where_it_is(project: Shell) -> None:
    project.edit(CAMPAIGN, *CLOSE)
    project.edit(CAMPAIGN, "- relance: guide", "- relance: guide  # nurture: ignore C043")
    assert project("check", "--strict").code == 0


def test_of_a_file_with_very_many_problems_the_first_are_shown(project: Shell) -> None:
    project.edit(CAMPAIGN, "- send: guide\n", "- send: guidd\n" + "      - send: guidd\n" * 59)
    answer = project("check")
    assert answer.out.count("did you mean") == 50
    assert f"{CAMPAIGN}: and 10 problems more" in answer.out
    assert "60 errors" in answer.err
    assert len(project("check", "--json").data) == 60


def test_github_is_told_with_every_sign_escaped(project: Shell) -> None:
    project.edit(CAMPAIGN, "- send: guide", '- send: "gu%ide"')
    answer = project("check", "--format", "github")
    line = project.line_of(CAMPAIGN, "gu%ide")
    assert answer.code == 1
    assert answer.out.splitlines() == [
        f"::error file={CAMPAIGN},line={line},endLine={line},col=15,endColumn=23,title=C012::"
        'unknown content "gu%25ide" (did you mean "guide"?)'
    ]


def test_sarif_names_the_rule_the_place_and_the_level(project: Shell) -> None:
    project.edit(CAMPAIGN, *CLOSE)
    found = project("check", "--format", "sarif").data
    (run,) = found["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert (found["version"], rule["id"], result["ruleIndex"], result["level"]) == ("2.1.0", "C043", 0, "warning")
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"] == {"uri": CAMPAIGN}
    assert where["region"]["startLine"] == project.line_of(CAMPAIGN, "relance: guide")


def test_sarif_of_right_files_is_a_run_without_results(project: Shell) -> None:
    (run,) = project("check", "--format", "sarif").data["runs"]
    assert run["results"] == []


@pytest.mark.parametrize(("default", "withheld"), [("", True), (" | default('')", False)])
def test_contacts_without_a_value_are_counted(on_both: Shell, db: Database, default: str, withheld: bool) -> None:
    project = on_both
    project.add_files()
    project.edit(
        CAMPAIGN, "- send: guide", f'- {{send: guide, subject: "{{{{ contact.first_name{default} }}}}, lisez"}}'
    )
    project.write(
        "people.csv",
        "email,first_name,language\na@exemple.example,Ada,fr\nb@exemple.example,,fr\nc@exemple.example,,en\n",
    )
    taken = project("contacts", "import", "people.csv", "--basis", "legitimate-interest", "--source", "Salon")
    assert taken.code == 0, taken.told
    assert project("apply", "--yes").code == 0
    project.work()
    answer = project("check", "--contacts")
    assert ('withheld for 1 of 2 contacts, who have no "first_name" (M119)' in answer.told) is withheld
    assert answer.code == 0


def test_without_a_database_contacts_are_not_looked_at(empty: Shell) -> None:
    empty.add_files()
    answer = empty("check", "--contacts")
    assert answer.code == 0
    assert "The contacts were not looked at" in answer.told


def test_a_code_is_explained_with_an_example(empty: Shell) -> None:
    answer = empty("explain-code", "c012")
    assert answer.code == 0
    assert "There is no such content" in answer.out
    assert "    - send: giude\n" in answer.out
    assert "    - send: guide\n" in answer.out


def test_all_codes_are_listed(empty: Shell) -> None:
    answer = empty("explain-code")
    assert ("C001" in answer.out, "M405" in answer.out, answer.code) == (True, True, 0)


def test_an_unknown_code_is_told(empty: Shell) -> None:
    assert told_well(empty("explain-code", "C999"), "There is no code 'C999'")
