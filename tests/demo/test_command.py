"""`nurture demo`: what it shows and leaves behind, and where it refuses to play."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from nurture.demo.command import run_demo
from nurture.demo.house import prepare_database
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.migrate import upgrade


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def screen(folder: Path) -> str:
    shown = io.StringIO()
    assert run_demo(weeks=1, contacts=12, seed=5, folder=folder, console=Console(file=shown, width=120)) == 0
    return shown.getvalue()


def test_it_tells_the_files_the_funnel_the_contents_and_the_prospects(screen: str) -> None:
    for words in ("visiteurs-salon-2026.csv:", "migration-cloud", "livre-blanc-cloud", "Prospects handed to sales:"):
        assert words in screen
    assert re.search(r"Journal digest: [0-9a-f]{64}", screen)


def test_it_leaves_a_page_for_every_mail(screen: str, folder: Path) -> None:
    index = (folder / "mails" / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([0-9a-f]{32}\.html)"', index))
    assert linked == {path.name for path in (folder / "mails").glob("*.html")} - {"index.html"}
    assert len(linked) > 5


def test_looking_at_a_mail_opens_nothing(screen: str, folder: Path) -> None:
    page = next(path for path in (folder / "mails").glob("*.html") if path.name != "index.html").read_text("utf-8")
    assert "default-src &#39;none&#39;" in page
    assert "sandbox=" in page
    assert "img-src data:" in page


def test_a_database_with_people_in_it_is_refused_untouched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nurture.db'}"
    upgrade(url)
    db = Database.open(url)
    with db.begin() as c:
        upsert_contacts(c, [NewContact("camille@exemple.example")], datetime(2027, 1, 4, tzinfo=UTC))
    db.close()
    with pytest.raises(DatabaseProblem, match="holds 1 contact, and the demo would write to all of them"):
        run_demo(weeks=1, contacts=5, database=url, folder=tmp_path, console=Console(quiet=True))


def test_a_database_of_another_instance_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nurture.db'}"
    upgrade(url)
    with pytest.raises(DatabaseProblem, match="another instance's"):
        prepare_database(url, seed=1)


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="check that it runs"):
        run_demo(database="postgresql://127.0.0.1:1/nowhere", folder=tmp_path, console=Console(quiet=True))
