"""The preview at work: pages on a socket of the loopback, and the watcher beside them, until somebody ends it."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

from nurture.preview.app import Room, create_app
from nurture.preview.watching import watch
from nurture.web.serving import serve


async def run(room: Room, folders: Sequence[Path], bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve and watch until `stop` is set; open pages are told that it ends."""
    watching = asyncio.create_task(watch(room.studio, folders, room.broadcast, stop))
    serving = asyncio.create_task(serve(create_app(room), bound, stop))
    await asyncio.wait(
        [watching, serving, closing := asyncio.create_task(_close(room, stop))], return_when=asyncio.FIRST_COMPLETED
    )
    stop.set()
    await asyncio.gather(watching, serving, closing)


async def _close(room: Room, stop: asyncio.Event) -> None:
    """Streams never end by themselves, and the server waits for them."""
    await stop.wait()
    await room.broadcast.close()
