"""A condition printed as an author would write it: parsing the text gives the same condition back."""

import json
from typing import assert_never

from nurture.authoring.condition_dates import to_words
from nurture.authoring.vocabulary import Special
from nurture.core.conditions import (
    NEVER,
    Always,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    InSegment,
    IsUnknown,
    Not,
    OneOf,
    Or,
    Ref,
    Scope,
    Signalled,
    Tagged,
    Value,
)


def to_text(condition: Condition) -> str:
    """The condition in the language of campaign files."""
    match condition:
        case Always():
            return "always"
        case Not() if condition == NEVER:
            return "never"
        case And(terms=terms):
            return " and ".join(_inner(term, And, Or) for term in terms)
        case Or(terms=terms):
            return " or ".join(_inner(term, Or) for term in terms)
        case Not(term=term):
            return f"not {_inner(term, And, Or)}"
        case Signalled():
            return _signal(condition)
        case Tagged(tag=tag):
            return f"tagged({_quoted(tag)})"
        case Compare(ref=ref, op=op, value=value):
            return f"{ref.name} {op} {_value(ref, value)}"
        case CompareDate(ref=ref, op=op, day=day):
            return f"{ref.name} {op} {day.isoformat()}"
        case DaysAway():
            return to_words(condition)
        case InSegment(name=name):
            return f"in segment({_quoted(name)})"
        case OneOf(ref=ref, values=values):
            return f"{ref.name} in [{', '.join(_value(ref, value) for value in values)}]"
        case IsUnknown(ref=ref):
            return f"{ref.name} is unknown"
        case _:
            assert_never(condition)


def _inner(term: Condition, *looser: type[Condition]) -> str:
    return f"({to_text(term)})" if isinstance(term, looser) else to_text(term)


def _signal(signal: Signalled) -> str:
    call = f"{signal.signal}({_quoted(signal.object) if signal.object is not None else ''})"
    if signal.scope is Scope.EVER:
        call = f"ever({call})"
    count = f" >= {signal.at_least}" if signal.at_least > 1 else ""
    within = f" within {signal.days} days" if signal.scope is Scope.WITHIN else ""
    return f"{call}{count}{within}"


def _value(ref: Ref, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    return _points(value) if ref.name == Special.ENGAGEMENT else str(value)


def _points(value: int) -> str:
    units, thousandths = divmod(abs(value), 1000)
    decimals = f".{thousandths:03}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}{units}{decimals}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
