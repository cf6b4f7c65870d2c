"""The demo's mail host takes what the engine sends, byte for byte, and refuses what it should."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from nurture.core.words import Hardness
from nurture.demo.sink import Sink
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Accepted, Outcome, Outgoing, RefusedForGood, TryLater
from nurture.smtp_address import SmtpServer

pytestmark = pytest.mark.smtp

REFUSALS = {"nobody@contact.example": "550 5.1.1 Unknown", "full@contact.example": "452 4.2.2 Over quota"}


def a_message(to: str, data: bytes = b"Subject: S\r\n\r\nHello\r\n") -> Outgoing:
    return Outgoing("key", "us@exemple.example", to, data, time.monotonic() + 30)


def with_sink(play: Callable[[SmtpTransport], Awaitable[list[Outcome]]]) -> tuple[list[Outcome], list[bytes]]:
    taken: list[bytes] = []

    async def run() -> list[Outcome]:
        sink = Sink(REFUSALS.get, lambda mail_from, rcpt_to, data: taken.append(data))
        transport = SmtpTransport(SmtpServer("127.0.0.1", await sink.start(), "none"), connections=2)
        try:
            return await play(transport)
        finally:
            await transport.close()
            await sink.stop()

    return asyncio.run(run()), taken


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: S\r\n\r\nHello\r\n",
        b"Subject: S\r\n\r\n.\r\n..\r\n.dot\r\n",
        b".starts: with a dot\r\n\r\n\r\n.\r\n",
        b"Subject: S\r\n\r\n" + b"a long line of it\r\n" * 20_000,
    ],
    ids=["plain", "dots", "first dot", "long"],
)
def test_a_message_arrives_as_it_was_handed_over(data: bytes) -> None:
    async def play(transport: SmtpTransport) -> list[Outcome]:
        return [await transport.send(a_message("camille@contact.example", data)) for _ in range(2)]

    outcomes, taken = with_sink(play)
    assert taken == [data, data]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def test_refused_addresses_leave_the_connection_fit_for_the_next() -> None:
    async def play(transport: SmtpTransport) -> list[Outcome]:
        names = ("nobody", "camille", "full", "zoe")
        return [await transport.send(a_message(f"{name}@contact.example")) for name in names]

    (unknown, fine, full, again), taken = with_sink(play)
    assert isinstance(unknown, RefusedForGood)
    assert unknown.hardness is Hardness.HARD
    assert isinstance(full, TryLater)
    assert isinstance(fine, Accepted)
    assert isinstance(again, Accepted)
    assert len(taken) == 2
