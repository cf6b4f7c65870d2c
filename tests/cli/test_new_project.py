"""From an empty folder to a campaign that passes the check, and editors that know its names."""

import json

import pytest

from nurture.authoring.schemas.files import SCHEMAS
from tests.cli.shell import Shell, told_well


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_empty_folder_becomes_a_project_that_lacks_a_campaign_only(empty: Shell, language: str) -> None:
    assert empty("new", "project", "--language", language).code == 0
    answer = empty("check", "--json")
    assert [problem["code"] for problem in answer.data] == ["C033"]
    assert empty("new", "content", "guide", "--kind", "white_paper", "--language", language).code == 0
    assert empty("new", "campaign", "welcome", "--language", language).code == 0
    answer = empty("check", "--strict")
    assert answer.code == 0, answer.told


def test_editors_find_the_schemas_and_learn_new_names(empty: Shell) -> None:
    empty("new", "project", "--language", "en")
    empty("new", "content", "guide", "--language", "en")
    empty("new", "campaign", "welcome", "--language", "en")
    campaigns = empty.folder / "campaigns"
    for path in campaigns.glob("*.yaml"):
        name = path.stem if path.stem in SCHEMAS else "campaign"
        first = path.read_text().partition("\n")[0]
        assert first == f"# yaml-language-server: $schema=.schemas/{name}.json"
        assert (campaigns / first.partition("=")[2]).is_file()
    steps = json.loads((campaigns / ".schemas/campaign.json").read_text())["$defs"]
    assert steps["send"]["properties"]["send"]["anyOf"][0] == {"enum": ["guide"]}
    assert steps["notify"]["properties"]["notify"]["anyOf"][0]["anyOf"][0] == {"enum": ["sales"]}


def test_what_is_there_is_left_alone_and_nothing_is_written_beside_it(empty: Shell) -> None:
    mine = empty.write("campaigns/teams.yaml", "mine")
    assert told_well(empty("new", "project"), "There is a project here already", "teams.yaml")
    assert [path.name for path in empty.folder.rglob("*") if path.is_file()] == ["teams.yaml"]
    assert mine.read_text() == "mine"


def test_a_gitignore_of_ones_own_stays(empty: Shell) -> None:
    mine = empty.write(".gitignore", "notes.txt\n")
    assert empty("new", "project").code == 0
    assert mine.read_text() == "notes.txt\n"


def test_whoever_has_no_project_is_told_how_to_begin(empty: Shell) -> None:
    for command in (("check",), ("new", "content", "guide"), ("schema", "--all"), ("preview", "--png", "x")):
        assert told_well(empty(*command), "nurture new project"), command
    assert list(empty.folder.iterdir()) == []
