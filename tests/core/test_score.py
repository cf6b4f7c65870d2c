"""The score is a fold over a set of events: order and repetition change nothing, and every point is in the ledger."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.decide import decide
from nurture.core.events import Event, ProfileChanged, Replied, Signalled, Submitted
from nurture.core.facts import utc_day
from nurture.core.ids import WHOLE, pick_variant, share
from nurture.core.program import Audience, Cadence, Cap, Variant
from nurture.core.scoring import MILLION, Scoring, SignalRule, decay_table, grade_of, ledger, remaining
from nurture.core.state import ContactState
from nurture.core.words import Confidence, Intent, SignalKind, Status
from tests.builders import (
    MONDAY,
    OFFICE,
    SALT,
    SCORING,
    a_contact,
    a_profile,
    a_program,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    engaged,
    send,
    wait,
)

NOW = at(MONDAY)
WORLD = a_world(
    a_program(
        a_stage("tofu", send("guide"), wait(days(3)), advance=engaged(20)),
        a_stage("mofu", send("etude"), status=Status.MQL, advance=engaged(60)),
        a_stage("bofu"),
        audience=Audience(did("submitted", "audit")),
        cadence=Cadence(OFFICE, at_most=(Cap(1, 3),)),
    )
)


# Order and repetition

PAST = st.integers(0, 200 * 24).map(lambda hours: NOW - timedelta(hours=hours))
OBJECTS = st.sampled_from(["guide", "etude", "/tarifs", "/blog", ""])
FACTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Signalled, st.uuids().map(str), PAST, st.sampled_from(list(SignalKind)), OBJECTS, st.sampled_from(list(Confidence))
    ),
    st.builds(Submitted, st.uuids().map(str), PAST, st.sampled_from(["audit", "contact"])),
    st.builds(Replied, st.uuids().map(str), PAST, st.sampled_from(list(Intent))),
    st.builds(
        ProfileChanged, st.uuids().map(str), PAST,
        st.dictionaries(st.sampled_from(["role", "employees", "country"]), st.sampled_from(["DSI", 120, None])),
        st.sampled_from([(), ("salon",)]), st.sampled_from([(), ("salon",), ("salon", "vip")]),
    ),
)  # fmt: skip


def fold(happened: Sequence[Event]) -> ContactState:
    """Decide each event once, as storage gives them: a repeated key is the same event."""
    state = a_contact()
    for event in {event.key: event for event in happened}.values():
        state = decide(WORLD, state, event, NOW).state
    return state


@settings(max_examples=150)
@given(st.lists(FACTS, max_size=14), st.randoms(use_true_random=False))
def test_shuffled_and_repeated_events_give_the_same_score_and_status(
    happened: list[Event], chance: random.Random
) -> None:
    shuffled = happened + chance.sample(happened, len(happened) // 2)
    chance.shuffle(shuffled)
    one, two = fold(happened), fold(shuffled)
    assert one.signals == two.signals
    for name in ("engagement", "fit", "grade", "persona", "status", "fields", "tags", "told", "country"):
        assert getattr(one, name) == getattr(two, name)


@settings(max_examples=100)
@given(st.lists(FACTS, max_size=10), st.integers(0, 9))
def test_one_more_signal_never_lowers_the_score(happened: list[Event], which: int) -> None:
    without = [event for n, event in enumerate(happened) if n != which]
    assert fold(happened).engagement >= fold(without).engagement


# Decay and the ledger


def test_decay_is_an_integer_table_that_ends_after_four_half_lives() -> None:
    table = decay_table(30)
    assert len(table) == 121
    assert (table[0], table[30], table[60], table[120]) == (1_000_000, 500_000, 250_000, 62_500)
    assert list(table) == sorted(table, reverse=True)
    assert all(isinstance(part, int) for part in table)
    assert (remaining(10_000, 30, 120), remaining(10_000, 30, 121)) == (625, 0)
    assert (remaining(10_000, 30, -5), remaining(10_000, None, 10_000)) == (10_000, 10_000)


@given(st.integers(1, 400), st.integers(0, 10**7), st.integers(-10, 2000))
def test_decay_never_gives_more_than_was_earned_nor_rises_with_age(half_life: int, points: int, age: int) -> None:
    left = remaining(points, half_life, age)
    assert 0 <= remaining(points, half_life, age + 1) <= left <= points
    exact = points * 2 ** (-max(age, 0) / half_life)
    assert left == 0 or abs(left - exact) <= points / MILLION + 1


def test_decay_goes_by_whole_utc_days() -> None:
    state = decide(a_world(), a_contact(), a_signal("visited", "/", "2027-03-01 23:59"), NOW).state
    for when, engagement in (("2027-03-02 00:59", 1000), ("2027-03-02 01:00", 951), ("2027-03-03 00:59", 951)):
        assert decide(a_world(), state, a_profile(), at(when)).state.engagement == engagement


def test_caps_are_per_utc_day_and_shared_by_the_objects_of_a_rule() -> None:
    counts = [
        (SignalKind.VISITED, "/b", 10, 2),
        (SignalKind.VISITED, "/a", 10, 2),
        (SignalKind.VISITED, "/a", 11, 2),
        (SignalKind.VISITED, "/tarifs", 10, 5),
        (SignalKind.OPENED, "x", 10, 9),
    ]
    entries = [(e.object, e.day, e.points) for e in ledger(SCORING, counts, 11)]
    assert entries == [("/a", 10, 2000), ("/a", 11, 2000), ("/b", 10, 1000), ("/tarifs", 10, 16_000)]


COUNTS = st.lists(
    st.tuples(
        st.sampled_from([SignalKind.VISITED, SignalKind.CLICKED, SignalKind.REPLIED]),
        st.sampled_from(["/a", "/b", "/tarifs"]),
        st.integers(700_000, 700_100),
        st.integers(1, 20),
    ),
    unique_by=lambda count: count[:3],
    max_size=20,
)


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_ledger_is_a_function_of_the_set(
    counts: list[tuple[SignalKind, str, int, int]], chance: random.Random
) -> None:
    shuffled = chance.sample(counts, len(counts))
    entries = list(ledger(SCORING, counts, 700_050))
    assert entries == list(ledger(SCORING, shuffled, 700_050))
    spent: Counter[tuple[SignalKind, str | None, int]] = Counter()
    for entry in entries:
        rule = SCORING.rule_for(entry.signal, entry.object)
        assert rule is not None
        spent[rule.signal, rule.object, entry.day] += entry.points
        assert rule.cap_per_day is None or spent[rule.signal, rule.object, entry.day] <= rule.cap_per_day


@given(st.lists(FACTS, max_size=12), st.integers(0, 300))
def test_the_ledger_sums_up_to_the_engagement(happened: list[Event], later: int) -> None:
    now = NOW + timedelta(days=later)
    state = decide(WORLD, fold(happened), a_profile(key="later"), now).state
    counts = ((kind, about, day, t.count) for (kind, about), tally in state.signals.items() for day, t in tally.items())
    assert state.engagement == sum(entry.remaining for entry in ledger(WORLD.scoring, counts, utc_day(now)))


def test_a_grade_is_the_best_that_the_fit_earns() -> None:
    assert [grade_of(SCORING, fit) for fit in (100, 80, 79, 60, 40, 39, 0)] == ["A", "A", "B", "B", "C", "D", "D"]


def test_fit_is_unknown_while_nothing_that_a_persona_asks_is_known() -> None:
    state = decide(a_world(), a_contact(country=""), a_profile(fields={"shoe_size": 43}), NOW).state
    assert (state.fit, state.grade, state.persona) == (None, None, None)
    state = decide(a_world(), state, a_profile(fields={"role": "dsi", "country": "be"}), NOW).state
    assert (state.fit, state.grade, state.persona) == (40, "C", "it")


def test_a_rule_of_an_object_comes_before_the_rule_of_its_signal() -> None:
    scoring = Scoring((SignalRule(SignalKind.VISITED, 1), SignalRule(SignalKind.VISITED, 0, object="/legal")))
    worth = [(e.object, e.points) for e in ledger(scoring, [(SignalKind.VISITED, p, 1, 1) for p in ("/", "/legal")], 1)]
    assert worth == [("/", 1), ("/legal", 0)]


# Choices that look random

CONTACTS = [f"{n:032x}" for n in range(4000)]


def test_variants_are_shared_out_as_told() -> None:
    variants = (Variant("a", 5000), Variant("b", 3000), Variant("c", 2000))
    chosen = Counter(pick_variant(SALT, variants, "cloud", "tofu/send:guide", c) for c in CONTACTS)
    for variant in variants:
        assert abs(chosen[variant] - len(CONTACTS) * variant.share / WHOLE) < 130


def test_variants_of_two_steps_are_chosen_independently() -> None:
    variants = (Variant("a", 5000), Variant("b", 5000))
    pairs = Counter(
        tuple(v.name for step in ("one", "two") if (v := pick_variant(SALT, variants, "cloud", step, c)))
        for c in CONTACTS
    )
    assert all(abs(count - 1000) < 120 for count in pairs.values())


def test_the_hold_out_is_as_large_as_told_and_only_grows_when_raised() -> None:
    small = {c for c in CONTACTS if share(SALT, "hold_out", "cloud", c) < 500}
    large = {c for c in CONTACTS if share(SALT, "hold_out", "cloud", c) < 1000}
    assert abs(len(small) - 200) < 60
    assert small < large


def test_half_a_hold_out_is_held_out() -> None:
    program = a_program(hold_out=5000)
    world = a_world(program)
    form = Submitted("f", NOW, "audit")
    states = [decide(world, replace(a_contact(), key=c), form, NOW).state for c in CONTACTS[:400]]
    held = sum(state.enrolments["cloud"].held_out for state in states)
    assert abs(held - 200) < 50
    assert held + sum(len(state.touches) for state in states) == 400
