"""Every template we ship can be sent today, in both languages."""

import json
import re
from html.parser import HTMLParser

import pytest

from nurture.content.html_rules import HEAVIEST_MAIL
from nurture.content.links import LinkKind
from nurture.content.lint import lint
from nurture.content.render import preview_html, render
from nurture.content.skeleton import Skeleton
from tests.content.builders import (
    KINDS,
    LANGUAGES,
    MARKETING,
    TOKEN,
    TRANSACTIONAL,
    a_content,
    a_heading,
    a_spec,
    compiled,
    shipped,
)

every_mail = pytest.mark.parametrize(("kind", "language"), [(k, lang) for k in KINDS for lang in LANGUAGES])
every_marketing_mail = pytest.mark.parametrize(
    ("kind", "language"), [(k, lang) for k in MARKETING for lang in LANGUAGES]
)


class Seen(HTMLParser):
    """The tags of a page, and the words outside of style sheets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(skeleton: Skeleton) -> str:
    return preview_html(skeleton, {"first_name": "Zoé"}, TOKEN)


def words(skeleton: Skeleton) -> str:
    return "".join(piece if isinstance(piece, str) else "▮" for piece in skeleton.text)


def test_no_template_has_a_slip() -> None:
    assert lint(shipped()) == ()


@every_mail
def test_pictures_have_words_and_links_are_whole(kind: str, language: str) -> None:
    seen = Seen(page(compiled(a_spec(kind, language))))
    assert all("alt" in picture for picture in seen.of("img"))
    assert seen.of("a") or kind == "notify"  # which asks for nothing
    assert all(str(link["href"]).startswith("https://") for link in seen.of("a"))


@every_mail
def test_a_mail_is_light_asks_for_nothing_remote_and_leaves_no_placeholder(kind: str, language: str) -> None:
    skeleton = compiled(a_spec(kind, language))
    html = page(skeleton)
    assert len(html.encode()) < HEAVIEST_MAIL / 2
    assert not re.search(r"zq[0-9a-f]{6}|\{\{|\{%|\.invalid|googleapis|url\(", html + words(skeleton))
    assert "<link" not in html
    assert render(skeleton, {}, a_heading()).data


@every_mail
def test_subject_and_preheader_fit_a_mail_list(kind: str, language: str) -> None:
    skeleton = compiled(a_spec(kind, language))
    subject = render(skeleton, {}, a_heading()).subject
    assert 8 <= len(subject) <= 70
    preheader = re.search(r"display: ?none[^>]*>([^<]+)<", page(skeleton))
    assert preheader is not None
    assert len(preheader[1].strip("\u2007\u034f ")) >= 20
    assert preheader[1].strip("\u2007\u034f ") not in words(skeleton).split("\n\n")[0]


@every_mail
def test_a_mail_reads_in_the_dark_and_says_its_language(kind: str, language: str) -> None:
    html = page(compiled(a_spec(kind, language)))
    assert "prefers-color-scheme: dark" in html
    assert f'<html lang="{language}"' in html


@every_marketing_mail
def test_a_marketing_mail_says_who_why_and_how_to_leave(kind: str, language: str) -> None:
    skeleton = compiled(a_spec(kind, language))
    assert any(link.kind is LinkKind.UNSUBSCRIBE for link in skeleton.links)
    for part in (page(skeleton), words(skeleton)):
        assert "Exemple SAS, 12 rue des Modèles" in part
        assert ("parmi nos contacts" if language == "fr" else "among our contacts") in part
    assert f"/u/{TOKEN}" in page(skeleton)
    assert f"/o/{TOKEN}.gif" in page(skeleton)


@every_marketing_mail
def test_a_mail_leads_to_its_content(kind: str, language: str) -> None:
    content = a_content()
    first = compiled(a_spec(kind, language)).links[0]
    assert (first.kind, first.url, first.object) == (LinkKind.CLICK, content.url, content.id)
    asset = a_content(asset="assets/livre-blanc.pdf")
    first = compiled(a_spec(kind, language, content=asset)).links[0]
    assert (first.kind, first.url, first.object) == (LinkKind.DOWNLOAD, "assets/livre-blanc.pdf", asset.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hand_off_gives_its_reasons_and_both_answers_untracked(language: str) -> None:
    skeleton = compiled(a_spec("hand_off", language))
    assert [link.kind for link in skeleton.links] == [LinkKind.PAGE, LinkKind.PAGE]
    assert None not in skeleton.html
    for part in (page(skeleton), words(skeleton)):
        for expected in ("Zoé Élan", "82 points, profil A", "A assisté au webinaire", "/handoff/abc/accept", "/reject"):
            assert expected in part
    assert "Aciéries &lt;du&gt; Modèle" in page(skeleton)
    assert "Aciéries <du> Modèle" in words(skeleton)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_is_one_plain_link(language: str) -> None:
    skeleton = compiled(a_spec("confirmation", language))
    assert [link.url for link in skeleton.links] == ["https://suivi.exemple.example/confirm/abc"]
    assert "https://suivi.exemple.example/confirm/abc" in words(skeleton)
    assert None not in (*skeleton.html, *skeleton.text)


def test_a_webinar_leaves_out_what_is_not_known() -> None:
    text = words(compiled(a_spec("webinar", content=a_content(extra={"duration": "45 minutes"}))))
    assert "Durée" in text
    assert "Date" not in text


@every_mail
def test_a_skeleton_survives_its_json(kind: str, language: str) -> None:
    skeleton = compiled(a_spec(kind, language))
    again = Skeleton.from_json(skeleton.to_json())
    assert again == skeleton
    assert again.composition == skeleton.composition
    assert re.fullmatch(r"[0-9a-f]{16}", skeleton.composition)
    assert render(again, {}, a_heading()) == render(skeleton, {}, a_heading())
    assert json.loads(skeleton.to_json())["template"] == f"{kind}.{language}.mjml"


def test_other_words_are_another_composition() -> None:
    compositions = {
        compiled(a_spec()).composition,
        compiled(a_spec(subject="Un autre")).composition,
        compiled(a_spec(language="en")).composition,
        compiled(a_spec(content=a_content(title="Autre"))).composition,
    }
    assert len(compositions) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_carries_nothing_a_stranger_typed(language: str) -> None:
    """Else our form could be used to send somebody else's words to anybody."""
    assert compiled(a_spec("confirmation", language)).fields == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hand_off_without_reasons_still_reaches_the_team(language: str) -> None:
    extra = {**TRANSACTIONAL, "reasons": ()}
    assert "<ul" not in page(compiled(a_spec("hand_off", language, extra=extra)))
