"""A breaker opens after failures in a row, comes back with one message, and never gets stuck; a release rises to its cap."""

from hypothesis import given
from hypothesis import strategies as st

from nurture.delivery import breakers, release
from nurture.delivery.breakers import CLOSED, FAILURES, LAST_ROUND, LEAST, LONGEST, Breaker, HalfOpen, Open

STEPS = st.lists(
    st.tuples(st.sampled_from(["go", "answered", "failed", "untold", "later"]), st.floats(0, 1), st.floats(0, 2000)),
    max_size=80,
)


def after_failures(count: int, fraction: float = 0.5) -> Breaker:
    breaker: Breaker = CLOSED
    for _ in range(count):
        breaker = breakers.failed(breaker, 0.0, fraction)
    return breaker


def test_it_opens_after_failures_in_a_row_and_an_answer_begins_the_count_anew() -> None:
    assert isinstance(after_failures(FAILURES), Open)
    almost = after_failures(FAILURES - 1)
    assert (breakers.room(almost), breakers.answered(almost)) == (None, CLOSED)


def test_who_asks_to_be_left_alone_is_left_alone_at_once_and_for_as_long() -> None:
    asked = breakers.failed(CLOSED, 100.0, 0.0, asked=120.0)
    assert asked == Open(220.0, 1)
    assert breakers.room(breakers.at(asked, 219.0)) == 0
    assert breakers.room(breakers.at(asked, 220.0)) == 1


def test_it_comes_back_with_one_message_and_doubles_each_round() -> None:
    breaker = breakers.at(after_failures(FAILURES), 1_000.0)
    rounds = []
    while breaker != CLOSED:
        count = breakers.room(breaker)
        assert count
        rounds.append(count)
        for _ in range(count):
            breaker = breakers.let_out(breaker)
        assert breakers.room(breaker) == 0
        for _ in range(count):
            breaker = breakers.answered(breaker)
    assert rounds == [1, 2, 4, 8, 16, 32, LAST_ROUND]


def test_each_time_in_a_row_it_is_left_alone_for_longer_up_to_a_limit() -> None:
    now, spans, breaker = 0.0, [], after_failures(FAILURES, fraction=1.0)
    for _ in range(8):
        assert isinstance(breaker, Open)
        spans.append(breaker.until - now)
        now = breaker.until
        breaker = breakers.failed(breakers.let_out(breakers.at(breaker, now)), now, 1.0)
    assert spans == [30, 60, 120, 240, 480, LONGEST, LONGEST, LONGEST]


@given(st.floats(0, 1))
def test_how_long_is_spread_over_the_whole_ceiling(fraction: float) -> None:
    breaker = after_failures(FAILURES, fraction)
    assert isinstance(breaker, Open)
    assert breaker.until == max(30 * fraction, LEAST)


@given(STEPS)
def test_whatever_happens_it_can_send_again(steps: list[tuple[str, float, float]]) -> None:
    """As long as what is let out is answered for, there is room again after a while: nothing waits for ever."""
    now, out, breaker = 0.0, 0, CLOSED
    for step, fraction, seconds in steps:
        breaker = breakers.at(breaker, now)
        match step:
            case "go" if breakers.room(breaker) != 0:
                breaker, out = breakers.let_out(breaker), out + 1
            case "answered" if out:
                breaker, out = breakers.answered(breaker), out - 1
            case "failed" if out:
                breaker, out = breakers.failed(breaker, now, fraction), out - 1
            case "untold" if out:
                breaker, out = breakers.untold(breaker), out - 1
            case "later":
                now += seconds
            case _:
                pass
    for _ in range(out):
        breaker = breakers.untold(breaker)
    assert breakers.room(breakers.at(breaker, now + LONGEST)) != 0


def test_answers_to_what_left_before_it_opened_change_nothing() -> None:
    breaker = after_failures(FAILURES)
    assert breakers.answered(breaker) == breakers.untold(breaker) == breakers.failed(breaker, 1.0, 1.0) == breaker


def sent_in(seconds: float, cap: float, every: float = 1.0) -> list[int]:
    """How many go at each look, with a backlog that has no end."""
    going, now, counts = release.begin(cap, 0.0), 0.0, []
    while now < seconds:
        going = release.advanced(going, now)
        counts.append(release.room(going, now))
        going = release.taken(going, counts[-1])
        now += every
    return counts


def test_a_backlog_is_released_slowly_at_first_and_never_faster_than_its_cap() -> None:
    counts = sent_in(60, cap=100)
    assert counts[0] == 1
    assert counts == sorted(counts)
    assert counts[-1] == max(counts) == 100
    assert sum(counts[:10]) < 30


@given(st.floats(1, 500), st.floats(0.05, 20))
def test_however_often_one_looks_the_rate_keeps_its_cap(cap: float, every: float) -> None:
    assert sum(sent_in(100, cap, every)) <= cap * 101 + 1


def test_a_half_open_breaker_is_told_apart_from_a_closed_one() -> None:
    assert breakers.room(HalfOpen(1, window=4, out=1, answered=2)) == 1
