"""What each code of a problem means: the table of explained.toml, read once when it is asked for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Explained:
    """A code in words. The example is empty where no few lines can show it; `file` says what kind of file it is of, and
    `at` what both texts stand in place of in a small project."""

    code: str
    title: str
    why: str
    file: str = ""
    wrong: str = ""
    right: str = ""
    at: str = ""


def _read() -> dict[str, Explained]:
    said = tomllib.loads(files("nurture.authoring").joinpath("explained.toml").read_text(encoding="utf-8"))
    return {code: Explained(code, **words) for code, words in said.items()}


EXPLAINED: Mapping[str, Explained] = _read()
"""Every code, in the order in which they are listed."""
