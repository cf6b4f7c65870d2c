"""The kill switch in its short form: two pauses in the midst of a crowd, on both databases."""

from collections.abc import Callable

import pytest

from nurture.storage.database import Database
from tests.chaos.switch import ALLOWED, switch
from tests.chaos.zygote import zygote


@pytest.mark.anyio
@pytest.mark.slow
async def test_the_last_mail_leaves_within_two_seconds_of_a_pause(db: Database) -> None:
    url: Callable[[], str] = lambda: db.engine.url.render_as_string(hide_password=False)  # noqa: E731
    async with zygote() as mother:
        told = await switch(url, mother, 2, seed=1)
    assert (told.pauses, told.too_late, told.twice, told.forgotten) == (2, 0, 0, 0)
    assert told.worst <= ALLOWED
