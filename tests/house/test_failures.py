"""The page of failures names tests, and each of them is there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS / "chaos" / "FAILURES.md"


def test_every_failure_names_its_tests_and_they_exist() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| (?!What |-)", line)]
    assert len(rows) > 25
    known = defined()
    for row in rows:
        _, _, _, shown, _ = row.split("|")
        named = re.findall(r"`(test_\w+)`", shown)
        assert named, row
        assert not set(named) - known, row


def defined() -> set[str]:
    """The names of all test functions."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for tree in trees for node in tree.body if isinstance(node, kinds)}
