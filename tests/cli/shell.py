"""A person at a terminal in a small project: runs commands in this process, and reads what they wrote."""

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from nurture.cli.app import run
from nurture.cli.terminal import Terminal
from nurture.clock import ManualClock
from nurture.engine.deciding import Decider
from nurture.engine.worlds import Worlds
from nurture.storage.database import Database
from tests.authoring.builders import FILES
from tests.builders import MONDAY, at

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed, read as a program would."""
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """All words on one line, however they were wrapped."""
        return " ".join(f"{self.out} {self.err}".split())


class Shell:
    """A project in a folder, the present directory; `clock` is what the commands read."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.clock = ManualClock(at(MONDAY))

    def __call__(self, *arguments: str) -> Answer:
        """Run `nurture …`."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments, Terminal(clock=self.clock))
        return Answer(code, out.getvalue(), err.getvalue())

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def edit(self, name: str, before: str, after: str) -> None:
        """Change one place of a file."""
        text = (self.folder / name).read_text()
        assert before in text
        self.write(name, text.replace(before, after, 1))

    def line_of(self, name: str, words: str) -> int:
        """The line on which these words stand."""
        return (self.folder / name).read_text().partition(words)[0].count("\n") + 1

    def add_files(self) -> None:
        """A small campaign that can be applied."""
        for name, text in FILES.items():
            self.write(name, text)
        self.write("campaigns/assets/guide.pdf", b"%PDF-1.4\n")
        shutil.copytree(ROOT / "email_templates", self.folder / "email_templates")

    def work(self) -> None:
        """What a worker would decide by now; nothing is sent."""
        db = Database.open(self.url)
        try:
            decider = Decider(db, Worlds(db).world, 100, timedelta(minutes=5))
            while decider.run_once(self.clock.now()).contacts:
                pass
        finally:
            db.close()


def told_well(answer: Answer, *words: str) -> bool:
    """Whether a refusal is a sentence for people: these words, no traceback, an exit code."""
    said = answer.told
    return answer.code != 0 and "Traceback" not in said and all(word in said for word in words)
