"""Conditions: what authors write means what they think, and every mistake is told at its column."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.condition_text import to_text
from nurture.authoring.conditions import parse
from nurture.authoring.nodes import Scalar, Table
from nurture.authoring.problems import Code, Log, Spot
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, FieldKind, Vocabulary
from nurture.authoring.yaml import load
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
    Scope,
    Signalled,
    Tagged,
)
from nurture.core.words import SignalKind, Status

OWN = {
    "servers": Field("servers", FieldKind.NUMBER),
    "insured": Field("insured", FieldKind.FLAG),
    "size": Field("size", FieldKind.CHOICE, ("small", "large")),
    "renewal_on": Field("renewal_on", FieldKind.DATE),
}
KNOWN = Vocabulary(
    contents={"guide": "white_paper", "talk": "webinar"},
    forms=frozenset({"audit"}),
    fields={**STANDARD_FIELDS, **OWN},
    stages=("tofu", "mofu"),
)


def read(text: str, known: Vocabulary = KNOWN) -> tuple[Condition | None, Log]:
    log = Log()
    return parse(Scalar(text, Spot("f"), text), known, log), log


RENEWAL = Ref("renewal_on")
GUIDE = Signalled(SignalKind.DOWNLOADED, "guide")
MEANINGS = {
    'submitted("audit")': Signalled(SignalKind.SUBMITTED, "audit"),
    'tagged("salon-2026")': Tagged("salon-2026"),
    'downloaded("guide")': GUIDE,
    "downloaded('guide')": GUIDE,
    'clicked("guide") within 7 days': Signalled(SignalKind.CLICKED, "guide", 1, Scope.WITHIN, 7),
    'visited("/tarifs") >= 3 within 2 weeks': Signalled(SignalKind.VISITED, "/tarifs", 3, Scope.WITHIN, 14),
    'ever(opened("guide"))': Signalled(SignalKind.OPENED, "guide", 1, Scope.EVER),
    "clicked() >= 2": Signalled(SignalKind.CLICKED, None, 2),
    'replied("interested")': Signalled(SignalKind.REPLIED, "interested"),
    'fit >= "C"': Compare(Ref("fit"), Op.GE, "C"),
    "engagement >= 20": Compare(Ref("engagement"), Op.GE, 20_000),
    "engagement < 2.5": Compare(Ref("engagement"), Op.LT, 2_500),
    'stage = "mofu"': Compare(Ref("stage"), Op.EQ, "mofu"),
    'status != "customer"': Compare(Ref("status"), Op.NE, "customer"),
    'country in ["FR", "BE",]': OneOf(Ref("country"), ("FR", "BE")),
    "employees > 50": Compare(Ref("employees"), Op.GT, 50),
    "insured = true": Compare(Ref("insured"), Op.EQ, True),
    'size = "large"': Compare(Ref("size"), Op.EQ, "large"),
    "fit is unknown": IsUnknown(Ref("fit")),
    "company is known": Not(IsUnknown(Ref("company"))),
    "renewal_on <= 2027-01-31": CompareDate(RENEWAL, Op.LE, date(2027, 1, 31)),
    "renewal_on != 2027-01-31": CompareDate(RENEWAL, Op.NE, date(2027, 1, 31)),
    "renewal_on in [2027-01-31, 2028-02-29]": Or(
        (CompareDate(RENEWAL, Op.EQ, date(2027, 1, 31)), CompareDate(RENEWAL, Op.EQ, date(2028, 2, 29)))
    ),
    "renewal_on = today": DaysAway(RENEWAL, 0, 0),
    "renewal_on < today": DaysAway(RENEWAL, None, -1),
    "renewal_on >= today": DaysAway(RENEWAL, 0, None),
    "renewal_on != today": And((Not(IsUnknown(RENEWAL)), Not(DaysAway(RENEWAL, 0, 0)))),
    "renewal_on within next 30 days": DaysAway(RENEWAL, 0, 30),
    "renewal_on within last 2 weeks": DaysAway(RENEWAL, -14, 0),
    "renewal_on more than 90 days ago": DaysAway(RENEWAL, None, -91),
    "renewal_on more than 1 week ahead": DaysAway(RENEWAL, 8, None),
    "created more than 90 days ago": DaysAway(Ref("created"), None, -91),
    "created >= 2027-01-31": CompareDate(Ref("created"), Op.GE, date(2027, 1, 31)),
    "last_name is known": Not(IsUnknown(Ref("last_name"))),
    "always": ALWAYS,
    "never": NEVER,
    'downloaded("guide") or not fit is unknown and servers = 1': Or(
        (GUIDE, And((Not(IsUnknown(Ref("fit"))), Compare(Ref("servers"), Op.EQ, 1))))
    ),
    '(downloaded("guide") or servers = 1) and always': And(
        (Or((GUIDE, Compare(Ref("servers"), Op.EQ, 1))), ALWAYS),
    ),
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_condition_means_what_it_says(text: str) -> None:
    condition, log = read(text)
    assert not log.problems
    assert condition == MEANINGS[text]


texts = st.text(st.characters(codec="utf-8"), max_size=12)
refs_with_values = st.one_of(
    st.tuples(st.just("fit"), st.sampled_from(list(Op)), st.sampled_from("ABCD")),
    st.tuples(st.just("engagement"), st.sampled_from(list(Op)), st.integers(-(10**6), 10**6)),
    st.tuples(st.sampled_from(["employees", "servers"]), st.sampled_from(list(Op)), st.integers(-(10**6), 10**6)),
    st.tuples(st.sampled_from(["status"]), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from([s.value for s in Status])),
    st.tuples(st.sampled_from(["company", "city"]), st.sampled_from([Op.EQ, Op.NE]), texts),
    st.tuples(st.just("country"), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(["FR", "NO", "GB"])),
    st.tuples(st.just("insured"), st.sampled_from([Op.EQ, Op.NE]), st.booleans()),
)
scopes = st.one_of(
    st.just((Scope.DEFAULT, 0)), st.just((Scope.EVER, 0)), st.integers(1, 730).map(lambda days: (Scope.WITHIN, days))
)
bounds = st.one_of(
    st.sampled_from([(0, 0), (None, -1), (None, 0), (1, None), (0, None)]),
    st.integers(1, 3660).flatmap(lambda n: st.sampled_from([(0, n), (-n, 0), (None, -n - 1), (n + 1, None)])),
)
leaves = st.one_of(
    st.just(ALWAYS),
    st.builds(
        lambda kind, about, count, scope: Signalled(kind, about, count, *scope),
        st.sampled_from([SignalKind.VISITED, SignalKind.SUBMITTED]),
        st.none() | texts,
        st.integers(1, 50),
        scopes,
    ),
    st.builds(Tagged, texts),
    st.builds(lambda parts: Compare(Ref(parts[0]), parts[1], parts[2]), refs_with_values),
    st.builds(CompareDate, st.just(RENEWAL), st.sampled_from(list(Op)), st.dates(date(2000, 1, 1), date(2100, 12, 31))),
    st.builds(lambda bounds: DaysAway(RENEWAL, *bounds), bounds),
    st.builds(lambda values: OneOf(Ref("city"), tuple(values)), st.lists(texts, min_size=1, max_size=4)),
    st.builds(lambda name: IsUnknown(Ref(name)), st.sampled_from(["fit", "company", "servers"])),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=4).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=4).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=12,
)


@given(conditions)
def test_a_printed_condition_reads_back_the_same(condition: Condition) -> None:
    again, log = read(to_text(condition))
    assert not log.failed, log.problems
    assert again == condition


@given(st.text(max_size=60) | st.text('fit>="C" and()not[],12withn\'', max_size=60))
def test_any_text_is_a_condition_or_has_a_problem_within_itself(text: str) -> None:
    condition, log = read(text)
    assert (condition is None) == log.failed
    for problem in log.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message


WRONG = {
    "fit >=": (Code.BAD_CONDITION, 6),
    'fit => "C"': (Code.BAD_CONDITION, 5),
    'fit == "C"': (Code.BAD_CONDITION, 5),
    "fit >= C": (Code.BAD_CONDITION, 8),
    "fit >= “C”": (Code.BAD_CONDITION, 8),
    'fit >= "C" ou fit is unknown': (Code.BAD_CONDITION, 12),
    '(fit >= "C"': (Code.BAD_CONDITION, 11),
    'company = "abc': (Code.BAD_CONDITION, 11),
    "servers = 1 & insured = true": (Code.BAD_CONDITION, 13),
    "tagged()": (Code.BAD_CONDITION, 1),
    'tagged("a") within 2 days': (Code.BAD_CONDITION, 1),
    'ever(visited("/x")) within 2 days': (Code.BAD_CONDITION, 28),
    'city = "\\q"': (Code.BAD_CONDITION, 9),
    "(" * 200: (Code.BAD_CONDITION, 1),
    'company >= "x"': (Code.WRONG_TYPE, 9),
    'employees = "x"': (Code.WRONG_TYPE, 14),
    "employees = 2.5": (Code.WRONG_TYPE, 13),
    "insured = 1": (Code.WRONG_TYPE, 11),
    'visited("/x") < 3': (Code.WRONG_TYPE, 15),
    'visited("/x") within 2 months': (Code.BAD_SPAN, 24),
    'visited("/x") within 9999 days': (Code.BAD_SPAN, 22),
    'size = "lrge"': (Code.UNKNOWN_VALUE, 9),
    'fit in ["A", "X"]': (Code.UNKNOWN_VALUE, 15),
    'stage = "bofu"': (Code.UNKNOWN_STAGE, 10),
    'country = "france"': (Code.UNKNOWN_COUNTRY, 12),
    'registered("guide")': (Code.WRONG_KIND, 13),
    'downloaded("giude")': (Code.UNKNOWN_CONTENT, 13),
    "frist_name is unknown": (Code.UNKNOWN_FIELD, 1),
    'visted("/x")': (Code.UNKNOWN_SIGNAL, 1),
    'renewal_on <= "2027-01-31"': (Code.WRONG_TYPE, 16),
    "renewal_on = 3": (Code.WRONG_TYPE, 14),
    "renewal_on < 2027-02-29": (Code.BAD_SPAN, 14),
    "renewal_on < 2027-1-9": (Code.BAD_SPAN, 14),
    "renewal_on < 2927-01-09": (Code.BAD_SPAN, 14),
    "renewal_on within 30 days": (Code.BAD_CONDITION, 19),
    "renewal_on within next 3 months": (Code.BAD_SPAN, 26),
    "renewal_on within last 0 days": (Code.BAD_SPAN, 24),
    "renewal_on more than 9999 days ago": (Code.BAD_SPAN, 22),
    "renewal_on more than 90 days": (Code.BAD_CONDITION, 28),
    "renewal_on less than 90 days ago": (Code.BAD_CONDITION, 12),
    "renewl_on within next 3 days": (Code.UNKNOWN_FIELD, 1),
    "city within next 3 days": (Code.WRONG_TYPE, 1),
    "city = today": (Code.WRONG_TYPE, 8),
    "city = 2027-01-31": (Code.WRONG_TYPE, 8),
    "opened within 60 days": (Code.BAD_CONDITION, 1),
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:30])
def test_a_wrong_condition_is_told_at_its_column(text: str) -> None:
    condition, log = read(text)
    assert condition is None
    assert [(p.code, p.column) for p in log.problems] == [WRONG[text]]


def test_a_keyword_in_small_letters_is_not_asked_to_be_smaller() -> None:
    _, log = read('downloaded("livre-blanc" or engagement >= 20')
    assert [problem.hint for problem in log.problems] == [""]
    _, log = read('downloaded("livre-blanc") OR engagement >= 20')
    assert [problem.hint for problem in log.problems] == ['write "or", in small letters']


def test_a_date_without_a_way_is_asked_which() -> None:
    _, log = read("renewal_on within 30 days")
    assert [p.hint for p in log.problems] == ['write "within next 30 days" or "within last 30 days"']
    _, log = read("opened within 60 days")
    assert [p.hint for p in log.problems] == ["write opened() within 60 days"]


def test_every_mistake_of_one_condition_is_told() -> None:
    _, log = read('fitt >= "C" and country in ["UK", "XX"] or downloaded("nothing")')
    assert [(p.code, p.column) for p in log.problems] == [
        (Code.UNKNOWN_FIELD, 1),
        (Code.UNKNOWN_COUNTRY, 30),
        (Code.UNKNOWN_COUNTRY, 36),
        (Code.UNKNOWN_CONTENT, 56),
    ]


STYLES = {
    "plain": "when: fit is known and fitt is unknown\n",
    "plain over two lines": "when: fit is known\n  and fitt is unknown\n",
    "single quotes": "when: 'city = ''x'' and fitt is unknown'\n",
    "double quotes": 'when: "city = \\"x\\" and fitt is unknown"\n',
    "folded": "when: >-\n  fit is known\n  and fitt is unknown\n",
    "literal": "when: |\n  fit is known\n  and fitt is unknown\n",
    "in braces": "a: {b: c, when: fit is known and fitt is unknown}\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_column_is_right_however_yaml_writes_the_text(style: str) -> None:
    source, log = STYLES[style], Log()
    root = load("f", source, Log())
    assert isinstance(root, Table)
    inner = root.get("a")
    parse((inner if isinstance(inner, Table) else root).get("when"), KNOWN, log)
    (problem,) = log.problems
    line = source.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("fitt is unknown")
    assert problem.length == len("fitt")
