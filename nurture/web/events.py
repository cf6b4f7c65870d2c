"""POST /events: what other programs know of contacts. The one interface that is documented for programs (OpenAPI).

Nothing is parsed before the key is known and bytes, depth and values are counted. Contacts are found before the answer, item by item;
what is accepted is stored before the answer, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from nurture import __version__
from nurture.inbound.answers import address_in
from nurture.inbound.api_events import Fact, receipt_of
from nurture.inbound.people import Newcomer, is_key, known_keys, take_in
from nurture.providers.bodies import MAX_DEPTH, MAX_VALUES, refuse_what_grows
from nurture.providers.events import NotUnderstood
from nurture.storage.keys import verify_key
from nurture.web.desk import Desk
from nurture.web.facts import MOST_ITEMS, Answer, Item, Result, objection, read_item
from nurture.web.guard import HANDLERS
from nurture.web.routing import body_of

MOST_BYTES: Final = 2 * 1024 * 1024
LONGEST_KEY: Final = 200

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="A key made by `nurture keys create`.")),
]


@dataclass(frozen=True, slots=True)
class _Known:
    """The contacts of a call: keys by what the caller wrote, and those made for it."""

    keys: Mapping[str, str]
    created: frozenset[str]


def events_app(desk: Desk) -> FastAPI:
    """An application with the one route and its description at /openapi.json."""
    app = FastAPI(title="nurture", version=__version__, docs_url=None, redoc_url=None, exception_handlers=HANDLERS)

    @app.post("/events", response_model=Answer, openapi_extra=_described(), responses=_problems(), tags=["events"])
    async def post_events(request: Request, key: Bearer) -> Response:
        """Report up to 1,000 facts. Each is accepted or refused on its own; 422 when none was accepted."""
        name = await _signed_in(desk, key)
        now, contents = await desk.now(), (await desk.site()).contents
        items = [_admitted(read_item(said), contents) for said in await _items(request)]
        known = await _contacts(desk, [item for item in items if isinstance(item, Item)], name)
        results = [_result(index, item, known) for index, item in enumerate(items)]
        facts = [
            _fact(item, result.contact, now)
            for item, result in zip(items, results, strict=True)
            if isinstance(item, Item) and result.contact is not None
        ]
        if facts:
            await desk.services.intake.accept([receipt_of(facts)])
        answer = Answer(accepted=len(facts), rejected=len(items) - len(facts), results=results)
        return JSONResponse(answer.model_dump(exclude_none=True), 200 if facts or not items else 422)

    return app


def _admitted(item: Item | str, contents: frozenset[str]) -> Item | str:
    return item if isinstance(item, str) else objection(item, contents) or item


async def _signed_in(desk: Desk, key: HTTPAuthorizationCredentials | None) -> str:
    """The name of the caller's key."""
    given = key.credentials if key is not None else ""
    found = await desk.read(lambda c: verify_key(c, given)) if 0 < len(given) <= LONGEST_KEY else None
    if found is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return found.name


async def _items(request: Request) -> Sequence[object]:
    body = await body_of(request, MOST_BYTES)
    try:
        refuse_what_grows(body, "A program")
    except NotUnderstood:
        raise HTTPException(413) from None
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise HTTPException(400) from None
    items: Sequence[object] = said if isinstance(said, list) else [said]
    if len(items) > MOST_ITEMS:
        raise HTTPException(413)
    return items


async def _contacts(desk: Desk, items: Sequence[Item], caller: str) -> _Known:
    """Find everybody in one go; only a call that may create writes."""
    wanted = sorted({item.contact for item in items})
    keys = await desk.read(lambda c: known_keys(c, wanted))
    new = {
        item.contact: Newcomer(address, item.basis, f"api:{caller}")
        for item in items
        if item.create and item.basis and item.contact not in keys and (address := address_in(item.contact))
    }
    if not new:
        return _Known(keys, frozenset())

    taken = await desk.write(lambda c, now: take_in(c, list(new.values()), now))
    made = {said: taken[who.address] for said, who in new.items() if who.address in taken}
    return _Known({**keys, **made}, frozenset(made))


def _result(index: int, item: Item | str, known: _Known) -> Result:
    if isinstance(item, str):
        return Result(index=index, accepted=False, problem=item)
    key = known.keys.get(item.contact)
    if key is None:
        return Result(index=index, accepted=False, problem=_why_not(item))
    return Result(index=index, accepted=True, contact=key, created=item.contact in known.created)


def _why_not(item: Item) -> str:
    if is_key(item.contact) or not item.create:
        return 'contact: not known; to take in an address, add "create": true and a "basis".'
    if item.basis is None:
        return 'contact: not known, and "create" needs a "basis" (opt_in, legitimate_interest or existing_customer).'
    if address_in(item.contact) is None:
        return "contact: this is no e-mail address."
    return "contact: this person was erased and is not taken in again."


def _fact(item: Item, contact: str, now: datetime) -> Fact:
    return Fact(
        signal=item.signal,
        contact=contact,
        at=min(item.at, now) if item.at is not None else now,
        object=item.object,
        key=item.key,
        fields=item.fields,
        tags=tuple(item.tags),
        untagged=tuple(item.untagged),
        status=item.status,
        basis=item.basis,
    )


def _described() -> dict[str, Any]:
    """The body, which is read by us and so not seen by FastAPI."""
    schema = TypeAdapter(Item | list[Item]).json_schema(ref_template="#/components/schemas/{model}")
    item = schema.pop("$defs")["Item"]
    listed = {"type": "array", "items": item, "maxItems": MOST_ITEMS}
    content = {"application/json": {"schema": {"anyOf": [item, listed]}}}
    return {"requestBody": {"required": True, "content": content}}


def _problems() -> dict[int | str, dict[str, Any]]:
    told = {
        400: "The body is no JSON.",
        401: "The key is missing, wrong or revoked.",
        413: f"More than {MOST_ITEMS} items, {MOST_BYTES // 1024} kB, {MAX_VALUES} values or {MAX_DEPTH} levels.",
        422: "No item was accepted; the answer says why, item by item.",
        503: "Nothing was stored; try again after `Retry-After` seconds.",
    }
    return {status: {"description": words} for status, words in told.items()}
