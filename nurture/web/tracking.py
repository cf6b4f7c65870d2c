"""Where the links of mails lead: noted on the way, never in the way.

A click redirects even when it cannot be stored: the reader's way is worth more than our count. Targets come from the link
table of the mail only, so nobody can make these addresses lead elsewhere.
"""

import base64
import logging
import mimetypes
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from nurture.content.links import Link, LinkKind
from nurture.content.tokens import MessageToken
from nurture.inbound.intake import Busy
from nurture.inbound.tracking import Hit, HitKind
from nurture.storage.database import DatabaseProblem
from nurture.web.desk import Desk
from nurture.web.routing import route

TRAP: Final = "x"  # the number of a link that no person sees
PIXEL: Final = base64.b64decode("R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
NO_STORE: Final = {"Cache-Control": "no-store, max-age=0"}
SHOWN_IN_THE_BROWSER: Final = frozenset({"application/pdf"})

_LOG = logging.getLogger(__name__)


def routes(desk: Desk) -> Sequence[Route]:
    """Click, open, download."""

    async def click(request: Request) -> Response:
        message = _message(desk, request)
        number = request.path_params["n"]
        if number == TRAP:
            await _note(desk, _hit(request, HitKind.TRAP, message))
            return Response(status_code=204, headers=NO_STORE)
        link = await _link(desk, message, number, LinkKind.CLICK)
        if not link.url.startswith(("https://", "http://")):
            raise HTTPException(404)
        await _note(desk, _hit(request, HitKind.CLICK, message, link))
        return _redirect(link.url)

    async def opened(request: Request) -> Response:
        message = desk.message(request.path_params["token"])
        if message is not None:
            await _note(desk, _hit(request, HitKind.OPEN, message))
        return Response(PIXEL, media_type="image/gif", headers=NO_STORE)

    async def download(request: Request) -> Response:
        message = _message(desk, request)
        link = await _link(desk, message, request.path_params["n"], LinkKind.DOWNLOAD)
        file = (await desk.site()).assets.get(link.url)
        if file is None or not file.is_file():
            raise HTTPException(404)
        if _from_the_start(request):
            await _note(desk, _hit(request, HitKind.DOWNLOAD, message, link))
        return _file(file)

    return [
        route("/c/{token}/{n}", get=click),
        route("/o/{token}.gif", get=opened),
        route("/d/{token}/{n}", get=download),
    ]


@lru_cache(maxsize=1_000)
def _redirect(url: str) -> Response:
    return Response(status_code=302, headers={**NO_STORE, "Location": url})


def _message(desk: Desk, request: Request) -> MessageToken:
    message = desk.message(request.path_params["token"])
    if message is None:
        raise HTTPException(404)
    return message


async def _link(desk: Desk, message: MessageToken, number: str, kind: LinkKind) -> Link:
    letter = await desk.letter(message.composition)
    link = letter.link(number) if letter is not None else None
    if link is None or link.kind is not kind:
        raise HTTPException(404)
    return link


def _hit(request: Request, kind: HitKind, message: MessageToken, link: Link | None = None) -> Hit:
    return Hit(
        kind=kind,
        message=message.touch,
        link=link.index if link is not None else -1,
        object=link.object if link is not None else "",
        method=request.method,
        agent=request.headers.get("user-agent", ""),
    )


async def _note(desk: Desk, hit: Hit) -> None:
    """Store the hit before answering, unless that takes too long or cannot be done; what took too long is stored still."""
    try:
        stored = desk.services.intake.hand_in([hit.receipt(desk.names.next())])
        desk.patience.limit(stored)
        await stored
    except TimeoutError:
        _LOG.warning("a click, an open or a download was answered before it was stored")
    except (Busy, DatabaseProblem, SQLAlchemyError) as error:
        _LOG.warning("a click, an open or a download was not stored: %s", error)
    except Exception:
        _LOG.exception("a click, an open or a download was not stored")


def _from_the_start(request: Request) -> bool:
    """Viewers fetch a document in many pieces: the first one is the download."""
    asked = request.headers.get("range", "")
    return not asked or asked.replace(" ", "").startswith("bytes=0-")


def _file(file: Path) -> Response:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    placed = "inline" if kind in SHOWN_IN_THE_BROWSER else "attachment"
    answer = FileResponse(file, media_type=kind, filename=file.name, content_disposition_type=placed)
    answer.headers["Cache-Control"] = "private, no-store"
    # The browser's own viewer is stopped by a strict policy; a document is shown, nothing in it runs on our behalf.
    answer.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    return answer
