"""Editors get schemas with the names of the project, from files that are as they are."""

import json

from nurture.authoring.schemas.files import SCHEMAS
from tests.cli.shell import Shell, told_well


def test_one_schema_is_printed_with_the_names_of_the_project(empty: Shell) -> None:
    empty.add_files()
    answer = empty("schema", "campaign")
    assert answer.code == 0, answer.told
    send = answer.data["$defs"]["send"]["properties"]["send"]
    assert send["anyOf"][0] == {"enum": ["guide", "talk"]}


def test_all_are_written_where_editors_look(empty: Shell) -> None:
    empty.add_files()
    answer = empty("schema", "--all")
    assert answer.code == 0, answer.told
    folder = empty.folder / "campaigns/.schemas"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(SCHEMAS)
    assert json.loads((folder / "teams.json").read_text())["title"] == "nurture: teams"
    assert "no mistakes" in empty("check").told  # and are no campaigns


def test_another_folder_can_be_named(empty: Shell) -> None:
    empty.add_files()
    assert empty("schema", "--all", "--out", "for/editors").code == 0
    assert (empty.folder / "for/editors/scoring.json").is_file()
    assert empty("schema", "forms", "--out", "one").code == 0
    assert [path.name for path in (empty.folder / "one").iterdir()] == ["forms.json"]


def test_files_that_are_wrong_or_missing_are_no_hindrance(empty: Shell) -> None:
    assert empty("schema", "content").code == 0
    empty.add_files()
    empty.write("campaigns/teams.yaml", "teams: [")
    empty.write("campaigns/broken.yaml", b"\xff\xfe")
    assert empty("schema", "campaign").data["$defs"]["send"]["properties"]["send"]["anyOf"][0]["enum"]


def test_what_is_asked_wrongly_is_told_with_the_names_there_are(empty: Shell) -> None:
    assert told_well(empty("schema"), "Which one?", "campaign, newsletter, content, scoring", "--all")
    assert told_well(empty("schema", "campaign", "--all"), "Which one?")
    assert told_well(empty("schema", "campaigns"), "no schema 'campaigns'", "campaign, newsletter, content")
