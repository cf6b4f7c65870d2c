"""A preview at work on a folder of files: over real HTTP on the loopback, watching for real."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from nurture.authoring.bundle import check, read_bundle
from nurture.clock import ManualClock
from nurture.content.tokens import Tokens
from nurture.delivery.compose import Composer, Domains
from nurture.delivery.specs import spec_of
from nurture.preview.app import Room
from nurture.preview.press import KeptCompiler
from nurture.preview.serving import run
from nurture.preview.studio import Desk, Studio
from nurture.preview.watching import Broadcast
from nurture.web.serving import listen
from tests.builders import MONDAY, at

ROOT = Path(__file__).parents[2]
SECONDS = 20.0


def copied(folder: Path) -> Path:
    """The shipped campaigns and templates, to be edited."""
    for name in ("campaigns", "email_templates"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def a_desk(folder: Path, press: KeptCompiler) -> Desk:
    """As the command lays it out."""
    composer = Composer(
        Tokens(b"links that lead nowhere"),
        "https://nurture.exemple.example",
        Domains("r.exemple.example"),
        compiler=press,
    )
    return Desk(
        read=lambda: read_bundle(folder / "campaigns", folder / "email_templates"),
        check=lambda bundle: check(bundle, spec_of),
        place=lambda path: path,
        composer=composer,
        now=ManualClock(at(MONDAY)).now(),
    )


def edit(path: Path, before: str, after: str) -> None:
    """Change one place of a file, by writing into it."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def edit_by_renaming(path: Path, before: str, after: str) -> None:
    """As many editors save: a new file takes the old one's name."""
    text = path.read_text()
    assert before in text
    beside = path.with_suffix(".tmp")
    beside.write_text(text.replace(before, after, 1))
    beside.rename(path)


@dataclass
class Visit:
    """A browser with one page open: what it gets, and the editions it is told of."""

    base: str
    client: httpx.AsyncClient
    told: "asyncio.Queue[int]"

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """One page."""
        return await self.client.get(self.base + path, **more)

    async def next_edition(self) -> int:
        """Wait to be told that something changed."""
        async with asyncio.timeout(SECONDS):
            return await self.told.get()

    async def until(self, path: str, words: str) -> str:
        """Wait for an edition in which the page has these words."""
        async with asyncio.timeout(SECONDS):
            while words not in (text := (await self.get(path)).text):
                await self.told.get()
        return text


@asynccontextmanager
async def visiting(folder: Path, press: KeptCompiler, **room: Any) -> AsyncIterator[Visit]:
    """A preview of the folder, watched, and a page open on it."""
    studio = Studio(a_desk(folder, press))
    stop = asyncio.Event()
    with listen("127.0.0.1", 0) as bound:
        base = f"http://127.0.0.1:{bound.getsockname()[1]}"
        made = Room(studio, Broadcast(studio.edition.number), folder / "campaigns" / "assets", **room)
        running = asyncio.create_task(run(made, [folder / "campaigns", folder / "email_templates"], bound, stop))
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            visit = Visit(base, client, asyncio.Queue())
            opened = asyncio.Event()
            listening = asyncio.create_task(_listen(visit, studio.edition.number, opened.set))
            try:
                await opened.wait()
                yield visit
            finally:
                stop.set()
                await asyncio.gather(running, listening)


async def _listen(visit: Visit, seen: int, opened: Callable[[], None]) -> None:
    """Reads the stream of editions until the preview ends it."""
    async with visit.client.stream("GET", f"{visit.base}/live", params={"seen": seen}) as answer:
        async for line in answer.aiter_lines():
            opened()
            if line.startswith("data: "):
                await visit.told.put(int(line.removeprefix("data: ")))
