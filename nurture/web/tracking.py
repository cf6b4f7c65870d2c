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
from urllib.parse import quote

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
from nurture.web.calls import Answer, Call, answer, raw
from nurture.web.desk import Desk
from nurture.web.lanes import ANY, Lane
from nurture.web.routing import route

TRAP: Final = "x"  # the number of a link that no person sees
PIXEL: Final = base64.b64decode("R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
NO_STORE: Final = {"Cache-Control": "no-store, max-age=0"}
WRITTEN_AS_IT_IS: Final = ":/?#[]@!$&'()*+,;=%~"
"""What a URL is made of beside letters, digits, "-", "." and "_" (RFC 3986, section 2)."""

SHOWN_IN_THE_BROWSER: Final = frozenset({"application/pdf"})

_TRAPPED: Final = answer(204, headers=raw(NO_STORE))
_PIXEL: Final = answer(200, PIXEL, raw({**NO_STORE, "Content-Type": "image/gif"}))

_LOG = logging.getLogger(__name__)


def lanes(desk: Desk) -> Sequence[Lane]:
    """Click, open."""

    async def click(call: Call) -> Answer:
        _, _, token, number = call.parts
        message = _message(desk, token)
        if number == TRAP:
            await _note(desk, _seen(call, HitKind.TRAP, message))
            return _TRAPPED
        link = await _link(desk, message, number, LinkKind.CLICK)
        if not link.url.startswith(("https://", "http://")):
            raise HTTPException(404)
        await _note(desk, _seen(call, HitKind.CLICK, message, link))
        return _redirect(link.url)

    async def opened(call: Call) -> Answer:
        token, dot, ending = call.parts[2].rpartition(".")
        if not dot or ending != "gif":
            raise HTTPException(404)
        message = desk.message(token)
        if message is not None:
            await _note(desk, _seen(call, HitKind.OPEN, message))
        return _PIXEL

    return [Lane(f"/c/{ANY}/{ANY}", get=click), Lane(f"/o/{ANY}", get=opened)]


def routes(desk: Desk) -> Sequence[Route]:
    """Download."""

    async def download(request: Request) -> Response:
        message = _message(desk, request.path_params["token"])
        link = await _link(desk, message, request.path_params["n"], LinkKind.DOWNLOAD)
        file = (await desk.site()).assets.get(link.url)
        if file is None or not file.is_file():
            raise HTTPException(404)
        if _from_the_start(request):
            agent = request.headers.get("user-agent", "")
            await _note(desk, _hit(HitKind.DOWNLOAD, message, link, request.method, agent))
        return _file(file)

    return [route("/d/{token}/{n}", get=download)]


@lru_cache(maxsize=1_000)
def _redirect(url: str) -> Answer:
    return answer(302, headers=raw({**NO_STORE, "Location": quote(url, safe=WRITTEN_AS_IT_IS)}))


def _message(desk: Desk, token: str) -> MessageToken:
    message = desk.message(token)
    if message is None:
        raise HTTPException(404)
    return message


async def _link(desk: Desk, message: MessageToken, number: str, kind: LinkKind) -> Link:
    letter = await desk.letter(message.composition)
    link = letter.link(number) if letter is not None else None
    if link is None or link.kind is not kind:
        raise HTTPException(404)
    return link


def _seen(call: Call, kind: HitKind, message: MessageToken, link: Link | None = None) -> Hit:
    return _hit(kind, message, link, call.scope["method"], call.header(b"user-agent"))


def _hit(kind: HitKind, message: MessageToken, link: Link | None, method: str, agent: str) -> Hit:
    place, about = (link.index, link.object) if link is not None else (-1, "")
    return Hit(kind, message.touch, place, about, method, agent)


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
