"""What all handlers share: the services, the threads in which the database is spoken to, and the mails behind tokens."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection

from nurture.content.links import Link
from nurture.content.skeleton import Skeleton
from nurture.content.tokens import MessageToken, read_message
from nurture.inbound.tracking import Names
from nurture.storage.compositions import load_composition
from nurture.web.patience import Patience
from nurture.web.services import Services, Site
from nurture.web.together import Together

KEPT: Final = 1_000
PATIENCE: Final = 1.0
"""Seconds that a reader waits for what is noted on the way."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a page may know of the mail it was reached from: nothing about the contact."""

    language: str
    sender: str
    links: tuple[Link, ...]

    def link(self, number: str) -> Link | None:
        """The link of that place in its table."""
        if not (number.isascii() and number.isdecimal() and len(number) < 5):
            return None
        return self.links[int(number)] if int(number) < len(self.links) else None


class Desk:
    """One a process. Close it when the server ends."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.patience = Patience(PATIENCE)
        self.names = Names()
        self._threads = ThreadPoolExecutor(services.threads, thread_name_prefix="web")
        self._moments: Together[None, datetime] = Together(lambda _: self.run(services.clock.now))
        self._letters: OrderedDict[str, Letter] = OrderedDict()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def now(self) -> datetime:
        """The business time, for which the database may have to be asked."""
        return await self._moments.ask(None)

    async def site(self) -> Site:
        """What is applied now."""
        return await self.run(self.services.site)

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """Ask the database."""

        def work() -> T:
            with self.services.db.read() as c:
                return ask(c)

        return await self.run(work)

    async def write(self, act: Callable[[Connection, datetime], T]) -> T:
        """Change the database as of the business time, in one transaction that is committed when this returns."""

        def work() -> T:
            now = self.services.clock.now()
            with self.services.db.begin() as c:
                return act(c, now)

        return await self.run(work)

    def message(self, token: str) -> MessageToken | None:
        """The message a token names; None for a token that is not ours."""
        return read_message(self.services.tokens, token)

    async def letter(self, composition: str) -> Letter | None:
        """The mail of a genuine token; None when it is not kept any more."""
        known = self._letters.get(composition)
        if known is not None:
            self._letters.move_to_end(composition)
            return known
        source = await self.read(lambda c: load_composition(c, composition))
        if source is None:
            return None
        skeleton = Skeleton.from_json(source)
        letter = Letter(skeleton.language, skeleton.sender.name, skeleton.links)
        self._letters[composition] = letter
        if len(self._letters) > KEPT:
            self._letters.popitem(last=False)
        return letter
