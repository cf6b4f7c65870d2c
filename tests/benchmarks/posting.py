"""The same messages to a fake provider, one a request and many a request, as a worker's hands send them."""

import asyncio
import json
import subprocess
import sys
import time
from argparse import Namespace
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from statistics import median
from typing import TypeAlias

from nurture.content.render import render
from nurture.providers.http import Api, HttpTransport
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.postmark import smtp_headers
from nurture.providers.postmark_api import PostmarkApi, PostmarkTransport
from nurture.providers.resend_api import ResendApi
from nurture.providers.transport import Accepted, Outgoing
from tests.benchmarks.comparing import Line, WrongCount, say
from tests.content.builders import a_heading, compiled

LONG = 3600.0  # seconds
RESEND = ResendApi("re_key")
POSTMARK = PostmarkApi("token", "broadcast")

Messages: TypeAlias = Sequence[Outgoing]
Send: TypeAlias = Callable[[str, Messages, int], Awaitable[tuple[float, float]]]
"""To the provider of a URL over so many connections; answers as `_timed`."""


async def _singly(api: Api, url: str, those: Messages, connections: int) -> tuple[float, float]:
    transport = HttpTransport(api, url, connections=connections)
    return await _timed(transport, [partial(_sent, transport, one) for one in those], connections)


async def _to_postmark(url: str, those: Messages, connections: int) -> tuple[float, float]:
    transport = PostmarkTransport(POSTMARK, url, connections=connections)
    hands = transport.capabilities.connections
    return await _timed(transport, [partial(_sent, transport, one) for one in those], hands)


async def _to_resend(url: str, those: Messages, connections: int) -> tuple[float, float]:
    transport = ParcelTransport(RESEND, url, connections=connections)
    size = min(RESEND.most, RESEND.octets // len(those[0].data))
    parcels = [those[begin : begin + size] for begin in range(0, len(those), size)]
    return await _timed(transport, [partial(_sent_together, transport, parcel) for parcel in parcels], connections)


PROVIDERS: Mapping[str, tuple[Send, Send]] = {
    "postmark": (partial(_singly, POSTMARK), _to_postmark),
    "resend": (partial(_singly, RESEND), _to_resend),
}
"""How a message a request goes, and how many do."""


def measure(provider: str, delay: float, options: Namespace) -> Line:
    """Print a line: the medians of both sides, with answers after so many milliseconds."""
    those = _messages(options.messages)
    rounds: list[tuple[float, ...]] = []
    for _ in range(options.runs):
        single, batch = (_turn(provider, send, those, delay, options.connections) for send in PROVIDERS[provider])
        rounds.append((*single, *batch))
    single_s, single_cpu, batch_s, batch_cpu = (median(one) for one in zip(*rounds, strict=True))
    return say(
        {
            "benchmark": "http",
            "provider": provider,
            "messages": len(those),
            "octets": len(those[0].data),
            "connections": options.connections,
            "delay_ms": delay,
            "runs": options.runs,
            "single_per_s": round(len(those) / single_s, 1),
            "batch_per_s": round(len(those) / batch_s, 1),
            "ratio": round(single_s / batch_s, 2),
            "single_cpu_us": round(single_cpu / len(those) * 1e6),
            "batch_cpu_us": round(batch_cpu / len(those) * 1e6),
        }
    )


def _turn(provider: str, send: Send, those: Messages, delay: float, connections: int) -> tuple[float, float]:
    with _provider(provider, delay) as (url, count):
        seconds = asyncio.run(send(url, those, connections))
        if (taken := count()) != len(those):
            raise WrongCount(f"The provider took {taken} messages, and {len(those)} were sent.")
    return seconds


async def _sent(transport: HttpTransport, message: Outgoing) -> None:
    outcome = await transport.send(message)
    assert isinstance(outcome, Accepted), outcome


async def _sent_together(transport: ParcelTransport, messages: Messages) -> None:
    outcomes = await transport.send_parcel(messages[0].key, messages, lambda _: ())
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes


async def _timed(
    transport: HttpTransport, tasks: Sequence[Callable[[], Awaitable[None]]], hands: int
) -> tuple[float, float]:
    """Seconds until so many hands have done all, by the clock and of this process."""
    waiting = deque(tasks)

    async def hand() -> None:
        while waiting:
            await waiting.popleft()()

    await transport.open()
    began, at_work = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(hands):
            group.create_task(hand())
    seconds = time.perf_counter() - began, time.process_time() - at_work
    await transport.close()
    return seconds


@contextmanager
def _provider(kind: str, delay: float) -> Iterator[tuple[str, Callable[[], int]]]:
    """A fake provider, and how many messages it took, each counted once; asking ends it."""
    command = [sys.executable, "-m", "tests.sinks", "--kind", kind, "--round-trip", str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        yield f"http://127.0.0.1:{port}", lambda: sum(json.loads(process.communicate()[0]).values())


def _messages(count: int) -> list[Outgoing]:
    skeleton, made = compiled(), []
    for number in range(count):
        key, address = f"{number:032x}", f"p{number}@contact.example"
        heading = replace(
            a_heading(), recipient_address=address, message_id=f"<{key}@exemple.example>", extra=smtp_headers(key)
        )
        data = render(skeleton, {"first_name": "Zoé"}, heading).data
        made.append(Outgoing(key, "bonjour@exemple.example", address, data, time.monotonic() + LONG))
    return made
