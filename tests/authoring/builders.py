"""The least files that make a campaign, to be changed where a test is about something."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nurture.authoring.bundle import Bundle, Compiled, compile_bundle, read_bundle
from nurture.authoring.problems import Problem
from nurture.core.program import Program

ROOT = Path(__file__).parents[2]
CAMPAIGN = "campaigns/welcome.yaml"
CONTENT = "campaigns/content.yaml"
SCORING = "campaigns/scoring.yaml"
TEAMS = "campaigns/teams.yaml"
CADENCE = "campaigns/cadence.yaml"
FORMS = "campaigns/forms.yaml"
MANIFEST = "campaigns/assets.sha256"

FILES: Mapping[str, str] = {
    CAMPAIGN: """\
campaign: welcome
title: Bienvenue
language: fr
sender: {name: Exemple, address: bonjour@exemple.example}
audience:
  enter: submitted("guide")
stages:
  tofu:
    sequence:
      - send: guide
      - wait: 3 days
      - relance: guide
    advance: downloaded("guide") or engagement >= 20
  bofu:
    sequence:
      - send: talk
prospect:
  when: replied("interested")
  hand_off: {to: sales, within: 4 business hours, recycle_to: tofu}
""",
    CONTENT: """\
contents:
  guide:
    kind: white_paper
    stage: tofu
    translations:
      fr: {title: Guide, summary: Un guide., action: Lire, asset: guide.pdf}
  talk:
    kind: webinar
    stage: bofu
    starts: 2027-01-21 14:00
    ends: 2027-01-21 15:00
    translations:
      fr: {title: Webinaire, summary: Un webinaire., action: Venir, url: https://exemple.example/talk}
""",
    SCORING: """\
fields: {servers: number}
signals:
  downloaded: {points: 10, daily_cap: 20, half_life: 30 days}
personas:
  it: {criteria: [{when: servers >= 20, weight: 10, label: Servers}]}
mql: engagement >= 30
""",
    TEAMS: """\
teams:
  sales:
    language: fr
    hours: {window: Mon-Fri 09:00-18:00}
    members: [{name: Claire, address: claire@exemple.example}]
""",
    CADENCE: """\
window: Mon-Fri 08:00-19:00
timezone: {use: contact, else: Europe/Paris}
holidays: contact
at_most: 1 per day
late: {max: 3 days, then: shift}
""",
    FORMS: """\
forms:
  guide:
    double_opt_in: true
    fields: [first_name, {name: servers, required: true, fr: Serveurs}]
    translations:
      fr:
        title: Le guide
        intro: Un guide.
        button: Recevoir
        thanks: Merci.
        consent: {version: v1, text: J'accepte.}
""",
    MANIFEST: f"{'0' * 64} 10 guide.pdf\n",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one file: `old` becomes `new`."""

    file: str
    old: str
    new: str

    def of(self, files: Mapping[str, str]) -> dict[str, str]:
        """The files with the change."""
        assert self.old in files[self.file], f"{self.old!r} is not in {self.file}"
        return {**files, self.file: files[self.file].replace(self.old, self.new, 1)}


def compiled(*edits: Edit, files: Mapping[str, str] = FILES) -> Compiled:
    """What the files mean after the edits."""
    for edit in edits:
        files = edit.of(files)
    return compile_bundle(Bundle(files), salt=b"salt")


def problems(*edits: Edit, files: Mapping[str, str] = FILES) -> tuple[Problem, ...]:
    """What is wrong with the files after the edits."""
    return compiled(*edits, files=files).problems


def program(*edits: Edit) -> Program:
    """The campaign after the edits, which must be right."""
    found = compiled(*edits)
    assert found.world is not None, found.problems
    (only,) = found.world.current_programs()
    return only


def shipped() -> Bundle:
    """The files of this repository."""
    return read_bundle(ROOT / "campaigns", ROOT / "email_templates")


def place(files: Mapping[str, str], file: str, words: str) -> tuple[int, int]:
    """Line and column of the first occurrence of some words."""
    at = files[file].index(words)
    before = files[file][:at]
    return before.count("\n") + 1, at - before.rfind("\n")


MAIL = """\
{% set subject = content.title %}
<mjml lang="fr"><mj-body><mj-section><mj-column>
  <mj-text>Bonjour {{ contact.first_name | default('') }}, voici
    <a style="color:#0d5663" href="{{ links.content }}">{{ content.action }}</a></mj-text>
  <mj-image src="https://exemple.example/logo.png" alt="Exemple" />
  <mj-text>Merci</mj-text>
  <mj-text><a style="color:#0d5663" href="{{ links.unsubscribe }}">Se désinscrire</a></mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
NOTICE = """\
{% set subject = "Bonjour" %}
<mjml lang="fr"><mj-body><mj-section><mj-column>
  <mj-text>Bonjour <a href="{{ extra.LINK }}">ici</a></mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
HAND_OFF = NOTICE.replace('LINK }}">ici</a>', 'accept_url }}">oui</a> <a href="{{ extra.reject_url }}">non</a>')


def project() -> dict[str, str]:
    """The least files of a project whose mails can be made as well."""
    mails = dict.fromkeys(("white_paper", "webinar", "relance", "article"), MAIL)
    notices = {"confirmation": NOTICE.replace("LINK", "confirm_url"), "hand_off": HAND_OFF}
    templates = {f"email_templates/{kind}.fr.mjml": text for kind, text in {**mails, **notices}.items()}
    return {**FILES, **templates}
