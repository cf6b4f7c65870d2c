"""Messages that share a request share nothing else: each is asked about, answered and, if need be, sent again for itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.words import Hardness
from nurture.providers.http import Answer
from nurture.providers.postmark_api import PostmarkApi, PostmarkTransport
from nurture.providers.transport import (
    Accepted,
    Outcome,
    Outgoing,
    RefusedForGood,
    Seen,
    Stopped,
    TryLater,
    Unknown,
)
from tests.builders import MONDAY, at
from tests.sinks.http import Doing, DropAfter, DropBefore, FailAfter, Late, Say
from tests.sinks.postmark import PostmarkSink

pytestmark = pytest.mark.smtp

TIMEOUT = 5.0


def a_message(number: int, size: int = 0, seconds: float = 60) -> Outgoing:
    key = f"{number:032x}"
    head = f"From: a@exemple.example\r\nTo: p{number}@contact.example\r\nSubject: Un guide\r\n"
    data = head.encode() + b"\r\nBonjour\r\n" + b"x" * size + b"\r\n"
    return Outgoing(key, "bounce@exemple.example", f"p{number}@contact.example", data, time.monotonic() + seconds)


def messages(count: int) -> list[Outgoing]:
    return [a_message(number) for number in range(count)]


def an_api(most: int = 100, octets: int = 2_000_000) -> PostmarkApi:
    api = PostmarkApi("token", "broadcast")
    api.most, api.octets = most, octets
    return api


def with_postmark(
    test: Callable[[PostmarkTransport, PostmarkSink], Awaitable[Any]],
    script: Sequence[Doing] = (),
    api: PostmarkApi | None = None,
    connections: int = 2,
) -> Any:
    async def scenario() -> Any:
        async with asyncio.timeout(30), PostmarkSink(script) as sink:
            transport = PostmarkTransport(api or an_api(), sink.url, connections=connections, timeout=TIMEOUT)
            try:
                return await test(transport, sink)
            finally:
                await transport.close()

    return asyncio.run(scenario())


async def send_all(transport: PostmarkTransport, those: Sequence[Outgoing], stops: str = "") -> list[Outcome]:
    """All at the same moment; the message of the key `stops` may not go."""
    return list(await asyncio.gather(*(transport.send(one, lambda message: message.key != stops) for one in those)))


async def until_taken(sink: PostmarkSink) -> None:
    while not sink.taken:  # noqa: ASYNC110 - another's doing
        await asyncio.sleep(0.01)


def sizes(sink: PostmarkSink) -> list[int]:
    """How many messages each request had."""
    return [len(one.parsed) if one.path == "/email/batch" else 1 for one in sink.requests if one.method == "POST"]


def test_what_waits_at_the_same_moment_travels_together_and_is_answered_apart() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        outcomes = await send_all(transport, messages(60))
        assert [one.provider_id for one in outcomes if isinstance(one, Accepted)] == [
            f"postmark-{number:032x}" for number in range(60)
        ]
        assert sizes(sink) == [60]
        assert set(sink.taken.values()) == {1}
        assert isinstance(await transport.send(a_message(61)), Accepted)
        assert sink.requests[-1].path == "/email"

    with_postmark(test)


def test_a_request_is_bounded_in_messages_and_in_octets() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        assert transport.capabilities.connections == 2 * 7
        small, large = messages(20), [a_message(100 + number, size=4_000) for number in range(4)]
        outcomes = await send_all(transport, [*small, *large, a_message(200, size=30_000)])
        assert all(isinstance(one, Accepted) for one in outcomes)
        assert max(sizes(sink)) == 7
        together = [one for one in sink.requests if one.path == "/email/batch"]
        assert max(len(one.body) for one in together) <= 10_002
        assert max(len(one.body) for one in sink.requests) > 30_000, "what alone is too large still goes, alone"

    with_postmark(test, api=an_api(most=7, octets=10_000))


def test_no_more_requests_are_under_way_than_there_are_connections() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        outcomes = await send_all(transport, messages(300))
        assert all(isinstance(one, Accepted) for one in outcomes)
        assert sink.connections <= 2
        assert set(sink.taken.values()) == {1}

    with_postmark(test, api=an_api(most=10), script=[Late(0.05)] * 30)


def test_a_message_that_is_refused_harms_no_other() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        sink.refused = {f"{2:032x}": 406, f"{3:032x}": 400}
        outcomes = await send_all(transport, messages(5))
        assert [type(one) for one in outcomes] == [Accepted, Accepted, RefusedForGood, TryLater, Accepted]
        assert isinstance(outcomes[2], RefusedForGood)
        assert (outcomes[2].hardness, outcomes[2].code) == (Hardness.HARD, 422)
        assert len(sink.taken) == 3

    with_postmark(test)


def test_a_message_stopped_at_the_last_instant_stays_and_the_others_go_without_it() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        those = messages(5)
        outcomes = await send_all(transport, those, stops=those[2].key)
        assert [type(one) for one in outcomes] == [Accepted, Accepted, Stopped, Accepted, Accepted]
        assert sorted(sink.taken) == sorted(one.key for one in those if one is not those[2])
        assert set(sink.taken.values()) == {1}

    with_postmark(test)


def test_a_lost_answer_leaves_each_unknown_and_each_can_be_searched() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        those = messages(5)
        assert {type(one) for one in await send_all(transport, those)} == {Unknown}
        found = await asyncio.gather(*(transport.find(one.key, at(MONDAY)) for one in those))
        assert found == [Seen(f"postmark-{one.key}") for one in those]

    with_postmark(test, [DropAfter()])


@pytest.mark.parametrize(
    ("doing", "outcome", "taken"),
    [
        (Say(429, {"ErrorCode": 429}), TryLater, 0),
        (Say(401, {"ErrorCode": 10}), TryLater, 0),
        (DropBefore(), Unknown, 0),
        (FailAfter(500), Unknown, 3),
        (Say(200, [{"ErrorCode": 0}]), Unknown, 0),
        (Say(200, {"ErrorCode": 0}), Unknown, 0),
        (Say(200, [{"ErrorCode": 0, "MessageID": "a"}, {}, "?"]), (Accepted, Unknown, Unknown), 0),
    ],
)
def test_an_answer_to_the_whole_is_an_answer_to_each(doing: Doing, outcome: Any, taken: int) -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        kinds = tuple(type(one) for one in await send_all(transport, messages(3)))
        assert kinds == (outcome if isinstance(outcome, tuple) else (outcome,) * 3)
        assert len(sink.taken) == taken

    with_postmark(test, [doing])


@pytest.mark.parametrize("code", [413, 422])
def test_a_whole_that_is_refused_is_sent_in_its_parts(code: int) -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        outcomes = await send_all(transport, messages(4))
        assert sorted(type(one).__name__ for one in outcomes) == ["Accepted"] * 3 + ["RefusedForGood"]
        assert sizes(sink) == [4, 1, 1, 1, 1]
        assert set(sink.taken.values()) == {1}

    with_postmark(test, [Say(code, {"ErrorCode": 300, "Message": "Bad"}), Say(413, {"ErrorCode": 0})], connections=1)


def test_who_no_longer_waits_is_not_written_to() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        first = asyncio.create_task(transport.send(a_message(0)))
        await until_taken(sink)
        others = [asyncio.create_task(transport.send(one)) for one in (a_message(1), a_message(2))]
        await asyncio.sleep(0)
        others[0].cancel()
        assert isinstance(await first, Accepted)
        assert isinstance(await others[1], Accepted)
        with suppress(asyncio.CancelledError):
            await others[0]
        assert sorted(sink.taken) == [f"{0:032x}", f"{2:032x}"]

    with_postmark(test, [Late(0.3)], connections=1)


def test_a_message_with_little_time_left_takes_none_from_the_others() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        those = [a_message(0), a_message(1, seconds=2.2), a_message(2), a_message(3, seconds=1)]
        outcomes = await send_all(transport, those)
        assert [type(one) for one in outcomes] == [Accepted, Unknown, Accepted, Stopped]

    with_postmark(test, [Late(0), Late(1)], connections=1)


def test_a_fault_of_ours_leaves_nobody_waiting() -> None:
    class Broken(PostmarkApi):
        def outcomes(self, answer: Answer, count: int) -> Sequence[Outcome] | None:
            raise ZeroDivisionError

    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        assert {type(one) for one in await send_all(transport, messages(3))} == {Unknown}
        assert isinstance(await transport.send(a_message(3)), Accepted)

    with_postmark(test, api=Broken("token", "broadcast"))


def test_nobody_is_left_waiting_by_a_close() -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        sends = [asyncio.create_task(transport.send(one)) for one in messages(6)]
        await until_taken(sink)
        await transport.close()
        kinds = [type(await one) for one in sends]
        assert kinds.count(Unknown) == 2
        assert kinds.count(TryLater) == 4
        assert isinstance(await transport.send(a_message(9)), Accepted)

    with_postmark(test, [Late(3)], api=an_api(most=2), connections=1)


scripts = st.lists(
    st.sampled_from([Late(0), DropAfter(), DropBefore(), FailAfter(), Say(429), Say(422, {"ErrorCode": 300})]),
    max_size=6,
)


@given(scripts, st.integers(1, 40), st.integers(1, 9), st.sets(st.integers(0, 39), max_size=3))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_each_hears_the_truth_about_its_own(
    script: list[Doing], count: int, most: int, stopped: set[int]
) -> None:
    async def test(transport: PostmarkTransport, sink: PostmarkSink) -> None:
        those = messages(count)
        barred = {those[number].key for number in stopped if number < count}
        outcomes = await asyncio.gather(*(transport.send(one, lambda m: m.key not in barred) for one in those))
        for one, outcome in zip(those, outcomes, strict=True):
            if one.key in barred:
                assert not isinstance(outcome, Accepted | Unknown)
            if isinstance(outcome, Unknown):
                continue
            assert sink.taken[one.key] == isinstance(outcome, Accepted)
        assert all(taken == 1 for taken in sink.taken.values())

    with_postmark(test, script, api=an_api(most=most))
