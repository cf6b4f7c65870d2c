"""The first words of a campaign, a newsletter, a content and a template: what `nurture new` writes, for an author to replace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Template

from nurture.core.sender import Sender

WEBINAR_IN, NEWSLETTER_IN = timedelta(days=60), timedelta(days=14)
"""How far ahead a new webinar and a new newsletter lie."""

TUESDAY = 2


@dataclass(frozen=True, slots=True)
class Words:
    """What scaffolds say in one language."""

    title: str
    newsletter: str
    content_title: str
    summary: str
    action: str
    eyebrow: str
    closing: str


WORDS: Mapping[str, Words] = {
    "fr": Words(
        "Nouvelle campagne", "Nouvelle lettre", "Titre du contenu", "En deux phrases, ce que l'on y apprend.", "Lire la suite",
        "À lire", "Une question ? Répondez simplement à ce message.",
    ),
    "en": Words(
        "New campaign", "New newsletter", "Title of the content", "What one learns there, in two sentences.", "Read on",
        "Worth reading", "Any question? Simply answer this message.",
    ),
}  # fmt: skip

_CAMPAIGN = Template("""\
# $file: `nurture check` tells what is wrong with it, `nurture apply` makes it what contacts enter.

campaign: $name
title: $title
language: $language

sender:
  name: $sender
  address: $address
$postal
audience:
  enter: tagged("$name")           # the moment somebody is given this tag

stages:

  start:
    sequence:
      - send: $content
""")

_NEWSLETTER = Template("""\
# $file: `nurture check` tells what is wrong with it, `nurture apply` has it sent at its time.

newsletter: $name
title: $title
language: $language

sender:
  name: $sender
  address: $address
$postal
to: $segment                       # a segment of segments.yaml; `nurture segments` tells how many they are now
send: $content
at: $at
expires: 3 days                    # what could not leave by then does not
""")

_RELANCE = Template("""\
      - wait: up to 10 days
        for: clicked("$content")
        else:
          - relance: $content      # in the same thread, and only if nothing was done with it
""")

_PROSPECT = Template("""\

prospect:
  when: replied("interested") or engagement >= 60
  hand_off: {to: $team, within: 1 business day, recycle_to: start}
""")

_CONTENT = Template("""\

$indent$id:
$indent  kind: $kind
$indent  stage: $stage
""")

_DATES = Template("""\
$indent  starts: $starts
$indent  ends: $ends
""")

_TRANSLATION = Template("""\
$indent  translations:
$indent    $language:
$indent      title: $title
$indent      summary: $summary
$indent      action: $action
$indent      url: https://exemple.example/$id
""")

_TEMPLATE = Template("""\
{% extends "layout.mjml" %}
{% set subject = content.title %}
{% set preheader = content.summary | truncate(110) %}
{% set eyebrow = "$eyebrow" %}
{% set opening = [content.summary] %}
{% set closing = "$closing" %}
""")


def newsletter(name: str, language: str, content: str, segment: str, *, sender: Sender | None, day: datetime) -> str:
    """A newsletter of one content, on the first Tuesday that lies `NEWSLETTER_IN` after `day`."""
    ahead = day + NEWSLETTER_IN
    tuesday = ahead + timedelta(days=(TUESDAY - ahead.isoweekday()) % 7)
    return _NEWSLETTER.substitute(
        _head(name, language, WORDS[language].newsletter, sender),
        content=content,
        segment=segment,
        at=f"{tuesday:%Y-%m-%d} 10:00",
    )


def campaign(
    name: str, language: str, content: str, *, sender: Sender | None, team: str | None, with_relance: bool
) -> str:
    """A campaign of one stage that sends one content, reminds of it, and makes prospects where a team is."""
    text = _CAMPAIGN.substitute(_head(name, language, WORDS[language].title, sender), content=content)
    text += _RELANCE.substitute(content=content) if with_relance else ""
    return text + (_PROSPECT.substitute(team=team) if team else "")


def _head(name: str, language: str, title: str, sender: Sender | None) -> dict[str, str]:
    """What every file that writes to contacts begins with."""
    return {
        "file": f"campaigns/{name}.yaml",
        "name": name,
        "title": title,
        "language": language,
        "sender": _quoted(sender.name if sender else "Exemple"),
        "address": sender.address if sender else "hello@exemple.example",
        "postal": f"  postal: {_quoted(sender.postal)}\n" if sender and sender.postal else "",
    }


def content(id_: str, kind: str, stage: str, language: str, *, indent: str, day: datetime, dated: bool) -> str:
    """An entry of content.yaml; one that has a date lies `WEBINAR_IN` after `day`."""
    text = _CONTENT.substitute(indent=indent, id=id_, kind=kind, stage=stage)
    if dated:
        date = f"{day + WEBINAR_IN:%Y-%m-%d}"
        text += _DATES.substitute(indent=indent, starts=f"{date} 14:00", ends=f"{date} 14:45")
    words = WORDS[language]
    return text + _TRANSLATION.substitute(
        indent=indent,
        language=language,
        title=words.content_title,
        summary=words.summary,
        action=words.action,
        id=id_,
    )


def template(language: str) -> str:
    """A template of the layout."""
    return _TEMPLATE.substitute(eyebrow=WORDS[language].eyebrow, closing=WORDS[language].closing)


def _quoted(text: str) -> str:
    """A text that YAML reads as it is, whatever signs are in it."""
    return "'" + text.replace("'", "''") + "'"
