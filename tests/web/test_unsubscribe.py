"""Leaving: acted on before it is answered, and never by looking."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nurture.content.tokens import MessageToken, sign_message
from nurture.core.events import Suppressed
from nurture.core.words import Suppression
from nurture.storage.outbox import read_suppressions
from nurture.storage.tables import suppressions
from tests.storage.scenes import DAY, a_touch, queue
from tests.web.house import LINKS, NOW, House, a_skeleton

pytestmark = pytest.mark.anyio

HARMLESS = st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
QUERIES = st.sampled_from(["", "?List-Unsubscribe=One-Click", "?confirm=1&method=post", "?_method=POST"])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "User-Agent": st.sampled_from(["SafeLinks", "Mozilla/5.0", "GoogleImageProxy"]),
        "X-HTTP-Method-Override": st.just("POST"),
        "Content-Type": st.just("application/x-www-form-urlencoded"),
        "Purpose": st.just("prefetch"),
    },
)


def objections(house: House) -> list[str]:
    return [row["reason"] for row in house.rows(select(suppressions))]


async def test_a_post_unsubscribes_before_it_answers(house: House) -> None:
    who = house.contact()
    token = house.sent(who)
    waiting = a_touch("ab" * 16)
    queue(house.db, who, waiting)
    answer = await house.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert objections(house) == ["unsubscribed"]
    with house.db.read() as c:  # what delivery asks in the transaction of the intent
        assert read_suppressions(c, ["ab" * 16]) == {"ab" * 16: {Suppression.UNSUBSCRIBED}}
    (event,) = [event for event in house.events() if isinstance(event, Suppressed)]
    assert (event.reason, event.touch, event.at) == (Suppression.UNSUBSCRIBED, "0f" * 16, NOW)


async def test_one_click_needs_nothing_but_the_address(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    answer = await house.post(f"/u/{token}")
    assert (answer.status_code, answer.headers.get("set-cookie"), answer.headers.get("location")) == (200, None, None)
    assert objections(house) == ["unsubscribed"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=HARMLESS, query=QUERIES, headers=HEADERS)
def test_looking_never_unsubscribes(sqlite_house: House, method: str, query: str, headers: dict[str, str]) -> None:
    house = sqlite_house
    if not house.rows(select(1).select_from(suppressions)) and not getattr(house, "token", ""):
        house.token = house.sent(house.contact())  # type: ignore[attr-defined]

    async def look() -> int:
        async with house.client() as client:
            answer = await client.request(method, f"/u/{house.token}{query}", headers=headers)  # type: ignore[attr-defined]
            return answer.status_code

    assert asyncio.run(look()) in (200, 204, 405)
    assert objections(house) == []
    assert not any(isinstance(event, Suppressed) for event in house.events())


async def test_a_second_post_says_the_same_and_changes_nothing(house: House) -> None:
    token = house.sent(house.contact())
    first = await house.post(f"/u/{token}")
    house.clock.advance(DAY)
    second = await house.post(f"/u/{token}")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(objections(house)) == 1
    assert len([event for event in house.events() if isinstance(event, Suppressed)]) == 1


async def test_a_mail_nobody_remembers_gets_the_same_answer(sqlite_house: House) -> None:
    house = sqlite_house
    known = house.sent(house.contact())
    unknown = sign_message(house.tokens, MessageToken("77" * 16, a_skeleton(*LINKS).composition))
    answers = [await house.post(f"/u/{token}") for token in (known, unknown)]
    assert answers[0].status_code == answers[1].status_code == 200
    assert answers[0].content == answers[1].content


async def test_a_forged_address_unsubscribes_nobody(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    for forged in (token[:-2] + "AA", token.lower(), token + "A", "0f" * 16, "x" * 600):
        assert (await house.post(f"/u/{forged}")).status_code == 404
    assert objections(house) == []


async def test_who_comes_back_and_leaves_again_is_heard_again(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    await house.post(f"/u/{token}")
    with house.db.begin() as c:  # the contact confirmed its address again
        c.execute(suppressions.delete())
    house.clock.advance(DAY)
    await house.post(f"/u/{token}")
    assert len([event for event in house.events() if isinstance(event, Suppressed)]) == 2


async def test_the_page_speaks_the_language_of_the_mail(sqlite_house: House) -> None:
    house = sqlite_house
    answer = await house.get(f"/u/{house.sent(house.contact())}", headers={"Accept-Language": "en"})
    assert "Me désinscrire" in answer.text
    assert '<html lang="fr">' in answer.text
    assert "L&#39;équipe Exemple" in answer.text
    assert "camille" not in answer.text
