"""The blocks of code in a text for people, so that tests can run what it says."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(path: Path, *, under: str = "") -> list[Block]:
    """The blocks of a Markdown file, or of those of its parts whose heading this is."""
    text = path.read_text(encoding="utf-8")
    if under:
        (part,) = [each for each in re.split(r"(?m)^(?=#+ )", text) if each.partition("\n")[0].lstrip("# ") == under]
        text = part
    return [Block(language, said) for language, said in _BLOCK.findall(text)]
