"""A salesperson's answer to a prospect: pages that show whom it is about, and POSTs that act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from nurture.content.typography import set_text
from nurture.core.words import HandOffState, Rejection
from nurture.delivery.notices import read_hand_off_token
from nurture.delivery.specs import moment
from nurture.inbound.sales_answers import Desk as Offer
from nurture.inbound.sales_answers import answer, look_at
from nurture.storage.hand_offs import Prospect
from nurture.texts.reasons import sentence
from nurture.web.desk import Desk
from nurture.web.render import language_of, message, page, words
from nurture.web.routing import Handler, body_of, route

MOST_BYTES: Final = 4_096
REASONS: Final = tuple(reason for reason in Rejection if reason is not Rejection.EXPIRED)
FACTS: Final = ("company", "job_title", "phone")


@dataclass(frozen=True, slots=True)
class Reader:
    """How to speak to the salesperson."""

    language: str
    zone: str


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/handoff/{token}/accept and /reject"""

    def show(rejecting: bool) -> Handler:
        async def handler(request: Request) -> Response:
            key = _key(desk, request)
            offer = await _offer(desk, key)
            reader = await _reader(desk, request, offer)
            if not offer.takes(REASONS[0] if rejecting else None):
                return _over(offer, reader)
            return _page(offer, reader, rejecting)

        return handler

    async def accept(request: Request) -> Response:
        return await _answer(desk, request, _key(desk, request), None)

    async def reject(request: Request) -> Response:
        key = _key(desk, request)
        rejection = await _rejection(request)
        if rejection is None:
            offer = await _offer(desk, key)
            return _page(offer, await _reader(desk, request, offer), True, unchosen=True)
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


async def _reader(desk: Desk, request: Request, offer: Offer) -> Reader:
    """The team's language and zone, as in the mail that brought the salesperson here."""
    team = (await desk.site()).teams.get(offer.prospect.hand_off.team)
    return Reader(language_of(request), "UTC") if team is None else Reader(team.language, team.cadence.zone)


async def _rejection(request: Request) -> Rejection | None:
    said = parse_qs((await body_of(request, MOST_BYTES)).decode("utf-8", "replace"), max_num_fields=20)
    chosen = said.get("reason", [""])[0]
    return next((reason for reason in REASONS if reason.value == chosen), None)


async def _answer(desk: Desk, request: Request, key: str, rejection: Rejection | None) -> Response:
    offer = await _offer(desk, key)
    reader = await _reader(desk, request, offer)
    if not await desk.write(lambda c, now: answer(c, key, rejection, now)):
        return _over(await _offer(desk, key), reader)
    w = words(reader.language)
    said = "accepted" if rejection is None else "rejected"
    return message(reader.language, w[f"{said}_title"], w[f"{said}_text"])


def _over(offer: Offer, reader: Reader) -> Response:
    """Another answer stands already, or the time is over."""
    w = words(reader.language)
    said = {HandOffState.ACCEPTED: "was_accepted", HandOffState.REJECTED: "was_rejected"}.get(offer.state, "expired")
    return message(reader.language, w[f"{said}_title"], w[f"{said}_text"])


def _page(offer: Offer, reader: Reader, rejecting: bool, *, unchosen: bool = False) -> Response:
    language, w = reader.language, words(reader.language)
    what, other = ("reject", "accept") if rejecting else ("accept", "reject")
    choices = [(reason.value, w[reason.value], w[f"{reason.value}_note"]) for reason in REASONS] if rejecting else []
    return page(
        "hand_off",
        language,
        status=422 if unchosen else 200,
        who=_name(offer.prospect),
        facts=_facts(offer.prospect, reader),
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


def _facts(prospect: Prospect, reader: Reader) -> list[tuple[str, str, str]]:
    """Label, value, and where a press on it leads."""
    w = words(reader.language)
    known = [(w[name], str(prospect.fields[name]), "") for name in FACTS if prospect.fields.get(name)]
    known = [(label, value, f"tel:{_dialled(value)}" if label == w["phone"] else "") for label, value, _ in known]
    due = moment(prospect.hand_off.due_at, reader.zone, reader.language)
    return [*known, (w["contact_email"], prospect.address, f"mailto:{prospect.address}"), (w["deadline"], due, "")]


def _dialled(number: str) -> str:
    return "".join(letter for letter in number if letter in "+0123456789")


def _sentence(reason: dict[str, Any], language: str) -> str:
    said = sentence(reason["reason"], reason.get("detail") or {}, language, reason.get("subject", ""))
    return set_text(said, language)
