"""What is said never to be true is true of nobody, and the plain contradictions are found."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.conditions import parse
from nurture.authoring.lint.truth import always_true, never_true
from nurture.authoring.nodes import Scalar
from nurture.authoring.problems import Log, Spot
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, FieldKind, Vocabulary
from nurture.core.conditions import (
    ALWAYS,
    NEVER,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    IsUnknown,
    Not,
    OneOf,
    Op,
    Or,
    Ref,
    Tagged,
)
from nurture.core.facts import Facts, holds
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState
from tests.builders import MONDAY, a_contact, at

GRADES = ("A", "B", "C", "D")
EMPLOYEES, CITY, FIT, DUE = Ref("employees"), Ref("city"), Ref("fit"), Ref("due_on")
ATOMS: tuple[Condition, ...] = (
    ALWAYS,
    NEVER,
    Tagged("x"),
    *(Compare(EMPLOYEES, op, value) for op in Op for value in (1, 2)),
    *(Compare(CITY, op, value) for op in (Op.EQ, Op.NE) for value in ("Lyon", "LYON", "Lille")),
    *(Compare(FIT, op, value) for op in Op for value in ("A", "B", "D")),
    OneOf(CITY, ("lyon", "Nice")),
    OneOf(EMPLOYEES, (1, 3)),
    IsUnknown(CITY),
    IsUnknown(EMPLOYEES),
    *(CompareDate(DUE, op, date(2027, 3, 1)) for op in Op),
    *(DaysAway(DUE, least, most) for least, most in ((0, 0), (None, -1), (1, None), (0, 1))),
    IsUnknown(DUE),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=6,
)


def _somebody(
    employees: int | None, city: str | None, due: str | None, grade: str | None, tags: frozenset[str]
) -> ContactState:
    told = {"employees": employees, "city": city, "due_on": due}
    fields = {name: value for name, value in told.items() if value is not None}
    return replace(a_contact(), fields=fields, grade=grade, tags=tags)


PEOPLE = [
    Facts(_somebody(n, city, due, grade, tags), Scoring(), at(MONDAY))
    for n, city, due, grade, tags in product(
        (None, 0, 1, 2, 3),
        (None, "Lyon", "Lille", "Nice", "Brest"),
        (None, "2027-02-28", "2027-03-01", "2027-03-02"),
        (None, *GRADES),
        (frozenset(), frozenset({"x"})),
    )
]


@given(CONDITIONS)
def test_no_false_alarm(condition: Condition) -> None:
    answers = {holds(condition, person) for person in PEOPLE}
    assert not (never_true(condition, GRADES) and True in answers)
    assert not (always_true(condition, GRADES) and False in answers)


@pytest.mark.parametrize(
    ("words", "never", "always"),
    [
        ("engagement >= 20 and engagement < 20", True, False),
        ("engagement >= 20 and engagement <= 20", False, False),
        ('country = "FR" and country in ["BE", "CH"]', True, False),
        ('city = "lyon" and city != "Lyon"', True, False),
        ('fit >= "B" and fit < "B"', True, False),
        ('fit > "A"', True, False),
        ("employees is unknown and employees > 5", True, False),
        ("not employees > 5 and employees is unknown", False, False),
        ('tagged("x") and not tagged("x")', True, False),
        ('clicked("x") >= 3 and not clicked("x") >= 2', True, False),
        ('clicked("x") >= 2 and not clicked("x") >= 3', False, False),
        ("employees > 5 or employees <= 5", False, False),  # it may be unknown
        ("employees > 5 or not employees > 5", False, True),
        ("due_on < 2027-01-01 and due_on >= 2027-01-01", True, False),
        ("due_on < 2027-01-01 and due_on > 2026-12-30", False, False),
        ("due_on within next 3 days and due_on more than 3 days ahead", True, False),
        ("due_on within next 3 days and due_on within last 3 days", False, False),
        ("due_on < today and due_on > 2027-01-01", False, False),  # time tells
        ("due_on < 2027-01-01 and due_on is unknown", True, False),
        ("city is known or city is unknown", False, True),
    ],
)
def test_plain_contradictions_are_found(words: str, never: bool, always: bool) -> None:
    log = Log()
    known = Vocabulary(fields={**STANDARD_FIELDS, "due_on": Field("due_on", FieldKind.DATE)})
    condition = parse(Scalar(words, Spot("a.yaml"), words), known, log)
    assert condition is not None, log.problems
    assert (never_true(condition, GRADES), always_true(condition, GRADES)) == (never, always)
