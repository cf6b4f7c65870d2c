"""Intervals by drawing contacts again, and the line in which mails wait for an hourly budget."""

import random

from nurture.simulate.intervals import poisson, total, totals, weekly
from nurture.simulate.pace import Pace, pace_of


def test_a_figure_lies_within_its_interval_which_narrows_as_contacts_grow() -> None:
    few, many = total({1: 20}, 1), total({1: 2000}, 1)
    assert few.low <= few.value == 20 <= few.high
    assert (many.high - many.low) / many.value < (few.high - few.low) / few.value / 3
    assert 12 <= few.low <= 14, "nine in ten Poisson draws of 20 lie from 13 to 28"
    assert 26 <= few.high <= 29


def test_nothing_is_certain_to_be_nothing() -> None:
    assert total({}, 1).high == 0
    assert not total({}, 1).is_clear


def test_gains_and_losses_of_as_many_contacts_are_no_clear_difference() -> None:
    assert not total({1: 30, -1: 30}, 1).is_clear
    assert total({1: 30, -1: 2}, 1).is_clear


def test_weeks_are_drawn_with_the_contact_that_had_them() -> None:
    ranges = totals(weekly({(0,): 10, (0, 3): 5, (2, 2): 1}), 4, 1)
    assert [r.value for r in ranges] == [15, 0, 2, 5]
    assert ranges == totals(weekly({(2, 2): 1, (0, 3): 5, (0,): 10}), 4, 1), "in whatever order they were counted"


def test_draws_have_the_mean_they_should() -> None:
    dice = random.Random(3)
    for mean in (0.5, 8.0, 400.0):
        drawn = [poisson(mean, dice) for _ in range(4000)]
        assert abs(sum(drawn) / 4000 - mean) < 4 * (mean / 4000) ** 0.5


def test_a_budget_lets_mails_wait_in_line() -> None:
    assert pace_of({9: 100, 10: 20}, 100) == Pace(100, 100, 0, 0, 0)
    assert pace_of({9: 250, 10: 20, 15: 90}, 100) == Pace(100, 250, 170, 150, 2)
    assert pace_of({}, 100) == Pace(100, 0, 0, 0, 0)
