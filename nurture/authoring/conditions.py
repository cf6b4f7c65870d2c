"""Conditions as authors write them, turned into the core's tree, each mistake with its exact place.

`parse` reads; `to_text` (in condition_text.py) prints back what parses to the same tree.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Token, Tree

from nurture.authoring.condition_dates import among_dates, compare_date, days_beyond, days_within, is_date, no_way_said
from nurture.authoring.condition_size import is_too_long
from nurture.authoring.grammar import NotACondition, tree_of
from nurture.authoring.naming import SEGMENT, TAGGED, Names
from nurture.authoring.nodes import Node, Scalar
from nurture.authoring.problems import Code, Log, did_you_mean, one_of
from nurture.authoring.times import DAYS_IN
from nurture.authoring.values import scalar
from nurture.authoring.vocabulary import Vocabulary
from nurture.core.conditions import (
    ALWAYS,
    NEVER,
    And,
    Compare,
    Condition,
    IsUnknown,
    Not,
    OneOf,
    Op,
    Or,
    Ref,
    Scope,
    Signalled,
    Tagged,
)
from nurture.core.words import SignalKind

LONGEST_LOOK_BACK = 730
"""Days that `within` can look back."""

_MISSPELT = {"==": "=", "<>": "!=", "=<": "<=", "=>": ">="}
_ORDERED = frozenset({Op.LT, Op.LE, Op.GT, Op.GE})

Parsed: TypeAlias = "Tree[Token]"


def parse(node: Node | None, vocabulary: Vocabulary, log: Log) -> Condition | None:
    """The condition of a scalar; None, with the reasons in the log, when it cannot be used."""
    found = scalar(node, log, "a condition such as engagement >= 20")
    if found is None:
        return None
    own = Log()
    condition = _condition(found, vocabulary, own)
    if condition is not None and is_too_long(condition):
        own.add(Code.BAD_CONDITION, found.spot, "with its segments, this condition is too long", "ask for less of them")
    log.problems.extend(own.problems)
    return None if own.failed else condition


def _condition(at: Scalar, vocabulary: Vocabulary, log: Log) -> Condition | None:
    try:
        tree = tree_of(at.text)
    except NotACondition as error:
        log.add(Code.BAD_CONDITION, at.spot_of(error.start, error.end), error.message, error.hint)
        return None
    return _Reader(Names(at, vocabulary, log)).read(tree)


def parse_signal(at: Scalar, vocabulary: Vocabulary, log: Log) -> Signalled | None:
    """One signal alone, as the keys of scoring.yaml have it: `visited("/tarifs")`, or `visited` for any object."""
    call = at if "(" in at.text else Scalar(f"{at.text}()", at.spot, at.raw, at.style)
    condition = parse(call, vocabulary, log)
    if condition is None:
        return None
    if isinstance(condition, Signalled) and condition == Signalled(condition.signal, condition.object):
        return condition
    log.add(Code.UNKNOWN_SIGNAL, at.spot, f'"{at.text}" is not one signal', one_of(SignalKind))
    return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns a parse tree into a condition. What is wrong is logged, and replaced by `ALWAYS`."""

    names: Names

    def read(self, tree: Parsed) -> Condition:
        return _READERS[str(tree.data)](self, tree.children)

    def either(self, parts: Sequence[Parsed]) -> Condition:
        return Or(tuple(self.read(part) for part in parts))

    def both(self, parts: Sequence[Parsed]) -> Condition:
        return And(tuple(self.read(part) for part in parts))

    def negation(self, parts: Sequence[Parsed]) -> Condition:
        return Not(self.read(parts[0]))

    def unknown(self, parts: Sequence[Token]) -> Condition:
        self.names.target(parts[0])
        return IsUnknown(Ref(str(parts[0])))

    def known(self, parts: Sequence[Token]) -> Condition:
        return Not(self.unknown(parts))

    def compare(self, parts: Sequence[Token]) -> Condition:
        name, sign, written = parts
        target, op = self.names.target(name), self.op(sign)
        if target is None or op is None:
            return ALWAYS
        if op in _ORDERED and not self.names.has_order(target):
            self.names.wrong(Code.WRONG_TYPE, sign, f'"{name}" has no order', 'compare it with "=", "!=" or "in"')
            return ALWAYS
        if is_date(target):
            return compare_date(self.names, Ref(str(name)), op, written)
        value = self.names.value(target, written)
        return ALWAYS if value is None else Compare(Ref(str(name)), op, value)

    def op(self, sign: Token) -> Op | None:
        if meant := _MISSPELT.get(str(sign)):
            self.names.wrong(Code.BAD_CONDITION, sign, f'"{sign}" is not a comparison', f'write "{meant}"')
            return None
        return Op(str(sign))

    def one_of(self, parts: Sequence[Token | None]) -> Condition:
        name, *written = (part for part in parts if part is not None)
        target = self.names.target(name)
        if target is None:
            return ALWAYS
        if is_date(target):
            return among_dates(self.names, Ref(str(name)), written)
        values = [self.names.value(target, token) for token in written]
        return OneOf(Ref(str(name)), tuple(value for value in values if value is not None))

    def signal(self, parts: Sequence[Any]) -> Condition:
        call, count, within = parts
        is_ever = call.data == "ever"
        name, argument = (call.children[0] if is_ever else call).children
        if str(name) == TAGGED:
            return self.tagged(name, argument, is_ever or count is not None or within is not None)
        if str(name) == SEGMENT:
            self.names.wrong(Code.BAD_CONDITION, name, "one is in a segment", 'write in segment("…")')
            return ALWAYS
        signal = self.names.signal(name)
        about = None if argument is None else self.names.string(argument)
        if signal is not None and about is not None:
            self.names.check_object(signal, about, argument)
        at_least = 1 if count is None else self.count(*count.children)
        days = 0 if within is None else self.within(*within.children)
        if is_ever and within is not None:
            self.names.wrong(
                Code.BAD_CONDITION, within.children[0], '"ever" and "within" exclude each other', "keep one"
            )
        if signal is None or at_least is None or days is None:
            return ALWAYS
        scope = Scope.EVER if is_ever else Scope.WITHIN if days else Scope.DEFAULT
        return Signalled(signal, about, at_least, scope, days)

    def member(self, parts: Sequence[Parsed]) -> Condition:
        name, argument = parts[0].children
        assert isinstance(name, Token)
        if str(name) != SEGMENT or argument is None:
            self.names.wrong(Code.BAD_CONDITION, name, "in which segment?", 'write it like in segment("banks-idle")')
            return ALWAYS
        assert isinstance(argument, Token)
        return self.names.segment(argument) or ALWAYS

    def tagged(self, name: Token, argument: Token | None, qualified: bool) -> Condition:
        if argument is None:
            self.names.wrong(Code.BAD_CONDITION, name, "which tag?", 'write it like tagged("salon-2026")')
            return ALWAYS
        if qualified:
            self.names.wrong(Code.BAD_CONDITION, name, "a tag has no date and no count", 'write tagged("…") alone')
        return Tagged(self.names.string(argument) or "")

    def count(self, sign: Token, number: Token) -> int | None:
        if str(sign) != Op.GE or not re.fullmatch(r"0*[1-9]\d*", str(number)):
            message = "signals are counted with >= and a whole number from 1"
            self.names.wrong(Code.WRONG_TYPE, sign, message, 'for "never", write not …')
            return None
        return int(number)

    def within(self, number: Token, unit: Token) -> int | None:
        days_in = DAYS_IN.get(str(unit))
        if days_in is None:
            hint = did_you_mean(str(unit), ("days", "weeks"), otherwise="count in days or weeks")
            self.names.wrong(Code.BAD_SPAN, unit, f'"within" does not count in "{unit}"', hint)
            return None
        days = int(number) * days_in if number.isdigit() else 0
        if not 1 <= days <= LONGEST_LOOK_BACK:
            self.names.wrong(Code.BAD_SPAN, number, f'"within" looks back 1 to {LONGEST_LOOK_BACK} days')
            return None
        return days


_READERS: Mapping[str, Callable[[_Reader, Any], Condition]] = {
    "any": _Reader.either,
    "all": _Reader.both,
    "negation": _Reader.negation,
    "member": _Reader.member,
    "signal": _Reader.signal,
    "compare": _Reader.compare,
    "one_of": _Reader.one_of,
    "days_within": lambda reader, parts: days_within(reader.names, parts),
    "days_beyond": lambda reader, parts: days_beyond(reader.names, parts),
    "no_way_said": lambda reader, parts: no_way_said(reader.names, parts),
    "unknown": _Reader.unknown,
    "known": _Reader.known,
    "always": lambda _reader, _parts: ALWAYS,
    "never": lambda _reader, _parts: NEVER,
}
"""How each rule of condition.lark is read."""
