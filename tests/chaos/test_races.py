"""The unsubscribe races in their short form, on both databases."""

from collections.abc import Callable

import pytest

from nurture.storage.database import Database
from tests.chaos.racing import Races, race
from tests.chaos.zygote import zygote

TIMES = 150


@pytest.mark.anyio
@pytest.mark.slow
async def test_nothing_begins_to_leave_long_after_its_reader_did(db: Database) -> None:
    url: Callable[[], str] = lambda: db.engine.url.render_as_string(hide_password=False)  # noqa: E731
    async with zygote() as mother:
        races = await race(url, mother, TIMES, seed=1)
    assert races.times == TIMES
    assert races.too_late == 0
    assert races.never_sent > 0, "nobody left in time: no race was run"
    assert races.sent_before > 0, "nobody left too late: no race was run"


def test_races_are_told_apart_by_when_the_dot_came() -> None:
    races = Races()
    for dot in (None, 9.0, 10.5, 11.5):
        races.add(10.0, dot)
    assert (races.times, races.never_sent, races.sent_before, races.sent_within, races.too_late) == (4, 1, 1, 1, 1)
    assert races.worst == 1.5
