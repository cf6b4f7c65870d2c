"""A demo played for a test: quietly, on a database of its own, and left as it stands at the end."""

import asyncio
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from nurture.core.world import World
from nurture.demo.command import Demo, Wishes, run_demo
from nurture.demo.house import prepare_database

SEED = 3


@dataclass(frozen=True)
class Played:
    """What is left when the weeks are over."""

    demo: Demo
    world: World
    url: str


def play(folder: Path, *, contacts: int, weeks: int) -> Played:
    """Play on a fresh SQLite file."""
    url = f"sqlite:///{folder / 'nurture.db'}"
    prepare_database(url, SEED)
    wishes = Wishes(weeks, contacts, SEED, keep_running=False, workers=1, batch_size=500, as_json=False)
    demo = Demo(wishes, url, folder, Console(quiet=True))

    async def through() -> World:
        async with demo.open() as house:
            await demo.play(house)
            return house.system.worlds.world()

    return Played(demo, asyncio.run(through()), url)


def told(folder: Path, url: str | None = None, **wishes: int) -> dict[str, Any]:
    """The JSON object of `nurture demo --json`."""
    screen = io.StringIO()
    console = Console(file=screen, width=120)
    code = run_demo(**{"seed": SEED, **wishes}, database=url, as_json=True, console=console, folder=folder)  # type: ignore[arg-type]
    assert code == 0, screen.getvalue()
    found: dict[str, Any] = json.loads(screen.getvalue().splitlines()[-1])
    return found
