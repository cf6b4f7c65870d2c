"""All routes in one application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from nurture.web import confirm, forms, hand_offs, health, hooks, tracking, unsubscribe
from nurture.web.desk import Desk
from nurture.web.events import Events
from nurture.web.guard import HANDLERS, Guard
from nurture.web.lanes import Lanes
from nurture.web.render import stylesheet
from nurture.web.routing import route
from nurture.web.services import Services

ROOMS = (unsubscribe, confirm, forms, hand_offs, health, tracking)
BUSY_ROOMS = (tracking, hooks)


def create_app(services: Services, *, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The web, ready for an ASGI server. `more` are routes of whoever builds upon it (the demo's mails).

    The intake is the caller's to close, after the server has ended.
    """
    desk = Desk(services)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            desk.close()

    events = Events(desk)
    own = [one for room in ROOMS for one in room.routes(desk)]
    pages = Starlette(
        routes=[*own, route("/static/pages.css", get=stylesheet), *more, Mount("/", events.described())],
        middleware=[Middleware(Guard)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    return Lanes(pages, [*(lane for room in BUSY_ROOMS for lane in room.lanes(desk)), *events.lanes()])
