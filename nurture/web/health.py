"""Whether this process can work: the database answers and has today's tables."""

import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from nurture.storage.database import DatabaseProblem
from nurture.storage.schema import HEAD
from nurture.web.desk import Desk
from nurture.web.routing import route

_LOG = logging.getLogger(__name__)


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/healthz"""

    async def health(request: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        try:
            await desk.run(desk.services.db.check)
        except DatabaseProblem as problem:
            _LOG.error("this process cannot work: %s", problem)  # told to the operator, not to whoever asks
            return JSONResponse({"status": "unavailable"}, 503, headers)
        return JSONResponse({"status": "ok", "database": "reachable", "schema": HEAD}, headers=headers)

    return [route("/healthz", get=health)]
