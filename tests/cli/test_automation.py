"""The hook and the workflow that the README shows do what it says they do."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.authoring.builders import ROOT
from tests.cli.documents import blocks
from tests.cli.shell import Answer, Shell

HEADING = "Before each commit, and for each pull request"
LOCAL, WORKFLOW = (YAML(typ="safe").load(block.text) for block in blocks(ROOT / "README.md", under=HEADING))
SHIPPED = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
RUNS: list[str] = [step["run"] for step in WORKFLOW["jobs"]["check"]["steps"] if "run" in step]


@pytest.fixture
def project(empty: Shell) -> Shell:
    """A shell with a small campaign, and no database."""
    empty.add_files()
    return empty


def _hook() -> dict[str, Any]:
    (hook,) = LOCAL["repos"][0]["hooks"]
    return dict(hook)


def _done(project: Shell, command: str) -> tuple[Answer, Path | None]:
    """A command of ours, with its output where it is sent."""
    said, _, into = command.partition(" > ")
    words = shlex.split(said)
    words = words[words.index("nurture") + 1 :]
    answer = project(*words)
    return answer, project.write(into, answer.out) if into else None


def test_the_hook_of_the_readme_is_the_one_that_is_shipped() -> None:
    (shipped,) = SHIPPED
    for key in ("id", "entry", "files", "pass_filenames"):
        assert _hook()[key] == shipped[key]


def test_the_hook_runs_for_the_files_it_is_about() -> None:
    files = re.compile(_hook()["files"])
    assert all(files.search(path) for path in ("campaigns/a.yaml", "campaigns/assets/x.pdf", "email_templates/a.mjml"))
    assert not files.search("nurture/core/decide.py")


def test_the_hook_lets_good_files_pass_and_holds_bad_ones_back(project: Shell) -> None:
    assert _done(project, _hook()["entry"])[0].code == 0
    project.edit("campaigns/welcome.yaml", "- send: guide", "- send: guidd")
    assert _done(project, _hook()["entry"])[0].code == 1


def test_the_workflow_notes_what_is_wrong_and_keeps_it_for_code_scanning(project: Shell) -> None:
    assert [_done(project, command)[0].code for command in RUNS] == [0, 0]
    project.edit("campaigns/welcome.yaml", "- send: guide", "- send: guidd")
    (noted, _), (kept, file) = (_done(project, command) for command in RUNS)
    assert (noted.code, noted.out.startswith("::error file=campaigns/welcome.yaml,line=10")) == (1, True)
    assert file is not None
    assert file.name == WORKFLOW["jobs"]["check"]["steps"][-1]["with"]["sarif_file"]
    assert (kept.code, json.loads(file.read_text())["runs"][0]["results"][0]["ruleId"]) == (1, "C012")


def test_what_was_found_is_kept_although_the_check_failed() -> None:
    steps = WORKFLOW["jobs"]["check"]["steps"]
    failing = next(number for number, step in enumerate(steps) if "run" in step)
    assert all(step["if"] == "always()" for step in steps[failing + 1 :])
