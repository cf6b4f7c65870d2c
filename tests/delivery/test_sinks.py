"""The benchmark's sink can be trusted: it counts what it was sent, as its own process."""

import asyncio
import json
import subprocess
import sys
import time

import pytest

from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Accepted, Outgoing
from nurture.smtp_address import SmtpServer

pytestmark = pytest.mark.smtp

BODIES = (b".\r\n", b"a\r\n.\r\nb\r\n", b"x" * 998 + b"\r\n", b"line\r\n" * 60_000, b"\r\n")


def test_the_fast_sink_counts_every_message_whatever_its_body() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sinks"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    server = SmtpServer("127.0.0.1", json.loads(process.stdout.readline())["port"], "none")

    async def scenario() -> None:
        transport = SmtpTransport(server, connections=3)
        deadline = time.monotonic() + 20
        messages = [Outgoing(f"k{n}", "a@exemple.example", "b@contact.example", body, deadline)
                    for n, body in enumerate(BODIES * 20)]  # fmt: skip
        outcomes = await asyncio.gather(*(transport.send(message) for message in messages))
        await transport.close()
        assert {type(outcome) for outcome in outcomes} == {Accepted}

    asyncio.run(scenario())
    counted, _ = process.communicate(timeout=10)
    assert json.loads(counted)["messages"] == len(BODIES) * 20
    assert json.loads(counted)["connections"] == 3
