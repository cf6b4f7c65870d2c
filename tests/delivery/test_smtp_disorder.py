"""Whatever a server does, at whatever moment: every message has one outcome, and the outcome is true.

The server is a strict one that answers at random: it agrees, refuses for now or for good, says good-bye, hangs up between
any two replies, and cuts what it says into pieces. It keeps account of every final dot it has read.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import get_args

import pytest

from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Accepted, Outcome, Outgoing, RefusedForGood, Stopped, TryLater, Unknown
from nurture.smtp_address import SmtpClient, SmtpServer

pytestmark = pytest.mark.smtp

MESSAGES = 120
AGREES = {"MAIL": "250 2.1.0 OK", "RCPT": "250 2.1.5 OK", "DATA": "354 Go ahead", "DOT": "250 2.0.0 OK"}
OTHERS = ("451 4.3.0 Busy", "550 5.1.1 Nobody", "421 4.3.2 Shutting down", "")
"""What it may say instead; nothing, and it hangs up."""


@dataclass
class Account:
    """What the server did with each message: the answers to its final dots, an empty one where it hung up instead.

    `asked_for` are those that it asked for by a 354, `behind` how many envelopes came before the dot before was answered.
    """

    dice: random.Random
    pipelining: bool
    answers: dict[str, list[str]] = field(default_factory=dict)
    asked_for: set[str] = field(default_factory=set)
    behind: int = 0
    faults: list[str] = field(default_factory=list)


class Moody(asyncio.Protocol):
    """One connection. What is said out of turn is a fault of the client."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rest = b""
        self._state = "EHLO"
        self._key = ""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say("220 moody.example")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while not self._transport.is_closing() and b"\n" in self._rest and self._step():
            pass

    def _step(self) -> bool:
        if self._state == "DOT":
            message, dot, rest = self._rest.partition(b"\r\n.\r\n")
            if not dot:
                return False
            if message != b"Subject: " + self._key.encode():
                self._account.faults.append(f"{message!r} where {self._key} was to come")
            self._rest = rest
            self._account.behind += rest.startswith(b"MAIL")
            answer = self._answer("DOT")
            self._account.answers.setdefault(self._key, []).append(answer)
            self._state = "MAIL"
        else:
            line, _, self._rest = self._rest.partition(b"\r\n")
            self._command(line.decode("ascii", "backslashreplace"))
        if self._rest and not self._account.pipelining and self._state != "DOT":
            self._account.faults.append(f"{self._rest!r} before the answer")
        return True

    def _command(self, line: str) -> None:
        verb = line[:4]
        if verb in ("EHLO", "RSET"):
            self._state = "MAIL"
            self._say("250-moody.example", f"250 {'PIPELINING' if self._account.pipelining else 'HELP'}")
        elif verb == "QUIT":
            self._say("221 Bye")
            self._transport.close()
        elif verb not in ("MAIL", "RCPT", "DATA"):
            self._account.faults.append(f"{line!r} is no command")
            self._transport.abort()
        elif verb != self._state:
            self._say("503 5.5.1 Bad sequence")
        elif self._answer(verb) == AGREES[verb]:
            self._state = {"MAIL": "RCPT", "RCPT": "DATA", "DATA": "DOT"}[verb]
            self._key = line.partition("<")[2].partition("@")[0] or self._key
            if verb == "DATA":
                self._account.asked_for.add(self._key)

    def _answer(self, to: str) -> str:
        """Answer at random, mostly well; answers with what it said."""
        dice = self._account.dice
        said = AGREES[to] if dice.random() < 0.93 else dice.choice(OTHERS)
        if not said:
            self._transport.close() if dice.random() < 0.5 else self._transport.abort()
            return ""
        self._say(said)
        if said.startswith("421") or dice.random() < 0.01:
            self._transport.close()
        return said

    def _say(self, *lines: str) -> None:
        for line in lines:
            cut = self._account.dice.randrange(len(line))
            self._transport.write(line[:cut].encode())
            self._transport.write(f"{line[cut:]}\r\n".encode())


async def outcomes(client: SmtpClient, account: Account, connections: int) -> dict[str, Outcome]:
    """Hand all messages over, some of them stopped at the last instant."""
    server = await asyncio.get_running_loop().create_server(lambda: Moody(account), "127.0.0.1", 0)
    at = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], "none")
    transport = SmtpTransport(
        at, client=client, connections=connections, timeout=5.0, messages_per_connection=25, caution=0.0
    )
    left, got = iter(range(MESSAGES)), {}
    stopped = {f"k{account.dice.randrange(MESSAGES)}" for _ in range(MESSAGES // 20)}

    async def hand() -> None:
        for number in left:
            key = f"k{number}"
            data = f"Subject: {key}\r\n".encode()
            message = Outgoing(key, f"{key}@exemple.example", f"{key}@contact.example", data, time.monotonic() + 60)
            got[key] = await transport.send(message, lambda message: message.key not in stopped)

    await asyncio.gather(*(hand() for _ in range(transport.capabilities.at_once)))
    await transport.close()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)  # the transports of broken connections end in the loop's next turns
    assert all(key in stopped for key, outcome in got.items() if isinstance(outcome, Stopped))
    return got


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("client", get_args(SmtpClient))
def test_every_outcome_is_true_whatever_the_server_does(client: SmtpClient, pipelining: bool, seed: int) -> None:
    account = Account(random.Random(seed), pipelining)

    async def limited() -> dict[str, Outcome]:
        async with asyncio.timeout(30):
            return await outcomes(client, account, connections=1 + seed % 3)

    got = asyncio.run(limited())

    assert account.faults == []
    assert len(got) == MESSAGES
    for key, outcome in got.items():
        answers = account.answers.get(key, [])
        assert len(answers) <= 1, f"{key} was told {len(answers)} times"
        assert is_true(outcome, answers), (key, outcome, answers)
        assert key in account.asked_for or not isinstance(outcome, Unknown | Accepted | Stopped), (key, outcome)
    assert (account.behind > MESSAGES / 3) is (client == "pipelined" and pipelining)
    kinds = Counter(type(outcome) for outcome in got.values())
    assert kinds[Accepted] > MESSAGES / 3  # else nothing was tried
    assert len(kinds) >= 3


def is_true(outcome: Outcome, answers: list[str]) -> bool:
    """Whether this may be said of a message whose final dot was answered so."""
    match outcome:
        case Accepted():
            return answers == [AGREES["DOT"]]
        case Unknown():  # the server hung up, or its answer was lost when it did
            return True
        case RefusedForGood() | TryLater():
            return AGREES["DOT"] not in answers and "" not in answers
        case Stopped():
            return answers == []
