"""A database with a campaign in it, an engine that decides, and an outbox that delivers to a sink."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select

from nurture.content.tokens import Tokens
from nurture.core.events import Event
from nurture.core.program import Content, Program, Translation
from nurture.core.words import Basis
from nurture.core.world import World
from nurture.delivery.compose import Composer, Domains
from nurture.delivery.deliver import Delivery
from nurture.delivery.library import Library
from nurture.delivery.recording import Report
from nurture.engine.deciding import Decider
from nurture.providers.smtp import SmtpTransport
from nurture.smtp_address import SmtpServer
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.tables import contacts, deliveries, outbox
from tests.builders import MONDAY, a_form, a_program, a_stage, a_world, at, days, relance, send, wait
from tests.sinks.scripted import Sink, Taken

BASE_URL = "https://nurture.exemple.example"
TOKENS = Tokens(b"secret of the tests, long enough")
TEMPLATES = {
    file.name: file.read_text(encoding="utf-8")
    for file in (Path(__file__).parents[2] / "email_templates").glob("*.mjml")
}
GUIDE = Content(
    "guide",
    "white_paper",
    "tofu",
    translations=(Translation("fr", "Migrer sans interruption", "Vingt pages.", "Lire", asset="assets/guide.pdf"),),
)
NOW = at(MONDAY)


def the_campaign(subject: str | None) -> Program:
    """One white paper, and after a day a relance on it."""
    return a_program(a_stage("tofu", send("guide", subject=subject), wait(days(1)), relance("guide")))


def the_world(subject: str | None = "Votre guide, {{ contact.first_name | default('bonjour') }}") -> World:
    """The campaign, its mail having this subject."""
    return a_world(the_campaign(subject), catalogue={"guide": GUIDE})


@dataclass
class House:
    """Everything between a form and a mailbox, on one database."""

    db: Database
    world: World
    now: datetime = NOW
    domains: Domains = field(default_factory=lambda: Domains("reply.exemple.example", "bounce.exemple.example"))
    templates: dict[str, str] = field(default_factory=lambda: dict(TEMPLATES))
    before_composing: Callable[[], None] = lambda: None
    ids: dict[str, int] = field(default_factory=dict)

    def library(self) -> Library:
        """The authors' files; a test may have something happen at this moment, between the claim and the intent."""
        self.before_composing()
        return Library(
            self.world,
            self.templates,
            contact_fields=frozenset({"first_name", "last_name", "company"}),
            forms={"démo & café": {"fr": "Préparer votre démonstration"}},
        )

    def take_in(self, *addresses: str, **fields: dict[str, Any]) -> None:
        """New contacts who may be written to, with `fields` by the part before the @."""
        people = [
            NewContact(
                address,
                fields.get(address.partition("@")[0], {"first_name": address.partition("@")[0].title()}),
                language="fr",
                country="FR",
                zone="Europe/Paris",
                basis=Basis.LEGITIMATE_INTEREST,
            )
            for address in addresses
        ]
        with self.db.begin() as c:
            self.ids |= dict(zip(addresses, [u.id for u in upsert_contacts(c, people, self.now)], strict=True))

    def enter(self, *addresses: str, **fields: dict[str, Any]) -> None:
        """New contacts who fill in the form by which one enters the campaign, decided."""
        self.take_in(*addresses, **fields)
        self.post(*((address, a_form()) for address in addresses))
        self.decide()

    def post(self, *happened: tuple[str, Event]) -> None:
        """Facts about contacts, received now."""
        with self.db.begin() as c:
            post_events(c, [(self.ids[address], event) for address, event in happened], self.now)

    def decide(self) -> None:
        """Decide until nothing is due."""
        decider = Decider(self.db, lambda: self.world, 500, timedelta(minutes=5))
        while decider.run_once(self.now).contacts:
            pass

    def outbox(self) -> dict[str, Any]:
        """The rows of the outbox by address, the newest of each."""
        query = select(outbox, contacts.c.address).join(contacts, contacts.c.id == outbox.c.contact_id)
        with self.db.read() as c:
            return {row.address: row for row in c.execute(query.order_by(outbox.c.queued_at))}

    def states(self) -> dict[str, str]:
        """The state of each one's newest message."""
        return {address: row.state for address, row in self.outbox().items()}

    def attempts(self) -> list[Any]:
        """All attempts, in order."""
        with self.db.read() as c:
            return list(c.execute(select(deliveries).order_by(deliveries.c.id)).all())

    def delivery(self, sink: Sink, **options: Any) -> AbstractAsyncContextManager[Delivery]:
        """A worker's outbox, handing over to a sink."""
        return self.delivery_to(sink.server, **options)

    @asynccontextmanager
    async def delivery_to(self, server: SmtpServer, **options: Any) -> AsyncIterator[Delivery]:
        """A worker's outbox, handing over to this server."""
        smtp = {"connections": 2, "timeout": 20.0} | options.pop("smtp", {})
        transport = SmtpTransport(server, **smtp)
        composer = Composer(TOKENS, BASE_URL, self.domains)
        try:
            yield Delivery(self.db, self.library, transport, composer, **options)
        finally:
            await transport.close()

    async def deliver(self, sink: Sink, **options: Any) -> Report:
        """One round."""
        async with self.delivery(sink, **options) as delivery:
            return await delivery.run_once(self.now)


def read(taken: Taken) -> EmailMessage:
    """The message as the standard library understands it."""
    message = message_from_bytes(taken.data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def addresses(names: Sequence[str]) -> list[str]:
    """One contact's address a name."""
    return [f"{name}@contact.example" for name in names]


def run(test: Awaitable[Any]) -> Any:
    """Await it, within a minute."""

    async def limited() -> Any:
        async with asyncio.timeout(60):
            return await test

    return asyncio.run(limited())
