"""The preview over real HTTP: what its pages hold, that they follow the files, and that strangers get nothing."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from nurture.preview.guard import MAIL
from nurture.preview.press import KeptCompiler
from nurture.preview.readers import real
from nurture.preview.studio import Studio
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database, DatabaseProblem
from tests.builders import MONDAY, at
from tests.preview.house import a_desk, edit, edit_by_renaming, visiting

pytestmark = pytest.mark.anyio

PAPER = "/mail?of=" + quote("migration-cloud/tofu/send:livre-blanc-cloud#1?question")
TEMPLATE = "email_templates/white_paper.fr.mjml"
CAMPAIGN = "campaigns/migration-cloud.yaml"


class _Links(HTMLParser):
    """Collects what a page links to, frames included."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address of ours."""
        for name, value in attrs:
            if name in ("href", "src", "xlink:href") and value and value.startswith("/"):
                self.found.append(value)


def links(html: str) -> list[str]:
    """The addresses of ours on a page."""
    reader = _Links()
    reader.feed(html)
    return list(dict.fromkeys(reader.found))


async def test_every_page_that_is_linked_is_there(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        waiting, seen = ["/"], {"/"}
        while waiting:
            path = waiting.pop()
            answer = await visit.get(path)
            assert answer.status_code == 200, path
            if "text/html" in answer.headers["Content-Type"] and not path.startswith("/frame") and "lang=" not in path:
                new = [link for link in links(answer.text) if link not in seen]
                seen.update(new)
                waiting += new
        kinds = {path.partition("?")[0].split("/")[1] for path in seen}
        assert kinds == {"", "mail", "frame", "campaign", "assets", "static"}
        good = Studio(a_desk(folder, press)).edition.good
        assert good is not None
        assert sum(path.startswith("/mail") for path in seen if "lang=" not in path) == len(good.mails)


async def test_a_page_elsewhere_cannot_read_the_preview_under_its_own_name(folder: Path, press: KeptCompiler) -> None:
    strangers = (
        "evil.example",
        "evil.example:8025",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "[::1]:80",
        "",
    )
    async with visiting(folder, press) as visit:
        for host in strangers:
            answer = await visit.get("/", headers={"Host": host})
            assert answer.status_code == 403, host
            assert "Cloud" not in answer.text
        assert (await visit.get("/", headers={"Host": "localhost:1"})).status_code == 200


async def test_another_site_cannot_even_ask(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        for site, expected in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
            assert (await visit.get("/", headers={"Sec-Fetch-Site": site})).status_code == expected
        answer = await visit.get("/", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_pages_run_our_script_alone_and_mails_none(folder: Path, press: KeptCompiler) -> None:
    edit(folder / "email_templates/white_paper.fr.mjml", "Livre blanc", "<script>alert(1)</script>")
    async with visiting(folder, press) as visit:
        page = await visit.get(PAPER)
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script>alert" not in page.text
        assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page.text
        frame = await visit.get(next(link for link in links(page.text) if link.startswith("/frame")))
        assert frame.headers["Content-Security-Policy"] == MAIL
        assert "allow-scripts" not in MAIL
        assert "default-src 'none'" in MAIL


async def test_a_mail_is_shown_with_its_headers_size_links_and_neighbours(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        text = (await visit.get(PAPER)).text
        for said in (
            "Camille, combien",
            "24.0 KB of HTML",
            "List-Unsubscribe",
            "livre-blanc-cloud.fr.pdf",
            f"{CAMPAIGN}:36",
        ):
            assert said in text
        assert 'data-key="ArrowLeft"' in text
        assert 'data-key="ArrowRight"' in text


async def test_a_mail_can_be_shown_for_somebody_else_in_another_language(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press, reader="long") as visit:
        assert "Anne-Françoise Éléonore, combien" in (await visit.get(PAPER)).text
        other = (await visit.get(f"{PAPER}&reader=empty&lang=fr")).text
        assert "Bonjour, combien" in other
        assert "24,0 Ko de HTML" in other
        ours = [link for link in links(other) if link.startswith("/mail") and "lang=en" not in link]
        assert len(ours) == 2
        assert all("reader=empty" in link and "lang=fr" in link for link in ours)


async def test_a_heavy_mail_is_marked(folder: Path, press: KeptCompiler) -> None:
    edit(folder / TEMPLATE, "Une question en le lisant", "mot " * 18_000 + "Une question en le lisant")
    async with visiting(folder, press) as visit:
        text = (await visit.get("/")).text
        assert text.count('class="size heavy"') == 2
        assert "Gmail cuts a message" in text


async def test_of_very_many_mails_only_those_are_made_that_are_looked_at(folder: Path, press: KeptCompiler) -> None:
    text = (folder / "campaigns/cloud-basics.yaml").read_text()
    for n in range(30):
        (folder / f"campaigns/more-{n}.yaml").write_text(text.replace("campaign: cloud-basics", f"campaign: more-{n}"))
    async with visiting(folder, press) as visit:
        listed = (await visit.get("/")).text
        copies = [part for part in listed.split('<section class="campaign">') if "<code>more-" in part]
        assert ["Mails: 5" in part for part in copies] == [True] * 30
        assert "Confirm your address" in listed
        assert press.made < 10
        assert "Thirty minutes to see your own cut-over" in (await visit.get("/campaign/more-7")).text


async def test_what_is_not_there_is_told(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        for path in ("/mail?of=nothing", "/campaign/nothing", "/drawing/nothing", "/frame?of=x", "/assets/..%2Fcontent.yaml",
                     "/assets/content.yaml", "/static/layout.html", "/nowhere"):  # fmt: skip
            answer = await visit.get(path)
            assert answer.status_code == 404, path
            assert "There is nothing here" in answer.text


# Following the files


@pytest.mark.parametrize("save", [edit, edit_by_renaming], ids=["written into", "renamed over"])
async def test_an_open_page_is_told_of_an_edit_and_shows_it(folder: Path, press: KeptCompiler, save: object) -> None:
    assert callable(save)
    async with visiting(folder, press) as visit:
        before = (await visit.get(PAPER)).text
        save(folder / TEMPLATE, "Ce que vous y trouverez", "Ce que vous y apprendrez")
        assert await visit.next_edition() == 2
        after = (await visit.get(PAPER)).text
        assert "Ce que vous y apprendrez" in after
        assert frames(after) != frames(before)


async def test_an_edit_elsewhere_leaves_the_frames_of_a_mail_alone(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        before = (await visit.get(PAPER)).text
        edit(folder / "email_templates/article.fr.mjml", "{% set eyebrow", "{# a note #}{% set eyebrow")
        await visit.next_edition()
        assert frames((await visit.get(PAPER)).text) == frames(before)


def frames(text: str) -> list[str]:
    """The addresses of a page's frames."""
    return [link for link in links(text) if link.startswith("/frame")]


async def test_a_broken_campaign_shows_its_mistake_with_a_caret_and_the_mails_as_they_were(
    folder: Path, press: KeptCompiler
) -> None:
    async with visiting(folder, press) as visit:
        edit(folder / CAMPAIGN, "- send: article-couts", "- send: article-cuts")
        text = await visit.until("/", "unknown content")
        assert f"{CAMPAIGN}:45:15" in text
        assert "^^^^^^^^^^^^ did you mean &#34;article-couts&#34;?" in text
        assert "as they last could be read" in text
        assert "Combien coûte vraiment" in text
        edit(folder / CAMPAIGN, "- send: article-cuts", "- send: article-couts")
        assert "as they last could be read" not in await visit.until("/", "Nothing to mend")


async def test_a_broken_template_shows_the_last_good_mail_marked_as_old(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        await visit.get(PAPER)
        edit(folder / TEMPLATE, "content.title", "content.titel")
        text = await visit.until(PAPER, "This mail cannot be made")
        assert 'class="forms old"' in text
        assert "Ce que vous y trouverez" in text
        assert f"{TEMPLATE}:" in await visit.until(PAPER, "(M110)\n")


async def test_a_new_campaign_and_one_that_goes_are_followed(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        text = (folder / "campaigns/cloud-basics.yaml").read_text()
        new = folder / "campaigns/second.yaml"
        new.write_text(
            text.replace("campaign: cloud-basics", "campaign: second").replace("title: Cloud", "title: Second")
        )
        assert "Second basics" in await visit.until("/", "Second basics")
        assert (await visit.get("/campaign/second")).status_code == 200
        new.unlink()
        await visit.next_edition()
        assert "Second basics" not in (await visit.get("/")).text
        assert (await visit.get("/campaign/second")).status_code == 404


async def test_the_full_check_adds_what_only_it_finds(folder: Path, press: KeptCompiler) -> None:
    async with visiting(folder, press) as visit:
        edit(
            folder / "email_templates/confirmation.fr.mjml",
            "action_url = extra.confirm_url",
            'action_url = "https://exemple.example/"',
        )
        assert "does not lead to extra.confirm_url" in await visit.until("/", "does not lead to")


# Real contacts


@pytest.fixture
def anne(db: Database) -> Database:
    """A database with one contact, on each engine."""
    with db.begin() as c:
        upsert_contacts(c, [NewContact("anne@exemple.example", {"first_name": "Anne-Lise"})], at(MONDAY))
    return db


async def test_a_real_contact_is_found_by_address(folder: Path, press: KeptCompiler, anne: Database) -> None:
    async with visiting(folder, press, find=lambda address: real(anne, address)) as visit:
        text = (await visit.get(f"{PAPER}&contact=Anne@exemple.example")).text
        assert "Anne-Lise, combien" in text
        assert "Contact anne@exemple.example" in text
        missing = (await visit.get(f"{PAPER}&contact=nobody@exemple.example")).text
        assert "There is no contact with the address nobody@exemple.example." in missing
        assert "Camille, combien" in missing


async def test_without_a_database_there_are_the_invented_people(folder: Path, press: KeptCompiler) -> None:
    def away(address: str) -> None:
        raise DatabaseProblem("The database has gone.")

    async with visiting(folder, press) as visit:
        assert 'name="contact"' not in (await visit.get("/")).text
    async with visiting(folder, press, find=away) as visit:
        text = (await visit.get(f"{PAPER}&contact=anne@exemple.example")).text
        assert "The database has gone." in text
        assert "Camille, combien" in text
