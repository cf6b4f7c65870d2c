"""POST /events: what other programs know of contacts. The one interface that is documented for programs (OpenAPI).

Nothing is parsed before the key is known and bytes, depth and values are counted. Contacts are found before the answer, item by item;
what is accepted is stored before the answer, too. FastAPI describes the interface; calls take the short way (lanes.py).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
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
from nurture.web.facts import MOST_ITEMS, Item, Outcome, Plain, Reading, objection, read_item
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
class _Question:
    """Whose key this is, and who these contacts are."""

    key: str
    contacts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What was so when calls came: whose the keys are, keys of contacts by what callers wrote, the time, the catalogue's ids."""

    callers: Mapping[str, ApiKey]
    contacts: Mapping[str, str]
    now: datetime
    contents: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """The contacts of a call: keys by what the caller wrote, and those made for it."""

    keys: Mapping[str, str]
    created: frozenset[str]


class Events:
    """Answers POST /events. What calls ask of the database is asked once for all that are under way.

    Keys that were good are remembered, so that what their callers say is parsed at once; whether they still are is asked
    with everything else, each time.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked = Together[_Question, _Told](
            lambda questions: desk.run(lambda: _told(desk, questions)), size=lambda question: 1 + len(question.contacts)
        )
        self._good: set[bytes] = set()

    def lanes(self) -> Sequence[Lane]:
        """/events"""
        return [Lane("/events", post=self.answer)]

    def described(self) -> FastAPI:
        """An application with the same route and its description at /openapi.json."""
        app = FastAPI(
            title="nurture",
            version=__version__,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,  # it would send on to a scheme and a host that it cannot know behind a proxy
            exception_handlers=HANDLERS,
        )

        @app.post("/events", response_model=Outcome, openapi_extra=_described(), responses=_problems(), tags=["events"])
        async def post_events(key: Bearer) -> None:
            """Report up to 1,000 facts. Each is accepted or refused on its own; 422 when none was accepted."""
            raise HTTPException(404)  # the lane has answered before anybody comes here

        return app

    async def answer(self, call: Call) -> Answer:
        """Accept or refuse each fact of a call."""
        given = _bearer(call)
        if _digest(given) not in self._good:
            await self._caller(_Question(given))
        read = [read_item(said) for said in await _items(call)]
        about = {item.contact for item in read if not isinstance(item, str)}
        told, caller = await self._caller(_Question(given, about))
        items = [_admitted(item, told.contents) for item in read]
        known = await self._contacts(items, told.contacts, caller.name)
        results, facts = _judged(items, known, told.now)
        if facts:
            await self._desk.services.intake.accept([receipt_of(facts)])
        said = orjson.dumps({"accepted": len(facts), "rejected": len(items) - len(facts), "results": results})
        return answer(200 if facts or not items else 422, said, _JSON)

    async def _caller(self, question: _Question) -> tuple[_Told, ApiKey]:
        """What there is to know, and who asks; HTTPException 401 when the key is not good, or not any more."""
        told = await self._asked.ask(question)
        caller = told.callers.get(question.key)
        if caller is None:
            self._good.discard(_digest(question.key))
            raise _not_signed_in()
        self._good.add(_digest(question.key))
        return told, caller

    async def _contacts(self, items: Sequence[Reading], keys: Mapping[str, str], caller: str) -> _Known:
        """Those that are known; only a call that may create writes."""
        new = {
            item.contact: Newcomer(address, item.basis, f"api:{caller}")
            for item in items
            if isinstance(item, Item) and item.create and item.basis and item.contact not in keys
            if (address := address_in(item.contact))
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


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _not_signed_in() -> HTTPException:
    return HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def _told(desk: Desk, questions: Sequence[_Question]) -> _Told:
    with desk.services.db.read() as c:
        callers = verify_keys(c, {question.key for question in questions})
        contacts = known_keys(c, set[str]().union(*(question.contacts for question in questions)))
    return _Told(callers, contacts, desk.services.clock.now(), desk.services.site().contents)


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


def _admitted(item: Reading, contents: frozenset[str]) -> Reading:
    return item if isinstance(item, str) else objection(item, contents) or item


def _judged(items: Sequence[Reading], known: _Known, now: datetime) -> tuple[list[Mapping[str, Any]], list[Fact]]:
    """What is told of each item, as `Result` describes it, and what is stored of those that are accepted."""
    results: list[Mapping[str, Any]] = []
    facts: list[Fact] = []
    for index, item in enumerate(items):
        if isinstance(item, str):
            results.append(_refused(index, item))
        elif (key := known.keys.get(item.contact)) is None:
            results.append(_refused(index, _why_not(item)))
        else:
            created = item.contact in known.created
            results.append({"index": index, "accepted": True, "contact": key, "created": created})
            facts.append(_fact(item, key, now))
    return results, facts


def _refused(index: int, problem: str) -> Mapping[str, Any]:
    return {"index": index, "accepted": False, "created": False, "problem": problem}


def _why_not(item: Item | Plain) -> str:
    if isinstance(item, Plain) or is_key(item.contact) or not item.create:
        return 'contact: not known; to take in an address, add "create": true and a "basis".'
    if item.basis is None:
        return 'contact: not known, and "create" needs a "basis" (opt_in, legitimate_interest or existing_customer).'
    if address_in(item.contact) is None:
        return "contact: this is no e-mail address."
    return "contact: this person was erased and is not taken in again."


def _fact(item: Item | Plain, contact: str, now: datetime) -> Fact:
    if isinstance(item, Plain):
        return Fact(item.signal, contact, now, item.object, item.key)
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
