"""The flight log: what a worker was about to let go, and what came of it, where a killed process still leaves it.

A file a batch, named by the batch's token, in a folder of this machine:

    nurture 1 BOOT                     the machine's boot; after a power cut nothing here is sure
    going KEY                          the very next thing is the final dot, or the write of the HTTP request
    came [KIND, KEY, …]                what came of it; of several that went in one request, a list of these

Each line is one unbuffered write: once it returns, the kernel has it, and killing the process takes nothing away. A line
cut short is followed by nothing, so it does not count: where the disk had no room for the whole of it, nothing more goes by
this log, also when there is room again. Of a log with another line that cannot be read nothing is sure.

The process holds a lock on the file: whoever gets the lock knows that the process is dead, whatever number another process
bears today. The token is random and stands on the rows of this very batch, so a log cannot speak about another attempt.

A process that lives but stood still beyond its lease is told to let nothing more go by a mark on its file, which it looks at
after each "going" and before the dot. Whoever set the mark reads the file after that: either it finds the "going", or the
process finds the mark. No clock has a part in it.
"""

import errno
import fcntl
import logging
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import orjson

from nurture.core.words import Gate, Hardness
from nurture.storage.results import Result

log = logging.getLogger(__name__)

FORMAT = "nurture 1"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SUFFIX = ".flight"
OURS, TAKEN = 0o600, 0o400
"""The mode of a log: that it cannot be written is no bar to whoever has it open, but the mark."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a dead worker's log says of its batch: what went, by the key of the message or of the parcel that it was in, and
    what came of messages. What is in neither has surely not left.
    """

    going: frozenset[str]
    came: Mapping[str, Result]


class Flight:
    """The log of one batch on its way. Belongs to the event loop that sends."""

    def __init__(self, file: int, path: Path) -> None:
        self._file = file
        self._path = path
        self._is_cut = False  # whether its last line is there in part only
        self.is_done = False  # whether nobody needs it any more

    def going(self, key: str) -> bool:
        """Write that this message goes now. False: it must not go.

        It could not be written (a full disk, now or before), or the batch was taken from this worker meanwhile.
        """
        return self._write(b"going %s\n" % key.encode()) and not self._is_taken()

    def came(self, *results: Result) -> None:
        """Write what came of it, or of all in one request. Where that fails, whoever recovers the batch knows only that it went."""
        lines = [_parts(result) for result in results]
        self._write(b"came %s\n" % orjson.dumps(lines[0] if len(lines) == 1 else lines))

    def done(self) -> None:
        """Everything stands in the database."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._file)
        self.is_done = True

    def abandon(self) -> None:
        """What came of it could not be written to the database: leave the log to whoever looks next."""
        os.close(self._file)

    def _is_taken(self) -> bool:
        return not os.fstat(self._file).st_mode & stat.S_IWUSR

    def _write(self, line: bytes) -> bool:
        if self._is_cut:
            return False
        try:
            self._is_cut = os.write(self._file, line) < len(line)
        except OSError:
            return False
        return not self._is_cut


class Flights:
    """The logs of one instance on this machine."""

    def __init__(self, folder: Path, epoch: str) -> None:
        """`epoch` names the database, so that two of them may share a folder."""
        self._folder = folder
        self._epoch = epoch
        self._has_warned = False
        self._warned_of: set[Path] = set()

    def open(self, token: int) -> Flight | None:
        """A log for the batch of this token; None, with one warning, where none can be kept."""
        boot = boot_id()
        try:
            if boot is None:
                raise OSError("this system does not name its boots")
            return self._opened(token, f"{FORMAT} {boot}\n".encode())
        except OSError as problem:
            if not self._has_warned:
                log.warning("no flight log can be kept in %s (%s): after a crash a whole batch is unknown", *(
                    self._folder, problem.strerror or problem))  # fmt: skip
                self._has_warned = True
            return None

    def _opened(self, token: int, head: bytes) -> Flight:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._epoch}-{token}{SUFFIX}"
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, OURS)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file).st_nlink:  # else somebody who looked for dead ones took it away before it was locked
                    if os.write(file, head) < len(head):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    return Flight(file, path)
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def left_behind(self) -> Iterator[tuple[int, Told | None]]:
        """The token of each batch whose process is dead, and what its log tells; None: nothing that is sure.

        A log is removed when its turn is over without an error, and its lock is held until then. One that may not be looked
        at is passed over, with one warning: its batch waits for its lease.
        """
        for path in self._kept():
            token = path.stem.removeprefix(f"{self._epoch}-")
            with self._passing_over(path):
                file = os.open(path, os.O_RDONLY)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if token.isdecimal() and os.fstat(file).st_nlink:
                        yield int(token), read(_all_of(file))
                        path.unlink(missing_ok=True)
                finally:
                    os.close(file)

    def take(self, token: int) -> Told | None:
        """Let the worker of this batch send nothing more, though it lives, and answer what its log tells.

        None: it has no log here, one that may not be looked at, or nothing that is sure.
        """
        path = self._folder / f"{self._epoch}-{token}{SUFFIX}"
        with self._passing_over(path):
            file = os.open(path, os.O_RDONLY)
            try:
                os.fchmod(file, TAKEN)
                return read(_all_of(file))
            finally:
                os.close(file)
        return None

    def _kept(self) -> Sequence[Path]:
        with self._passing_over(self._folder):
            return sorted(self._folder.glob(f"{self._epoch}-*{SUFFIX}")) if self._folder.is_dir() else ()
        return ()

    @contextmanager
    def _passing_over(self, path: Path) -> Iterator[None]:
        """What is gone, or in a living worker's hands, is passed over; what this user may not look at, too, with one warning."""
        try:
            yield
        except (FileNotFoundError, BlockingIOError):
            pass
        except OSError as problem:
            if path not in self._warned_of:
                log.warning("%s cannot be looked at (%s): give it to the user that nurture runs as; what it tells of a crash "
                            "is not heard, and that batch waits for its lease", path, problem.strerror)  # fmt: skip
                self._warned_of.add(path)


def _all_of(file: int) -> bytes:
    parts = iter(lambda: os.read(file, 1 << 20), b"")
    return b"".join(parts)


@cache
def boot_id() -> str | None:
    """What names the time since this machine was last started."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip() or None
    except OSError:
        return None


def read(text: bytes) -> Told | None:
    """What a log tells; None where it is of another boot, is none, or holds a line that cannot be read."""
    head, *lines = text.split(b"\n")[:-1] or [b""]
    if head.decode("ascii", "replace") != f"{FORMAT} {boot_id()}":
        return None
    try:
        return _told(lines)
    except Exception:  # whatever is wrong with a line: what it told may have gone, and what is written behind it, too
        return None


def _told(lines: Sequence[bytes]) -> Told:
    going: set[str] = set()
    came: dict[str, Result] = {}
    for line in lines:
        what, _, rest = line.partition(b" ")
        if what == b"going" and b" " not in rest:  # else it is two lines: no key has a space
            going.add(rest.decode())
            came.pop(rest.decode(), None)
        elif what == b"came":
            told = orjson.loads(rest)
            for result in map(_result, told if isinstance(told[0], list) else [told]):
                came[result.key] = result
        else:
            raise ValueError(f"not a line of a flight log: {line!r}")
    return Told(frozenset(going), came)


KINDS: Mapping[str, type[Result]] = {kind.__name__: kind for kind in get_args(Result)}
INSTANTS = frozenset({"at", "until", "again"})
WORDS: Mapping[str, type[Gate] | type[Hardness]] = {"gate": Gate, "hardness": Hardness}


def _parts(result: Result) -> list[Any]:
    return [type(result).__name__, {name: getattr(result, name) for name in result.__slots__}]


def _result(line: Any) -> Result:
    name, parts = line
    kind: Any = KINDS[name]
    return kind(**{part: _value(part, value) for part, value in parts.items()})  # type: ignore[no-any-return]


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in INSTANTS:
        return datetime.fromisoformat(value)
    return WORDS[name](value) if name in WORDS else value
