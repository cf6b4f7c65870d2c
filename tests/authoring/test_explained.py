"""Every code has its explanation, and every example shows what it says it shows."""

import re

import pytest

from nurture.authoring.bundle import check
from nurture.authoring.explained import EXPLAINED, Explained
from nurture.authoring.problems import Code
from nurture.delivery.specs import spec_of
from nurture.storage.worlds import Bundle
from tests.authoring.builders import CADENCE, CAMPAIGN, CONTENT, FORMS, ROOT, SCORING, TEAMS, project
from tests.authoring.test_newsletter import LETTER

SEGMENTS = "campaigns/segments.yaml"
NEWSLETTER = "campaigns/march.yaml"
TEMPLATE = "email_templates/white_paper.fr.mjml"
KINDS = {
    "campaign": CAMPAIGN,
    "content": CONTENT,
    "scoring": SCORING,
    "teams": TEAMS,
    "cadence": CADENCE,
    "forms": FORMS,
    "segments": SEGMENTS,
    "newsletter": NEWSLETTER,
    "template": TEMPLATE,
}
WITHOUT_EXAMPLE = {
    *("C001", "C002", "C033", "C034", "C035", "C038"),
    *("M101", "M102", "M105", "M112", "M113", "M114", "M115", "M116", "M117", "M119", "M206", "M401", "M402"),
}
"""Bytes, sizes, names of files, and what a few lines cannot show."""
EXAMPLES = [explained for explained in EXPLAINED.values() if explained.right]


def whole_project() -> dict[str, str]:
    """With a segment as well, which the campaign asks for."""
    files = project()
    enter = '  enter: submitted("guide")\n'
    asked = files[CAMPAIGN].replace(enter, f'{enter}  only_if: not in segment("partners")\n')
    return {**files, CAMPAIGN: asked, SEGMENTS: 'segments:\n  partners: tagged("partner")\n'}


def codes(explained: Explained, words: str) -> set[str]:
    files = whole_project()
    if explained.file == "newsletter":
        files[NEWSLETTER] = LETTER.replace("to: friends", "to: partners").replace("2027-03-02", "2027-03-09")
    file = KINDS[explained.file]
    at = explained.at or explained.right
    assert at in files[file], f"{at!r} is not in {file}"
    return {p.code for p in check(Bundle({**files, file: files[file].replace(at, words, 1)}), spec_of)}


@pytest.mark.parametrize("explained", EXAMPLES, ids=lambda e: e.code)
def test_the_wrong_example_gives_the_code(explained: Explained) -> None:
    assert explained.code in codes(explained, explained.wrong)


@pytest.mark.parametrize("explained", EXAMPLES, ids=lambda e: e.code)
def test_the_right_example_gives_no_problem_at_all(explained: Explained) -> None:
    assert codes(explained, explained.right) == set()


def test_every_code_is_explained_and_shown_or_known_not_to_be() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "nurture").rglob("*.py"))
    of_mails = set(re.findall(r'"(M\d{3})"', sources))
    assert set(EXPLAINED) == {code.value for code in Code} | of_mails
    assert {code for code, explained in EXPLAINED.items() if not explained.wrong} == WITHOUT_EXAMPLE
    assert all(explained.title and explained.why for explained in EXPLAINED.values())
