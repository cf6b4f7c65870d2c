"""`python -m tests.sinks [--kind smtp|resend|postmark] [--port N] [--round-trip MS]`: a sink as its own process, until its input closes.

It prints one JSON line when it listens ({"port": …}) and one at the end with what it counted: the fast SMTP sink its
connections, messages and octets; a provider's how often it took the message of each key.
"""

import argparse
import asyncio
import json
import selectors
import sys
from dataclasses import asdict
from urllib.parse import urlsplit

from tests.sinks.fast import Counts, serve
from tests.sinks.postmark import PostmarkSink
from tests.sinks.resend import ResendSink

PROVIDERS = {"resend": ResendSink, "postmark": PostmarkSink}


async def _smtp(port: int, round_trip: float) -> None:
    counts = Counts()
    server = await serve(counts, port, round_trip)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(json.dumps(asdict(counts)), flush=True)


def _to_the_point() -> asyncio.AbstractEventLoop:
    """A loop whose timers are: epoll waits for whole milliseconds, rounded up, and a round trip has few of them."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def _provider(kind: str, port: int, delay: float) -> None:
    async with PROVIDERS[kind](port=port, delay=delay, keeps=kind == "resend") as sink:  # whose bodies are its memory
        print(json.dumps({"port": urlsplit(sink.url).port}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps(sink.taken), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The least servers there are: they count and forget.")
    parser.add_argument("--kind", choices=["smtp", *PROVIDERS], default="smtp")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (the default)")
    parser.add_argument("--round-trip", type=float, default=0, metavar="MS", help="how far away the server is")
    given = parser.parse_args()
    away = given.round_trip / 1000
    with asyncio.Runner(loop_factory=_to_the_point if away else None) as runner:
        runner.run(_smtp(given.port, away) if given.kind == "smtp" else _provider(given.kind, given.port, away))
