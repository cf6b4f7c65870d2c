"""What an SMTP server says, taken apart into replies: pure, whatever pieces the bytes come in.

RFC 5321 §4.2: three digits, then a space before the last line's text or a hyphen before all others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHOWN = 500
LONGEST_LINE = 8192
MOST_LINES = 200
CLOSING = 421
"""The server closes the connection, whatever it is answering (RFC 5321 §3.8)."""

GO_AHEAD = 354


class NoSmtp(Exception):
    """These are no replies; the text says what they are."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of the server; `lines` are its texts, without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its lines joined."""
        return " ".join(self.lines)

    @property
    def is_positive(self) -> bool:
        """Whether the command was done."""
        return 200 <= self.code < 300

    @property
    def is_negative(self) -> bool:
        """Whether the command was refused, for now or for good. What is neither was no answer to it (RFC 5321 §4.3.2)."""
        return 400 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:SHOWN]


class ReplyReader:
    """The replies on one connection. Memory is bounded, whatever the server says."""

    def __init__(self) -> None:
        self._rest = b""
        self._before: list[str] = []

    @property
    def is_amid(self) -> bool:
        """Whether a reply has begun that has not ended."""
        return bool(self._rest or self._before)

    def read(self, data: bytes) -> Iterator[Reply]:
        """The replies that end in `data`. Raises NoSmtp after those before the fault."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            code, is_last, text = _parts(line)
            if not is_last:
                self._before.append(text)
            elif self._before:
                lines_before, self._before = self._before, []
                yield Reply(code, (*lines_before, text))
            else:
                yield _reply(code, text)
        if len(self._rest) > LONGEST_LINE or len(self._before) > MOST_LINES:
            raise NoSmtp("The server's answer has no end.")


@lru_cache(maxsize=64)  # servers say the same few things to everybody
def _parts(line: bytes) -> tuple[int, bool, str]:
    if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"\r", b""):
        raise NoSmtp(f"The server answered {line[:60]!r}, which is no SMTP.")
    return int(line[:3]), line[3:4] != b"-", line[4:].decode("utf-8", "replace").strip()


@lru_cache(maxsize=64)
def _reply(code: int, text: str) -> Reply:
    return Reply(code, (text,))
