"""A company with many campaigns: as many files as asked, each with contents, conditions and subjects of its own choice."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from nurture.authoring.bundle import Bundle, assets_of
from nurture.authoring.files import CAMPAIGNS, MANIFEST
from tests.benchmarks.shipped import without_campaigns

KINDS = ("white_paper", "article", "case_study", "demo")
STAGES = ("tofu", "mofu", "bofu")
CONTENTS_FOR = 4
"""Campaigns to a content: a catalogue grows slower than what is made of it."""

HEAD = """\
campaign: campaign-{number}
title: La campagne {number}
language: fr
priority: {priority}
sender: {{name: L'équipe Exemple, address: bonjour@exemple.example, postal: "Exemple, 12 rue des Modèles, 75000 Paris"}}
audience:
  enter: submitted("audit-cloud") or tagged("salon-{number}")
  only_if: (fit >= "C" or fit is unknown) and country in ["FR", "BE", "CH", "LU"]
  leave_if: status = "customer"
  again: after 180 days
hold_out: 5%
cadence:
  window: Mon-Fri 09:00-17:30
  at_most: [1 per 2 days, 7 per month]
stages:
"""
STAGE = """\

  {stage}:
    sequence:
      - send: {first}
        variants:
          direct: {{share: 50%, subject: "Campagne {number} : ce que {stage} veut dire pour vous"}}
          question: {{share: 50%, subject: "{{{{ contact.first_name | default('Bonjour') }}}}, une question {number} ?"}}
      - wait: up to 4 days
        for: clicked("{first}")
        else:
          - relance: {first}
      - wait: 3 business days
      - when: visited("/tarifs") >= 2 within 14 days
        then:
          - send: {second}
        else:
          - send: {third}
    advance: downloaded("{first}") or engagement >= {points}
"""
TAIL = """\

prospect:
  when: replied("interested") or (engagement >= 70 and fit >= "B")
  hand_off: {to: equipe-commerciale, within: 4 business hours, recycle_to: mofu, cool_down: 60 days}
"""
CONTENT = """\

  content-{number}:
    kind: {kind}
    stage: {stage}
    translations:
      fr:
        title: Le contenu {number}
        summary: En deux phrases, ce que l'on apprend dans le contenu {number}. La seconde phrase en dit un peu plus.
        bullets: [Un premier point, Un deuxième, Un troisième]
        action: Lire la suite
        url: https://exemple.example/content-{number}
"""


def company(campaigns: int, seed: int = 1) -> Bundle:
    """The shipped project with other campaigns in it, and with what they send."""
    ours = without_campaigns()
    contents = max(12, campaigns // CONTENTS_FOR)
    ours["campaigns/content.yaml"] += "".join(_contents(contents))
    return Bundle({**ours, **dict(_campaigns(campaigns, contents, random.Random(seed)))})


def _contents(count: int) -> Iterator[str]:
    for number in range(count):
        yield CONTENT.format(number=number, kind=KINDS[number % len(KINDS)], stage=STAGES[number % len(STAGES)])


def _campaigns(count: int, contents: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    for number in range(count):
        text = HEAD.format(number=number, priority=chance.randrange(-20, 20))
        ids = iter(chance.sample(range(contents), 3 * len(STAGES)))
        for points, stage in enumerate(STAGES, 1):
            sent = dict(zip(("first", "second", "third"), (f"content-{next(ids)}" for _ in range(3)), strict=True))
            text += STAGE.format(number=number, stage=stage, points=points * 20, **sent)
        yield f"campaigns/campaign-{number}.yaml", text + TAIL


def write(files: Mapping[str, str], folder: Path) -> None:
    """Put them into a folder, as an author has them; what can be downloaded is as good as empty."""
    written = {path: text for path, text in files.items() if path != MANIFEST}
    written |= {f"{CAMPAIGNS}/assets/{name}": "%PDF" for name in assets_of(files)}
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
