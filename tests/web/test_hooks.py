"""Where providers post: who is let in, what is kept, and what they are told when it cannot be."""

import asyncio

import pytest
from sqlalchemy import select

from nurture.core.events import Bounced, Replied
from nurture.storage.tables import receipts
from nurture.web import HookAccess, Services, create_app
from tests.delivery.full_disk import full_disk
from tests.providers import postmark_posts as posts
from tests.web.house import HOOKS, House

pytestmark = pytest.mark.anyio
SIGNED = (HOOKS.user, HOOKS.password)


async def test_a_200_means_that_it_is_stored(house: House) -> None:
    body = posts.as_body(posts.bounce())
    answer = await house.post("/hooks/postmark", content=body, auth=SIGNED)
    assert answer.status_code == 200
    (kept,) = house.rows(select(receipts))
    assert (kept["source"], bytes(kept["body"]), kept["state"]) == ("postmark", body, "new")


async def test_a_bounce_and_a_reply_reach_the_contact(house: House) -> None:
    house.sent(house.contact(), posts.TOUCH)
    await house.post("/hooks/postmark", content=posts.as_body(posts.bounce()), auth=SIGNED)
    await house.post("/hooks/postmark/inbound", content=posts.as_body(posts.inbound()), auth=SIGNED)
    assert {type(event) for event in house.sort()} >= {Bounced, Replied}


async def test_repeated_and_crossing_posts_are_stored_once(house: House) -> None:
    body = posts.as_body(posts.bounce())
    answers = await asyncio.gather(*(house.post("/hooks/postmark", content=body, auth=SIGNED) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(house.rows(select(receipts))) == 1


@pytest.mark.parametrize(
    "auth", [None, ("postmark", "wrong"), ("", ""), ("postmark", ""), (HOOKS.password, HOOKS.user)]
)
@pytest.mark.parametrize("path", ["/hooks/postmark", "/hooks/postmark/inbound"])
async def test_nobody_unknown_is_let_in(sqlite_house: House, path: str, auth: tuple[str, str] | None) -> None:
    answer = await sqlite_house.post(path, content=posts.as_body(posts.bounce()), auth=auth)
    assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")
    assert sqlite_house.rows(select(receipts)) == []


async def test_without_a_password_of_ours_nobody_is_let_in(sqlite_house: House) -> None:
    house = sqlite_house
    for access in (HookAccess(), HookAccess("postmark", ""), HookAccess("", "secret")):
        house.app = create_app(Services(house.db, house.intake, house.tokens, house.clock, lambda: house.site, access))
        assert (
            await house.post("/hooks/postmark", content=b"{}", auth=(access.user, access.password))
        ).status_code == 401


async def test_what_is_authentic_but_strange_is_kept_and_answered_200(sqlite_house: House) -> None:
    house = sqlite_house
    for body in (b"", b"{", b"\x00\xff", b'{"RecordType": "Weather"}', b"[" * 5_000):
        assert (await house.post("/hooks/postmark", content=body, auth=SIGNED)).status_code == 200
    house.sorter.run_once(house.clock.now())
    kept = house.rows(select(receipts))
    assert [row["state"] for row in kept] == ["not_understood"] * 5
    assert all(row["problem"] for row in kept)


async def test_too_much_is_refused_before_it_is_read(sqlite_house: House) -> None:
    house = sqlite_house

    async def endless():  # type: ignore[no-untyped-def]
        while True:
            yield b"x" * 65_536

    assert (await house.post("/hooks/postmark", content=endless(), auth=SIGNED)).status_code == 413
    declared = await house.post("/hooks/postmark", content=b"{}", auth=SIGNED, headers={"Content-Length": "9" * 12})
    assert declared.status_code == 413
    assert house.rows(select(receipts)) == []


async def test_when_it_cannot_be_stored_the_provider_is_told_to_come_back(sqlite_house: House) -> None:
    house = sqlite_house
    house.intake.close()
    answer = await house.post("/hooks/postmark", content=b"{}", auth=SIGNED)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert answer.json() == {"problem": "Nothing was stored; try again in a few seconds."}


async def test_other_methods_are_named_and_refused(sqlite_house: House) -> None:
    async with sqlite_house.client() as client:
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            answer = await client.request(method, "/hooks/postmark", auth=SIGNED)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
        options = await client.options("/hooks/postmark")
    assert (options.status_code, options.headers["allow"]) == (204, "POST, OPTIONS")


async def test_a_full_disk_is_told_with_503_and_nothing_that_was_answered_200_is_lost(house: House) -> None:
    bodies = [posts.as_body(posts.bounce(ID=n, Content="x" * 50_000)) for n in range(6)]
    with full_disk(house.db):
        for body in bodies[:3]:
            answer = await house.post("/hooks/postmark", content=body, auth=SIGNED)
            assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        assert house.rows(select(receipts)) == []
    for body in bodies:
        assert (await house.post("/hooks/postmark", content=body, auth=SIGNED)).status_code == 200
    assert sorted(bytes(row["body"]) for row in house.rows(select(receipts))) == sorted(bodies)
