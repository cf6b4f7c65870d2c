"""What delivery may rely on, whatever way the mail leaves: the same promises, kept by each transport."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from nurture.providers.http import HttpTransport
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.postmark_api import PostmarkApi, PostmarkTransport
from nurture.providers.resend_api import ResendApi
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import (
    Accepted,
    CannotTell,
    MayGo,
    NotSeen,
    Outcome,
    Outgoing,
    Repeat,
    Seen,
    Stopped,
    Transport,
    TransportProblem,
    TryLater,
    Unknown,
    always,
)
from nurture.smtp_address import SmtpClient, SmtpServer
from tests.builders import MONDAY, at
from tests.sinks import http, scripted
from tests.sinks.postmark import PostmarkSink
from tests.sinks.resend import ResendSink

pytestmark = pytest.mark.smtp

KEY = "0123456789abcdef0123456789abcdef"
ANNA = "anna@contact.example"
NOBODY = SmtpServer("127.0.0.1", 9, "none")
TIMEOUT = 2.0  # seconds: of a server that is late
PATIENCE = 15.0  # of all others, on a machine that may have much else to do


def a_message(key: str = KEY, seconds: float = 20, size: int = 0) -> Outgoing:
    head = f"From: a@exemple.example\r\nTo: {ANNA}\r\nSubject: Un guide\r\nMessage-ID: <{key}@exemple.example>\r\n"
    data = head.encode() + b"\r\nBonjour\r\n" + (b"x" * 70 + b"\r\n") * (size // 72)
    return Outgoing(key, "bounce@exemple.example", ANNA, data, time.monotonic() + seconds)


@dataclass
class Place:
    """A transport, the server behind it, and how often that one took the message of a key."""

    transport: Transport
    taken: Callable[[str], int]


Open = Callable[[str | None], AbstractAsyncContextManager[Place]]


def seconds(doing: str | None) -> float:
    return TIMEOUT if doing == "late" else PATIENCE


def by_smtp(client: SmtpClient, **server: Any) -> Open:
    @asynccontextmanager
    async def opened(doing: str | None) -> AsyncIterator[Place]:
        script: Mapping[str | None, list[scripted.Behaviour]] = {
            None: [],
            "drop early": [scripted.DropBeforeDot()],
            "drop after": [scripted.DropAfterDot()],
            "late": [scripted.Slow(TIMEOUT * 2)],
            "busy": [scripted.Answer("RCPT", "451 4.7.1 Later")],
        }
        async with scripted.Sink({ANNA: script[doing]}, **server) as sink:
            transport = SmtpTransport(sink.server, client=client, timeout=seconds(doing), tls=scripted.client_tls())
            yield Place(transport, lambda key: sink.message_ids[f"<{key}@exemple.example>"])
            await transport.close()

    return opened


def by_http(sink_kind: type[http.HttpSink], make: Callable[[str, float], HttpTransport]) -> Open:
    @asynccontextmanager
    async def opened(doing: str | None) -> AsyncIterator[Place]:
        script: Mapping[str | None, list[http.Doing]] = {
            None: [],
            "drop early": [http.DropEarly()],
            "drop after": [http.DropAfter()],
            "late": [http.Late(TIMEOUT * 2)],
            "deep": [http.Say(502, b"[" * 200_000)],
            "endless": [
                http.Say(200, b'{"id": "e-1", "ErrorCode": 0, "MessageID": "m-1", "more": "' + b"x" * 9_000_000)
            ],
            "somebody else": [http.Say(200, b"<h1>Please sign in</h1>")],
            "fails after": [http.FailAfter(504)],
            "busy": [http.Say(429, headers={"Retry-After": "7"})],
        }
        async with sink_kind(script[doing]) as sink:
            transport = make(sink.url, seconds(doing))
            yield Place(transport, lambda key: sink.taken[key])
            await transport.close()

    return opened


def resend(url: str, timeout: float = TIMEOUT) -> ParcelTransport:
    return ParcelTransport(ResendApi("re_key"), url, timeout=timeout)


class ByParcel(ParcelTransport):
    """Each message in a request for several, by itself."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        def kept(those: Sequence[Outgoing]) -> list[str]:
            return [one.key for one in those if not may_go(one)]

        return (await self.send_parcel(f"parcel-{message.key}", [message], kept))[0]


def resend_parcels(url: str, timeout: float = TIMEOUT) -> ByParcel:
    return ByParcel(ResendApi("re_key"), url, timeout=timeout)


def postmark(url: str, timeout: float = TIMEOUT) -> PostmarkTransport:
    return PostmarkTransport(PostmarkApi("token", "broadcast"), url, timeout=timeout)


SMTP_CLIENTS: tuple[SmtpClient, ...] = get_args(SmtpClient)
SERVERS: Mapping[str, Mapping[str, Any]] = {
    "in the clear": {},
    "without pipelining": {"pipelining": False},
    "starttls": {"security": "starttls"},
    "tls": {"security": "tls"},
    "signed in": {"security": "starttls", "user": ("anna", "right")},
}
HTTP_WAYS: Mapping[str, Open] = {
    "resend": by_http(ResendSink, resend),
    "resend, several a request": by_http(ResendSink, resend_parcels),
    "postmark": by_http(PostmarkSink, postmark),
}
WAYS: Mapping[str, Open] = {
    **{
        f"smtp, {client}, {how}": by_smtp(client, **server)
        for client in SMTP_CLIENTS
        for how, server in SERVERS.items()
    },
    **HTTP_WAYS,
}
AT_NOBODY: Mapping[str, Callable[[], Transport]] = {
    "smtp, pipelined": lambda: SmtpTransport(NOBODY, client="pipelined", timeout=TIMEOUT),
    "smtp, plain": lambda: SmtpTransport(NOBODY, client="plain", timeout=TIMEOUT),
    "resend": lambda: resend("http://127.0.0.1:9"),
    "resend, several a request": lambda: resend_parcels("http://127.0.0.1:9"),
    "postmark": lambda: postmark("http://127.0.0.1:9"),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Open:
    return WAYS[request.param]


def run(test: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(40):
            return await test

    return asyncio.run(limited())


def one(way: Open, doing: str | None = None, message: Outgoing | None = None, *, may_go: bool = True) -> Any:
    """The outcome of one message, and how often it was taken."""

    async def scenario() -> Any:
        async with way(doing) as place:
            outcome = await place.transport.send(message or a_message(), lambda _: may_go)
            return outcome, place.taken(KEY)

    return run(scenario())


def test_a_message_is_taken_once_and_the_outcome_says_so(way: Open) -> None:
    outcome, taken = one(way)
    assert isinstance(outcome, Accepted)
    assert outcome.provider_id
    assert taken == 1


def test_a_message_stopped_at_the_last_instant_is_not_taken(way: Open) -> None:
    outcome, taken = one(way, may_go=False)
    assert isinstance(outcome, Stopped)
    assert taken == 0


def test_a_message_whose_time_is_over_is_not_taken(way: Open) -> None:
    outcome, taken = one(way, message=a_message(seconds=1))
    assert isinstance(outcome, Stopped)
    assert taken == 0


def test_a_connection_that_breaks_before_the_whole_message_is_there_means_try_later(way: Open) -> None:
    outcome, taken = one(way, "drop early", a_message(size=12_000_000))
    assert isinstance(outcome, TryLater), outcome
    assert taken == 0


@pytest.mark.parametrize("doing", ["drop after", "late"])
def test_an_answer_that_is_lost_or_late_leaves_the_message_unknown(way: Open, doing: str) -> None:
    outcome, taken = one(way, doing)
    assert isinstance(outcome, Unknown)
    assert taken == 1


@pytest.mark.parametrize("way", HTTP_WAYS.values(), ids=HTTP_WAYS)
def test_a_failure_once_the_provider_has_it_all_leaves_the_message_unknown(way: Open) -> None:
    outcome, taken = one(way, "fails after")
    assert isinstance(outcome, Unknown)
    assert taken == 1


@pytest.mark.parametrize("way", HTTP_WAYS.values(), ids=HTTP_WAYS)
def test_a_page_that_is_no_answer_of_the_providers_takes_no_message_and_names_the_setting(way: Open) -> None:
    outcome, _ = one(way, "somebody else")
    assert isinstance(outcome, Unknown)
    assert re.search("NURTURE_(RESEND|POSTMARK)_API_URL", outcome.text)


@pytest.mark.parametrize("doing", ["deep", "endless"])
@pytest.mark.parametrize("way", HTTP_WAYS.values(), ids=HTTP_WAYS)
def test_an_answer_larger_or_deeper_than_any_of_a_providers_raises_for_no_message(way: Open, doing: str) -> None:
    outcome, _ = one(way, doing)
    assert isinstance(outcome, Unknown)


def test_a_search_whose_answer_never_ends_tells_nothing_in_good_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    async def scenario() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        transport = postmark(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.3)
        async with asyncio.timeout(PATIENCE):
            assert isinstance(await transport.find(KEY, at(MONDAY)), CannotTell)
        await transport.close()
        server.close()
        await asyncio.sleep(0.05)  # until who drips has noticed

    asyncio.run(scenario())


def test_a_busy_server_means_try_later(way: Open) -> None:
    outcome, taken = one(way, "busy")
    assert isinstance(outcome, TryLater)
    assert taken == 0


def test_the_question_is_asked_once_about_the_message_itself(way: Open) -> None:
    async def scenario() -> list[Outgoing]:
        asked: list[Outgoing] = []
        async with way(None) as place:
            await place.transport.send(a_message(), lambda message: asked.append(message) is None)
        return asked

    assert [message.key for message in run(scenario())] == [KEY]


def test_a_transport_carries_on_after_a_stop_and_after_a_close(way: Open) -> None:
    async def scenario() -> None:
        async with way(None) as place:
            await place.transport.open()
            assert isinstance(await place.transport.send(a_message(), lambda _: False), Stopped)
            assert isinstance(await place.transport.send(a_message()), Accepted)
            await place.transport.close()
            assert isinstance(await place.transport.send(a_message("f" * 32)), Accepted)
            assert (place.taken(KEY), place.taken("f" * 32)) == (1, 1)

    run(scenario())


@pytest.mark.parametrize("name", AT_NOBODY)
def test_a_server_that_is_not_there_means_try_later_and_is_told_at_the_start(name: str) -> None:
    async def scenario() -> None:
        transport = AT_NOBODY[name]()
        assert isinstance(await transport.send(a_message()), TryLater)
        with pytest.raises(TransportProblem, match="cannot be reached"):
            await transport.open()
        await transport.close()

    run(scenario())


def test_what_a_transport_says_it_can_do_about_a_lost_answer_is_true(way: Open) -> None:
    async def scenario() -> None:
        async with way("drop after") as place:
            transport, can = place.transport, place.transport.capabilities
            assert isinstance(await transport.send(a_message()), Unknown)
            assert (can.key_lifetime is not None) == (can.repeat is Repeat.KEYED)
            assert (can.search_settles is not None) == (can.repeat is Repeat.SEARCHABLE)
            if can.repeat is Repeat.KEYED:
                assert isinstance(await transport.send(a_message()), Accepted)
            if isinstance(transport, PostmarkTransport):
                assert await transport.find(KEY, at(MONDAY)) == Seen(f"postmark-{KEY}")
                assert await transport.find("f" * 32, at(MONDAY)) == NotSeen()
            assert place.taken(KEY) == 1

    run(scenario())


def test_a_client_whose_connections_were_never_given_back_is_replaced() -> None:
    """So httpx may leave them when requests are cut short: after a process was paused, for instance."""

    async def scenario() -> None:
        async with ResendSink() as sink:
            transport = HttpTransport(ResendApi("key"), sink.url, connections=2, timeout=TIMEOUT)
            for _ in range(2):
                await transport.client.send(transport.client.build_request("GET", "/"), stream=True)
            outcome = await transport.send(a_message())
            assert isinstance(outcome, TryLater), outcome
            assert not sink.taken
            assert isinstance(await transport.send(a_message()), Accepted)
            assert sink.taken[KEY] == 1
            await transport.close()

    asyncio.run(scenario())
