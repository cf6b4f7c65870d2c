"""Contacts, rules of score and conditions, drawn so that they often touch: few names, few days, letters that fold alike."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from nurture.core.conditions import (
    ALWAYS,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    InSegment,
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
from nurture.core.scoring import GRADES, Criterion, Grade, Persona, Scoring, SignalRule
from nurture.core.state import ContactState, Day, Enrolment, Exhausted
from nurture.core.words import SignalKind, Status
from nurture.core.world import World
from tests.builders import SALT
from tests.storage.scenes import NOW

CAMPAIGN = "cloud"
LETTERS = (
    "a",
    "A",
    "s",
    "S",
    "ſ",
    "ß",
    "ẞ",
    "k",
    "\u212a",
    "i",
    "I",
    "İ",
    "ı",
    "\u0307",
    "é",
    "É",
    "ﬀ",
    "f",
    "Σ",
    "ς",
    "ŉ",
    "𐐀",
    "𐐨",
    "\uffff",
    "'",
    "%",
)
"""Small and capital in every way that casefold knows; beyond and within the basic plane, where orders could differ."""
WORDS = ("", "ss", "SS", "ff", "ﬃ", "Lyon", "LYON", "lyon", "B", "b", "mql", "MQL", "true", "1")
TEXTS = st.sampled_from(WORDS) | st.text(st.sampled_from(LETTERS), max_size=3)
WHOLE = st.sampled_from((0, 1, -1, 2, 40, 2**31, 2**62, -(2**63), 2**63 - 1))
NEAR = st.integers(-3, 3).map(lambda days: NOW.date() + timedelta(days=days))
NO_DATES = (
    "2027-02-31",
    "2027-3-1",
    " 2027-03-01",
    "2027-03-01\n",
    "２０２７-03-01",
    "0000-00-00",
    "9999-99-99",
    "2027-03-01T00:00",
)
"""What has the shape of a date and is none, or looks like one."""
DATES = NEAR.map(date.isoformat) | st.sampled_from(NO_DATES)
VALUES: st.SearchStrategy[Any] = TEXTS | WHOLE | st.booleans() | DATES
STRANGE = st.none() | st.sampled_from((1.0, 0.5, 1e16, 2**64 - 1))
"""What no event may tell, and a row could hold."""

FIELDS = ("city", "employees", "insured", "e\u0301tat", "timezone")
REFS = ("engagement", "fit", "status", "stage", "country", "language", "created", *FIELDS)
OBJECTS = ("", "a", "A", "é", "z", "\uffff", "𐐀")
DAYS = st.integers(-3, 3)
ZONES = ("Asia/Tokyo", "America/Los_Angeles", "Nowhere/Atall")
TAGS = ("salon", "Salon", "é", "1", "%")
LETTER_GRADES = (GRADES, (Grade("gold", 50), Grade("B", 25), Grade("none", 0)))
SIGNALS = tuple(SignalKind)[:4]
DAYS_AGO = (-3, -1, 0, 1, 2, 3, 4, 12, 13, 120, 121, 400)
HALF_LIVES = (None, 1, 3, 30)
POINTS = (0, 1, 333, 5_000, 999_999_000, -1, -7_001)

AWKWARD = ("a\0", "\ud800", 2**63, -(2**70))
"""Values that no column can hold."""
UNNAMEABLE = ('we"ird', "back\\slash", "\ttab")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Some contacts, and what is asked about them."""

    world: World
    now: datetime
    campaign: str | None
    states: tuple[ContactState, ...]
    conditions: tuple[Condition, ...]


def crowds(*, awkward: bool = False) -> st.SearchStrategy[Crowd]:
    """Crowds with conditions that SQL can say; `awkward` also with others."""
    names = REFS + UNNAMEABLE * awkward
    values = VALUES | st.sampled_from(AWKWARD) if awkward else VALUES
    return st.builds(
        Crowd,
        scorings(names, values, awkward=awkward).map(
            lambda scoring: World(hash="w", salt=SALT, scoring=scoring, home="Pacific/Auckland")
        ),
        st.sampled_from((NOW, NOW + timedelta(hours=16))),
        st.none() | st.just(CAMPAIGN),
        st.lists(states(names), min_size=1, max_size=6).map(tuple),
        st.lists(conditions(names, values, awkward=awkward), min_size=1, max_size=6).map(tuple),
    )


def conditions(
    names: tuple[str, ...], values: st.SearchStrategy[Any], *, awkward: bool
) -> st.SearchStrategy[Condition]:
    """Trees of some leaves; those that depend on the contact's clock are `awkward`."""
    refs = st.sampled_from(names).map(Ref)
    objects = st.none() | st.sampled_from(OBJECTS) | values.filter(lambda value: isinstance(value, str))
    leaves = st.one_of(
        st.just(ALWAYS),
        st.builds(
            Signalled, st.sampled_from(SIGNALS), objects, st.integers(0, 4), st.sampled_from(Scope), st.integers(0, 130)
        ),
        st.builds(Tagged, st.sampled_from(TAGS) | values.filter(lambda value: isinstance(value, str))),
        st.builds(Compare, refs, st.sampled_from(Op), values),
        st.builds(Compare, refs, st.sampled_from(Op), values),
        st.builds(Compare, st.just(Ref("engagement")), st.sampled_from(Op), st.integers(-10_000, 20_000)),
        st.builds(Compare, st.just(Ref("fit")), st.sampled_from(Op), st.sampled_from(("A", "B", "gold", "b"))),
        st.builds(OneOf, refs, st.lists(values, max_size=4).map(tuple)),
        st.builds(IsUnknown, refs),
        st.builds(CompareDate, refs, st.sampled_from(Op), NEAR),
        *([st.builds(DaysAway, refs, st.none() | DAYS, st.none() | DAYS)] * awkward),
    )
    return st.recursive(leaves, _grown, max_leaves=8)


def _grown(terms: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(terms, max_size=3).map(tuple)
    inner = st.builds(InSegment, st.just("segment"), terms)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, terms) | inner


def scorings(names: tuple[str, ...], values: st.SearchStrategy[Any], *, awkward: bool) -> st.SearchStrategy[Scoring]:
    """Rules with and without caps and half-lives, and personas that ask anything."""
    caps = st.sampled_from((None, 0, 1, 5_000, 7_777) + (-1,) * awkward)
    rules = st.builds(
        SignalRule,
        st.sampled_from(SIGNALS[:3]),
        st.sampled_from(POINTS),
        st.none() | st.sampled_from(OBJECTS),
        caps,
        st.sampled_from(HALF_LIVES),
    )
    criteria = st.builds(Criterion, conditions(names, values, awkward=awkward), st.integers(-awkward, 3), st.just(""))
    personas = st.builds(Persona, st.sampled_from(("one", "two")), st.lists(criteria, max_size=3).map(tuple))
    return st.builds(
        Scoring,
        st.lists(rules, max_size=5).map(tuple),
        st.lists(personas, max_size=2).map(tuple),
        st.sampled_from(LETTER_GRADES),
    )


@st.composite
def states(draw: st.DrawFn, names: tuple[str, ...] = REFS) -> ContactState:
    """A contact as a row could hold it."""
    return ContactState(
        key="",
        fields=draw(st.dictionaries(st.sampled_from(names), VALUES | STRANGE, max_size=4)),
        tags=draw(st.frozensets(st.sampled_from(TAGS), max_size=2)),
        language=draw(TEXTS),
        country=draw(TEXTS | st.sampled_from(("FR", "JP"))),
        zone=draw(st.none() | st.sampled_from(ZONES)),
        status=draw(st.sampled_from(Status)),
        signals=draw(
            st.dictionaries(st.tuples(st.sampled_from(SIGNALS), st.sampled_from(OBJECTS)), _days(), max_size=4)
        ),
        enrolments=draw(st.dictionaries(st.sampled_from((CAMPAIGN, "other")), _enrolment(), max_size=2)),
        engagement=draw(st.integers(0, 30_000)),
        grade=draw(st.none() | st.sampled_from(("A", "B", "gold", "lost", ""))),
    )


def _days() -> st.SearchStrategy[dict[int, Day]]:
    ago = st.sampled_from(DAYS_AGO)
    return st.dictionaries(ago, st.integers(0, 3), min_size=1, max_size=3).map(
        lambda counts: {(at := NOW - timedelta(days=n)).toordinal(): Day(count, at, at) for n, count in counts.items()}
    )


def _enrolment() -> st.SearchStrategy[Enrolment]:
    began = st.sampled_from(DAYS_AGO).map(lambda n: NOW - timedelta(days=n))
    return st.builds(
        lambda stage, at: Enrolment(CAMPAIGN, "v1", stage, Exhausted(), at, at, at),
        st.sampled_from(("tofu", "TOFU", "", *WORDS)),
        began,
    )
