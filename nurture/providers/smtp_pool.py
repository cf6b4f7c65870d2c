"""The connections to one SMTP server: kept open, opened as messages wait for them, and given up when they are old.

A connection is replaced when the server closes it, when it has carried as many messages as servers like, or when it has
been idle for so long that the server may have forgotten it. Whoever waits is never told of a server that cannot be reached
while another connection to it is open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from nurture.providers.smtp_connection import Connection
from nurture.providers.smtp_sending import Line, Sending
from nurture.providers.smtp_session import WE_CLOSED, Session
from nurture.providers.smtp_terms import Terms
from nurture.providers.transport import TransportProblem, TryLater
from nurture.threads import take_turns_for

FAREWELL = 2.0  # seconds that a QUIT may take
PAUSE = 5.0  # seconds for which a server that could not be reached is left alone
LEAST, LONGEST = 0.05, 1.0  # seconds between looks at whose time is up while a connection is opened

Open: TypeAlias = Callable[[float], Awaitable[Connection]]
"""Opens a connection within so many seconds. Raises TransportProblem."""


class Pool:
    """At most `connections` at once, each unused for `idle` seconds at most. Of one event loop, and of no use once closed."""

    def __init__(self, opened: Open, connections: int, idle: float, terms: Terms) -> None:
        self._opened = opened
        self._most = connections
        self._idle = idle
        self._terms = terms
        self._line = Line()
        self._sessions: set[Session] = set()
        self._free: list[Session] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._down: tuple[float, str] | None = None
        self._watching: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def open(self) -> None:
        """Open a first connection, whatever is known of the server. Raises TransportProblem."""
        await self._open()

    async def close(self) -> None:
        """Take leave of the server on every connection. Who waits is told to try later."""
        self._is_closed = True
        opening = list(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(session.quit(FAREWELL) for session in self._sessions))
        self._serve()

    def take(self, sending: Sending) -> None:
        """Hand this message over as soon as there is a connection for it."""
        self._line.join(sending)
        self._serve()

    def withdraw(self, sending: Sending) -> None:
        """Nobody waits for it any more: if it has not gone it does not go. Costs its connection when it has begun."""
        session = next((session for session in self._sessions if session.carries(sending)), None)
        if session is not None:
            session.abort()

    def _serve(self) -> None:
        """Give those who wait a connection: one that is kept, else a new one."""
        while self._line and (session := self._kept()) is not None:
            if not session.go_on():
                self._free.append(session)
        down = self._down[1] if self._down is not None and time.monotonic() < self._down[0] else None
        if self._is_closed or (down is not None and not self._sessions and not self._opening):
            for sending in self._line.everyone():
                sending.came(TryLater(down or WE_CLOSED))
        elif down is None:
            while len(self._line) > len(self._opening) < self._most - len(self._sessions):
                self._begin_to_open()

    def _kept(self) -> Session | None:
        """The connection used last, so that those not needed grow old and go."""
        while self._free:
            session = self._free.pop()
            if session.is_alive and time.monotonic() - session.used_at < self._idle:
                return session
            session.leave()
        return None

    def _begin_to_open(self) -> None:
        task = asyncio.get_running_loop().create_task(self._open_for_line())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        if self._watching is None:
            self._watch()

    def _watch(self) -> None:
        """A connection is opened for all who wait, whatever time each has left: who has none is answered meanwhile."""
        self._watching = None
        self._line.turn_away()
        if self._opening and self._line:
            pause = min(max(self._line.seconds(), LEAST), LONGEST)
            self._watching = asyncio.get_running_loop().call_later(pause, self._watch)

    async def _open_for_line(self) -> None:
        me = asyncio.current_task()
        assert me is not None
        try:
            await self._open()
        except TransportProblem:
            self._opening.discard(me)
            self._serve()
        except Exception as error:
            for sending in self._line.everyone():
                sending.failed(error)

    async def _open(self) -> None:
        try:
            connection = await self._opened(self._terms.timeout)
        except TransportProblem as problem:
            self._down = (time.monotonic() + PAUSE, str(problem))
            raise
        self._down = None
        take_turns_for(connection.round_trip)
        session = Session(connection, self._line, self._terms, self._is_free, self._is_gone)
        self._sessions.add(session)
        self._is_free(session)

    def _is_free(self, session: Session) -> None:
        if session.messages >= self._terms.most:
            session.leave()
        elif not session.go_on():
            self._free.append(session)

    def _is_gone(self, session: Session) -> None:
        self._sessions.discard(session)
        if session.was_dead:
            asleep, self._free = self._free, []
            for other in asleep:
                other.leave()
        self._serve()
