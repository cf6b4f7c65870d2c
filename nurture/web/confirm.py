"""Confirming an address (double opt-in): a page with one button, and a POST that acts.

A scanner that follows the link of the mail confirms nothing: only the button does.
"""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from nurture.delivery.notices import read_confirm_token
from nurture.inbound.submissions import confirm
from nurture.inbound.submissions import language_of as contact_language
from nurture.web.desk import Desk
from nurture.web.render import language_of, message, page, words
from nurture.web.routing import route


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/confirm/{token}"""

    async def show(request: Request) -> Response:
        contact, _ = _named(desk, request)
        language, site_name = await _look(desk, request, contact)
        w = words(language)
        return page(
            "question",
            language,
            site_name=site_name,
            title=w["confirm_title"],
            text=w["confirm_text"],
            button=w["confirm_button"],
            note=w["confirm_note"],
        )

    async def act(request: Request) -> Response:
        contact, form = _named(desk, request)
        proof = {"agent": request.headers.get("user-agent", "")[:300]}
        await desk.write(lambda c, now: confirm(c, contact, form, now, proof))
        language, site_name = await _look(desk, request, contact)
        w = words(language)
        return message(language, w["confirmed_title"], w["confirmed_text"], w["confirmed_note"], site_name=site_name)

    return [route("/confirm/{token}", get=show, post=act)]


def _named(desk: Desk, request: Request) -> tuple[str, str]:
    named = read_confirm_token(desk.services.tokens, request.path_params["token"])
    if named is None:
        raise HTTPException(404)
    return named


async def _look(desk: Desk, request: Request, contact: str) -> tuple[str, str]:
    """The language of the mail that led here, else the reader's; and who signs the page."""
    language = await desk.read(lambda c: contact_language(c, contact))
    return language or language_of(request), (await desk.site()).name
