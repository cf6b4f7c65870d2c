"""From the text of a condition to a parse tree, or to one sentence about where it stops making sense."""

from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

LONGEST = 4_000
DEEPEST = 150
"""Parentheses and `not`s of one condition."""


class NotACondition(Exception):
    """The text cannot be read; the place is `text[start:end]`."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.hint = message, start, end, hint


@cache
def _parser() -> Lark:
    source = files("nurture.authoring").joinpath("condition.lark").read_text(encoding="utf-8")
    return Lark(source, start="any", parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True)


@lru_cache(maxsize=1024)
def tree_of(text: str) -> "Tree[Token]":
    """The parse tree, which nobody changes; raises NotACondition. Campaigns ask the same again and again."""
    if len(text) > LONGEST or text.count("(") + text.count("not") > DEEPEST:
        raise NotACondition(
            "this condition is too long to be understood", 0, len(text), "split the audience or the stage"
        )
    try:
        return _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _character(text, error.pos_in_stream or 0) from error
    except UnexpectedToken as error:
        raise _token(text, error) from error
    except UnexpectedInput as error:
        raise NotACondition("this is not a condition", 0, len(text)) from error


def _character(text: str, at: int) -> NotACondition:
    char = text[at]
    if char in "“”„«»‘’‚":
        return NotACondition(
            f'typographic quotes ("{char}") are not understood', at, at + 1, 'use straight quotes: "…"'
        )
    if char in "\"'":
        return NotACondition("this text is not closed", at, len(text), f"put {char} at its end")
    if char in "&|":
        return NotACondition(f'"{char}" is not understood', at, at + 1, 'write "and" or "or"')
    return NotACondition(f'"{char}" is not expected here', at, at + 1)


_VALUES = frozenset({"STRING", "DATE", "NUMBER", "TODAY", "TRUE", "FALSE"})


def _token(text: str, error: UnexpectedToken) -> NotACondition:
    token: Any = error.token
    expected = frozenset(error.expected)
    if token.type == "$END":
        end = len(text.rstrip())
        return NotACondition(f"the condition ends too early: {_wanted(expected, text)}", max(0, end - 1), end)
    start = token.start_pos
    message = f"{_shown(token)} is not expected here: {_wanted(expected, text[:start])}"
    return NotACondition(message, start, start + len(token), _hint(str(token)))


def _shown(token: str) -> str:
    return token if token[:1] in "\"'" else f'"{token}"'


_KEYWORDS = ("and", "or", "not", "in", "is", "within")
_MEANT = {"et": 'write "and"', "ou": 'write "or"', "non": 'write "not"'} | {
    word: f'write "{word}", in small letters' for word in _KEYWORDS
}
_MEANT |= {
    "less": 'write "within next …" or "within last …"',
    "before": 'write "<"',
    "after": 'write ">"',
}


def _hint(token: str) -> str:
    """What was meant; a keyword written well stands in a wrong place, and no letter of it is at fault."""
    return "" if token in _KEYWORDS else _MEANT.get(token.lower(), "")


def _wanted(expected: frozenset[str], before: str) -> str:
    """What could have stood there, in an author's words."""
    if "RSQB" in expected and before.count("[") > before.count("]"):
        return 'a "," or a "]" is missing'
    if "RPAR" in expected and before.count("(") > before.count(")"):
        return 'a ")" is missing'
    for terminals, words in _WANTED:
        if terminals & expected:
            return words
    return "something else is expected"


_WANTED: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"ALWAYS", "EVER"}), "a test is missing"),
    (frozenset({"NEXT"}), '"next 30 days" or "last 30 days" is missing'),
    (frozenset({"AGO"}), '"ago" or "ahead" is missing'),
    (frozenset({"THAN"}), '"than" is missing'),
    (_VALUES - {"NUMBER"}, 'a value such as "B" or 20 is missing'),
    (frozenset({"LSQB"}), 'a list such as ["FR", "BE"] is missing'),
    (frozenset({"UNKNOWN", "KNOWN"}), '"unknown" or "known" is missing'),
    (frozenset({"IS"}), 'a comparison such as >= "B" is missing'),
    (frozenset({"NUMBER"}), "a number is missing"),
    (frozenset({"OR", "AND"}), '"and" or "or" is missing'),
)
"""(terminals, sentence); the first of which one terminal was expected."""
