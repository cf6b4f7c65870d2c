"""All contacts, in chunks, in one process or several: the counts are the same."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from nurture.authoring.bundle import compile_bundle
from nurture.core.events import Event
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.simulate.course import Course
from nurture.simulate.mailings import mailings
from nurture.simulate.people import Crowd
from nurture.simulate.present import news_of_files, read_contacts
from nurture.simulate.processes import spread
from nurture.simulate.rates import Rates
from nurture.simulate.reactions import Model, Reader
from nurture.simulate.reading import Reads, reads_of
from nurture.simulate.tally import Differences, Mine, Tally
from nurture.simulate.watching import Span, Watch
from nurture.storage.database import Database
from nurture.storage.worlds import Bundle, Pin

CHUNK = 500
ALONE = 2_000
"""So many contacts are done before another process would have begun."""


class CannotSimulate(Exception):
    """The files of a version have mistakes; the text holds them."""


@dataclass(frozen=True)
class Version:
    """Files to be simulated. `news`: they are not what is applied, which are these versions, and contacts are told so."""

    name: str
    bundle: Bundle
    pinned: Mapping[Pin, Bundle] = field(default_factory=dict)
    news: Mapping[str, str] | None = None

    def world(self, salt: bytes) -> World:
        """The files compiled (CannotSimulate: they have mistakes)."""
        compiled = compile_bundle(self.bundle, salt=salt, pinned=self.pinned)
        if compiled.world is None:
            raise CannotSimulate("\n".join(str(problem) for problem in compiled.problems if problem.is_error))
        return compiled.world


@dataclass(frozen=True)
class Plan:
    """Everything a run depends on: whoever has it computes the same. One version, or two to be compared.

    `numbers` are contacts of the database at `url`; `at_start` and `per_week` are made up.
    """

    versions: tuple[Version, ...]
    salt: bytes
    seed: int
    start: datetime
    weeks: int
    zone: str
    rates: Rates
    url: str = ""
    numbers: tuple[int, ...] = ()
    at_start: int = 0
    per_week: float = 0.0

    @property
    def span(self) -> Span:
        """The weeks."""
        return Span(self.start, self.weeks, ZoneInfo(self.zone))

    @property
    def made_up(self) -> int:
        """How many contacts are not of the database."""
        return self.at_start + int(self.per_week * self.weeks)

    @property
    def contacts(self) -> int:
        """How many there are."""
        return len(self.numbers) + self.made_up


@dataclass
class Found:
    """What came of a part of the contacts, by version, and of two versions the differences."""

    tallies: list[Tally]
    differences: Differences = field(default_factory=Differences)

    @staticmethod
    def nothing(versions: int) -> "Found":
        """Of nobody."""
        return Found([Tally() for _ in range(versions)])

    def add(self, other: "Found") -> None:
        """With another part."""
        for mine, theirs in zip(self.tallies, other.tallies, strict=True):
            mine.add(theirs)
        self.differences.add(other.differences)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A range of the plan's contacts: of the database, or made up."""

    of_database: bool
    begin: int
    end: int


def chunks_of(plan: Plan, size: int = CHUNK) -> list[Chunk]:
    """All contacts, `size` at a time."""
    parts = ((True, len(plan.numbers)), (False, plan.made_up))
    return [Chunk(real, at, min(at + size, count)) for real, count in parts for at in range(0, count, size)]


class Runner:
    """A plan at work in one process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._span = plan.span
        self._worlds = [version.world(plan.salt) for version in plan.versions]
        self._models = [Model.of(world, plan.rates, plan.seed) for world in self._worlds]
        self._reads: list[Reads] = [reads_of(world) for world in self._worlds]
        self._crowd = Crowd(self._worlds, plan.seed, plan.start, plan.weeks, plan.at_start, plan.per_week)

    @cached_property
    def _db(self) -> Database:
        return Database.open(self._plan.url, connections=1)

    def do(self, chunk: Chunk) -> Found:
        """Play the chunk's contacts."""
        found = Found.nothing(len(self._worlds))
        for state, received, known in self._contacts(chunk):
            mine = [self._play(n, state, received, known, tally) for n, tally in enumerate(found.tallies)]
            if len(mine) == 2:
                found.differences.note(*mine)
        return found

    def close(self) -> None:
        """Let go of the database."""
        if "_db" in self.__dict__:
            self._db.close()

    def _contacts(self, chunk: Chunk) -> Iterator[tuple[ContactState, Sequence[tuple[datetime, Event]], bool]]:
        """Each with the facts it comes with; and whether it is of the database."""
        if chunk.of_database:
            numbers = self._plan.numbers[chunk.begin : chunk.end]
            for contact in read_contacts(self._db, numbers, self._plan.start):
                yield contact.state, contact.pending, True
            return
        for number in range(chunk.begin, chunk.end):
            newcomer = self._crowd.contact(number)
            yield newcomer.state, [(newcomer.event.at, newcomer.event)], False

    def _play(
        self, n: int, state: ContactState, received: Sequence[tuple[datetime, Event]], known: bool, tally: Tally
    ) -> Mine:
        world, span = self._worlds[n], self._span
        news = self._plan.versions[n].news if known else None
        begin = span.start if known else received[0][0]  # nobody is written to before having come
        told = news_of_files(world, state, span.start, news) if news is not None else ()
        facts = [*received, *told, *mailings(world, begin, span.end)]
        watch = Watch(world, span, tally, state)
        course = Course(world, state, facts, Reader(self._models[n], state), watch, self._reads[n])
        try:
            course.run(span.start, span.end)
        except Exception as error:  # as the engine does: one contact that cannot be decided stands alone
            tally.faults[f"{type(error).__name__}: {error}"] += 1
        watch.ended(course.state)
        return watch.mine


Progress = Callable[[int], None]


def run(plan: Plan, processes: int | None = None, progress: Progress = lambda done: None) -> Found:
    """Play all contacts; `progress` hears how many are done. Raises CannotSimulate, NoDoor, DatabaseProblem."""
    runner = Runner(plan)  # in this process too, so that mistakes are told before others are started
    chunks = chunks_of(plan)
    total = Found.nothing(len(plan.versions))
    wanted = processes or (1 if plan.contacts <= ALONE else os.cpu_count() or 1)
    try:
        parts = (runner.do(chunk) for chunk in chunks) if wanted == 1 else spread(Runner, plan, chunks, wanted)
        done = 0
        for found in parts:
            total.add(found)
            done += sum(tally.contacts for tally in found.tallies[:1])
            progress(done)
    finally:
        runner.close()
    return total
