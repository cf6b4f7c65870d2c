"""Spoils the shipped campaigns in every way that a hand slips, and sees that the answer is always problems with places.

    python -m tests.authoring.fuzz --count 10000 --seed 1

Each of the spoilt files is made from its number and the seed alone, so that a find can be played again.
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from nurture.authoring.bundle import check
from nurture.authoring.problems import Problem, render
from nurture.storage.worlds import Bundle
from tests.authoring.builders import shipped

NEWSLETTER = """\
newsletter: mars
title: La lettre de mars
language: fr
sender: {name: Exemple, address: bonjour@exemple.example}
to: anciens
send: etat-des-lieux
variants:
  a: {share: 50%, subject: Où en êtes-vous ?}
  b: {share: 50%, subject: L'état des lieux}
at: 2027-03-02 09:30
expires: 2 days
"""
SEGMENTS = "campaigns/segments.yaml"
OLD = """\
  anciens: {name: Anciens, when: 'created more than 90 days ago and in segment("dormants")'}
"""
FILES = {name: text for name, text in shipped().files.items() if not name.endswith(".mjml")}
FILES |= {"campaigns/mars.yaml": NEWSLETTER, SEGMENTS: FILES[SEGMENTS] + OLD}
YAML = sorted(name for name in FILES if name.endswith(".yaml"))
SIGNS = ':-[]{}\'"|>#&*!%@?,~ \t\n\r\u00a0\u2028\x00é🙂("<=0A'
VALUES = (
    "~", "''", "[]", "{}", "[[[]]]", "{a: {b: c}}", "- ", "true", "0", "-1", "99999999999999999999", "1e999", ".nan", "NO",
    "2027-02-30 25:00", "99:99-00:00", "100%", "101%", "&a x", "*a", "!!python/object:os.system x", "|", ">-", '"', "? x",
    "never", "always", "not not always", "((((", "engagement >= ", "fit in []", '"x" = "x"', "within 3 days", "x" * 3000,
    'in segment("dormants")', "opened within 3 days", "country within next 3 days", "city < today", "2027-02-30",
)  # fmt: skip
"""What may stand where something else should."""

_TOKEN = re.compile(r"[\w.%/@]+|[^\w\s]|[ ]+|\n")
_VALUE = re.compile(r"(?m)^( *(?:- )?[\w-]+:)([ ].*)?$")


def characters(text: str, chance: random.Random) -> str:
    """A key hit wrongly, twice, or not at all."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(("", text[at : at + 1] * 2, chance.choice(SIGNS))) + text[at + 1 :]


def lines(text: str, chance: random.Random) -> str:
    """A line lost, repeated, moved, or shifted."""
    rows = text.split("\n")
    at, to = chance.randrange(len(rows)), chance.randrange(len(rows))
    row = rows.pop(at)
    match chance.randrange(4):
        case 0:
            pass
        case 1:
            rows[at:at] = [row, row]
        case 2:
            rows.insert(to, row)
        case _:
            rows.insert(at, chance.choice((f"  {row}", row.removeprefix("  "), f"\t{row}")))
    return "\n".join(rows)


def tokens(text: str, chance: random.Random) -> str:
    """A word put in another's place."""
    found = list(_TOKEN.finditer(text))
    if not found:
        return text
    one, other = chance.choice(found), chance.choice(found)
    return text[: one.start()] + other[0] + text[one.end() :]


def structure(text: str, chance: random.Random) -> str:
    """A value of another shape, or with what is under it taken away or put elsewhere."""
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    if chance.random() < 0.7:
        return f"{text[: one.end(1)]} {chance.choice(VALUES)}{text[one.end() :]}"
    other = chance.choice(found)
    return f"{text[: one.start()]}{other[0]}\n{text[one.start() :]}"


SLIPS: tuple[Callable[[str, random.Random], str], ...] = (characters, lines, tokens, structure)


def spoilt(number: int, seed: int) -> tuple[str, str]:
    """A file and its text after one to three slips."""
    chance = random.Random(f"{seed}/{number}")
    name = chance.choice(YAML)
    text = FILES[name]
    for _ in range(chance.randint(1, 3)):
        text = chance.choice(SLIPS)(text, chance)
    return name, text


def wrong_of(name: str, text: str) -> Iterator[str]:
    """What is wrong with the answer to such a file; nothing, as it should be."""
    files = {**FILES, name: text}
    for problem in check(Bundle(files)):
        if not _is_there(problem, files):
            yield f"{problem} is no place of the file"
        if not problem.message.strip() or not render(problem, files):
            yield f"{problem.code} says nothing"


def _is_there(problem: Problem, files: Mapping[str, str]) -> bool:
    if problem.file not in files:
        return problem.file == "campaigns" and (problem.line, problem.column) == (1, 1)
    rows = files[problem.file].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    in_file = 1 <= problem.line <= len(rows)
    return in_file and problem.length >= 1 and 1 <= problem.column <= len(rows[problem.line - 1]) + 1


def main() -> int:
    """Spoil as many files as asked, and tell what was answered wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found: Counter[str] = Counter()
    for number in range(asked.count):
        name, text = spoilt(number, asked.seed)
        try:
            wrongs = list(wrong_of(name, text))
        except Exception as error:  # whatever it is, it is the find
            wrongs = [f"{type(error).__name__}: {error}"]
        for wrong in wrongs:
            print(f"{number} {name}: {wrong}", flush=True)
        found["wrong" if wrongs else "right"] += 1
    print(f"{asked.count} spoilt files: {found['wrong']} answered wrongly")
    return min(found["wrong"], 1)


if __name__ == "__main__":
    sys.exit(main())
