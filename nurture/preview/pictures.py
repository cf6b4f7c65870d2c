"""Pictures of every mail and every campaign, as files: to be looked at, compared and handed round."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nurture.preview.app import Room, create_app
from nurture.preview.chromium import Browser, Size, chromium
from nurture.preview.pages import address
from nurture.web.serving import serve

DESKTOP, PHONE, DARK = Size(700), Size(375, scale=2, is_phone=True), Size(700, is_dark=True)
GRAPH, GRAPH_DARK = Size(400), Size(400, is_dark=True)

_UNSUITED = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture to make: its file's name, the page it shows, and how that is looked at."""

    name: str
    path: str
    size: Size


def wanted(room: Room) -> Iterator[Wanted]:
    """Every mail on a desktop, on a phone and in the dark; every campaign's drawing, light and dark."""
    good = room.studio.edition.good
    if good is None:
        return
    reader = {"contact": room.contact} if room.contact else {"reader": room.reader}
    for mail in good.mails.values():
        name = _UNSUITED.sub("-", mail.id)
        for form, scheme, size in (("desktop", "light", DESKTOP), ("phone", "light", PHONE), ("dark", "dark", DARK)):
            yield Wanted(f"{name}.{form}.png", address("/frame", reader, of=mail.id, scheme=scheme), size)
    for program in good.world.current_programs():
        name = _UNSUITED.sub("-", program.name)
        yield Wanted(f"{name}.png", f"/drawing/{program.name}", GRAPH)
        yield Wanted(f"{name}.dark.png", f"/drawing/{program.name}", GRAPH_DARK)


async def paint(room: Room, program: str, bound: socket.socket, folder: Path, told: Callable[[Path], None]) -> None:
    """Make all pictures in `folder`, which must be there; `told` hears of each (NoChromium: it does not start)."""
    base = f"http://127.0.0.1:{bound.getsockname()[1]}"
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(create_app(room), bound, stop))
    try:
        async with chromium(program) as browser:
            for each in wanted(room):
                told(await _painted(browser, each, base, folder))
    finally:
        stop.set()
        await serving


async def _painted(browser: Browser, each: Wanted, base: str, folder: Path) -> Path:
    path = folder / each.name
    path.write_bytes(await browser.picture(base + each.path, each.size))
    return path
