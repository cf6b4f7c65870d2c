"""The one place that chooses implementations from the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from nurture.clock import Clock
from nurture.config import Settings
from nurture.content.tokens import Tokens
from nurture.delivery.automatic import brake_automatically
from nurture.delivery.brakes import Approval, Gate
from nurture.delivery.budgets import Budgets
from nurture.delivery.compose import Composer, Domains, no_headers
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.delivery.flow import Flow
from nurture.delivery.held_boot import watch_database
from nurture.delivery.recovery import recover_flights
from nurture.engine.clock import TICK, TIDY, Jobs
from nurture.engine.deciding import Decider
from nurture.engine.jumps import JumpWatch
from nurture.engine.newsletters import send_newsletters
from nurture.engine.running import Watch
from nurture.engine.winners import find_winners
from nurture.engine.worker import Worker
from nurture.engine.worlds import NothingApplied, Worlds
from nurture.inbound.intake import Intake
from nurture.inbound.sort import Sorter
from nurture.memory import calm_the_collector, share_heaps
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.postmark import smtp_headers
from nurture.providers.postmark_api import PostmarkApi, PostmarkTransport
from nurture.providers.resend_api import ResendApi
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import Transport
from nurture.storage.brakes import free_forgotten
from nurture.storage.database import Database, real_now
from nurture.storage.instance import instance
from nurture.storage.results import recover_stale

if TYPE_CHECKING:
    from nurture.content.dkim import Signer

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
    timeout, over_http = settings.send_timeout_seconds, settings.http_connections
    if settings.provider == "postmark" and settings.postmark_token is not None:
        api = PostmarkApi(settings.postmark_token.get_secret_value(), settings.postmark_message_stream)
        return PostmarkTransport(api, settings.postmark_api_url, connections=over_http, timeout=timeout)
    if settings.provider == "resend" and settings.resend_key is not None:
        resend = ResendApi(settings.resend_key.get_secret_value())
        return ParcelTransport(resend, settings.resend_api_url, connections=over_http, timeout=timeout)
    return SmtpTransport(
        settings.smtp,
        client=settings.smtp_client,
        connections=settings.smtp_connections,
        timeout=timeout,
        ehlo_name=settings.mail_domain,
    )


def make_flow(settings: Settings) -> Flow:
    """What keeps a process from wearing out a mail server, and from a flood after a standstill. It runs on real time."""
    return Flow(release_rate=settings.release_rate or None)


def make_workers(system: System, transport: Transport, flow: Flow | None = None) -> list[Worker]:
    """The workers of one process, which share its transport, and its `flow` where time is real."""
    calm_the_collector()
    return [_worker(system, transport, flow) for _ in range(system.settings.workers)]


def _worker(system: System, transport: Transport, flow: Flow | None) -> Worker:
    settings, lease = system.settings, timedelta(seconds=system.settings.lease_seconds)
    delivery = Delivery(
        system.db,
        system.worlds.library,
        transport,
        make_composer(system),
        batch_size=settings.batch_size,
        lease=lease,
        flights=flights_of(system),
        flow=flow,
        gate=make_gate(settings),
    )
    decider = Decider(system.db, system.worlds.world, settings.batch_size, lease)
    return Worker(Sorter(system.db, system.tokens), decider, delivery, hands=1 if settings.is_sqlite else HANDS)


def flights_of(system: System) -> Flights:
    """The flight logs that workers of this instance keep on this machine."""
    with system.db.read() as c:
        return Flights(system.settings.state_dir, instance(c).epoch)


def make_gate(settings: Settings) -> Gate:
    """What may keep a message back between the claim and its mail."""
    return Gate(approval_of(settings), Budgets(settings.mails_per_hour, settings.rates, settings.warm_ups))


def approval_of(settings: Settings) -> Approval:
    """How many may be written to at once without a person's word."""
    return Approval(settings.approval_above, round(settings.canary_percent * 100))


def watch_jumps(system: System) -> Watch | None:
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
    headers, signer = message_headers(settings), make_signer(settings)
    return Composer(system.tokens, settings.base_url, domains, headers, signer=signer)


def make_signer(settings: Settings) -> "Signer | None":
    """What signs mail, if the settings say so. Raises DkimProblem."""
    if settings.dkim_domain is None:
        return None
    from nurture.content.dkim import Signer  # who does not sign need not load cryptography
    from nurture.content.key_store import read_keys

    return Signer(settings.dkim_domain, read_keys(settings.key_files))


def message_headers(settings: Settings) -> partial[Mapping[str, str]]:
    """What the provider wants in the message of a key."""
    if settings.provider in ("postmark", "postmark-smtp"):
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
        "winners": (TIDY, partial(look_for_winners, system)),
        "newsletters": (TIDY, partial(look_for_newsletters, system)),
    }


def look_for_winners(system: System) -> int:
    """Find which variants do best; answers how many contacts go on. Doing it twice changes nothing."""
    try:
        world = system.worlds.world()
    except NothingApplied:
        return 0
    return find_winners(system.db, world, system.clock.now())


def look_for_newsletters(system: System) -> int:
    """Tell the members of newsletters that are due; answers how many. Doing it twice changes nothing."""
    try:
        world = system.worlds.world()
    except NothingApplied:
        return 0
    return send_newsletters(system.db, world, system.clock.now(), approval_of(system.settings))


def tidy(system: System) -> int:
    """Settle what vanished workers left, and make *unknown* what nothing tells of; answers how many messages.

    Workers of this machine have a log, and are surely dead where nobody holds its lock; others are once their lease has
    run out. Doing it twice changes nothing.
    """
    now = system.clock.now()
    found = recover_flights(system.db, flights_of(system), now)
    while True:
        with system.db.begin() as c:
            some = recover_stale(c, now)
        if not some:
            return found
        found += some
