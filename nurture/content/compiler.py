"""From a template to a skeleton, once per mail a campaign can send.

The order matters: Jinja first (contact data becomes placeholder words), then MJML, then the CSS
inlined, then the spaces French wants, then the links, then the text part, and the placeholders
turn into slots last of all.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from css_inline import CSSInliner
from mjml import mjml2html

from nurture.content.environment import Draft, Templates, draft, environment, subject_alone
from nurture.content.headers import refuse_controls
from nurture.content.html_rules import check_html
from nurture.content.links import LinkKind, LinkTable
from nurture.content.lint import lint, unclosed
from nurture.content.plain_text import plain_text
from nurture.content.problems import HeaderRefused, TemplateProblem
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.slots import ContactSlots, Ledger
from nurture.content.spec import MailSpec, template_of
from nurture.content.typography import set_html, set_text
from nurture.content.wire import refuse_headers

LONGEST_SUBJECT = 500
_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def compile_mail(
    spec: MailSpec, templates: Mapping[str, str], *, base_url: str, contact_fields: frozenset[str]
) -> Skeleton:
    """The skeleton of this mail. `templates` maps file names in email_templates/ to sources.

    Raises TemplateProblem, with the file and where known the line, for anything that would reach
    a contact wrong: an unknown field or content name, a slip in the MJML, a marketing mail nobody
    could unsubscribe from, an address that is not one, a mail heavy enough to be cut short.
    """
    made = Making(spec, templates, base_url, contact_fields)
    ledger = made.ledger()
    return made.skeleton(made.draft(ledger, ContactSlots(ledger)), ledger)


class Making:
    """One mail in the making, from the same template for whichever contact. Raises TemplateProblem as `compile_mail`."""

    def __init__(
        self, spec: MailSpec, templates: Mapping[str, str], base_url: str, contact_fields: frozenset[str]
    ) -> None:
        self.name = template_of(spec, templates)
        _refuse_slips(self.name, templates)
        self._spec = spec
        self._base_url = base_url.rstrip("/")
        self._prefix = _prefix(spec, templates)
        self._contact_fields = contact_fields
        self._env = environment(templates, self.ledger())

    def ledger(self) -> Ledger:
        """Where the placeholders of one run are noted."""
        return Ledger(self._prefix, self._contact_fields)

    def draft(self, ledger: Ledger, contact: object) -> Draft:
        """The template run once for this contact: its words, and placeholders where contact data goes."""
        names = _names(self._spec, LinkTable(self._spec, self._base_url, ledger), contact)
        return draft(self._env, self.name, names, subject=self._spec.subject)

    def skeleton(self, drafted: Draft, ledger: Ledger) -> Skeleton:
        """What comes of such a draft: MJML, styles, links, text part, and all checks."""
        with self._placed():
            return _skeleton(self._spec, self.name, drafted, LinkTable(self._spec, self._base_url, ledger))

    def subject(self, source: str) -> Pieces:
        """What the mail would have for a subject, were this the one its step gives it."""
        ledger = self.ledger()
        names = _names(self._spec, LinkTable(self._spec, self._base_url, ledger), ContactSlots(ledger))
        words = subject_alone(self._env, self.name, names, source)
        with self._placed():
            return ledger.split(_subject(words, self._spec.language))

    @contextmanager
    def _placed(self) -> Iterator[None]:
        try:
            yield
        except TemplateProblem as problem:
            raise problem.at(self.name) from None
        except HeaderRefused as refused:
            raise TemplateProblem("M113", str(refused), file=self.name) from None


def _skeleton(spec: MailSpec, name: str, drafted: Draft, links: LinkTable) -> Skeleton:
    html = links.rewrite(set_html(_INLINER.inline(_html(drafted)), spec.language)).rstrip() + "\n"
    text = set_text(plain_text(html, spec.language), spec.language)
    subject = _subject(drafted.subject, spec.language)
    if spec.marketing:
        _refuse_captive(links)
        html = html.replace("</body>", links.pixel() + "</body>")
    check_html(html, links.ledger)
    pieces = links.ledger.split(subject)
    refuse_headers(spec.sender, pieces)  # what cannot stand in one is the author's to know, now
    return Skeleton(
        template=name,
        language=spec.language,
        marketing=spec.marketing,
        base_url=links.base_url,
        sender=spec.sender,
        subject=pieces,
        text=links.ledger.split(text),
        html=links.ledger.split(html),
        links=tuple(links.links),
    )


def _subject(words: str, language: str) -> str:
    subject = set_text(words, language)
    _refuse_long(subject)
    refuse_controls("Subject", subject)
    return subject


def _html(drafted: Draft) -> str:
    sentence = unclosed(drafted.mjml)
    if sentence is not None:
        raise TemplateProblem("M205", f"{sentence}.")
    try:
        # No fonts: opening a mail must ask nothing of a third party.
        return mjml2html(drafted.mjml, fonts={})
    except ValueError as error:
        raise TemplateProblem("M206", f"MJML cannot read this: {error}.") from None


def _refuse_slips(name: str, templates: Templates) -> None:
    """This mail's own template first: the author is looking at it."""
    problems = _linted(tuple(sorted(templates.items())))
    if problems:
        raise next((problem for problem in problems if problem.file == name), problems[0])


@lru_cache(maxsize=8)
def _linted(sources: tuple[tuple[str, str], ...]) -> tuple[TemplateProblem, ...]:
    """A campaign compiles many mails from the same sources."""
    return lint(dict(sources))


def _refuse_long(subject: str) -> None:
    if len(subject) > LONGEST_SUBJECT:
        raise TemplateProblem(
            "M112", f"The subject has {len(subject):,} characters; {LONGEST_SUBJECT} are the most, and 60 are read."
        )


def _refuse_captive(links: LinkTable) -> None:
    if not any(link.kind is LinkKind.UNSUBSCRIBE for link in links.links):
        raise TemplateProblem(
            "M303",
            'A marketing mail must let people leave: write <a href="{{ links.unsubscribe }}">…</a> in its footer.',
        )


def _prefix(spec: MailSpec, templates: Templates) -> str:
    """A word that occurs in nothing we compile, yet is the same for the same input."""
    digest = hashlib.sha256(repr((spec, sorted(templates.items()))).encode()).hexdigest()
    return f"zq{digest[:12]}"


def _names(spec: MailSpec, links: LinkTable, contact: object) -> dict[str, object]:
    names: dict[str, Any] = {
        "contact": contact,
        "sender": spec.sender,
        "campaign": spec.campaign,
        "language": spec.language,
        "marketing": spec.marketing,
        "kind": spec.kind,
        "links": links.names(),
        "extra": spec.extra,
    }
    return names if spec.content is None else {**names, "content": spec.content}
