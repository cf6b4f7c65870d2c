"""POST /events: what other programs know of contacts. The one interface that is documented for programs (OpenAPI).

Nothing is parsed before the key is known and bytes, depth and values are counted. Contacts are found before the answer, item by item;
what is accepted is stored before the answer, too. FastAPI describes the interface; calls take the short way (lanes.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from nurture import __version__
from nurture.inbound.answers import address_in
from nurture.inbound.api_events import Fact, receipt_of
from nurture.inbound.people import Newcomer, is_key, known_keys, take_in
from nurture.providers.bodies import MAX_DEPTH, MAX_VALUES, refuse_what_grows
from nurture.providers.events import NotUnderstood
from nurture.storage.keys import ApiKey, verify_keys
from nurture.web.calls import Answer, Call, answer, raw
from nurture.web.desk import Desk
from nurture.web.facts import MOST_ITEMS, Item, Outcome, Result, objection, read_item
from nurture.web.guard import HANDLERS
from nurture.web.lanes import Lane
from nurture.web.together import Together

MOST_BYTES: Final = 2 * 1024 * 1024
LONGEST_KEY: Final = 200
_JSON: Final = raw({"Content-Type": "application/json"})

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="A key made by `nurture keys create`.")),
]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is so when a call comes: whose the keys are, what time it is, and the ids of the catalogue."""

    callers: Mapping[str, ApiKey]
    now: datetime
    contents: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """The contacts of a call: keys by what the caller wrote, and those made for it."""

    keys: Mapping[str, str]
    created: frozenset[str]


class Events:
    """Answers POST /events. What calls ask of the database is asked once for all that are under way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._moments = Together[str, _Moment](lambda keys: desk.run(lambda: _moment(desk, keys)))
        self._keys = Together[str, Mapping[str, str]](lambda wanted: desk.read(lambda c: known_keys(c, wanted)))

    def lanes(self) -> Sequence[Lane]:
        """/events"""
        return [Lane("/events", post=self.answer)]

    def described(self) -> FastAPI:
        """An application with the same route and its description at /openapi.json."""
        app = FastAPI(title="nurture", version=__version__, docs_url=None, redoc_url=None, exception_handlers=HANDLERS)

        @app.post("/events", response_model=Outcome, openapi_extra=_described(), responses=_problems(), tags=["events"])
        async def post_events(key: Bearer) -> None:
            """Report up to 1,000 facts. Each is accepted or refused on its own; 422 when none was accepted."""
            raise HTTPException(404)  # the lane has answered before anybody comes here

        return app

    async def answer(self, call: Call) -> Answer:
        """Accept or refuse each fact of a call."""
        given = _bearer(call)
        moment = await self._moments.ask([given])
        caller = moment.callers.get(given)
        if caller is None:
            raise _not_signed_in()
        items = [_admitted(read_item(said), moment.contents) for said in await _items(call)]
        known = await self._contacts([item for item in items if isinstance(item, Item)], caller.name)
        results = [_result(index, item, known) for index, item in enumerate(items)]
        facts = [
            _fact(item, result.contact, moment.now)
            for item, result in zip(items, results, strict=True)
            if isinstance(item, Item) and result.contact is not None
        ]
        if facts:
            await self._desk.services.intake.accept([receipt_of(facts)])
        told = Outcome(accepted=len(facts), rejected=len(items) - len(facts), results=results)
        said = told.model_dump_json(exclude_none=True).encode()
        return answer(200 if facts or not items else 422, said, _JSON)

    async def _contacts(self, items: Sequence[Item], caller: str) -> _Known:
        """Find everybody in one go; only a call that may create writes."""
        keys = await self._keys.ask({item.contact for item in items})
        new = {
            item.contact: Newcomer(address, item.basis, f"api:{caller}")
            for item in items
            if item.create and item.basis and item.contact not in keys and (address := address_in(item.contact))
        }
        if not new:
            return _Known(keys, frozenset())

        taken = await self._desk.write(lambda c, now: take_in(c, list(new.values()), now))
        made = {said: taken[who.address] for said, who in new.items() if who.address in taken}
        return _Known({**keys, **made}, frozenset(made))


def _bearer(call: Call) -> str:
    """The key that the caller shows; where none can be one, nobody else is asked."""
    scheme, _, given = call.header(b"authorization").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(given.strip()) <= LONGEST_KEY:
        raise _not_signed_in()
    return given.strip()


def _not_signed_in() -> HTTPException:
    return HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def _moment(desk: Desk, keys: frozenset[str]) -> _Moment:
    with desk.services.db.read() as c:
        callers = verify_keys(c, keys)
    return _Moment(callers, desk.services.clock.now(), desk.services.site().contents)


def _admitted(item: Item | str, contents: frozenset[str]) -> Item | str:
    return item if isinstance(item, str) else objection(item, contents) or item


async def _items(call: Call) -> Sequence[object]:
    body = await call.body(MOST_BYTES)
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
