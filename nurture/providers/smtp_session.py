"""One SMTP connection on which messages are handed over, each costing one round trip where the server lets it.

    [RSET] MAIL RCPT DATA ->  <- 250 250 354    body, may_go?, dot, MAIL RCPT DATA of the next ->  <- 250, 250 250 354    body …

RFC 2920 §3.1 lets a new envelope stand behind a final dot in one group, and DATA only at a group's end: so a body never
precedes its 354, and a message whose envelope lies behind the dot of another has surely not left, whatever becomes of that
one. A connection is a small machine that the replies drive, without a task or a future of its own: `_due` are the commands
that have no reply yet, the `head` is the message under way, and `_next` the one whose envelope lies behind its dot.

`_dot_sent` is the line that matters: before it a lost connection means that the head has not left, after it nobody knows.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from nurture.providers.smtp_alarm import Alarm
from nurture.providers.smtp_answers import Stage, accepted, refused
from nurture.providers.smtp_connection import Connection
from nurture.providers.smtp_envelope import stuffed
from nurture.providers.smtp_replies import CLOSING, GO_AHEAD, NoSmtp, Reply, ReplyReader
from nurture.providers.smtp_sending import Line, Sending
from nurture.providers.smtp_terms import Terms
from nurture.providers.transport import Stopped, TryLater, Unknown

ENVELOPE: tuple[Stage, ...] = (Stage.MAIL, Stage.RCPT, Stage.DATA)
BAD_SEQUENCE = 503
AT_A_TIME = 4096  # octets that are heard at once
SERVER_CLOSED = "The server closed the connection."
WE_CLOSED = "We closed the connection."


Told: TypeAlias = Callable[["Session"], None]


class Session(asyncio.BufferedProtocol):
    """Takes messages from the line when told to `go_on`, and each next one by itself; `free` and `gone` are told."""

    def __init__(self, connection: Connection, line: Line, terms: Terms, free: Told, gone: Told) -> None:
        """Take over an open connection."""
        self.messages = 0
        self.was_dead = False  # the server had left it while it was kept
        self.used_at = time.monotonic()
        self._connection = connection
        self._transport = connection.transport
        self._extensions = connection.extensions
        self._pipelining = "pipelining" in connection.extensions
        self._at_once = connection.room()
        self._line = line
        self._terms = terms
        self._free = free
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._heard_last = memoryview(bytearray(AT_A_TIME))
        self._head: Sending | None = None
        self._next: Sending | None = None
        self._due: deque[Stage] = deque()
        self._unsent: deque[tuple[Stage, bytes]] = deque()  # where the server wants one command at a time
        self._bad: tuple[Stage, Reply] | None = None
        self._lay_behind = False
        self._is_answered = False
        self._dot_sent = False
        self._is_draining = False
        self._must_reset = False
        self._alarm = Alarm(self._late)
        self._farewell: asyncio.Future[None] | None = None
        self._lost: str | None = None
        connection.speak_to(self)

    @property
    def is_alive(self) -> bool:
        """Whether another message may be tried on it."""
        return self._lost is None and not self._connection.is_closing

    def carries(self, sending: Sending) -> bool:
        """Whether this message is the one under way."""
        return self._head is sending

    def go_on(self) -> bool:
        """Take the next message that waits; False: none does. Only for a session that is free."""
        taken = self._line.take(self._extensions)
        if taken is None:
            return False
        self._head, commands = taken
        self._lay_behind = False
        self._alarm.set(self._head.begin(self._terms.timeout))
        self._transport.write(self._envelope(commands))
        return True

    async def quit(self, seconds: float) -> None:
        """Take leave politely, then close in any case."""
        if self._head is not None:
            self.abort()
        elif self.is_alive:
            self._farewell = self._loop.create_future()
            self._transport.write(b"QUIT\r\n")
            await asyncio.wait([self._farewell], timeout=seconds)
        self._lose(WE_CLOSED)
        self._connection.close()

    def leave(self) -> None:
        """Say good-bye and close without waiting for an answer."""
        if self.is_alive:
            self._transport.write(b"QUIT\r\n")
        self._lose(WE_CLOSED)
        self._connection.close()

    def abort(self, why: str = WE_CLOSED) -> None:
        """Close at once, whatever is under way."""
        self._lose(why)
        self._connection.abort()

    # The envelope.

    def _envelope(self, commands: bytes) -> bytes:
        """What is to be written of it now."""
        stages = ENVELOPE
        if self._must_reset:
            stages, commands = (Stage.RSET, *ENVELOPE), b"RSET\r\n" + commands
            self._must_reset = False
        if self._pipelining:
            self._due.extend(stages)
            return commands
        first, *others = commands.splitlines(keepends=True)
        self._due.append(stages[0])
        self._unsent.extend(zip(stages[1:], others, strict=True))
        return first

    def _heard_of_envelope(self, head: Sending, stage: Stage, reply: Reply) -> None:
        self._is_answered = True
        if self._bad is None and not _expected(stage, reply):
            if not reply.is_negative:
                self._out_of_step(stage, reply)
                return
            self._bad = (stage, reply)
            self._unsent.clear()
        if self._unsent:
            due, command = self._unsent.popleft()
            self._due.append(due)
            self._transport.write(command)
        elif self._bad is not None and (not self._due or reply.code == CLOSING):
            self._turn_down(head, *self._bad, last=reply)
        elif not self._due:
            self._loop.call_soon(self._tell, head)  # whoever the last answer has set free joins the line before that

    def _turn_down(self, head: Sending, stage: Stage, reply: Reply, last: Reply) -> None:
        self._must_reset = True
        if stage is Stage.RSET:
            self.abort("The server does not forget the message that failed.")
            return
        self._settle()
        if stage is Stage.MAIL and reply.code == BAD_SEQUENCE:  # it has not forgotten the one before: RSET, and again
            self._line.back(head, f"The server answered {reply} to {stage}.")
        else:
            head.came(refused(stage, reply))
        if last.code == CLOSING:
            self.abort(SERVER_CLOSED)
        elif last.code == GO_AHEAD:
            self.abort()  # a server that asks for a message that it has just refused is not given one
        else:
            self._turn()

    # The message.

    def _tell(self, head: Sending) -> None:
        if self._head is not head:
            return
        body = stuffed(head.message.data)
        if len(body) <= self._at_once and not head.is_large:
            self._finish(head, body)
            return
        self._transport.write(body)
        self._is_draining = True
        self._drained()

    def _drained(self) -> None:
        """Go on once the kernel has it all, for what is read just before the dot to be worth something."""
        if self._is_draining and self._head is not None and not self._connection.unwritten:
            self._is_draining = False
            self._finish(self._head, b"")

    def _finish(self, head: Sending, body: bytes) -> None:
        """Write the dot, the body before it where the kernel surely takes both at once, and an envelope behind it."""
        if self._head is not head:
            return
        if self._connection.is_closing:
            self._lose("The connection broke during the message.")
        elif self._connection.has_news():  # nothing is due, so that it can only be bad
            self._loop.call_soon(self._finish, head, body)
        elif self._goes(head):
            self._due.append(Stage.DOT)
            behind = self._behind()
            self._dot_sent = True
            self._transport.write(body + b".\r\n" + behind)
            if self._connection.is_closing:  # the kernel refused it: the other side is gone
                self._dot_sent = False
            elif body and self._connection.unwritten > len(behind):
                self._take_back(head)

    def _goes(self, head: Sending) -> bool:
        try:
            goes = time.monotonic() < head.message.deadline and head.may_go(head.message)
        except Exception as error:
            goes = False
            head.failed(error)
        if not goes:
            self._settle()
            head.came(Stopped("The message was stopped just before it left."))
            self.abort()  # the only way not to finish a message that has begun
        return goes

    def _behind(self) -> bytes:
        """The envelope of the next message, if it may lie behind a dot."""
        if not self._pipelining or self.messages + 1 >= self._terms.most or self._terms.ahead_from > time.monotonic():
            return b""
        taken = self._line.take(self._extensions)
        if taken is None:
            return b""
        self._next, commands = taken
        return self._envelope(commands)

    def _take_back(self, head: Sending) -> None:
        """The kernel took less than it has room for, and the dot is still here: throw it away, and begin again in steps."""
        head.is_large = True
        self._settle()
        self._line.back(head, "The system takes no more data.")
        self.abort()

    def _heard_of_message(self, head: Sending, reply: Reply) -> None:
        if not reply.is_positive and not reply.is_negative:
            self._out_of_step(Stage.DOT, reply)
            return
        self._must_reset = not reply.is_positive
        self._settle()
        head.came(accepted(reply) if reply.is_positive else refused(Stage.DOT, reply))
        if reply.code == CLOSING:
            self.abort(SERVER_CLOSED)
        else:
            self._turn()

    def _out_of_step(self, stage: Stage, reply: Reply) -> None:
        """What was said is no answer to this; whatever it answers, nobody knows what the next ones will."""
        self.abort(f"The server answered {reply} to {stage}, which is no answer to it.")

    # The turn of the next.

    def _settle(self) -> None:
        """The head is done with."""
        self.messages += 1
        self.used_at = time.monotonic()
        self._lay_behind = self._next is not None
        self._head, self._next = self._next, None
        self._bad = None
        self._is_answered = self._dot_sent = False

    def _turn(self) -> None:
        if self._head is None:
            self._alarm.unset()
            self._free(self)
        elif self._head.answer.done():  # nobody waits for it any more, and its envelope is out
            self.abort()
        else:
            self._alarm.set(self._head.begin(self._terms.timeout))

    def _late(self) -> None:
        self.abort("The server did not answer in time.")

    def _lose(self, why: str) -> None:
        """Nothing more goes by this connection: who has surely not left goes by another, unless the server has spoken."""
        if self._lost is not None:
            return
        self._lost = why
        self._alarm.cancel()
        if self._farewell is not None and not self._farewell.done():
            self._farewell.set_result(None)
        head, behind = self._head, self._next
        self._head = self._next = None
        if behind is not None:
            self._line.back(behind, why)
        if head is not None and self._dot_sent:
            head.came(Unknown(why))
        elif head is not None and (self._is_answered or not self.messages):
            head.came(TryLater(why))
        elif head is not None:
            self.was_dead = not self._lay_behind
            self._line.back(head, why)
        self._gone(self)

    def _broke(self, why: str) -> None:
        """The other side ended it."""
        if (self._next is not None and self._dot_sent) or (self._lay_behind and not self._is_answered):
            self._terms.ahead_from = max(self._terms.ahead_from, time.monotonic() + self._terms.caution)
        self._lose(why)

    # What the event loop calls.

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where to put what the server says: replies are short, and a large buffer made for each is dear."""
        return self._heard_last

    def buffer_updated(self, nbytes: int) -> None:
        """Take what the server says apart, and act on it."""
        try:
            for reply in self._reader.read(bytes(self._heard_last[:nbytes])):
                self._heard(reply)
                if self._lost is not None:
                    break
        except NoSmtp as problem:
            self.abort(str(problem))

    def _heard(self, reply: Reply) -> None:
        head = self._head
        if head is None or not self._due:
            self._heard_unasked(reply)
            return
        stage = self._due.popleft()
        if stage is Stage.DOT:
            self._heard_of_message(head, reply)
        else:
            self._heard_of_envelope(head, stage, reply)

    def _heard_unasked(self, reply: Reply) -> None:
        """The answer to QUIT, or a server that says good-bye (421) before it closes."""
        if self._farewell is None:
            self.abort(f"The server said {reply}.")
        elif not self._farewell.done():
            self._farewell.set_result(None)

    def resume_writing(self) -> None:
        """The kernel may have all that was written."""
        if self._is_draining:
            self._loop.call_soon(self._drained)

    def eof_received(self) -> None:
        """The server will not say anything more."""
        self._broke(SERVER_CLOSED)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._broke(f"The connection broke ({exc})." if exc else "The connection was closed.")


def _expected(stage: Stage, reply: Reply) -> bool:
    return reply.code == GO_AHEAD if stage is Stage.DATA else reply.is_positive
