"""What is said never to be true is true of nobody, and the plain contradictions are found."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.conditions import parse
from nurture.authoring.lint.truth import always_true, never_true
from nurture.authoring.nodes import Scalar
from nurture.authoring.problems import Log, Spot
from nurture.authoring.vocabulary import Vocabulary
from nurture.core.conditions import ALWAYS, NEVER, And, Compare, Condition, IsUnknown, Not, OneOf, Op, Or, Ref, Tagged
from nurture.core.facts import Facts, holds
from nurture.core.scoring import Scoring
from tests.builders import MONDAY, a_contact, at

GRADES = ("A", "B", "C", "D")
EMPLOYEES, CITY, FIT = Ref("employees"), Ref("city"), Ref("fit")
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
PEOPLE = [
    Facts(replace(a_contact(), fields={"employees": n, "city": city}, grade=grade, tags=tags), Scoring(), at(MONDAY))
    for n, city, grade, tags in product(
        (None, 0, 1, 2, 3), (None, "Lyon", "Lille", "Nice", "Brest"), (None, *GRADES), (frozenset(), frozenset({"x"}))
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
        ("city is known or city is unknown", False, True),
    ],
)
def test_plain_contradictions_are_found(words: str, never: bool, always: bool) -> None:
    log = Log()
    condition = parse(Scalar(words, Spot("a.yaml"), words), Vocabulary(), log)
    assert condition is not None, log.problems
    assert (never_true(condition, GRADES), always_true(condition, GRADES)) == (never, always)
