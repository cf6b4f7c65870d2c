"""What `nurture new` writes passes `nurture check --strict` as it is, and nothing that was there is touched."""

import pytest

from tests.cli.shell import Shell, told_well

LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


@pytest.fixture
def project(empty: Shell) -> Shell:
    """A shell with a small campaign, and no database."""
    empty.add_files()
    return empty


@LANGUAGES
def test_a_new_content_and_a_new_campaign_that_sends_it_pass_the_check(project: Shell, language: str) -> None:
    done = project("new", "content", "essay", "--kind", "article", "--stage", "start", "--language", language)
    assert done.code == 0, done.told
    done = project("new", "campaign", "second-steps", "--language", language)
    assert done.code == 0, done.told
    answer = project("check", "--strict")
    assert answer.code == 0, answer.told


@LANGUAGES
def test_a_new_newsletter_passes_the_check_and_lies_ahead(project: Shell, language: str) -> None:
    project("new", "content", "essay", "--language", language)
    project.write("campaigns/segments.yaml", "segments: {everybody: always}\n")
    done = project("new", "newsletter", "march", "--language", language)
    assert done.code == 0, done.told
    answer = project("check", "--strict")
    assert answer.code == 0, answer.told
    assert "to: everybody" in (project.folder / "campaigns/march.yaml").read_text()


def test_a_newsletter_needs_somebody_to_write_to(project: Shell) -> None:
    assert told_well(project("new", "newsletter", "march"), "There is no segment to write to", "segments.yaml")
    project.write("campaigns/segments.yaml", "segments: {everybody: always}\n")
    assert told_well(project("new", "newsletter", "march", "--to", "everybdy"), 'did you mean "everybody"?')
    assert told_well(project("new", "newsletter", "welcome"), "There is a campaign 'welcome' already")


@LANGUAGES
def test_a_new_template_makes_mails(project: Shell, language: str) -> None:
    assert project("new", "template", "podcast", "--language", language).code == 0
    assert project("new", "content", "episode", "--kind", "podcast", "--language", language).code == 0
    campaign = (project.folder / "campaigns/welcome.yaml").read_text().replace("campaign: welcome", "campaign: other")
    text = campaign.replace("send: talk", "send: episode").replace("send: guide", "send: episode")
    text = text.replace("relance: guide", "relance: episode").replace("language: fr", f"language: {language}")
    project.write("campaigns/other.yaml", text)
    answer = project("check")
    assert "0 errors" in answer.told or "no mistakes" in answer.told, answer.told


def test_a_new_webinar_has_a_date_to_come(project: Shell) -> None:
    assert project("new", "content", "open-day", "--kind", "webinar").code == 0
    assert project("check", "--strict").code == 0


def test_the_catalogue_begins_with_its_first_content(project: Shell) -> None:
    (project.folder / "campaigns/content.yaml").unlink()
    assert project("new", "content", "essay").code == 0
    assert (project.folder / "campaigns/content.yaml").read_text().startswith("contents:\n\n  essay:\n")


def test_nothing_is_written_over(project: Shell) -> None:
    before = project.write("campaigns/mine.yaml", "half a campaign").read_text()
    assert told_well(project("new", "campaign", "mine"), "mine.yaml is there already")
    assert (project.folder / "campaigns/mine.yaml").read_text() == before
    assert told_well(project("new", "campaign", "welcome"), "There is a campaign 'welcome' already")
    assert told_well(project("new", "content", "guide"), "There is a content 'guide' already")
    assert told_well(project("new", "template", "article"), "article.fr.mjml is there already")


def test_what_cannot_be_done_is_told_with_what_to_do(project: Shell) -> None:
    assert told_well(project("new", "campaign", "Été"), "cannot be a name")
    assert told_well(project("new", "campaign", "content"), "not a campaign")
    assert told_well(
        project("new", "campaign", "abroad", "--language", "en"), "nurture new content ID", "--language en"
    )
    project.write("campaigns/content.yaml", "contents: {a: {kind: article}}\n")
    assert told_well(project("new", "content", "essay"), "content.yaml cannot be added to")
