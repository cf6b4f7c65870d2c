"""What is asked for many at once: each hears what was asked after it came, and nobody waits for long."""

import asyncio
from collections.abc import Sequence

import pytest

from nurture.web.patience import GRAIN, Patience
from nurture.web.together import MOST_AT_ONCE, Together

pytestmark = pytest.mark.anyio


class Oracle:
    """Answers when told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.may_answer = asyncio.Event()

    async def __call__(self, about: Sequence[str]) -> int:
        self.asked.append(list(about))
        await self.may_answer.wait()
        if "bad" in about:
            raise ValueError("bad")
        return len(self.asked)


async def settled() -> None:
    """Everything that can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_while_a_question_is_under_way_shares_the_next_one() -> None:
    oracle = Oracle()
    together = Together(oracle)
    first = asyncio.create_task(together.ask("a"))
    await settled()
    later = [asyncio.create_task(together.ask(name)) for name in ("b", "c", "b")]
    await settled()
    assert oracle.asked == [["a"]]  # nobody is told what was asked before it came
    oracle.may_answer.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2, 2, 2]
    assert oracle.asked == [["a"], ["b", "c", "b"]]


async def test_a_question_is_not_put_for_more_than_can_be_told_soon() -> None:
    oracle = Oracle()
    oracle.may_answer.set()
    together = Together(oracle, size=len)
    many = "x" * (MOST_AT_ONCE - 1)
    assert await asyncio.gather(*(together.ask(about) for about in (many, "ab", "c"))) == [1, 1, 2]
    assert oracle.asked == [[many, "ab"], ["c"]]


async def test_a_question_that_fails_fails_for_those_who_asked_it_and_the_next_is_answered() -> None:
    oracle = Oracle()
    oracle.may_answer.set()
    together = Together(oracle)
    failed = await asyncio.gather(together.ask("bad"), together.ask("a"), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError, ValueError]
    assert await together.ask("a") == 2


async def test_who_leaves_takes_nobodys_answer_away() -> None:
    oracle = Oracle()
    together = Together(oracle)
    leaving, staying = (asyncio.create_task(together.ask(name)) for name in "ab")
    await settled()
    leaving.cancel()
    oracle.may_answer.set()
    assert await staying == 1
    assert leaving.cancelled()


async def test_a_wait_ends_when_patience_does_and_one_that_is_over_is_left_alone() -> None:
    loop = asyncio.get_running_loop()
    patience, forever, over = Patience(0.0), loop.create_future(), loop.create_future()
    began = loop.time()
    patience.limit(forever)
    patience.limit(over)
    over.set_result("in time")
    with pytest.raises(TimeoutError):
        await forever
    assert loop.time() - began < 10 * GRAIN
    assert await over == "in time"
