"""What holds for every page and every answer, whoever asks."""

import asyncio
import socket
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nurture.storage.keys import create_key
from nurture.storage.tables import receipts
from nurture.texts.pages import ENGLISH, FRENCH
from nurture.web import Site, create_app
from nurture.web.guard import HEADERS, SENTENCES
from nurture.web.render import words
from tests.web.house import House

pytestmark = pytest.mark.anyio


def pages(house: House) -> list[str]:
    token = house.sent(house.contact())
    return [f"/u/{token}", "/f/audit", f"/c/{token}/0", f"/o/{token}.gif", "/nowhere", "/static/pages.css", "/healthz",
            "/openapi.json"]  # fmt: skip


async def test_every_answer_bears_the_security_headers(sqlite_house: House) -> None:
    for path in pages(sqlite_house):
        answer = await sqlite_house.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS), path
        assert "script" not in answer.headers["content-security-policy"]


async def test_personal_pages_are_kept_nowhere(sqlite_house: House) -> None:
    for path in pages(sqlite_house)[:4]:
        assert "no-store" in (await sqlite_house.get(path)).headers["cache-control"], path


async def test_a_head_has_the_answer_of_a_get_and_no_body(sqlite_house: House) -> None:
    async with sqlite_house.client() as client:
        for path in pages(sqlite_house):
            if path == "/openapi.json":  # answered by GET alone
                continue
            got, head = await client.get(path), await client.head(path)
            assert (head.status_code, head.content) == (got.status_code, b"")
            assert head.headers.get("content-type") == got.headers.get("content-type")


async def test_options_says_what_may_be_done(sqlite_house: House) -> None:
    async with sqlite_house.client() as client:
        answer = await client.options(pages(sqlite_house)[0])
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


async def test_no_answer_sends_on_to_a_host_that_the_request_named(sqlite_house: House) -> None:
    for path in ("/events/", "/hooks/postmark/", "/f/audit/", "//elsewhere.example/"):
        answer = await sqlite_house.get(path, headers={"Host": "elsewhere.example"})
        assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_a_problem_is_told_in_both_languages(sqlite_house: House) -> None:
    answer = await sqlite_house.get("/nowhere", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    for said in (ENGLISH["error_404"], words("fr")["error_404_text"]):
        assert said in answer.text
    assert '<html lang="en">' in answer.text


async def test_no_page_holds_a_script_or_anything_from_elsewhere(sqlite_house: House) -> None:
    for path in pages(sqlite_house)[:2]:
        text = (await sqlite_house.get(path)).text
        for forbidden in ("<script", "http://", "https://", "onclick", "style="):
            assert forbidden not in text


def test_both_languages_have_the_same_words() -> None:
    assert FRENCH.keys() == ENGLISH.keys()
    assert all(FRENCH[name] and ENGLISH[name] for name in FRENCH)


async def test_health_tells_a_process_that_works_from_one_that_does_not(house: House) -> None:
    well = await house.get("/healthz")
    assert (well.status_code, well.json()["status"]) == (200, "ok")
    with house.db.begin() as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    ill = await house.get("/healthz")
    with house.db.begin() as c:
        c.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{well.json()['schema']}'")
    assert (ill.status_code, ill.json()) == (503, {"status": "unavailable"})


async def test_a_database_that_does_not_answer_is_a_503_with_a_date_to_come_back(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    with house.db.begin() as c:
        c.exec_driver_sql("ALTER TABLE outbox RENAME TO elsewhere")
    answer = await house.post(f"/u/{token}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text


async def test_a_fault_of_ours_shows_no_traceback(sqlite_house: House) -> None:
    house = sqlite_house

    def broken() -> Site:
        raise RuntimeError("secret detail")

    house.app = create_app(replace(house.services, site=broken))
    answer = await house.get("/f/audit")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert FRENCH["error_500"] in answer.text


async def test_a_fault_where_thousands_ask_shows_no_traceback_either(sqlite_house: House) -> None:
    house = sqlite_house

    def broken() -> Site:
        raise RuntimeError("secret detail")

    with house.db.begin() as c:
        key = create_key(c, "site", house.clock.now())
    house.app = create_app(replace(house.services, site=broken))
    answer = await house.post("/events", json=[], headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()) == (500, {"problem": SENTENCES[500]})
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/hooks/postmark", "POST, OPTIONS"),
        ("PUT", "/events", "POST, OPTIONS"),
        ("POST", "/c/AAAA/0", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_method_that_does_nothing_there_is_told_which_do(
    sqlite_house: House, method: str, path: str, allowed: str
) -> None:
    async with sqlite_house.client() as client:
        answer = await client.request(method, path)
        asked = await client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert (asked.status_code, asked.headers["allow"], asked.headers.get("content-length")) == (204, allowed, None)
    assert answer.headers["x-frame-options"] == "DENY"


PARTS = st.text(max_size=80).map(lambda text: quote(text, safe=""))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=st.sampled_from(
        ["/c/{}/{}", "/d/{}/{}", "/u/{}", "/confirm/{}", "/handoff/{}/{}", "/f/{}", "/o/{}.gif", "/{}"]
    ),
    parts=st.tuples(PARTS, PARTS),
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "DELETE"]),
    body=st.binary(max_size=200),
)
def test_no_address_and_no_body_makes_a_fault(
    sqlite_house: House, route: str, parts: tuple[str, str], method: str, body: bytes
) -> None:
    async def ask() -> int:
        async with sqlite_house.client() as client:
            return (await client.request(method, route.format(*parts), content=body)).status_code

    assert asyncio.run(ask()) in (200, 204, 400, 404, 405)
    assert sqlite_house.rows(select(receipts)) == []


async def test_over_a_real_server(sqlite_house: House) -> None:
    """Through uvicorn on the loopback: redirects, a HEAD, a one-click POST, and a body declared too long."""
    house = sqlite_house
    token = house.sent(house.contact())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who connects before the server runs waits for it
        server = uvicorn.Server(uvicorn.Config(house.app, log_level="warning"))
        running: dict[str, Any] = {"sockets": [listening]}
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(**running)))
        thread.start()
        try:
            port = listening.getsockname()[1]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                assert (await client.get(f"/c/{token}/0")).status_code == 302
                head = await client.head(f"/u/{token}")
                assert (head.status_code, head.content) == (200, b"")
                assert (await client.post(f"/u/{token}")).status_code == 200
                assert (await client.post("/f/audit", content=b"x" * 100_000)).status_code in (400, 413)
                assert (await client.get("/healthz")).json()["status"] == "ok"
        finally:
            server.should_exit = True
            thread.join()
    kinds = [event.kind for event in house.sort()]
    assert sorted(kinds) == ["sent", "signalled", "suppressed"]
