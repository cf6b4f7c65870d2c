"""The tutorial is walked as it is written: its commands are run, its files written, and what it shows is what is shown."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nurture.preview.chromium import NoChromium, find_chromium
from tests.authoring.builders import ROOT
from tests.cli.documents import blocks
from tests.cli.shell import Shell

TUTORIAL = ROOT / "nurture/cli/tutorial.md"
CAMPAIGN = "campaigns/cloud.yaml"
STAYS = "nurture preview"
"""The one command that ends by Ctrl-C alone."""


@dataclass(frozen=True)
class Command:
    """A line after `$`, and the lines shown under it."""

    line: str
    shown: tuple[str, ...]

    @property
    def code(self) -> int:
        """What it ends with: 1 where it shows an error."""
        return int(any("1 error" in line for line in self.shown))


def commands(text: str) -> Iterator[Command]:
    """The commands of a block."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        line, *shown = part.strip("\n").split("\n")
        yield Command(line, tuple(shown))


def folded(text: str) -> str:
    """All words on a line, however they were wrapped and aligned."""
    return " ".join(text.split())


def has_chromium() -> bool:
    """Whether pictures can be made here."""
    try:
        find_chromium(None)
    except NoChromium:
        return False
    return True


def do(command: Command, shell: Shell) -> None:
    """Run it, and compare."""
    program, *words = shlex.split(command.line)
    if program != "nurture" or command.line == STAYS or ("--png" in words and not has_chromium()):
        return
    answer = shell(*words)
    assert answer.code == command.code, (command.line, answer.told)
    for line in command.shown:
        assert folded(line) in answer.told, command.line


def follow(text: str, shell: Shell) -> None:
    """Do to the campaign what the text asks for beside the blocks."""
    if "Write `downtime`" in text:
        shell.edit(CAMPAIGN, "downtme", "downtime")
    if "Change the line to `advance: engagement >= 5`" in text:
        shell.edit(CAMPAIGN, "advance: engagement >= 10", "advance: engagement >= 5")


@pytest.mark.slow
def test_the_tutorial_can_be_walked(empty: Shell) -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    walked = 0
    for block in blocks(TUTORIAL):
        before, _, text = text.partition(f"```{block.language}\n{block.text}```")
        follow(folded(before), empty)
        match block.language:
            case "console":
                for command in commands(block.text):
                    do(command, empty)
                    walked += 1
            case "yaml":
                head = (empty.folder / CAMPAIGN).read_text().partition("stages:")[0]
                empty.write(CAMPAIGN, head + block.text)
            case "csv":
                empty.write("people.csv", block.text)
    assert walked == sum(block.text.count("$ ") for block in blocks(TUTORIAL))
    assert (empty.folder / "report.html").is_file()


def test_the_tutorial_is_shown_and_leads_somewhere(empty: Shell) -> None:
    answer = empty("tutorial")
    assert answer.code == 0
    assert "From nothing to a simulated campaign" in answer.told
    assert folded(empty("tutorial", "--raw").out) == folded(TUTORIAL.read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert TUTORIAL.relative_to(ROOT).as_posix() in readme
    for target in re.findall(r"\]\((\S+?)#(\S+?)\)", TUTORIAL.read_text(encoding="utf-8")):
        _leads_to(TUTORIAL.parent / target[0], target[1])


def _leads_to(file: Path, heading: str) -> None:
    headings = re.findall(r"(?m)^#+ (.*)$", file.read_text(encoding="utf-8"))
    assert heading in {words.lower().replace(" ", "-") for words in headings}
