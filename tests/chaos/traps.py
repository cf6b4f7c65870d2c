"""Where a worker dies: the moments that a sink sees, those inside the process, and the trap that springs at the nth one.

The moments inside are seen through SQLAlchemy's own events (what a transaction has written says which it is) and through a
transport that wraps the real one. Only the harness's own workers install them; the program knows nothing of it.
"""

import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Engine, event

from nurture.providers.transport import (
    Capabilities,
    MayAllGo,
    MayGo,
    Outcome,
    Outgoing,
    Parcelling,
    Transport,
    always,
)

AT_SMTP: Mapping[str, str] = {
    "connect": "a connection is made, no word said",
    "ehlo": "EHLO is answered",
    "mail": "MAIL is read",
    "rcpt": "RCPT is read",
    "354": "DATA is read, and 354 written",
    "mid-body": "a part of the message is read",
    "dot": "the final dot is read, 250 not written",
    "250": "250 is written",
}
"""The moments an SMTP server sees, in order."""

AT_HTTP: Mapping[str, str] = {
    "connect": "a connection is made, no word said",
    "head": "the head of a request is read",
    "mid-body": "half of its body is read",
    "taken": "the message is taken, no answer written",
    "answered": "the answer is written",
}
"""The moments a provider's HTTP server sees, in order."""

INSIDE: Mapping[str, str] = {
    "before the dot": "all but the dot, or the last byte, is on its way",
    "heard": "the answer was read, nothing of it committed",
    "claim+": "messages are claimed and committed",
    "intents-": "intents are written, not committed",
    "intents+": "intents are committed",
    "results-": "results are written, not committed",
    "results+": "results are committed",
    "decisions-": "decisions are written, not committed",
    "decisions+": "decisions are committed",
}
"""The moments that only the process itself can tell; - is just before a commit, + just after."""

RANDOM = "any time"
"""Killed from outside, a random while after its start."""

MARKS = (
    ("decisions", "INSERT INTO journal"),
    ("results", "INSERT INTO deliveries"),
    ("intents", "composition="),
    ("claim", "UPDATE outbox SET token"),
)
"""What a transaction has written says which it is; the first that fits."""


@dataclass
class Trap:
    """Springs at the nth time that its moment is seen."""

    moment: str
    nth: int
    spring: Callable[[], None]
    has_sprung: bool = False

    def saw(self, moment: str) -> bool:
        """Tell it of a moment; True when that was the one."""
        if self.has_sprung or moment != self.moment:
            return False
        self.nth -= 1
        if self.nth > 0:
            return False
        self.has_sprung = True
        self.spring()
        return True


def die() -> None:
    """This process, now, as the kernel would do it to a process out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def watch(engine: Engine, trap: Trap) -> None:
    """Tell the trap of every commit of these kinds."""

    def ran(c: Any, cursor: Any, statement: str, *rest: Any) -> None:
        c.info.setdefault("said", []).append(statement)

    def commits(c: Any) -> None:
        kind = _kind(c.info.get("said", ()))
        c.info["done"] = kind
        trap.saw(f"{kind}-")

    def returns(connection: Any, record: Any) -> None:
        record.info.pop("said", None)
        trap.saw(f"{record.info.pop('done', '')}+")

    event.listen(engine, "after_cursor_execute", ran)
    event.listen(engine, "commit", commits)
    event.listen(engine, "checkin", returns)


def _kind(statements: Any) -> str:
    return next((kind for kind, mark in MARKS if any(mark in said for said in statements)), "")


@dataclass(frozen=True)
class Trapped:
    """A transport that tells a trap of the instant before the dot, and of the answer."""

    inner: Transport
    trap: Trap

    @property
    def capabilities(self) -> Capabilities:
        """The real one's."""
        return self.inner.capabilities

    async def open(self) -> None:
        """As the real one."""
        await self.inner.open()

    async def close(self) -> None:
        """As the real one."""
        await self.inner.close()

    def __getattr__(self, name: str) -> Any:
        """What else the real one can."""
        return getattr(self.inner, name)

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """As the real one, which asks `may_go` just before the dot."""

        def asked(about: Outgoing) -> bool:
            answer = may_go(about)
            self.trap.saw("before the dot")
            return answer

        outcome = await self.inner.send(message, asked)
        self.trap.saw("heard")
        return outcome

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        """As the real one, where it can; to whoever looks on, a request is one message."""

        def asked(about: Sequence[Outgoing]) -> Collection[str]:
            answer = may_go(about)
            self.trap.saw("before the dot")
            return answer

        outcomes = await cast(Parcelling, self.inner).send_parcel(key, messages, asked)
        self.trap.saw("heard")
        return outcomes
