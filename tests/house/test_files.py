"""What every file of the program must be: short, introduced, and ignorant of the time."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.bootstrap import ROOT

PROGRAM = sorted((Path(ROOT) / "nurture").rglob("*.py"))
TESTS = sorted((Path(ROOT) / "tests").rglob("*.py"))
LONGEST = 350
MAY_ASK_THE_TIME = {
    "nurture/clock.py",
}
ASKING_THE_TIME = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
IMPURE = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=_name(path))


@pytest.mark.parametrize("path", PROGRAM, ids=_name)
def test_no_file_is_longer_than_a_person_reads(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", PROGRAM + TESTS, ids=_name)
def test_every_file_opens_with_why_it_exists(path: Path) -> None:
    empty_package = path.name == "__init__.py" and path in TESTS and not path.read_text()
    assert empty_package or ast.get_docstring(_tree(path))


@pytest.mark.parametrize("path", PROGRAM, ids=_name)
def test_nobody_but_the_clock_asks_the_time(path: Path) -> None:
    asked = [f"{name}:{line}" for name, line in _questions_about_time(_tree(path))]
    assert _name(path) in MAY_ASK_THE_TIME or asked == []


@pytest.mark.parametrize("path", [p for p in PROGRAM if _name(p).startswith("nurture/core/")], ids=_name)
def test_the_core_knows_the_standard_library_only(path: Path) -> None:
    imported = set(_imported(_tree(path)))
    foreign = imported - set(sys.stdlib_module_names) - {"nurture"}
    assert foreign | (imported & IMPURE) == set()


def _questions_about_time(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            last = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if (last, node.attr) in ASKING_THE_TIME:
                yield f"{last}.{node.attr}", node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from ((f"time.{n.name}", node.lineno) for n in node.names if ("time", n.name) in ASKING_THE_TIME)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]
