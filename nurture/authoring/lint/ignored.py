"""Warnings that an author has looked at and lives with: `# nurture: ignore C042` at the line's end, or on the line above."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from nurture.authoring.problems import Code, Log, Problem, Spot, did_you_mean

_NOTE = re.compile(r"#[ \t]*nurture:[ \t]*ignore\b([^\n#}]*)")
_WORD = re.compile(r"[^\s,]+")
_MARK = "nurture:"


def without_ignored(problems: Iterable[Problem], files: Mapping[str, str], known: Collection[str]) -> list[Problem]:
    """The problems without the warnings that their files silence, and with one for each code that is none."""
    log = Log()
    ignored = silenced_by(files, known, log)
    return [*(each for each in problems if not ignored(each)), *log.problems]


def silenced_by(files: Mapping[str, str], known: Collection[str], log: Log | None = None) -> Callable[[Problem], bool]:
    """Whether the files silence a problem. Errors are never silenced; unknown codes are noted in the log."""
    silenced: set[tuple[str, int, str]] = set()
    for file, text in files.items():
        if _MARK in text:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            silenced.update(_silenced(file, lines, known, Log() if log is None else log))
    return lambda each: not each.is_error and (each.file, each.line, each.code) in silenced


def _silenced(file: str, lines: list[str], known: Collection[str], log: Log) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(lines, start=1):
        note = _NOTE.search(line)
        if note is None:
            continue
        alone = not line[: note.start()].strip(" \t{")
        for word in _WORD.finditer(note[1]):
            if word[0] in known:
                yield file, number + alone, word[0]
            else:
                _unknown(word[0], Spot(file, number, note.start(1) + word.start() + 1, len(word[0])), known, log)


def _unknown(word: str, spot: Spot, known: Collection[str], log: Log) -> None:
    hint = did_you_mean(word, known, otherwise="`nurture explain-code` lists them")
    log.warn(Code.UNKNOWN_CODE, spot, f'"{word[:20]}" is not the code of a warning', hint)
