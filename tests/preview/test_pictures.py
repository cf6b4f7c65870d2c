"""Pictures by a real browser: each mail and drawing as a file, and the page itself as a browser lives with it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nurture.preview.app import Room
from nurture.preview.chromium import Browser, NoChromium, Size, chromium, find_chromium
from nurture.preview.pictures import paint, wanted
from nurture.preview.press import KeptCompiler
from nurture.preview.studio import Studio
from nurture.preview.watching import Broadcast
from nurture.web.serving import listen
from tests.conftest import in_ci
from tests.preview.house import Visit, edit, visiting

pytestmark = pytest.mark.anyio

PAPER = "/mail?of=migration-cloud/tofu/send:livre-blanc-cloud%231?question"
TEMPLATE = "email_templates/white_paper.fr.mjml"


@pytest.fixture
def program() -> str:
    """A Chromium of this machine."""
    try:
        return find_chromium(None)
    except NoChromium as problem:
        if in_ci():
            pytest.fail(str(problem))
        pytest.skip(str(problem))


def width_and_height(png: bytes) -> tuple[int, int]:
    """As the picture's header has them."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@pytest.fixture
def room(studio: Studio, folder: Path) -> Room:
    """The shipped files, to be looked at."""
    return Room(studio, Broadcast(studio.edition.number), folder / "campaigns" / "assets")


def test_every_mail_is_wanted_three_times_and_every_campaign_twice(room: Room) -> None:
    names = [each.name for each in wanted(room)]
    good = room.studio.edition.good
    assert good is not None
    assert len(names) == len(set(names)) == len(good.mails) * 3 + len(good.world.current) * 2
    assert "migration-cloud-tofu-send-livre-blanc-cloud-1-question.phone.png" in names
    assert "migration-cloud.png" in names
    assert all(name.isascii() and "/" not in name for name in names)


@pytest.mark.browser
async def test_pictures_are_as_wide_as_their_form_and_as_high_as_their_mail(
    folder: Path, press: KeptCompiler, program: str
) -> None:
    async with visiting(folder, press) as visit, chromium(program) as browser:
        frame = visit.base + "/frame" + PAPER.removeprefix("/mail")
        desktop = width_and_height(await browser.picture(frame, Size(700)))
        phone = width_and_height(await browser.picture(frame, Size(375, scale=2, is_phone=True)))
        drawing = width_and_height(await browser.picture(f"{visit.base}/drawing/migration-cloud", Size(400)))
        assert desktop[0] == 700
        assert 800 < desktop[1] < 2000
        assert phone[0] == 750
        assert phone[1] / 2 > desktop[1]
        assert drawing[0] > 1500


@pytest.mark.browser
async def test_a_folder_of_pictures_is_written(room: Room, folder: Path, program: str, tmp_path: Path) -> None:
    for name in ("migration-cloud.yaml", "forms.yaml"):
        (folder / "campaigns" / name).unlink()
    edit(folder / "campaigns/cloud-basics.yaml", 'submitted("cloud-guide") or ', "")
    edit(folder / "campaigns/cloud-basics.yaml", "      - wait: 1 week\n      - send: demo-guidee\n", "")
    assert room.studio.refresh()
    told: list[Path] = []
    out = tmp_path / "pictures"
    out.mkdir()
    with listen("127.0.0.1", 0) as bound:
        await paint(room, program, bound, out, told.append)
    assert {path.name for path in out.iterdir()} == {each.name for each in wanted(room)} == {path.name for path in told}
    assert all(width_and_height(path.read_bytes()) for path in told)


class Page:
    """A page open in a real browser, asked by its own script."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def says(self, script: str) -> object:
        """The value of an expression."""
        return await self._browser.value(script)

    async def until(self, script: str) -> None:
        """Wait until an expression holds."""
        async with asyncio.timeout(20):
            while not await self.says(script):  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.05)


@pytest.fixture
async def opened(folder: Path, press: KeptCompiler, program: str) -> AsyncIterator[tuple[Page, Visit]]:
    """A mail's page in a browser."""
    async with visiting(folder, press) as visit, chromium(program) as browser:
        await browser.open(visit.base + PAPER, Size(1440))
        yield Page(browser), visit


@pytest.mark.browser
async def test_a_page_in_a_browser_follows_the_files_by_itself(opened: tuple[Page, Visit], folder: Path) -> None:
    page, _ = opened
    await page.until("document.querySelector('iframe').contentDocument.body.innerText.includes('trouverez')")
    await page.says("window.marked = true; window.scrollTo(0, 300)")
    edit(folder / TEMPLATE, "Ce que vous y trouverez", "Ce que vous y apprendrez")
    await page.until("document.querySelector('iframe').contentDocument?.body?.innerText.includes('apprendrez')")
    assert await page.says("window.marked === true"), "it was renewed in place, not loaded again"
    assert await page.says("window.scrollY") == 300
    edit(folder / TEMPLATE, "content.title", "content.titel")
    await page.until("document.querySelector('.forms.old') !== null")
    await page.until("document.querySelector('iframe').contentDocument?.body?.innerText.includes('apprendrez')")


@pytest.mark.browser
async def test_frames_are_as_high_as_their_mails_and_run_nothing(opened: tuple[Page, Visit], folder: Path) -> None:
    page, _ = opened
    await page.until(
        "[...document.querySelectorAll('iframe')].every(f => f.clientHeight > 600 && f.clientHeight < 2500)"
    )
    picture = "<img src='https://exemple.example/x.png' alt='' onerror='parent.evil=1' onload='parent.evil=1'>"
    edit(folder / TEMPLATE, 'Livre blanc"', f'{picture}" | safe')
    await page.until("document.querySelector('iframe').contentDocument?.body?.innerHTML.includes('onerror')")
    assert json.dumps(await page.says("typeof window.evil")) == '"undefined"'


@pytest.mark.browser
async def test_mails_are_turned_by_keyboard(opened: tuple[Page, Visit]) -> None:
    page, _ = opened
    press = "document.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', bubbles: true}))"
    before = await page.says("document.title")
    await page.says(press % "ArrowRight")
    await page.until(f"document.title !== {json.dumps(before)} && document.readyState === 'complete'")
    await page.says(press % "ArrowLeft")
    await page.until(f"document.title === {json.dumps(before)}")


async def test_a_program_that_is_no_browser_is_told(tmp_path: Path) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\necho 'cannot open display' >&2\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(NoChromium, match="does not start: cannot open display"):
        async with chromium(str(fake)):
            pass
