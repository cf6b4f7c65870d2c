"""One side of the comparison: the real engine, wired as `nurture run` wires it, from due timers to decided sends."""

import asyncio
import time

from pydantic import SecretStr
from sqlalchemy import func, select

from nurture.clock import ManualClock
from nurture.config import Settings
from nurture.content.skeleton import Skeleton
from nurture.core.program import Send
from nurture.delivery.compositions import Compositions
from nurture.engine.worker import settle
from nurture.storage.database import Database
from nurture.storage.tables import outbox
from nurture.wiring import System, make_transport, make_workers, open_system
from tests.benchmarks.campaign import CAMPAIGN, MONDAY, apply_campaigns, enter, take_in


def prepare(url: str, contacts: int) -> None:
    """The shipped campaign, and contacts whose first mail is due on Monday."""
    db = Database.open(url)
    try:
        apply_campaigns(db)
        enter(db, take_in(db, contacts))
    finally:
        db.close()


def settings_for(url: str, port: int, connections: int) -> Settings:
    """As an operator would set them; each worker's batches as they come by default."""
    return Settings(
        database_url=url,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{port}?starttls=never"),
        smtp_connections=connections,
        reply_domain="reply.exemple.example",
        bounce_domain="bounce.exemple.example",
    )


def run(url: str, port: int, connections: int) -> float:
    """Seconds from the first look at the agenda until nothing is due: every mail sent, and every send decided."""
    system = open_system(settings_for(url, port, connections), ManualClock(MONDAY))
    try:
        return asyncio.run(_settle(system))
    finally:
        system.close()


async def _settle(system: System) -> float:
    transport = make_transport(system.settings)
    workers = make_workers(system, transport)
    started = time.perf_counter()
    await settle(workers, MONDAY)
    elapsed = time.perf_counter() - started
    await transport.close()
    return elapsed


def sent(url: str) -> int:
    """How many messages the outbox says were sent."""
    db = Database.open(url)
    try:
        with db.read() as c:
            return int(c.execute(select(func.count()).where(outbox.c.state == "sent")).scalar_one())
    finally:
        db.close()


def first_mail(url: str, port: int) -> Skeleton:
    """The mail that the contacts are sent, compiled."""
    system = open_system(settings_for(url, port, 1), ManualClock(MONDAY))
    try:
        library = system.worlds.library()
        program = next(p for p in library.world.current_programs() if p.name == CAMPAIGN)
        step = next(step for step in program.stages[0].steps if isinstance(step, Send))
        return Compositions(system.settings.base_url).of_step(library, program, step, "question", None).skeleton
    finally:
        system.close()
