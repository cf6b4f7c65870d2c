"""A request with several messages under one key is carried out once, all of it or nothing, and its answer is told to each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nurture.content.calendar import Appointment, calendar_of
from nurture.content.render import render
from nurture.core.words import Hardness
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.http_parts import parts_of
from nurture.providers.resend_api import ResendApi
from nurture.providers.transport import (
    Accepted,
    Again,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    Stopped,
    TryLater,
    Unknown,
)
from tests.content.builders import NOW, SENDER, a_heading, a_spec, compiled
from tests.sinks.http import Doing, DropAfter, DropBefore, DropEarly, FailAfter, Late, Say
from tests.sinks.resend import MOST, ResendSink

pytestmark = pytest.mark.smtp

KEY = "20260302T090000.000000-00000000000000ff-1"


def a_message(number: int, size: int = 0, seconds: float = 60, more: str = "") -> Outgoing:
    key, address = f"{number:032x}", f"p{number}@contact.example"
    head = f"From: a@exemple.example\r\nTo: {address}\r\nSubject: Un guide\r\n{more}"
    data = head.encode() + b"\r\nBonjour\r\n" + b"x" * size + b"\r\n"
    return Outgoing(key, "bounce@exemple.example", address, data, time.monotonic() + seconds)


def messages(count: int) -> list[Outgoing]:
    return [a_message(number) for number in range(count)]


def all_go(those: Sequence[Outgoing]) -> Collection[str]:
    return ()


def with_resend(
    test: Callable[[ParcelTransport, ResendSink], Awaitable[Any]], script: Sequence[Doing] = (), timeout: float = 5.0
) -> Any:
    async def scenario() -> Any:
        async with asyncio.timeout(30), ResendSink(script) as sink:
            transport = ParcelTransport(ResendApi("re_key"), sink.url, connections=2, timeout=timeout)
            try:
                return await test(transport, sink)
            finally:
                await transport.close()

    return asyncio.run(scenario())


def kinds(outcomes: Sequence[Outcome]) -> list[type[Outcome]]:
    return [type(one) for one in outcomes]


def test_all_go_in_one_request_under_its_key_and_each_hears_its_own_name() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(MOST)
        outcomes = await transport.send_parcel(KEY, those, all_go)
        assert [one.provider_id for one in outcomes if isinstance(one, Accepted)] == [f"resend-{m.key}" for m in those]
        (request,) = sink.requests
        assert (request.path, request.headers["idempotency-key"]) == ("/emails/batch", KEY)
        assert request.parsed[7] == sink.bodies[those[7].key]

    with_resend(test)


def test_what_it_says_it_can_do_holds_for_what_is_in_doubt_at_once() -> None:
    can = ParcelTransport(ResendApi("re_key"), "http://127.0.0.1:9", connections=3).capabilities
    assert can.parcels is not None
    assert (can.repeat, can.parcels.most, can.connections) == (Repeat.KEYED, MOST, 3 * MOST)


@pytest.mark.parametrize("doing", [DropAfter(), DropBefore(), FailAfter(500), FailAfter(503)])
def test_a_lost_answer_leaves_all_in_doubt_and_the_same_request_tells(doing: Doing) -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(5)
        assert kinds(await transport.send_parcel(KEY, those, all_go)) == [Unknown] * 5
        assert kinds(await transport.send_parcel(KEY, those, all_go)) == [Accepted] * 5
        assert set(sink.taken.values()) == {1}

    with_resend(test, [doing])


def test_another_body_under_a_known_key_is_refused_and_nothing_more_can_be_found_out() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(5)
        await transport.send_parcel(KEY, those, all_go)
        outcomes = await transport.send_parcel(KEY, those[1:], all_go)
        assert kinds(outcomes) == [Unknown] * 4
        assert all(isinstance(one, Unknown) and one.for_good for one in outcomes)
        assert set(sink.taken.values()) == {1}

    with_resend(test)


def test_a_request_that_is_still_under_way_is_asked_for_again_later() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(3)
        first = asyncio.create_task(transport.send_parcel(KEY, those, all_go))
        while not sink.taken:  # noqa: ASYNC110 - another's doing
            await asyncio.sleep(0.01)
        outcomes = await transport.send_parcel(KEY, those, all_go)
        assert kinds(outcomes) == [Unknown] * 3
        assert not any(isinstance(one, Unknown) and one.for_good for one in outcomes)
        assert kinds(await first) == [Accepted] * 3

    with_resend(test, [Late(0.5)])


def test_one_that_is_stopped_at_the_last_instant_stops_the_request_and_the_others_are_told_apart() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(4)
        outcomes = await transport.send_parcel(KEY, those, lambda _: {those[2].key})
        assert kinds(outcomes) == [Again, Again, Stopped, Again]
        assert not any(isinstance(one, Again) and one.apart for one in outcomes)
        assert not sink.taken
        assert kinds(await transport.send_parcel("another", [*those[:2], those[3]], all_go)) == [Accepted] * 3

    with_resend(test)


def test_the_question_is_asked_once_when_all_but_the_last_byte_has_gone() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        asked: list[Sequence[Outgoing]] = []
        those = messages(3)

        def may_go(about: Sequence[Outgoing]) -> Collection[str]:
            asked.append(about)
            assert not sink.requests
            return ()

        await transport.send_parcel(KEY, those, may_go)
        assert asked == [those]

    with_resend(test)


def test_a_message_whose_time_is_over_keeps_the_whole_request() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = [*messages(2), a_message(2, seconds=1)]
        assert kinds(await transport.send_parcel(KEY, those, all_go)) == [Stopped] * 3
        assert not sink.taken

    with_resend(test)


def test_one_that_is_refused_is_not_told_from_the_others_and_by_itself_it_is() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = messages(3)
        sink.refused = {those[1].key}
        outcomes = await transport.send_parcel(KEY, those, all_go)
        assert all(isinstance(one, Again) and one.apart for one in outcomes)
        assert kinds(await transport.send_parcel("one", those[1:2], all_go)) == [RefusedForGood]
        refused = await transport.send(those[1])
        assert isinstance(refused, RefusedForGood)
        assert refused.hardness is Hardness.HARD
        assert not sink.taken

    with_resend(test)


@pytest.mark.parametrize(
    ("doing", "outcome"),
    [
        (Say(429, headers={"Retry-After": "7"}), TryLater),
        (Say(401, {"name": "missing_api_key"}), TryLater),
        (Say(403, {"name": "validation_error", "message": "The domain is not verified."}), TryLater),
        (Say(422, {"name": "invalid_from_address"}), TryLater),
        (Say(200, {"data": [{"id": "a"}, {"id": "b"}]}), Unknown),
        (Say(200, {"data": [{"id": "a"}, {"id": "b"}, {"id": None}]}), Unknown),
        (Say(200, {"data": [{"id": "a"}, {"id": "b"}, "c"]}), Unknown),
        (Say(200, {"data": {"id": "a"}}), Unknown),
        (Say(200, [{"id": "a"}] * 3), Unknown),
        (Say(200, {"data": [{"id": "a"}] * 4}), Unknown),
    ],
)
def test_an_answer_is_about_all_of_a_request(doing: Doing, outcome: type[Outcome]) -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        assert kinds(await transport.send_parcel(KEY, messages(3), all_go)) == [outcome] * 3
        assert not sink.taken

    with_resend(test, [doing])


def test_a_connection_that_breaks_before_all_is_there_leaves_nothing_in_doubt() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = [a_message(number, size=6_000_000) for number in range(2)]
        assert kinds(await transport.send_parcel(KEY, those, all_go)) == [TryLater] * 2
        assert not sink.taken

    with_resend(test, [DropEarly()])


def test_what_cannot_be_sent_by_this_way_keeps_nobody_else() -> None:
    async def test(transport: ParcelTransport, sink: ResendSink) -> None:
        those = [*messages(2), a_message(2, more="Cc: b@contact.example\r\n")]
        assert kinds(await transport.send_parcel(KEY, those, all_go)) == [Again, Again, TryLater]
        assert not sink.requests

    with_resend(test)


def test_an_invitation_has_a_file_and_goes_by_itself() -> None:
    api, plain = ResendApi("re_key"), compiled(a_spec("invitation"))
    event = calendar_of(Appointment("Un webinaire", "Vingt minutes", "", NOW, NOW + timedelta(hours=1), NOW, 0, SENDER))
    for skeleton, is_taken in ((plain, True), (replace(plain, calendar=event), False)):
        data = render(skeleton, {"first_name": "Zoé"}, replace(a_heading(), calendar_uid="abc")).data
        assert api.takes(data) is is_taken
        assert bool(parts_of(data).attachments) is not is_taken
