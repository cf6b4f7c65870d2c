"""When a message is tried again: soon, then later, never at one instant with all others, and not for ever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nurture.delivery.retries import GIVE_UP_AFTER, LEAST, LONGEST, next_try
from tests.delivery.harness import NOW

KEYS = st.text("0123456789abcdef", min_size=32, max_size=32)
ATTEMPTS = st.integers(1, 60)


@given(KEYS, ATTEMPTS)
def test_the_same_attempt_of_the_same_message_waits_the_same_everywhere(key: str, attempts: int) -> None:
    assert next_try(key, attempts, NOW, NOW, None) == next_try(key, attempts, NOW, NOW, None)


@given(KEYS, ATTEMPTS)
def test_the_wait_grows_to_an_hour_and_no_further(key: str, attempts: int) -> None:
    due = next_try(key, attempts, NOW, NOW, None)
    assert due is not None
    assert LEAST <= due - NOW <= LEAST + min(timedelta(minutes=1) * 2 ** min(attempts - 1, 20), LONGEST)


def test_messages_that_failed_together_do_not_come_back_together() -> None:
    dues = {next_try(f"{n:032x}", 6, NOW, NOW, None) for n in range(200)}
    assert len(dues) == 200


@given(KEYS, ATTEMPTS)
def test_what_the_host_asks_for_is_heeded(key: str, attempts: int) -> None:
    due = next_try(key, attempts, NOW, NOW, timedelta(hours=3))
    assert due == NOW + timedelta(hours=3)


def test_a_day_is_enough_but_every_message_gets_three_chances() -> None:
    late = NOW + GIVE_UP_AFTER
    assert [next_try("k", n, NOW, late, None) is None for n in (1, 2, 3, 4)] == [False, False, True, True]
    assert next_try("k", 40, NOW, late - timedelta(seconds=1), None) is not None
