"""The crash harness in its short form: a kill at every moment, on both databases, and the opponent that it catches."""

import shutil
from pathlib import Path

import pytest

from nurture.storage.database import Database
from tests.chaos.crashes import Score, crash
from tests.chaos.killing import moments_of
from tests.chaos.smtp_trap import Account
from tests.chaos.stops import stop_all
from tests.chaos.ways import WAYS
from tests.chaos.zygote import zygote

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SLOTS = 4


class Copies:
    """One SQLite database after the other, or the test's own PostgreSQL once."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._folder = folder
        self._made = 0

    def __call__(self) -> str:
        url = self._db.engine.url.render_as_string(hide_password=False)
        if self._db.engine.dialect.name != "sqlite":
            return url
        self._made += 1
        file = self._folder / f"copy-{self._made}.db"
        shutil.copy(str(self._db.engine.url.database), file)
        return f"sqlite:///{file}"


@pytest.fixture
def urls(db: Database, tmp_path: Path) -> Copies:
    return Copies(db, tmp_path)


@pytest.mark.parametrize("name", WAYS)
async def test_killed_at_every_moment_what_is_promised_of_the_way_holds(urls: Copies, name: str) -> None:
    way = WAYS[name]
    moments = moments_of(way)
    async with zygote() as mother:
        score = await crash(urls, mother, moments, 1, slots=SLOTS, seed=1, way=way)
    assert score.kills == len(moments)
    assert list(way.broken(score)) == []
    assert score.accepted > 0


async def test_the_harness_catches_a_loop_that_sends_before_it_commits(urls: Copies) -> None:
    async with zygote() as mother:
        score = await crash(urls, mother, ["dot", "250"], 2, slots=1, seed=1, naive=True)
    assert (score.twice_same, score.lost) == (4, 0)


async def test_a_worker_paused_beyond_its_lease_sends_nothing_twice(urls: Copies) -> None:
    async with zygote() as mother:
        stops = await stop_all(urls, mother, 1, seed=3, pairs=1, leases=(1.1, 1.2))
    assert (stops.pauses, stops.past_lease, stops.twice, stops.lost) == (1, 1, 0, 0)


def test_the_account_tells_the_same_bytes_again_from_others() -> None:
    account = Account()
    for data in (b"one", b"one", b"another"):
        account.add("name", "a@b.example", data)
    account.add("other", "c@d.example", b"one")
    assert account.twice() == (1, 1)
    assert account.accepted == 2


@pytest.mark.parametrize(
    ("way", "lost", "same", "other", "unknown", "worst", "told"),
    [
        ("smtp", 0, 0, 0, 4, 4, 0), ("smtp", 0, 1, 0, 0, 0, 1), ("smtp", 1, 0, 0, 0, 0, 1), ("smtp", 0, 0, 0, 5, 5, 1),
        ("smtp-again", 0, 4, 0, 0, 0, 0), ("smtp-again", 0, 5, 0, 0, 0, 1), ("smtp-again", 0, 0, 1, 0, 0, 1),
        ("smtp-again", 0, 0, 0, 1, 1, 1), ("resend", 0, 0, 0, 0, 9, 0), ("resend", 0, 0, 0, 1, 0, 2),
        ("postmark", 0, 1, 0, 0, 0, 1),
    ],
)  # fmt: skip
def test_a_broken_promise_is_told(
    way: str, lost: int, same: int, other: int, unknown: int, worst: int, told: int
) -> None:
    score = Score("dot", 1, 1, 1, lost, same, other, unknown, 0, worst, 4)
    assert len(list(WAYS[way].broken(score))) == told
