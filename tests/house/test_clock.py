"""The clock: aware, in UTC, never backwards; and the same time zones on every machine."""

import threading
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.clock import ManualClock, SystemClock

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=30)), max_size=20))
def test_a_manual_clock_shows_the_sum_of_its_moves(moves: list[timedelta]) -> None:
    clock = ManualClock(START)
    for move in moves:
        clock.advance(move)
    assert clock.now() == START + sum(moves, timedelta())


def test_a_manual_clock_gives_utc_whatever_zone_it_was_given() -> None:
    clock = ManualClock(START.astimezone(timezone(timedelta(hours=5))))
    assert clock.now().tzinfo is UTC
    assert clock.now() == START


def test_a_clock_never_runs_backwards() -> None:
    clock = ManualClock(START)
    with pytest.raises(ValueError, match="never runs backwards"):
        clock.move_to(START - timedelta(seconds=1))
    with pytest.raises(ValueError, match="never runs backwards"):
        clock.advance(timedelta(seconds=-1))
    assert clock.now() == START


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        ManualClock(START.replace(tzinfo=None))


def test_many_threads_lose_no_move() -> None:
    clock = ManualClock(START)
    threads = [
        threading.Thread(target=lambda: [clock.advance(timedelta(seconds=1)) for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == START + timedelta(seconds=2000)


def test_zones_come_from_the_package_only() -> None:
    assert zoneinfo.TZPATH == ()
    assert zoneinfo.ZoneInfo("Australia/Lord_Howe").utcoffset(START.replace(tzinfo=None)) == timedelta(hours=11)
