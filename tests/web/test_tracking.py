"""Links of mails: where they lead, what is noted, and what no address of ours ever does."""

from datetime import timedelta

import pytest

from nurture.content.links import Link, LinkKind
from nurture.core.words import Confidence, SignalKind
from nurture.inbound.tracking import Names
from nurture.storage.tables import outbox
from tests.web.house import SECOND, House

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def test_a_click_redirects_and_becomes_an_event_of_the_contact(house: House) -> None:
    who = house.contact()
    token = house.sent(who)
    house.clock.advance(MINUTE)
    answer = await house.get(f"/c/{token}/0")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://exemple.example/guide?a=1&b=2")
    *_, event = house.sort()
    assert (event.signal, event.object, event.touch) == (SignalKind.CLICKED, "guide", "0f" * 16)
    assert (event.confidence, event.at) == (Confidence.HUMAN, house.clock.now())


async def test_an_open_is_about_the_content_of_the_mail(house: House) -> None:
    token = house.sent(house.contact(), content="article")
    house.clock.advance(MINUTE)
    answer = await house.get(f"/o/{token}.gif")
    assert (len(answer.content), answer.headers["content-type"]) == (43, "image/gif")
    assert "no-store" in answer.headers["cache-control"]
    *_, event = house.sort()
    assert (event.signal, event.object, event.confidence) == (SignalKind.OPENED, "article", Confidence.HUMAN)


async def test_a_download_serves_the_file_under_a_good_name(house: House) -> None:
    token = house.sent(house.contact())
    house.clock.advance(MINUTE)
    answer = await house.get(f"/d/{token}/1")
    assert answer.content == b"%PDF-1.7 a guide"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="guide.fr.pdf"'
    *_, event = house.sort()
    assert (event.signal, event.object) == (SignalKind.DOWNLOADED, "guide")


async def test_the_pieces_of_a_document_are_one_download(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    house.clock.advance(MINUTE)
    async with house.client() as client:
        for asked in ("bytes=0-3", "bytes=4-7", "bytes=8-"):
            house.clock.advance(SECOND)
            assert (await client.get(f"/d/{token}/1", headers={"Range": asked})).status_code == 206
    assert sum(getattr(event, "signal", "") == SignalKind.DOWNLOADED for event in house.sort()) == 1


@pytest.mark.parametrize(
    ("method", "agent", "after"),
    [
        ("HEAD", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", 60),
        ("GET", "Mozilla/5.0 (compatible; BarracudaCentral)", 60),
        ("GET", "", 60),
        ("GET", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", 9),
    ],
)
async def test_a_machine_is_marked_and_kept(sqlite_house: House, method: str, agent: str, after: int) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    house.clock.advance(after * SECOND)
    async with house.client() as client:
        answer = await client.request(method, f"/c/{token}/0", headers={"User-Agent": agent})
    assert (answer.status_code, answer.content) == (302, b"")
    *_, event = house.sort()
    assert event.confidence is Confidence.MACHINE


async def test_before_the_message_is_handed_over_only_a_scanner_can_have_it(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    with house.db.begin() as c:  # the receiving host follows the links before it takes the message
        c.execute(outbox.update().values(settled_at=None))
    await house.get(f"/c/{token}/0")
    (event,) = [event for event in house.sort() if event.kind == "signalled"]
    assert event.confidence is Confidence.MACHINE


async def test_who_follows_a_hidden_link_is_a_machine(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    house.clock.advance(MINUTE)
    assert (await house.get(f"/c/{token}/x")).status_code == 204
    *_, event = house.sort()
    assert (event.object, event.confidence) == ("", Confidence.MACHINE)


async def test_addresses_that_are_not_ours_all_get_the_same_answer(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    paths = [
        f"/c/{forged}/0", f"/c/{token}/9", f"/c/{token}/-1", f"/c/{token}/1", f"/c/{token}/2", f"/c/{token}/0x",
        f"/d/{token}/0", f"/d/{forged}/1", f"/u/{forged}", "/confirm/AAAA", "/handoff/AAAA/accept", "/f/nothing",
        "/c/é/0", "/nowhere",
    ]  # fmt: skip
    async with house.client() as client:
        answers = [await client.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert house.sort() == house.events()


async def test_a_link_leads_nowhere_but_where_the_mail_says(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact(), links=(Link(0, LinkKind.CLICK, "javascript:alert(1)"),))
    for path in (f"/c/{token}/0", f"/c/{token}/0?url=https://evil.example", f"/c/{token}/https:%2F%2Fevil.example"):
        answer = await house.get(path)
        assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_a_link_with_letters_that_no_header_holds_is_sent_on_in_percent(sqlite_house: House) -> None:
    house = sqlite_house
    links = (Link(0, LinkKind.CLICK, "https://exemple.example/cœur%20d'été?prix=10€&q=a+b#là"),)
    answer = await house.get(f"/c/{house.sent(house.contact(), links=links)}/0")
    assert answer.status_code == 302
    assert answer.headers["location"] == (
        "https://exemple.example/c%C5%93ur%20d'%C3%A9t%C3%A9?prix=10%E2%82%AC&q=a+b#l%C3%A0"
    )


async def test_only_the_catalogues_files_are_served(sqlite_house: House) -> None:
    house = sqlite_house
    elsewhere = ("../../etc/passwd", "/etc/passwd", "assets/other.pdf")
    links = tuple(Link(n, LinkKind.DOWNLOAD, url) for n, url in enumerate(elsewhere))
    token = house.sent(house.contact(), links=links)
    for n in range(len(links)):
        assert (await house.get(f"/d/{token}/{n}")).status_code == 404


async def test_a_reader_waits_no_longer_than_a_moment_and_the_click_is_stored_still(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    house.clock.advance(MINUTE)
    with house.db.begin():  # somebody else writes: what is noted has to wait
        assert (await house.get(f"/c/{token}/0")).status_code == 302
    house.intake.close()
    *_, event = house.sort()
    assert event.signal == SignalKind.CLICKED


def test_hits_are_named_one_after_another_and_unlike_those_of_another_process() -> None:
    one, other = Names(), Names()
    names = [one.next() for _ in range(300)]
    assert sorted(names) == names
    assert len({*names, *(other.next() for _ in range(300))}) == 600


async def test_a_click_redirects_even_when_nothing_can_be_stored(sqlite_house: House) -> None:
    house = sqlite_house
    token = house.sent(house.contact())
    house.intake.close()
    assert (await house.get(f"/c/{token}/0")).status_code == 302
    assert len((await house.get(f"/o/{token}.gif")).content) == 43
