"""A salesperson's answer to a prospect: pages that show whom it is about, and POSTs that act."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from babel.dates import format_datetime
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from nurture.core.words import HandOffState, Rejection
from nurture.delivery.notices import read_hand_off_token
from nurture.inbound.sales_answers import Desk as Offer
from nurture.inbound.sales_answers import answer, look_at
from nurture.storage.hand_offs import Prospect
from nurture.texts.pages import words
from nurture.texts.reasons import sentence
from nurture.web.desk import Desk
from nurture.web.render import language_of, message, page
from nurture.web.routing import Handler, body_of, route

MOST_BYTES: Final = 4_096
REASONS: Final = tuple(reason for reason in Rejection if reason is not Rejection.EXPIRED)
FACTS: Final = ("company", "job_title", "phone")


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/handoff/{token}/accept and /reject"""

    def show(rejecting: bool) -> Handler:
        async def handler(request: Request) -> Response:
            key = _key(desk, request)
            offer = await _offer(desk, key)
            language = await _language(desk, request, offer)
            if not offer.takes(REASONS[0] if rejecting else None):
                return _over(offer, language)
            return _page(offer, language, rejecting)

        return handler

    async def accept(request: Request) -> Response:
        return await _answer(desk, request, _key(desk, request), None)

    async def reject(request: Request) -> Response:
        key = _key(desk, request)
        rejection = await _rejection(request)
        if rejection is None:
            offer = await _offer(desk, key)
            return _page(offer, await _language(desk, request, offer), True, unchosen=True)
        return await _answer(desk, request, key, rejection)

    return [
        route("/handoff/{token}/accept", get=show(rejecting=False), post=accept),
        route("/handoff/{token}/reject", get=show(rejecting=True), post=reject),
    ]


def _key(desk: Desk, request: Request) -> str:
    key = read_hand_off_token(desk.services.tokens, request.path_params["token"])
    if key is None:
        raise HTTPException(404)
    return key


async def _offer(desk: Desk, key: str) -> Offer:
    offer = await desk.read(lambda c: look_at(c, key))
    if offer is None:
        raise HTTPException(404)
    return offer


async def _language(desk: Desk, request: Request, offer: Offer) -> str:
    """The team's, as in the mail that brought the salesperson here."""
    return (await desk.site()).teams.get(offer.prospect.hand_off.team) or language_of(request)


async def _rejection(request: Request) -> Rejection | None:
    said = parse_qs((await body_of(request, MOST_BYTES)).decode("utf-8", "replace"), max_num_fields=20)
    chosen = said.get("reason", [""])[0]
    return next((reason for reason in REASONS if reason.value == chosen), None)


async def _answer(desk: Desk, request: Request, key: str, rejection: Rejection | None) -> Response:
    offer = await _offer(desk, key)
    language = await _language(desk, request, offer)
    if not await desk.write(lambda c, now: answer(c, key, rejection, now)):
        return _over(await _offer(desk, key), language)
    w = words(language)
    said = "accepted" if rejection is None else "rejected"
    return message(language, w[f"{said}_title"], w[f"{said}_text"])


def _over(offer: Offer, language: str) -> Response:
    """Another answer stands already, or the time is over."""
    w = words(language)
    said = {HandOffState.ACCEPTED: "was_accepted", HandOffState.REJECTED: "was_rejected"}.get(offer.state, "expired")
    return message(language, w[f"{said}_title"], w[f"{said}_text"])


def _page(offer: Offer, language: str, rejecting: bool, *, unchosen: bool = False) -> Response:
    w, what, other = words(language), *(("reject", "accept") if rejecting else ("accept", "reject"))
    choices = [(reason.value, w[reason.value], w[f"{reason.value}_note"]) for reason in REASONS] if rejecting else []
    return page(
        "hand_off",
        language,
        status=422 if unchosen else 200,
        who=_name(offer.prospect),
        facts=_facts(offer.prospect, language),
        reasons=[_sentence(reason, language) for reason in offer.prospect.reasons],
        title=w[f"{what}_title"],
        text=w[f"{what}_text"],
        button=w[f"{what}_button"],
        choices=choices,
        unchosen=unchosen,
        expired=offer.state is HandOffState.EXPIRED,
        other=w[f"{what}_other"],
        other_url=other,
    )


def _name(prospect: Prospect) -> str:
    known = (prospect.fields.get(name) for name in ("first_name", "last_name"))
    return " ".join(str(part) for part in known if part) or prospect.address


def _facts(prospect: Prospect, language: str) -> list[tuple[str, str, str]]:
    """Label, value, and where a press on it leads."""
    w = words(language)
    known = [(w[name], str(prospect.fields[name]), "") for name in FACTS if prospect.fields.get(name)]
    known = [(label, value, f"tel:{_dialled(value)}" if label == w["phone"] else "") for label, value, _ in known]
    due = format_datetime(prospect.hand_off.due_at, "d MMMM y HH:mm 'UTC'", locale=language)
    return [*known, (w["contact_email"], prospect.address, f"mailto:{prospect.address}"), (w["deadline"], due, "")]


def _dialled(number: str) -> str:
    return "".join(letter for letter in number if letter in "+0123456789")


def _sentence(reason: dict[str, Any], language: str) -> str:
    return sentence(reason["reason"], reason.get("detail") or {}, language, reason.get("subject", ""))
