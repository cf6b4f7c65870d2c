"""Tells open pages that something changed: watches the authors' folders, has them read again, and passes the word on.

The folders are watched, not the files, because many editors save by renaming a new file over the old one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from nurture.preview.studio import Studio

log = logging.getLogger(__name__)

STEP_MS: Final = 20
"""How long nothing more may change before the files are read: a save is several changes."""
DEBOUNCE_MS: Final = 300
"""How long they may go on changing at most."""
HEARTBEAT: Final = 15.0
"""Seconds after which a quiet stream says that it is alive, so that a closed page is noticed."""
ENDINGS: Final = frozenset({".yaml", ".yml", ".mjml"})


class Broadcast:
    """The number of the latest edition, for any number of open pages."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._changed = asyncio.Condition()
        self._closed = False

    async def publish(self, number: int) -> None:
        """A new edition is there."""
        async with self._changed:
            self._number = number
            self._changed.notify_all()

    async def close(self) -> None:
        """End every stream."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def stream(self, seen: int) -> AsyncIterator[bytes]:
        """Server-sent events: the number of each edition after `seen`, until the preview ends."""
        yield b"retry: 1000\n\n"
        while not self._closed:
            async with self._changed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):
                        while not self._closed and self._number == seen:
                            await self._changed.wait()
                number = self._number
            if number != seen:
                seen = number
                yield f"event: edition\ndata: {number}\n\n".encode()
            else:
                yield b": quiet\n\n"


async def watch(studio: Studio, folders: Sequence[Path], broadcast: Broadcast, stop: asyncio.Event) -> None:
    """Read the files again whenever one changes, until `stop`; each time the full check follows, once things are quiet."""
    unchecked = asyncio.Event()
    unchecked.set()
    checking = asyncio.create_task(_check(studio, broadcast, unchecked, stop))
    try:
        changes = awatch(
            *folders, watch_filter=_is_authors, step=STEP_MS, debounce=DEBOUNCE_MS, stop_event=stop, rust_timeout=250
        )
        async for _ in changes:
            if await asyncio.to_thread(_refreshed, studio):
                await broadcast.publish(studio.edition.number)
                unchecked.set()
    finally:
        stop.set()
        studio.close()
        unchecked.set()
        await checking


async def _check(studio: Studio, broadcast: Broadcast, unchecked: asyncio.Event, stop: asyncio.Event) -> None:
    """The full check, once for however many changes came while the last one ran."""
    while await unchecked.wait() and not stop.is_set():
        unchecked.clear()
        if await asyncio.to_thread(studio.examine):
            await broadcast.publish(studio.edition.number)


def _refreshed(studio: Studio) -> bool:
    """A file may vanish between being listed and being read: the next change tells of it."""
    try:
        return studio.refresh()
    except OSError as error:
        log.warning("The files cannot be read just now (%s).", error)
        return False


def _is_authors(change: Change, path: str) -> bool:
    name = Path(path)
    return name.suffix in ENDINGS or name.parent.name == "assets"
