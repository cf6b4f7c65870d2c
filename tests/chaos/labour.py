"""What a worker process of the harness does: what `nurture worker` does, wired by the same functions.

It differs in three things: it may be told to die at a moment inside, it tidies up at once instead of a minute later, and it
ends when nothing is due.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from nurture.clock import Clock
from nurture.config import Settings
from nurture.engine.worker import settle
from nurture.providers.transport import Transport
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.migrate import upgrade
from nurture.wiring import DatabaseClock, System, clock_jobs, make_transport, make_workers, open_system
from tests.chaos import naive
from tests.chaos.campaign import enter, prepare
from tests.chaos.jobs import Job
from tests.chaos.traps import INSIDE, Trap, Trapped, die, watch

BREATH, LOOK = 0.01, 0.2
"""Seconds between two rounds of a worker that is to end, and of one that stays."""


@dataclass(frozen=True)
class Ahead:
    """A clock that is some time before another."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        """The other's time, and the difference."""
        return self.clock.now() + self.by


def settings_for(job: Job) -> Settings:
    """As an operator would set them, but for a lease that may be shorter than an operator's may."""
    settings = Settings(
        database_url=job.url,
        secret=SecretStr("secret of the crashes, long enough for anybody"),
        provider=job.provider,  # type: ignore[arg-type]
        smtp_url=SecretStr(f"smtp://127.0.0.1:{job.port}?starttls=never"),
        smtp_connections=job.slots,
        http_connections=job.slots,
        postmark_token=SecretStr("a token"),
        postmark_api_url=f"http://127.0.0.1:{job.port}",
        resend_key=SecretStr("a key"),
        resend_api_url=f"http://127.0.0.1:{job.port}",
        batch_size=job.batch_size,
        state_dir=Path(job.state_dir),
        approval_above=0,  # its crowds enter within an hour, and nobody is there to approve
    )
    shortened = {"lease_seconds": job.lease_seconds, "send_timeout_seconds": max(job.lease_seconds // 3, 1)}
    return settings.model_copy(update=shortened)


def open_for(job: Job) -> System:
    """The system of a job."""
    settings = settings_for(job)
    system = open_system(settings)
    return open_ahead(system, job.ahead) if job.ahead else system


def open_ahead(system: System, seconds: float) -> System:
    """The same on a later clock."""
    return System(system.settings, system.db, Ahead(DatabaseClock(system.db), timedelta(seconds=seconds)),
                  system.tokens, system.worlds)  # fmt: skip


def labour(job: Job) -> None:
    """One life of a worker."""
    if job.naive:
        naive.work(job)
        return
    system = open_for(job)
    transport: Transport = make_transport(system.settings)
    if job.moment in INSIDE:
        trap = Trap(job.moment, job.nth, die)
        watch(system.db.engine, trap)
        transport = Trapped(transport, trap)
    asyncio.run(_work(system, transport, stays=job.stays))


async def _work(system: System, transport: Transport, *, stays: bool) -> None:
    workers = make_workers(system, transport)
    tidy = clock_jobs(system, lambda: None)["tidy"][1]
    while True:
        done = 0
        try:
            await asyncio.to_thread(tidy)
            done = await settle(workers, await asyncio.to_thread(system.clock.now))
        except DatabaseProblem:
            if not stays:
                raise  # whoever stays looks again, as `nurture worker` does
        if not done and not stays:
            break
        await asyncio.sleep(LOOK if stays else BREATH)
    await transport.close()
    system.close()


def warm() -> None:
    """Live once, so that a forked worker finds everything imported: with a contact, and no mail server."""
    with TemporaryDirectory(prefix="nurture-zygote-") as folder:
        url = f"sqlite:///{Path(folder) / 'warm.db'}"
        upgrade(url)
        db = Database.open(url)
        prepare(db)
        enter(db, ["warm@exemple.example"])
        db.close()
        pid = os.fork()
        if not pid:
            try:
                labour(Job(url, port=1, state_dir=folder, batch_size=1))
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
