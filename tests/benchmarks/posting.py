"""The same messages to a fake Postmark by either transport, as a worker's hands send them."""

import asyncio
import json
import subprocess
import sys
import time
from argparse import Namespace
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from nurture.content.render import render
from nurture.providers.http import HttpTransport
from nurture.providers.postmark import smtp_headers
from nurture.providers.postmark_api import PostmarkApi, PostmarkTransport
from nurture.providers.transport import Accepted, Outgoing
from tests.benchmarks.comparing import Line, WrongCount, say
from tests.content.builders import a_heading, compiled

API = PostmarkApi("token", "broadcast")
LONG = 3600.0  # seconds


def measure(delay: float, options: Namespace) -> Line:
    """Print a line: the medians of both sides, with answers after so many milliseconds."""
    those = _messages(options.messages)
    rounds: list[tuple[float, ...]] = []
    for _ in range(options.runs):
        single = _turn(
            those, delay, lambda url: HttpTransport(API, url, connections=options.connections), options.connections
        )
        hands = API.capabilities(options.connections).connections
        batch = _turn(those, delay, lambda url: PostmarkTransport(API, url, connections=options.connections), hands)
        rounds.append((*single, *batch))
    single_s, single_cpu, batch_s, batch_cpu = (median(one) for one in zip(*rounds, strict=True))
    return say(
        {
            "benchmark": "http",
            "provider": "postmark",
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


def _turn(
    those: Sequence[Outgoing], delay: float, make: Callable[[str], HttpTransport], hands: int
) -> tuple[float, float]:
    with _provider(delay) as (url, count):
        seconds = asyncio.run(_sent(make(url), those, hands))
        if (taken := count()) != len(those):
            raise WrongCount(f"The provider took {taken} messages, and {len(those)} were sent.")
    return seconds


async def _sent(transport: HttpTransport, those: Sequence[Outgoing], hands: int) -> tuple[float, float]:
    """Seconds until all have their outcome, by the clock and of this process."""
    waiting = deque(those)

    async def hand() -> None:
        while waiting:
            outcome = await transport.send(waiting.popleft())
            assert isinstance(outcome, Accepted), outcome

    await transport.open()
    began, at_work = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(hands):
            group.create_task(hand())
    seconds = time.perf_counter() - began, time.process_time() - at_work
    await transport.close()
    return seconds


@contextmanager
def _provider(delay: float) -> Iterator[tuple[str, Callable[[], int]]]:
    """A fake Postmark, and how many messages it took, each counted once; asking ends it."""
    command = [sys.executable, "-m", "tests.sinks", "--kind", "postmark", "--round-trip", str(delay)]
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
