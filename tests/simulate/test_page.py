"""The report's page: whole, in both languages, and complete without a network."""

import re
from html.parser import HTMLParser

import pytest

from nurture.simulate.charts import scale
from nurture.simulate.comparing import compare
from nurture.simulate.page import page_of
from nurture.simulate.report import Report, report_of
from nurture.simulate.running import run
from nurture.texts.simulation import ENGLISH, FRENCH, TERMS
from tests.authoring.builders import CAMPAIGN, Edit
from tests.simulate.builders import a_plan, compared

VOID = {"meta", "rect", "line", "circle", "br", "input"}


class Reading(HTMLParser):
    """Follows the tags, so that one left open is found."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.tables = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]
        self.tables += tag == "table"
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID or (self.open and self.open[-1] == tag):
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def report() -> Report:
    plan = a_plan(per_week=5)
    (tally,) = run(plan).tallies
    return report_of(plan, "files", plan.versions[0].world(plan.salt), tally, mails_per_hour=50)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_whole_and_needs_nothing_from_elsewhere(report: Report, language: str) -> None:
    text = page_of(report, language)
    reading = Reading()
    reading.feed(text)
    assert [tag for tag in reading.open if tag not in VOID] == []
    assert "://" not in text
    assert not re.search(r"url\(|@import|<script|<link", text)
    assert not {"src", "action", "srcset"} & {name for name, _ in reading.attributes}
    assert f'<html lang="{language}">' in text
    assert text.count("<table") == reading.tables >= 8
    assert "default-src 'none'" in text or "default-src &#39;none&#39;" in text


def test_every_drawing_has_a_name_and_its_figures_beside_it(report: Report) -> None:
    text = page_of(report, "en")
    for section in re.findall(r"<section.*?</section>", text, re.DOTALL):
        if 'viewBox="0 0 960' in section:
            assert 'role="img" aria-label="' in section
            assert "<table" in section


def test_what_differs_comes_first() -> None:
    plan = compared(a_plan(), Edit(CAMPAIGN, "wait: 3 days", "wait: 9 days"))
    found = run(plan)
    world = plan.versions[0].world(plan.salt)
    one, other = (report_of(plan, name, world, t) for name, t in zip(("files", "other"), found.tallies, strict=True))
    text = page_of(compare(plan, one, other, found.differences), "en")
    assert "files against other" in text
    assert text.index("Side by side") < text.index("Mails a day")


def test_words_of_authors_stay_words(report: Report) -> None:
    plan = a_plan()
    (tally,) = run(plan).tallies
    named = report_of(plan, "<b>files</b>", plan.versions[0].world(plan.salt), tally)
    text = page_of(compare(plan, named, named, run(compared(plan)).differences), "fr")
    assert "<b>" not in text
    assert "&lt;b&gt;files" in text


def test_both_languages_say_the_same_things() -> None:
    assert FRENCH.keys() == ENGLISH.keys()
    for name, said in FRENCH.items():
        assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", ENGLISH[name])), name
    assert all(french and english for french, english in TERMS.values())


@pytest.mark.parametrize(
    ("most", "least", "ticks"),
    [
        (0, 0, [0, 1]),
        (7, 0, [0, 2, 4, 6, 8]),
        (9, -3, [-5, 0, 5, 10]),
        (1200, 0, [0, 500, 1000, 1500]),
        (0, -10, [-10, -5, 0]),
    ],
)
def test_axes_have_whole_round_numbers_and_a_zero(most: float, least: float, ticks: list[float]) -> None:
    assert scale(most, least)[-1] >= most
    assert scale(most, least) == ticks
