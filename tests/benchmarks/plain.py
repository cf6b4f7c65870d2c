"""The other side of intake and redirect: the endpoints that people write first.

Starlette under uvicorn with all it offers (uvloop, httptools); each request in a thread with a SQLModel session of its own,
objects looked up and added, one commit a request – also for a batch of events, which many would commit one by one. The
database is as durable as ours, and its writers queue up before SQLite, who would serve them in no order and let some wait
for half a minute. It is spared what our side does besides: counting before parsing, checking each field,
security headers, a bound on what waits.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Lock

import orjson
from sqlmodel import Field, Session, SQLModel, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from nurture.clock import SystemClock
from nurture.storage.database import engine_for
from tests.benchmarks.door import PASSWORD, RESEND_SECRET, USER

CONNECTIONS = 40  # as many as Starlette has threads
CLOCK = SystemClock()


class PlainHook(SQLModel, table=True):
    """A body that a provider posted."""

    __tablename__ = "plain_hooks"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    body: bytes
    received_at: datetime


class PlainKey(SQLModel, table=True):
    """An API key."""

    __tablename__ = "plain_keys"

    hash: str = Field(primary_key=True)


class PlainPerson(SQLModel, table=True):
    """Somebody whom events are about."""

    __tablename__ = "plain_people"

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)


class PlainEvent(SQLModel, table=True):
    """What happened to somebody."""

    __tablename__ = "plain_events"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="plain_people.id", index=True)
    signal: str
    object: str
    key: str
    at: datetime


class PlainLink(SQLModel, table=True):
    """Where a link of one mail leads."""

    __tablename__ = "plain_links"

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(index=True)
    number: int
    url: str


class PlainClick(SQLModel, table=True):
    """That somebody followed it."""

    __tablename__ = "plain_clicks"

    id: int | None = Field(default=None, primary_key=True)
    link_id: int = Field(foreign_key="plain_links.id", index=True)
    agent: str
    at: datetime


def prepare(url: str, key: str, addresses: Sequence[str], links: Sequence[tuple[str, int, str]]) -> None:
    """The tables, with who and what is known."""
    engine = engine_for(url, create=True)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(PlainKey(hash=_hash(key)))
        session.add_all([PlainPerson(address=address) for address in addresses])
        session.add_all([PlainLink(token=token, number=number, url=to) for token, number, to in links])
        session.commit()
    engine.dispose()


def plain_app(url: str) -> Starlette:
    """The endpoints at the addresses that ours have."""
    engine = engine_for(url, connections=CONNECTIONS)
    turn: AbstractContextManager[object] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    async def postmark(request: Request) -> Response:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if not hmac.compare_digest(request.headers.get("authorization", ""), wanted):
            return Response(status_code=401)
        body = await request.body()
        return await run_in_threadpool(store, hashlib.sha256(body).hexdigest(), body)

    async def resend(request: Request) -> Response:
        body, headers = await request.body(), request.headers
        signed = f"{headers['svix-id']}.{headers['svix-timestamp']}.".encode() + body
        secret = base64.b64decode(RESEND_SECRET.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
        if not hmac.compare_digest(headers["svix-signature"], wanted):
            return Response(status_code=401)
        return await run_in_threadpool(store, headers["svix-id"], body)

    def store(key: str, body: bytes) -> Response:
        with turn, Session(engine) as session:
            if session.exec(select(PlainHook).where(PlainHook.key == key)).first() is None:
                session.add(PlainHook(key=key, body=body, received_at=CLOCK.now()))
                session.commit()
        return Response("stored")

    async def events(request: Request) -> Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        said = orjson.loads(await request.body())
        return await run_in_threadpool(take, key, said if isinstance(said, list) else [said])

    def take(key: str, items: list[dict[str, str]]) -> Response:
        with turn, Session(engine) as session:
            if session.get(PlainKey, _hash(key)) is None:
                return Response(status_code=401)
            accepted = 0
            for item in items:
                person = session.exec(select(PlainPerson).where(PlainPerson.address == item["contact"])).first()
                if person is not None and person.id is not None:
                    session.add(
                        PlainEvent(
                            person_id=person.id,
                            signal=item["signal"],
                            object=item["object"],
                            key=item["key"],
                            at=CLOCK.now(),
                        )
                    )
                    accepted += 1
            session.commit()
        return JSONResponse({"accepted": accepted, "rejected": len(items) - accepted})

    def click(request: Request) -> Response:
        token, number = request.path_params["token"], request.path_params["n"]
        with turn, Session(engine) as session:
            link = session.exec(select(PlainLink).where(PlainLink.token == token, PlainLink.number == number)).first()
            if link is None or link.id is None:
                return Response(status_code=404)
            url = link.url
            session.add(PlainClick(link_id=link.id, agent=request.headers.get("user-agent", ""), at=CLOCK.now()))
            session.commit()
        return RedirectResponse(url, 302)

    return Starlette(
        routes=[
            Route("/hooks/postmark", postmark, methods=["POST"]),
            Route("/hooks/resend", resend, methods=["POST"]),
            Route("/events", events, methods=["POST"]),
            Route("/c/{token}/{n:int}", click),
        ]
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
