"""Errands done over HTTP, as mail programs, mail hosts and the company's site would: real requests to the real web."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from urllib.parse import urlsplit

import orjson

from nurture.demo.errands import Fetch, FillIn, Hook, Planned, Press, Tell
from nurture.demo.http import Answer, Client
from nurture.demo.site import Page

AT_ONCE = 32
SHOWN = 20
JSON = {"Content-Type": "application/json"}

Lands = Callable[[str, Page, datetime], Iterable[Planned]]
"""What a person (by address) does on a page of the site, from an instant on."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the mail host and the site sign in."""

    base_url: str
    hook_user: str
    hook_password: str = field(repr=False)
    api_key: str = field(repr=False)


class Hands:
    """Does errands. An answer that ought not to come is kept in `troubles`."""

    def __init__(self, access: Access, pages: Mapping[str, Page], lands: Lands) -> None:
        self._access = access
        self._pages = pages
        self._lands = lands
        self._client = Client(access.base_url)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        sign_in = base64.b64encode(f"{access.hook_user}:{access.hook_password}".encode()).decode()
        self._as_host = {**JSON, "User-Agent": "Postmark", "Authorization": f"Basic {sign_in}"}
        self._as_site = {**JSON, "Authorization": f"Bearer {access.api_key}"}
        self.troubles: list[str] = []
        self.done = 0

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def do(self, due: Sequence[Planned], now: datetime) -> list[Planned]:
        """Do what is due, all at once, and answer what follows from it.

        It is all done at one instant, and what is received at one instant is decided in one order, whoever came first.
        """
        followed = await asyncio.gather(*(self._in_turn(planned, now) for planned in due))
        return [planned for some in followed for planned in some]

    async def _in_turn(self, planned: Planned, now: datetime) -> Iterable[Planned]:
        async with self._at_once:
            followed = await self._one(planned, now)
        self.done += 1
        return followed

    async def _one(self, planned: Planned, now: datetime) -> Iterable[Planned]:
        match planned.errand:
            case Fetch() as fetch:
                return await self._fetch(planned.who, fetch, now)
            case Press() as press:
                await self._press(press)
            case FillIn() as filled:
                await self._press(Press(f"{self._access.base_url}/f/{filled.form}", filled.agent, filled.fields))
            case Hook(post=post, inbound=inbound):
                path = "/hooks/postmark/inbound" if inbound else "/hooks/postmark"
                self._expect(path, await self._client.post(path, self._as_host, orjson.dumps(post)), 200)
            case Tell(facts=facts):
                self._expect("/events", await self._client.post("/events", self._as_site, orjson.dumps(facts)), 200)
            case _:
                assert_never(planned.errand)
        return ()

    async def _fetch(self, who: str, fetch: Fetch, now: datetime) -> Iterable[Planned]:
        answer = await self._client.get(fetch.url, {"User-Agent": fetch.agent}, fetch.method)
        self._expect(fetch.url, answer, 200, 302)
        if not fetch.reads_on or answer.status != 302:
            return ()
        # The way goes on to the site, which is not of this machine: what the person does there is told by the site.
        page = self._pages.get(urlsplit(answer.headers["location"]).path)
        return self._lands(who, page, now) if page is not None else ()

    async def _press(self, press: Press) -> None:
        headers = {"User-Agent": press.agent}
        if press.looks_first:
            self._expect(press.url, await self._client.get(press.url, headers), 200)
        self._expect(press.url, await self._client.submit(press.url, headers, press.fields), 200)

    def _expect(self, url: str, answer: Answer, *wanted: int) -> None:
        if answer.status not in wanted and len(self.troubles) < SHOWN:
            place = "/" + urlsplit(url).path.lstrip("/").partition("/")[0]
            self.troubles.append(f"A request for {place} was answered {answer.status}.")
