"""Messages on their way to an SMTP server, and the line in which they wait for a connection."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from nurture.providers.smtp_envelope import envelope
from nurture.providers.transport import MayGo, Outcome, Outgoing, RefusedForGood, Stopped, TryLater

SPARE = 2.0  # seconds kept of a message's deadline, to write the outcome down
TOO_LONG = "The message waited too long for a connection."
MOST_TRIES = 3
"""Connections that may be lost before a message's own final dot; then it waits for another day."""


@dataclass(slots=True, eq=False)
class Sending:
    """One message, and whoever waits for what comes of it. `until` is of `time.monotonic()`, once it has had its turn."""

    message: Outgoing
    may_go: MayGo
    answer: "asyncio.Future[Outcome]"
    until: float | None = None
    tries: int = 0
    is_large: bool = False

    @property
    def ends_at(self) -> float:
        """When its time is up, as far as is known."""
        return self.message.deadline - SPARE if self.until is None else self.until

    def came(self, outcome: Outcome) -> None:
        """Tell who waits; nobody may, any more."""
        if not self.answer.done():
            self.answer.set_result(outcome)

    def failed(self, error: Exception) -> None:
        """Something of ours broke, `may_go` for instance: whoever asked hears of it."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def begin(self, timeout: float) -> float:
        """Its turn has come: until when it may take. A second try gets no second time."""
        if self.until is None:
            self.until = min(self.message.deadline - SPARE, time.monotonic() + timeout)
        return self.until


class Line:
    """Who waits. A message is in it, or on one connection, or answered."""

    def __init__(self) -> None:
        self._waiting: deque[Sending] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, sending: Sending) -> None:
        """Wait at the end."""
        self._waiting.append(sending)

    def take(self, extensions: Mapping[str, str]) -> tuple[Sending, bytes] | None:
        """The next one that can be sent to a server with these extensions, and its envelope; the others are answered."""
        while self._waiting:
            sending = self._waiting.popleft()
            if sending.answer.done():
                continue
            if sending.ends_at <= time.monotonic():
                sending.came(Stopped(TOO_LONG))
                continue
            try:
                commands = envelope(sending.message, extensions)
            except Exception as error:  # a fault of ours concerns this message alone, and somebody waits for it
                sending.failed(error)
                continue
            if isinstance(commands, RefusedForGood):
                sending.came(commands)
                continue
            sending.tries += 1
            return sending, commands
        return None

    def back(self, sending: Sending, why: str) -> None:
        """It has surely not left, through no fault of its own: it waits again, before all others, unless time is up."""
        if sending.tries >= MOST_TRIES or (sending.until is not None and sending.until <= time.monotonic()):
            sending.came(TryLater(why))
        else:
            self._waiting.appendleft(sending)

    def seconds(self) -> float:
        """The least time that anybody has left."""
        return min(sending.ends_at for sending in self._waiting) - time.monotonic()

    def turn_away(self) -> None:
        """Answer those whose time is up."""
        now = time.monotonic()
        for sending in self._waiting:
            if sending.ends_at <= now:
                sending.came(Stopped(TOO_LONG))
        self._waiting = deque(sending for sending in self._waiting if not sending.answer.done())

    def everyone(self) -> list[Sending]:
        """All who wait, who then wait no more."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting
