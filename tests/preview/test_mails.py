"""Every mail in every form: made as it is sent, for people who are awkward on purpose, and again only when it changed."""

import re
from pathlib import Path

import pytest

from nurture.authoring.mails import mails_of
from nurture.core.conditions import And, OneOf, Or, Ref
from nurture.preview.frames import FAILS, Scheme, framed
from nurture.preview.letters import Letter
from nurture.preview.mails import Mail, StepMail
from nurture.preview.making import Failure
from nurture.preview.press import KeptCompiler
from nurture.preview.readers import Reader, meeting
from nurture.preview.studio import Good, Studio
from tests.builders import engaged, is_
from tests.preview.house import a_desk, edit

RELANCE = "migration-cloud/tofu/relance:livre-blanc-cloud#1"
PAPER = "migration-cloud/tofu/send:livre-blanc-cloud#1?question"
TEMPLATE = "email_templates/white_paper.fr.mjml"


def good(studio: Studio) -> Good:
    """The files, which are right."""
    found = studio.edition.good
    assert found is not None
    return found


def reader(studio: Studio, name: str = "typical") -> Reader:
    """One of the invented people."""
    return next(one for one in good(studio).samples if one.name == name)


def letter(studio: Studio, name: str, who: str = "typical") -> Letter:
    """A mail that can be made."""
    shown = studio.show(good(studio), good(studio).mails[name], reader(studio, who))
    assert shown.failure is None
    assert shown.letter is not None
    return shown.letter


def test_every_mail_of_the_shipped_files_can_be_shown_for_everybody(studio: Studio) -> None:
    mails = good(studio).mails.values()
    steps = [step for program in good(studio).world.current_programs() for step, _ in mails_of(program)]
    assert len(mails) > len(steps) > 15
    for one in good(studio).samples:
        for mail in mails:
            shown = studio.show(good(studio), mail, one)
            assert shown.failure is None, (mail.id, one.name)
            assert shown.letter is not None
            assert shown.letter.subject
            assert shown.letter.preheader
            assert not shown.letter.is_heavy


def test_a_mail_that_branches_is_shown_to_each_as_it_is_for_them(studio: Studio, folder: Path) -> None:
    edit(
        folder / TEMPLATE, "Ce que vous y trouverez", "{% if contact.company %}Pour vous{% else %}Pour qui ?{% endif %}"
    )
    assert studio.refresh()
    bodies = {who: letter(studio, PAPER, who).text for who in (one.name for one in good(studio).samples)}
    assert any("Pour vous" in body for body in bodies.values())
    assert any("Pour qui" in body for body in bodies.values())


def test_there_are_people_of_each_persona_one_unknown_and_one_too_long(studio: Studio) -> None:
    names = [one.name for one in good(studio).samples]
    assert names == ["typical", "dsi-industrie", "direction-operations", "empty", "long"]
    assert reader(studio, "dsi-industrie").state.fields["employees"] == 100
    assert reader(studio, "empty").state.fields == {}
    assert reader(studio).state.fields["servers"] == "[servers]"
    assert all(one.address.endswith("@exemple.example") for one in good(studio).samples)


def test_a_sample_meets_the_first_way_of_a_condition() -> None:
    condition = Or((And((is_("city", "Lyon"), OneOf(Ref("country"), ("BE", "FR")))), is_("city", "Paris")))
    assert list(meeting(condition)) == [("city", "Lyon"), ("country", "BE")]
    assert list(meeting(engaged(20))) == [("engagement", 20_000)]


def test_a_relance_answers_the_mail_before_it(studio: Studio) -> None:
    first, again = letter(studio, PAPER.replace("question", "direct")), letter(studio, RELANCE)
    assert again.subject == f"Re: {first.subject}"
    assert again.headers["In-Reply-To"] == first.headers["Message-ID"]
    assert again.headers["References"] == first.headers["Message-ID"]


def test_the_headers_people_ask_about_come_first(studio: Studio) -> None:
    said = letter(studio, PAPER).headers
    assert list(said)[:3] == ["From", "To", "Reply-To"]
    assert said["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert said["Reply-To"].endswith("@r.exemple.example")


def test_a_hand_off_goes_to_a_member_of_the_team(studio: Studio) -> None:
    made = letter(studio, "hand_off/equipe-commerciale.fr")
    assert made.headers["To"] == "claire.fontaine@exemple.example"
    assert "Camille Martin" in made.text


# Frames


def test_a_dark_frame_is_dark_whatever_the_machine_prefers(studio: Studio) -> None:
    made = letter(studio, PAPER)
    light, dark = framed(made, Scheme.LIGHT), framed(made, Scheme.DARK)
    for html in (light, dark):
        assert "prefers-color-scheme" not in html
    assert FAILS in light
    assert FAILS not in dark
    assert set(re.findall(r"(?<![-\w])color-scheme\s*:\s*([^;}]+)", dark)) == {"dark"}
    assert set(re.findall(r"(?<![-\w])color-scheme\s*:\s*([^;}]+)", light)) == {"light"}
    assert 'name="color-scheme" content="dark"' in dark


def test_a_frame_counts_no_opening_and_its_links_lead_where_they_lead_in_the_end(studio: Studio) -> None:
    html = framed(letter(studio, PAPER), Scheme.LIGHT)
    assert "/o/" not in html
    assert "https://nurture.exemple.example" not in html
    assert 'href="/assets/livre-blanc-cloud.fr.pdf"' in html
    article = framed(letter(studio, "migration-cloud/tofu/send:article-couts#1"), Scheme.LIGHT)
    assert 'href="https://exemple.example/fr/articles/cout-heure-arret"' in article


# After an edit


def test_only_what_an_edit_touches_is_compiled_again(studio: Studio, folder: Path, press: KeptCompiler) -> None:
    show_all(studio)
    before = press.made
    edit(folder / TEMPLATE, "Ce que vous y trouverez", "Ce que vous y apprendrez")
    assert studio.refresh()
    show_all(studio)
    # Its two variants, and the words of the hand-offs, which are each reader's own.
    notices = sum(not isinstance(mail, StepMail) for mail in good(studio).mails.values())
    assert press.made - before <= 2 + notices
    assert "Ce que vous y apprendrez" in letter(studio, PAPER).text


def test_an_edit_of_the_layout_touches_all(studio: Studio, folder: Path, press: KeptCompiler) -> None:
    show_all(studio)
    before = press.made
    edit(folder / "email_templates/layout.mjml", "Bien à vous,", "À bientôt,")
    studio.refresh()
    show_all(studio)
    assert press.made - before >= len(good(studio).mails) - 2
    assert "À bientôt," in letter(studio, RELANCE).text


def show_all(studio: Studio) -> None:
    """Look at every mail."""
    for mail in good(studio).mails.values():
        studio.show(good(studio), mail, reader(studio))


def test_files_that_say_the_same_make_no_new_edition(studio: Studio, folder: Path) -> None:
    (folder / TEMPLATE).touch()
    assert not studio.refresh()
    assert studio.edition.number == 1


def test_a_broken_template_leaves_its_last_good_mail_and_all_others(studio: Studio, folder: Path) -> None:
    was = letter(studio, PAPER)
    edit(folder / TEMPLATE, "content.title", "content.titel")
    studio.refresh()
    shown = studio.show(good(studio), good(studio).mails[PAPER], reader(studio))
    assert shown.failure is not None
    assert "titel" in shown.failure.sentence
    assert shown.letter is not None
    assert shown.letter.html == was.html
    assert letter(studio, "migration-cloud/tofu/send:article-couts#1")
    assert studio.examine()
    assert {problem.file for problem in studio.edition.problems} == {TEMPLATE}
    edit(folder / TEMPLATE, "content.titel", "content.title")
    studio.refresh()
    assert letter(studio, PAPER).data == was.data
    assert studio.edition.problems == ()


def test_a_broken_campaign_leaves_all_mails_as_they_were(studio: Studio, folder: Path) -> None:
    edit(folder / "campaigns/migration-cloud.yaml", "- send: article-couts", "- send: article-cuts")
    studio.refresh()
    edition = studio.edition
    assert edition.is_old
    assert edition.problems[0].code == "C012"
    assert letter(studio, "migration-cloud/tofu/send:article-couts#1")


def test_files_that_never_were_right_show_their_mistakes_alone(folder: Path, press: KeptCompiler) -> None:
    edit(folder / "campaigns/migration-cloud.yaml", "language: fr", "language: [fr")
    studio = Studio(a_desk(folder, press))
    assert studio.edition.good is None
    assert studio.edition.problems


def test_a_file_that_is_no_text_is_a_mistake_like_any_other(studio: Studio, folder: Path) -> None:
    (folder / "campaigns/content.yaml").write_bytes(b"contents:\n  \xff\xfe: {}\n")
    assert studio.refresh()
    assert studio.edition.problems[0].code == "C001"


@pytest.fixture
def demanding(studio: Studio, folder: Path) -> Mail:
    """A mail that needs a value which some people lack."""
    edit(folder / TEMPLATE, "Ce que vous y trouverez", 'Pour " ~ contact.company ~ "')
    studio.refresh()
    return good(studio).mails[PAPER]


def test_a_mail_that_needs_what_a_reader_lacks_is_told_for_that_reader(studio: Studio, demanding: Mail) -> None:
    shown = studio.show(good(studio), demanding, reader(studio, "empty"))
    assert shown.failure == Failure(
        'The contact has no "company", which white_paper.fr.mjml needs: '
        "write {{ contact.company | default('…') }} or fill the field in."
    )
    assert studio.show(good(studio), demanding, reader(studio)).failure is None
