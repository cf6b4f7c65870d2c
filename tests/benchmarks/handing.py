"""The turns of `pipelining`: each client to a server nearby and to one far away, each time with a fresh server."""

import asyncio
import time
from argparse import Namespace
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import get_args

from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Accepted, Outgoing
from nurture.smtp_address import SmtpClient, SmtpServer
from tests.benchmarks.comparing import Line, WrongCount, say
from tests.benchmarks.sinks import OURS, running_sink

WARM_UP = 4  # mails a connection
LINE = b"What quoted-printable makes of HTML has lines of seventy-six octets at most=\r\n"
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one client took for its mails, in seconds."""

    mails: int
    wall: float
    cpu: float


def compare(options: Namespace) -> list[Line]:
    """Print a line for each client with the medians of its turns, and answer them."""
    near: defaultdict[SmtpClient, list[Turn]] = defaultdict(list)
    far: defaultdict[SmtpClient, list[Turn]] = defaultdict(list)
    for _ in range(options.runs):
        for client in get_args(SmtpClient):
            near[client].append(_turn(client, options, options.mails, options.sink, 0))
            mails = options.far_mails * options.connections
            far[client].append(_turn(client, options, mails, OURS, options.round_trip))
    return [say(_line(client, options, near[client], far[client])) for client in near]


def _turn(client: SmtpClient, options: Namespace, mails: int, sink: str, round_trip: float) -> Turn:
    with running_sink(sink, round_trip) as at:
        turn = asyncio.run(_hand_over(client, options, at.port, mails))
        if (taken := at.count()) != mails + WARM_UP * options.connections:
            raise WrongCount(f"The sink took {taken} mails, and {mails} were to be sent.")
    return turn


async def _hand_over(client: SmtpClient, options: Namespace, port: int, mails: int) -> Turn:
    transport = SmtpTransport(
        SmtpServer("127.0.0.1", port, "none"), client=client, connections=options.connections, timeout=HOUR
    )
    warm_up = [_message(key, options.octets) for key in range(WARM_UP * options.connections)]
    messages = [_message(key, options.octets) for key in range(mails)]
    await _all_of(transport, warm_up)
    wall, cpu = time.perf_counter(), time.process_time()
    await _all_of(transport, messages)
    turn = Turn(mails, time.perf_counter() - wall, time.process_time() - cpu)
    await transport.close()
    return turn


async def _all_of(transport: SmtpTransport, messages: list[Outgoing]) -> None:
    left = iter(messages)

    async def hand() -> None:
        for message in left:
            outcome = await transport.send(message)
            assert isinstance(outcome, Accepted), outcome

    async with asyncio.TaskGroup() as group:
        for _ in range(transport.capabilities.at_once):
            group.create_task(hand())


def _message(number: int, octets: int) -> Outgoing:
    head = b"From: a@exemple.example\r\nMessage-ID: <%d@exemple.example>\r\n\r\n" % number
    data = head + LINE * ((octets - len(head)) // len(LINE))
    until = time.monotonic() + HOUR
    return Outgoing(str(number), "bonjour@exemple.example", f"contact{number}@contact.example", data, until)


def _line(client: SmtpClient, options: Namespace, near: list[Turn], far: list[Turn]) -> Line:
    a_trip = options.round_trip / 1000 / options.connections
    return {
        "benchmark": "pipelining",
        "client": client,
        "connections": options.connections,
        "octets": options.octets,
        "runs": options.runs,
        "mails_per_s": round(median(turn.mails / turn.wall for turn in near), 1),
        "cpu_us": round(median(turn.cpu / turn.mails * 1e6 for turn in near), 1),
        "round_trip_ms": options.round_trip,
        "far_mails_per_s": round(median(turn.mails / turn.wall for turn in far), 1),
        "mails_per_round_trip_and_connection": round(median(turn.mails / turn.wall * a_trip for turn in far), 3),
    }
