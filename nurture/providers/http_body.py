"""The body of a request that can still be stopped just before its last byte.

The length is announced and all but the last byte written; then the question is asked. A server that has been promised
more than it got has no request, so a message stopped there has surely not left. It costs the connection.
"""

import time
from collections.abc import AsyncIterator, Callable

import httpx


class Halt(Exception):
    """The message was stopped before its last byte; the text says by what."""


class LastByte(httpx.AsyncByteStream):
    """`content`, its last byte only if `may_go` and the `deadline` (of `time.monotonic()`) allow it.

    `is_out` is True from the moment the last byte is given to the connection: from there the provider may have all.
    """

    def __init__(self, content: bytes, may_go: Callable[[], bool], deadline: float) -> None:
        self.content = content
        self.deadline = deadline
        self._may_go = may_go
        self.is_out = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """All but one byte, then the last."""
        yield self.content[:-1]
        if time.monotonic() >= self.deadline:
            raise Halt("The message's time ran out before its last byte.")
        if not self._may_go():
            raise Halt("The message was stopped before its last byte.")
        self.is_out = True
        yield self.content[-1:]
