"""The one place that chooses implementations from the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from nurture.clock import Clock
from nurture.config import Settings
from nurture.content.tokens import Tokens
from nurture.delivery.automatic import brake_automatically
from nurture.delivery.brakes import Approval, Gate
from nurture.delivery.budgets import Budgets
from nurture.delivery.compose import Composer, Domains, no_headers
from nurture.delivery.deliver import Delivery
from nurture.delivery.held_boot import watch_database
from nurture.engine.clock import TICK, TIDY, Jobs
from nurture.engine.deciding import Decider
from nurture.engine.jumps import JumpWatch
from nurture.engine.worker import Worker
from nurture.engine.worlds import Worlds
from nurture.inbound.intake import Intake
from nurture.inbound.sort import Sorter
from nurture.memory import calm_the_collector, share_heaps
from nurture.providers.postmark import smtp_headers
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Transport
from nurture.storage.brakes import free_forgotten
from nurture.storage.database import Database, real_now
from nurture.storage.instance import instance
from nurture.storage.results import recover_stale

THREADS = 4
"""Threads of one worker process that may be at the database at once, beside the web's."""

HANDS = 2
"""Sets of contacts that one worker has in hand, so that it thinks while PostgreSQL writes. SQLite writes in the process."""


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """Business time as the database tells it, so that all machines agree."""

    db: Database

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        with self.db.read() as c:
            return real_now(c)


@dataclass(frozen=True)
class System:
    """Everything that the processes share: one database and what reads it."""

    settings: Settings
    db: Database
    clock: Clock
    tokens: Tokens
    worlds: Worlds

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()


def open_system(settings: Settings, clock: Clock | None = None) -> System:
    """Reach the database. Raises DatabaseProblem. `clock` is the database's own unless given."""
    share_heaps()
    db = Database.open(settings.database_url, connections=THREADS * settings.workers + THREADS)
    with db.read() as c:
        own = instance(c)
    secret = settings.secret.get_secret_value().encode() if settings.secret else own.secret
    return System(settings, db, clock or DatabaseClock(db), Tokens(secret), Worlds(db))


def make_transport(settings: Settings) -> Transport:
    """How mail leaves."""
    return SmtpTransport(settings.smtp, connections=settings.smtp_connections, ehlo_name=settings.mail_domain)


def make_workers(system: System, transport: Transport) -> list[Worker]:
    """The workers of one process, which share its transport."""
    calm_the_collector()
    return [_worker(system, transport) for _ in range(system.settings.workers)]


def _worker(system: System, transport: Transport) -> Worker:
    settings, lease = system.settings, timedelta(seconds=system.settings.lease_seconds)
    delivery = Delivery(
        system.db,
        system.worlds.library,
        transport,
        make_composer(system),
        batch_size=settings.batch_size,
        lease=lease,
        gate=make_gate(settings),
    )
    decider = Decider(system.db, system.worlds.world, settings.batch_size, lease)
    return Worker(Sorter(system.db, system.tokens), decider, delivery, hands=1 if settings.is_sqlite else HANDS)


def make_gate(settings: Settings) -> Gate:
    """What may keep a message back between the claim and its mail."""
    approval = Approval(settings.approval_above, round(settings.canary_percent * 100))
    return Gate(approval, Budgets(settings.mails_per_hour, settings.rates, settings.warm_ups))


def watch_jumps(system: System) -> Callable[[datetime], None] | None:
    """Holds mail when business time jumps; nobody watches a clock that is set by hand."""
    return JumpWatch(system.db).look if isinstance(system.clock, DatabaseClock) else None


def look_at_database(system: System) -> None:
    """Hold all mail if this database is not the one that was sent from. Called before the first mail, and each minute."""
    watch_database(system.db, system.settings.state_dir, system.clock.now())


def look_at_brakes(system: System) -> None:
    """Brake where too much comes back, and free what a release missed."""
    now = system.clock.now()
    with system.db.begin() as c:
        brake_automatically(c, now)
        free_forgotten(c)


def make_composer(system: System) -> Composer:
    """Makes messages; each thread that composes has its own."""
    settings = system.settings
    domains = Domains(reply=settings.reply_domain, bounce=settings.bounce_domain)
    return Composer(system.tokens, settings.base_url, domains, message_headers(settings))


def message_headers(settings: Settings) -> partial[Mapping[str, str]]:
    """What the provider wants in the message of a key."""
    if settings.provider == "postmark":
        return partial(smtp_headers, stream=settings.postmark_message_stream)
    return partial(no_headers)


def make_intake(system: System) -> Intake:
    """Takes in what comes from outside; close it at the end."""
    return Intake(system.db, system.clock)


def clock_jobs(system: System, wake: Callable[[], None]) -> Jobs:
    """What the clock does: wake the workers of this process, and own up to what vanished workers left behind."""
    return {
        "tick": (TICK, wake),
        "tidy": (TIDY, partial(tidy, system)),
        "brakes": (TIDY, partial(look_at_brakes, system)),
        "database": (TIDY, partial(look_at_database, system)),
    }


def tidy(system: System) -> int:
    """Make messages of vanished workers *unknown*; answers how many. Doing it twice changes nothing."""
    now, found = system.clock.now(), 0
    while True:
        with system.db.begin() as c:
            some = recover_stale(c, now)
        if not some:
            return found
        found += some
