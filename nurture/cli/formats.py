"""Problems as other programs read them: GitHub's workflow commands, and SARIF 2.1.0 for code scanning."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from nurture import __version__
from nurture.authoring.explained import EXPLAINED
from nurture.authoring.problems import Problem

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
"""What GitHub escapes in a command's text, and in its properties
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions)."""


def github(problem: Problem) -> str:
    """`::error file=…,line=…::…`, which GitHub shows beside the line."""
    properties: Mapping[str, object] = {
        "file": _posix(problem.file),
        "line": problem.line,
        "endLine": problem.line,
        "col": problem.column,
        "endColumn": problem.column + problem.length,
        "title": problem.code,
    }
    said = ",".join(f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in properties.items())
    return f"::{problem.severity.value} {said}::{_escaped(_sentence(problem), _DATA)}"


def _escaped(text: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(char, char) for char in text)


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """One run of the tool, with a rule for each code that was found."""
    codes = sorted({problem.code for problem in problems})
    driver = {
        "name": "nurture",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(problem, codes.index(problem.code)) for problem in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    explained = EXPLAINED.get(code)
    if explained is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": explained.title},
        "fullDescription": {"text": explained.why},
        "help": {"text": "\n".join(_help(explained.why, explained.wrong, explained.right))},
    }


def _help(why: str, wrong: str, right: str) -> Iterable[str]:
    yield why
    if right:
        yield from ("", "Wrong:", wrong, "", "Right:", right)


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    region = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endColumn": problem.column + problem.length,
    }
    where = {"artifactLocation": {"uri": quote(_posix(problem.file))}, "region": region}
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity.value,
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": where}],
    }


def _sentence(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _posix(file: str) -> str:
    return PurePath(file).as_posix()
