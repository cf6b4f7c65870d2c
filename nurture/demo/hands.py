"""Errands done over HTTP, as mail programs, mail hosts and the company's site would: real requests to the real web."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, assert_never
from urllib.parse import urlsplit

import httpx
import orjson

from nurture.demo.errands import Fetch, FillIn, Hook, Planned, Press, Tell
from nurture.demo.site import Page

AT_ONCE = 16
SHOWN = 20

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
        self._client = httpx.AsyncClient(
            timeout=60, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        )
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self.troubles: list[str] = []
        self.done = 0

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def do(self, due: Sequence[Planned], now: datetime) -> list[Planned]:
        """Do what is due, one after the other for each person, several people at once; answers what follows from it."""
        ordered = sorted(due, key=lambda one: (one.who, one.at, one.key))
        groups = [list(own) for _, own in groupby(ordered, key=lambda one: one.who)]
        followed = await asyncio.gather(*(self._one_person(own, now) for own in groups))
        return [planned for some in followed for planned in some]

    async def _one_person(self, errands: Sequence[Planned], now: datetime) -> list[Planned]:
        followed: list[Planned] = []
        async with self._at_once:
            for planned in errands:
                followed += await self._one(planned, now)
                self.done += 1
        return followed

    async def _one(self, planned: Planned, now: datetime) -> Iterable[Planned]:
        match planned.errand:
            case Fetch() as fetch:
                return await self._fetch(planned.who, fetch, now)
            case Press() as press:
                await self._press(press)
            case FillIn() as filled:
                url = f"{self._access.base_url}/f/{filled.form}"
                await self._press(Press(url, filled.agent, filled.fields))
            case Hook() as hook:
                await self._hook(hook)
            case Tell(facts=facts):
                await self._tell(facts)
            case _:
                assert_never(planned.errand)
        return ()

    async def _fetch(self, who: str, fetch: Fetch, now: datetime) -> Iterable[Planned]:
        answer = await self._client.request(fetch.method, fetch.url, headers={"User-Agent": fetch.agent})
        self._expect(answer, 200, 302)
        if not fetch.reads_on or answer.status_code != 302:
            return ()
        # The way goes on to the site, which is not of this machine: what the person does there is told by the site.
        page = self._pages.get(urlsplit(answer.headers["Location"]).path)
        return self._lands(who, page, now) if page is not None else ()

    async def _press(self, press: Press) -> None:
        headers = {"User-Agent": press.agent}
        if press.looks_first:
            self._expect(await self._client.get(press.url, headers=headers), 200)
        self._expect(await self._client.post(press.url, data=dict(press.fields), headers=headers), 200)

    async def _hook(self, hook: Hook) -> None:
        path = "/hooks/postmark/inbound" if hook.inbound else "/hooks/postmark"
        answer = await self._client.post(
            self._access.base_url + path,
            content=orjson.dumps(hook.post),
            headers={"Content-Type": "application/json", "User-Agent": "Postmark"},
            auth=(self._access.hook_user, self._access.hook_password),
        )
        self._expect(answer, 200)

    async def _tell(self, facts: Sequence[Mapping[str, Any]]) -> None:
        answer = await self._client.post(
            f"{self._access.base_url}/events",
            content=orjson.dumps(facts),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._access.api_key}"},
        )
        self._expect(answer, 200)

    def _expect(self, answer: httpx.Response, *wanted: int) -> None:
        if answer.status_code not in wanted and len(self.troubles) < SHOWN:
            path = "/" + answer.url.path.lstrip("/").partition("/")[0]
            self.troubles.append(f"{answer.request.method} {path} answered {answer.status_code}.")
