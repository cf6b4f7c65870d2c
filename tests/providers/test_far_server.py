"""A mail server that is far away has the threads of the process change hands sooner; one nearby does not."""

import asyncio
import sys
from collections.abc import Iterator

import pytest

from nurture.providers.smtp import SmtpTransport
from nurture.smtp_address import SmtpServer
from nurture.threads import FAR, SOON
from tests.sinks.fast import Counts, serve

pytestmark = pytest.mark.smtp


@pytest.fixture
def usual() -> Iterator[float]:
    seconds = sys.getswitchinterval()
    yield seconds
    sys.setswitchinterval(seconds)


@pytest.mark.parametrize("round_trip", [0.0, 4 * FAR])
def test_turns_are_taken_as_the_servers_answers_deserve_it(round_trip: float, usual: float) -> None:
    async def scenario() -> None:
        server = await serve(Counts(), 0, round_trip)
        transport = SmtpTransport(SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], "none"))
        await transport.open()
        await transport.close()
        server.close()

    asyncio.run(scenario())
    assert sys.getswitchinterval() == pytest.approx(SOON if round_trip else usual)
