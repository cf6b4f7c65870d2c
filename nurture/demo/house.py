"""The real engine with everything around it: database, campaigns, web and workers, on a clock that is moved by hand."""

import asyncio
import hashlib
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import event, func, select
from starlette.routing import BaseRoute

from nurture.authoring.bundle import read_bundle
from nurture.bootstrap import ROOT
from nurture.clock import ManualClock
from nurture.config import Settings
from nurture.core.words import Basis
from nurture.demo.hands import Access
from nurture.engine.worker import Worker
from nurture.inbound.contact_file import open_contact_file
from nurture.inbound.importing import Report, Terms, import_contacts
from nurture.planning.apply import apply_bundle
from nurture.providers.smtp import SmtpTransport
from nurture.storage.database import Database, DatabaseProblem, version
from nurture.storage.instance import instance
from nurture.storage.keys import create_key
from nurture.storage.migrate import upgrade
from nurture.storage.tables import contacts
from nurture.texts.counting import counted
from nurture.web import create_app
from nurture.web.serving import serve, services_of
from nurture.wiring import System, make_intake, make_workers, open_system

HOOK_USER = "postmark"
CAMPAIGNS = Path(ROOT) / "campaigns"
TEMPLATES = Path(ROOT) / "email_templates"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the web and the mail host listen, on the loopback."""

    web: socket.socket
    smtp: int

    @property
    def base_url(self) -> str:
        """The web's address."""
        return f"http://127.0.0.1:{self.web.getsockname()[1]}"


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers, and how many contacts or messages each takes at once. What is decided does not depend on it."""

    workers: int = 1
    batch: int = 500


@dataclass(frozen=True, slots=True)
class House:
    """What runs."""

    system: System
    clock: ManualClock
    workers: Sequence[Worker]
    access: Access


def secret_of(seed: int, what: str) -> str:
    """64 hex characters of the seed: so that keys and Message-IDs are the same in every run."""
    return hashlib.sha256(f"nurture demo {what} {seed}".encode()).hexdigest()


def prepare_database(url: str, seed: int) -> None:
    """Make the tables with the seed's salt (DatabaseProblem: there is somebody in them, or they are another instance's)."""
    salt = hashlib.sha256(f"nurture demo salt {seed}".encode()).digest()
    db = Database.open(url, check=False)
    try:
        _refuse_what_is_lived_in(db, salt)
    finally:
        db.close()
    upgrade(url, salt=salt, secret=secret_of(seed, "secret").encode())


def _refuse_what_is_lived_in(db: Database, salt: bytes) -> None:
    with db.read() as c:
        if version(c) is None:
            return
        there = c.execute(select(func.count()).select_from(contacts)).scalar_one()
        if there:
            raise DatabaseProblem(
                f"The database {db.url} holds {counted(there, 'contact')}, and the demo would write to all of them: "
                "give it an empty database."
            )
        if instance(c).salt != salt:
            raise DatabaseProblem(f"The database {db.url} is another instance's already: give the demo an empty one.")


@asynccontextmanager
async def open_house(
    url: str, seed: int, clock: ManualClock, ports: Ports, size: Size, more: Sequence[BaseRoute] = ()
) -> AsyncIterator[House]:
    """The engine at work on a prepared database, its web answering; closed at the end."""
    settings = _settings(url, seed, ports, size)
    system = open_system(settings, clock)
    transport = SmtpTransport(settings.smtp, connections=settings.smtp_connections, ehlo_name=settings.mail_domain)
    try:
        _hurry(system.db)
        apply_bundle(system.db, read_bundle(CAMPAIGNS, TEMPLATES), clock.now())
        with system.db.begin() as c:
            key = create_key(c, "site", clock.now())
        access = Access(ports.base_url, HOOK_USER, secret_of(seed, "hook"), str(key))
        async with _web(system, ports.web, more):
            yield House(system, clock, make_workers(system, transport), access)
    finally:
        await transport.close()
        system.close()


def _settings(url: str, seed: int, ports: Ports, size: Size) -> Settings:
    return Settings(
        _env_file=None,
        database_url=url,
        secret=SecretStr(secret_of(seed, "secret")),
        base_url=ports.base_url,
        provider="postmark-smtp",
        postmark_webhook_user=HOOK_USER,
        postmark_webhook_password=SecretStr(secret_of(seed, "hook")),
        smtp_url=SecretStr(f"smtp://127.0.0.1:{ports.smtp}?starttls=never"),
        smtp_connections=4,
        mail_domain="exemple.example",
        reply_domain="reponses.exemple.example",
        bounce_domain="retours.exemple.example",
        campaigns_dir=CAMPAIGNS,
        templates_dir=TEMPLATES,
        batch_size=size.batch,
        workers=size.workers,
        lease_seconds=600,
        state_dir=Path(tempfile.gettempdir()) / "nurture-demo",
        approval_above=0,  # its crowds come within a minute of virtual time, and nobody is there to approve
    )


def _hurry(db: Database) -> None:
    """A demo's SQLite file is thrown away: waiting for the disk at every commit would only make its weeks longer."""
    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        db.engine.dispose()


def take_in(db: Database, files: Sequence[Path], now: datetime) -> list[Report]:
    """Import the files."""
    terms = Terms(Basis.LEGITIMATE_INTEREST, "demo")
    return [import_contacts(db, open_contact_file(file), terms, now, lambda _: None) for file in files]


@asynccontextmanager
async def _web(system: System, bound: socket.socket, more: Sequence[BaseRoute]) -> AsyncIterator[None]:
    bound.listen()  # from now on the kernel keeps whoever calls before the server answers
    intake, stop = make_intake(system), asyncio.Event()
    serving = asyncio.create_task(serve(create_app(services_of(system, intake), more=more), bound, stop))
    try:
        yield
    finally:
        stop.set()
        await serving
        intake.close()
