"""Leaving: a page with one button, and a POST that acts before it answers (RFC 2369, RFC 8058).

GET and HEAD never unsubscribe, because scanners follow links. The POST needs no cookie, no form token and no redirect: the
mail program of the reader sends it by itself when "Unsubscribe" is pressed there.
"""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from nurture.content.tokens import MessageToken
from nurture.inbound.objections import unsubscribe
from nurture.web.desk import Desk
from nurture.web.render import language_of, message, page, words
from nurture.web.routing import route


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/u/{token}"""

    async def show(request: Request) -> Response:
        language, sender = await _letterhead(desk, request, _named(desk, request))
        w = words(language)
        return page(
            "question",
            language,
            site_name=sender,
            title=w["leave_title"],
            text=w["leave_text"],
            button=w["leave_button"],
            note=w["leave_note"],
        )

    async def act(request: Request) -> Response:
        named = _named(desk, request)
        await desk.write(lambda c, now: unsubscribe(c, named.touch, now))
        language, sender = await _letterhead(desk, request, named)
        w = words(language)
        return message(language, w["left_title"], w["left_text"], w["left_note"], site_name=sender)

    return [route("/u/{token}", get=show, post=act)]


def _named(desk: Desk, request: Request) -> MessageToken:
    named = desk.message(request.path_params["token"])
    if named is None:
        raise HTTPException(404)
    return named


async def _letterhead(desk: Desk, request: Request, named: MessageToken) -> tuple[str, str]:
    """The language and the sender of the mail, while it is kept."""
    letter = await desk.letter(named.composition)
    return (letter.language, letter.sender) if letter is not None else (language_of(request), "")
