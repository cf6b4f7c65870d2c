"""POST /events: what a program may tell, item by item, and what it is told back."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select

from nurture.core.events import ProfileChanged, Replied, Signalled, Submitted
from nurture.core.words import Basis, Intent, SignalKind, Status
from nurture.inbound.api_events import KINDS
from nurture.storage.instance import instance
from nurture.storage.keys import create_key, revoke_key
from nurture.storage.tables import consents, contacts, receipts, suppressions
from nurture.web.facts import Item, Outcome, Plain, read_item
from tests.web.house import NOW, SECOND, House

pytestmark = pytest.mark.anyio
CAMILLE = "camille@exemple.example"


def a_key(house: House, name: str = "site") -> str:
    with house.db.begin() as c:
        return create_key(c, name, NOW) or ""


async def tell(house: House, said: Any, key: str | None = None) -> httpx.Response:
    content = said if isinstance(said, bytes) else orjson.dumps(said)
    bearer = {"Authorization": f"Bearer {key if key is not None else a_key(house, f'k{len(content)}')}"}
    return await house.post("/events", content=content, headers=bearer)


async def test_a_visit_becomes_a_signal(house: House) -> None:
    house.contact(CAMILLE)
    answer = await tell(house, {"signal": "visited", "contact": "CAMILLE@exemple.example", "object": "/tarifs"})
    assert answer.status_code == 200
    (result,) = answer.json()["results"]
    assert (answer.json()["accepted"], result["accepted"], result["created"]) == (1, True, False)
    (event,) = house.sort()
    assert event == Signalled(event.key, NOW, SignalKind.VISITED, "/tarifs", source="api")
    by_key = await tell(house, {"signal": "visited", "contact": result["contact"]}, a_key(house, "other"))
    assert by_key.json()["accepted"] == 1


async def test_an_address_may_be_spelled_in_several_ways_in_one_call(house: House) -> None:
    house.contact(CAMILLE)
    spelled = (CAMILLE, CAMILLE.upper(), f" {CAMILLE}")
    answer = await tell(house, [{"signal": "visited", "contact": said, "object": said} for said in spelled])
    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)
    assert len({result["contact"] for result in answer.json()["results"]}) == 1


async def test_calls_that_cross_are_answered_each_with_its_own(house: House) -> None:
    people = [f"person-{n}@exemple.example" for n in range(20)]
    for address in people[:-1]:
        house.contact(address)
    key = a_key(house)
    answers = await asyncio.gather(
        *(tell(house, {"signal": "visited", "contact": who, "object": f"/{who}"}, key) for who in people),
        tell(house, {"signal": "visited", "contact": people[0]}, "nurture_wrong"),
    )
    assert [answer.status_code for answer in answers] == [200] * 19 + [422, 401]
    told = {answer.json()["results"][0]["contact"] for answer in answers[:-2]}
    assert len(told) == 19
    assert len(house.rows(select(receipts))) == 19


async def test_each_signal_means_what_it_says(house: House) -> None:
    house.contact(CAMILLE)
    await tell(house, [{"signal": kind, "contact": CAMILLE, "object": "interested", "tags": ["x"]} for kind in KINDS])
    heard = house.sort()
    signals = {event.signal for event in heard if isinstance(event, Signalled)}
    assert signals == set(SignalKind) - {SignalKind.SUBMITTED, SignalKind.REPLIED}
    assert [event.intent for event in heard if isinstance(event, Replied)] == [Intent.INTERESTED]
    (form,) = [event for event in heard if isinstance(event, Submitted)]
    assert (form.form, form.basis, form.confirm) == ("interested", Basis.NONE, False)
    assert len([event for event in heard if isinstance(event, ProfileChanged)]) == len(KINDS)


async def test_a_profile_changes_fields_tags_and_status(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact(CAMILLE)
    fields = {"company": "Exemple\u0000 SA", "employees": 120, "vip": True, "city": None}
    said = {"signal": "profile", "contact": CAMILLE, "fields": fields, "tags": ["salon"], "untagged": ["old"]}
    await tell(house, {**said, "status": "customer", "at": "2027-02-01T10:00:00+01:00"})
    (event,) = house.sort()
    assert isinstance(event, ProfileChanged)
    assert event.fields == {"company": "Exemple\ufffd SA", "employees": 120, "vip": True, "city": None}
    assert (event.tags, event.untagged, event.status) == (("salon",), ("old",), Status.CUSTOMER)
    assert event.at.isoformat() == "2027-02-01T09:00:00+00:00"


async def test_one_bad_item_does_not_reject_its_siblings(house: House) -> None:
    house.contact(CAMILLE)
    good = {"signal": "visited", "contact": CAMILLE, "object": "/"}
    bad: list[Any] = [
        3, {}, {"signal": "danced", "contact": CAMILLE}, {**good, "contact": "nobody@exemple.example"},
        {**good, "at": "2027-01-01T00:00:00"}, {**good, "fields": {"Nom complet": 1}}, {**good, "surprise": 1},
        {**good, "object": "x" * 300}, {**good, "fields": {"n": 2**60}}, {**good, "basis": "none"},
    ]  # fmt: skip
    answer = await tell(house, [*bad, good])
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (200, 1, len(bad))
    refused = [result for result in answer.json()["results"] if not result["accepted"]]
    assert [result["index"] for result in refused] == list(range(len(bad)))
    assert all(result["problem"].endswith(".") for result in refused)
    assert len(house.sort()) == 1


async def test_nobody_is_created_unless_asked_with_a_ground(house: House) -> None:
    new = {"signal": "registered", "contact": "Alex@nouveau.example", "object": "webinar"}
    for said in (new, {**new, "create": True}, {**new, "create": True, "basis": "opt_in", "contact": "no address"}):
        answer = await tell(house, said, a_key(house, str(len(str(said)))))
        assert (answer.status_code, answer.json()["accepted"]) == (422, 0)
    assert house.rows(select(contacts)) == []
    answer = await tell(house, {**new, "create": True, "basis": "legitimate_interest"}, a_key(house, "crm"))
    assert answer.json()["results"][0]["created"] is True
    assert {type(event) for event in house.sort()} == {Signalled, ProfileChanged}
    (evidence,) = house.rows(select(consents))
    assert (evidence["basis"], evidence["source"]) == ("legitimate_interest", "api:crm")


async def test_who_was_erased_is_not_taken_in_again(sqlite_house: House) -> None:
    house = sqlite_house
    with house.db.begin() as c:
        digest = instance(c).address_hash("gone@exemple.example")
        c.execute(suppressions.insert().values(address_hash=digest, reason="erased", at=NOW))
    said = {"signal": "visited", "contact": "gone@exemple.example", "create": True, "basis": "opt_in"}
    answer = await tell(house, said)
    assert (answer.status_code, "erased" in answer.json()["results"][0]["problem"]) == (422, True)
    assert house.rows(select(contacts)) == []


async def test_a_fact_with_a_name_or_a_time_counts_once(house: House) -> None:
    house.contact(CAMILLE)
    key = a_key(house)
    named = {"signal": "visited", "contact": CAMILLE, "key": "visit-1"}
    timed = {"signal": "visited", "contact": CAMILLE, "at": "2027-02-01T10:00:00Z"}
    for _ in range(2):
        house.clock.advance(SECOND)
        await tell(house, [named, timed], key)
    assert len(house.sort()) == 2


async def test_the_future_is_not_believed(sqlite_house: House) -> None:
    sqlite_house.contact(CAMILLE)
    await tell(sqlite_house, {"signal": "visited", "contact": CAMILLE, "at": "2031-01-01T00:00:00Z"})
    (event,) = sqlite_house.sort()
    assert event.at == NOW


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer " + "x" * 500])
async def test_without_a_good_key_nothing_is_read(sqlite_house: House, header: str) -> None:
    answer = await sqlite_house.post("/events", content=b"{", headers={"Authorization": header})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_revoked_key_opens_nothing(sqlite_house: House) -> None:
    key = a_key(sqlite_house)
    with sqlite_house.db.begin() as c:
        revoke_key(c, "site", NOW)
    assert (await tell(sqlite_house, {}, key)).status_code == 401


async def test_a_key_that_was_good_opens_nothing_once_it_is_revoked(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact(CAMILLE)
    key, visit = a_key(house), {"signal": "visited", "contact": CAMILLE}
    assert (await tell(house, visit, key)).status_code == 200
    with house.db.begin() as c:
        revoke_key(c, "site", NOW)
    assert [(await tell(house, visit, key)).status_code for _ in range(2)] == [401, 401]
    assert len(house.rows(select(receipts))) == 1


async def test_limits_are_counted_before_anything_is_parsed(sqlite_house: House) -> None:
    key = a_key(sqlite_house)
    assert (await tell(sqlite_house, b"x" * 3_000_000, key)).status_code == 413
    assert (await tell(sqlite_house, [{}] * 1_001, key)).status_code == 413
    for much in (b"[" * 100_000, b"[" + b"0," * 100_000 + b"0]"):
        assert (await tell(sqlite_house, much, key)).status_code == 413
    for broken in (b"{", b"", b"\xff"):
        assert (await tell(sqlite_house, broken, key)).status_code == 400
    assert (await tell(sqlite_house, [], key)).json() == {"accepted": 0, "rejected": 0, "results": []}


async def test_nothing_is_accepted_that_cannot_be_stored(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact(CAMILLE)
    key = a_key(house)
    house.intake.close()
    answer = await tell(house, {"signal": "visited", "contact": CAMILLE}, key)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert house.rows(select(receipts)) == []


async def test_the_interface_describes_itself(sqlite_house: House) -> None:
    described = (await sqlite_house.get("/openapi.json")).json()
    post = described["paths"]["/events"]["post"]
    outcome = post["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert outcome == "#/components/schemas/Outcome"
    one, many = post["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert set(one["properties"]["signal"]["enum"]) == set(KINDS)
    assert many["maxItems"] == 1_000
    assert post["security"] == [{"HTTPBearer": []}]


async def test_answers_are_as_described(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact(CAMILLE)
    new = {"signal": "visited", "contact": "new@exemple.example", "create": True, "basis": "opt_in"}
    answer = await tell(house, [{"signal": "visited", "contact": CAMILLE}, new, {"signal": "visited", "contact": "no"}])
    told = Outcome.model_validate_json(answer.content, strict=True)
    assert [(one.accepted, one.created, one.problem is None) for one in told.results] == [
        (True, False, True),
        (True, True, True),
        (False, False, False),
    ]
    assert answer.json() == told.model_dump(exclude_none=True)


TEXTS = st.text(max_size=5) | st.sampled_from(
    ["visited", "profile", CAMILLE, f" {CAMILLE} ", "\x00x\xa0y", "x" * 201, "é" * 321]
)
OTHERS = st.none() | st.integers() | st.lists(st.text(max_size=1), max_size=1)


@given(
    st.dictionaries(
        st.sampled_from(["signal", "contact", "object", "key", "at", "surprise"]), TEXTS | OTHERS, min_size=1
    )
    | st.fixed_dictionaries({"signal": st.sampled_from(KINDS), "contact": TEXTS, "object": TEXTS, "key": TEXTS})
)
def test_what_is_read_without_a_closer_look_reads_the_same(said: dict[str, Any]) -> None:
    read = read_item(said)
    try:
        closer = Item.model_validate(said)
    except ValidationError:
        assert isinstance(read, str)
    else:
        assert not isinstance(read, str)
        assert [read.signal, read.contact, read.object, read.key] == [
            closer.signal,
            closer.contact,
            closer.object,
            closer.key,
        ]
        assert isinstance(read, Item) or closer == Item(**read._asdict())


def test_a_plain_visit_needs_no_closer_look() -> None:
    said = {"signal": "visited", "contact": f" {CAMILLE}", "object": "/tarifs", "key": "visite-é"}
    assert read_item(said) == Plain("visited", CAMILLE, "/tarifs", "visite-é")


async def test_a_fact_about_an_unknown_content_is_told_apart(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact(CAMILLE)
    house.site = replace(house.site, contents=frozenset({"webinar-zero-coupure"}))
    said = [
        {"signal": "attended", "contact": CAMILLE, "object": "webinar-zero-coupur"},
        {"signal": "attended", "contact": CAMILLE, "object": "webinar-zero-coupure"},
        {"signal": "visited", "contact": CAMILLE, "object": "/tarifs"},
    ]
    answer = (await tell(house, said)).json()
    assert [result["accepted"] for result in answer["results"]] == [False, True, True]
    assert answer["results"][0]["problem"] == (
        'object: unknown content "webinar-zero-coupur"; did you mean "webinar-zero-coupure"?'
    )
