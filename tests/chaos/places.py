"""A database to crash on, with a campaign in it, a sink, and a zygote: everything that one round needs."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from nurture.storage.database import Database
from nurture.storage.migrate import upgrade
from tests.chaos import campaign, naive
from tests.chaos.http_trap import HttpTrap
from tests.chaos.jobs import Job
from tests.chaos.smtp_trap import SmtpTrap
from tests.chaos.ways import WAYS, Way
from tests.chaos.zygote import Zygote
from tests.postgres import Server, database_name, running_server


@dataclass
class Place:
    """Where a round takes place. `fed` are all addresses that were due."""

    url: str
    db: Database
    zygote: Zygote
    sink: SmtpTrap | HttpTrap
    port: int
    state_dir: Path
    way: Way = WAYS["smtp"]
    is_naive: bool = False
    fed: list[str] = field(default_factory=list)

    def feed(self, count: int) -> None:
        """So many more people are due for a mail."""
        new = [f"person.{n}@house-{n}.example" for n in range(len(self.fed), len(self.fed) + count)]
        (naive if self.is_naive else campaign).enter(self.db, new)
        self.fed += new

    def states(self) -> dict[str, str]:
        """What the program says of each."""
        return naive.states(self.db) if self.is_naive else campaign.states(self.db)

    def unknowns(self) -> int:
        """How many messages the program says it does not know about."""
        return 0 if self.is_naive else campaign.unknowns(self.db)

    def waiting(self) -> int:
        """How many of those fed wait for a worker now."""
        return len(self.fed) - campaign.through(self.db)

    def pending(self) -> int:
        """How many messages the program means to look at again."""
        return 0 if self.is_naive else campaign.pending(self.db)

    def after_death(self) -> None:
        """Let time pass: whatever the dead held is free."""
        if not self.is_naive:
            campaign.let_leases_run_out(self.db)

    def job(self, **more: object) -> Job:
        """A worker's life here."""
        return Job(self.url, self.port, str(self.state_dir), self.way.provider, naive=self.is_naive, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def place(url: str, mother: Zygote, *, way: Way = WAYS["smtp"], is_naive: bool = False) -> AsyncIterator[Place]:
    """A database of this URL, made ready, and a sink of its own."""
    db = Database.open(url)
    sink = SmtpTrap() if way.provider == "smtp" else HttpTrap(way.provider)
    if is_naive:
        naive.prepare(db)
    else:
        campaign.prepare(db, way.policy)
    try:
        with TemporaryDirectory(prefix="nurture-state-") as folder:
            yield Place(url, db, mother, sink, await sink.open(), Path(folder), way, is_naive)
    finally:
        await sink.close()
        db.close()


@dataclass
class Urls:
    """Makes databases with nurture's tables: copies of one that was migrated."""

    folder: Path
    server: Server | None
    template: str = ""
    made: int = 0

    def __call__(self) -> str:
        """The URL of a new one."""
        if not self.template:
            self.template = self._new()
            upgrade(self.template)
        return self._new()

    def _new(self) -> str:
        if self.server is not None:
            return self.server.create_database(template=database_name(self.template) if self.template else "template0")
        self.made += 1
        file = self.folder / f"{self.made}.db"
        if self.template:
            shutil.copy(self.template.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"


@contextmanager
def fresh_urls(kind: str) -> Iterator[Urls]:
    """Fresh databases of a kind, as many as are asked for; all go at the end. PostgreSQL's is as durable as in production."""
    with TemporaryDirectory(prefix="nurture-chaos-") as folder:
        if kind == "sqlite":
            yield Urls(Path(folder), None)
            return
        with running_server(durable=True) as server:
            yield Urls(Path(folder), server)
