"""`nurture demo`: from an empty database to prospects in salespeople's mailboxes, weeks in a minute or two."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

from nurture.clock import ManualClock
from nurture.demo.board import Board, shown
from nurture.demo.closing import tell, tell_files
from nurture.demo.contact_files import write_files
from nurture.demo.course import Course
from nurture.demo.house import House, Ports, Size, open_house, prepare_database, take_in
from nurture.demo.pages import Steps, routes, write_pages
from nurture.demo.people import draw_people
from nurture.demo.results import Figures, all_prospects, as_json, content_results, figures, steps_of_mails
from nurture.demo.sink import Sink
from nurture.storage.hand_offs import Prospect
from nurture.storage.journal import digest
from nurture.texts.counting import counted
from nurture.web.serving import listen

START = datetime(2027, 1, 4, 7, tzinfo=UTC)  # a Monday, 8 o'clock in Paris
PACE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for."""

    weeks: int
    contacts: int
    seed: int
    keep_running: bool
    workers: int
    batch_size: int
    as_json: bool


def run_demo(
    *,
    weeks: int = 8,
    contacts: int = 500,
    seed: int = 1,
    keep_running: bool = False,
    database: str | None = None,
    as_json: bool = False,
    workers: int = 1,
    batch_size: int = 500,
    console: Console | None = None,
    folder: Path | None = None,
) -> int:
    """Run the demo; answers the exit code. Raises DatabaseProblem for a database that it cannot or must not use.

    Files, and without `database` the database too, go into `folder`, else into a new one among the temporary files.
    """
    console = console or Console(highlight=False)
    wishes = Wishes(weeks, contacts, seed, keep_running, workers, batch_size, as_json)
    made = None if folder else Path(tempfile.mkdtemp(prefix="nurture-demo-"))
    folder = folder or made or Path()
    url = database or f"sqlite:///{folder / 'nurture.db'}"
    try:
        prepare_database(url, seed)
        return asyncio.run(Demo(wishes, url, folder, console).run())
    except BaseException:
        if made:
            shutil.rmtree(made, ignore_errors=True)
        raise


class Demo:
    """One demo, on a database that was prepared for its seed. Its files go into `folder`."""

    def __init__(self, wishes: Wishes, url: str, folder: Path, console: Console) -> None:
        self._wishes = wishes
        self._url = url
        self._folder = folder
        self._console = console
        self.clock = ManualClock(START)
        self.people = draw_people(wishes.seed, wishes.contacts)
        self.course = Course(self.people, wishes.seed, self.clock.now)

    async def run(self) -> int:
        """All of it; answers the exit code."""
        async with self.open() as house:
            people = f"{len(self.people)} sample people"
            self._say(f"{counted(self._wishes.weeks, 'week')} in the life of {people}, on {house.system.db.url}")
            await self.play(house)
            self._tell(house)
            found = self._as_json(house) if self._wishes.as_json else ""  # as it is now: time may go on
            if self._wishes.keep_running:
                await self._stay(house)
            else:
                self._leave_pages(house)
        if found:
            self._console.file.write(f"{found}\n")
            self._console.file.flush()
        return 1 if self.course.troubles else 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        """Everything up: the mail host, the web, the engine."""
        sink = Sink(self.course.refuse, self.course.take)
        ports = Ports(listen("127.0.0.1", 0), await sink.start())
        opened: list[House] = []
        pages = routes(self.course.archive, lambda: _known(opened[0]))
        size = Size(self._wishes.workers, self._wishes.batch_size)
        try:
            async with open_house(self._url, self._wishes.seed, self.clock, ports, size, pages) as house:
                opened.append(house)
                yield house
        finally:
            await self.course.close()
            await sink.stop()

    async def play(self, house: House) -> None:
        """Take the files in, and let the weeks pass."""
        files = write_files(self.people, self._wishes.seed, self._folder)
        reports = await asyncio.to_thread(take_in, house.system.db, files, self.clock.now())
        tell_files(self._console, [(file.name, report) for file, report in zip(files, reports, strict=True)])
        until = START + timedelta(weeks=self._wishes.weeks)
        board = Board(self._console, lambda: self._figures(house))
        self.course.begin(house, until)
        with board.shown():
            await self.course.run(house, until, lambda: board.step(self.clock.now()))
        done = f"{len(self.course.archive)} mails by SMTP and {self.course.errands} answers over HTTP"
        self._say(f"{done} in {board.seconds:.0f} seconds. It is {shown(self.clock.now())}.", "bold")
        self._say()

    def _figures(self, house: House) -> Figures:
        with house.system.db.read() as c:
            return figures(c, self.clock.now(), self.course.archive)

    def _tell(self, house: House) -> None:
        with house.system.db.read() as c:
            tell(self._console, self._figures(house), content_results(c), all_prospects(c), digest(c))
        for trouble in self.course.troubles:
            self._say(trouble, "red")

    def _leave_pages(self, house: House) -> None:
        index = write_pages(self.course.archive, *_known(house), self._folder / "mails")
        self._say(f"Every mail as it was sent: {index}")

    async def _stay(self, house: House) -> None:
        """Stay up at the pace of real time until Ctrl-C."""
        self._say(f"Every mail as it was sent: {house.access.base_url}/mails")
        self._say("The web, the mail host and the workers stay up, and time goes on at its usual pace. Ctrl-C ends it.")
        try:
            while True:
                await asyncio.sleep(PACE.total_seconds())
                self.clock.advance(PACE)
                await self.course.settle(house)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not task.uncancel():
                return
            raise

    def _as_json(self, house: House) -> str:
        wishes = self._wishes
        asked = {"seed": wishes.seed, "weeks": wishes.weeks, "contacts": wishes.contacts, "people": len(self.people)}
        with house.system.db.read() as c:
            found = as_json(c, self._figures(house), self.course.archive)
        return json.dumps({**asked, **found}, ensure_ascii=False)

    def _say(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def _known(house: House) -> tuple[Steps, list[Prospect]]:
    with house.system.db.read() as c:
        return steps_of_mails(c), all_prospects(c)
