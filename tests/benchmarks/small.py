"""A campaign of three small mails, a day apart, for whoever is tagged: the least that a drip is."""

from nurture.authoring.bundle import Bundle
from nurture.authoring.files import CAMPAIGNS
from nurture.planning.apply import apply_bundle
from nurture.storage.database import Database
from tests.benchmarks.campaign import TAG
from tests.benchmarks.settings import SUNDAY
from tests.benchmarks.shipped import without_campaigns

STEPS = 3
NAME = "petits-messages"

CAMPAIGN = f"""\
campaign: {NAME}
title: Trois petits messages
language: fr
sender: {{name: L'équipe Exemple, address: bonjour@exemple.example, postal: "Exemple, 12 rue des Modèles, 75000 Paris"}}
audience: {{enter: tagged("{TAG}")}}
stages:
  tofu:
    sequence:
      - send: petit-1
      - wait: 1 day
      - send: petit-2
      - wait: 1 day
      - send: petit-3
"""
CONTENT = """\

  petit-{number}:
    kind: article
    stage: tofu
    translations:
      fr:
        title: Le petit message {number}
        summary: En deux phrases, ce que l'on apprend ici. La seconde phrase en dit un peu plus.
        action: Lire
        url: https://exemple.example/petit-{number}
"""
TEMPLATE = """\
{% set subject = content.title %}
<mjml lang="fr" dir="ltr">
  <mj-head><mj-title>{{ subject }}</mj-title></mj-head>
  <mj-body>
    <mj-raw>
      <p>Bonjour {{ contact.first_name | default("à vous") }},</p>
      <p>{{ content.summary }}</p>
      <p><a href="{{ links.content }}">Lire</a></p>
      <p><a href="{{ links.unsubscribe }}">Ne plus recevoir ces messages</a></p>
    </mj-raw>
  </mj-body>
</mjml>
"""


def apply_small(db: Database) -> None:
    """What the repository ships, with this campaign in the place of its own."""
    apply_bundle(db, _bundle(), SUNDAY)


def _bundle() -> Bundle:
    kept = without_campaigns()
    contents = kept[f"{CAMPAIGNS}/content.yaml"] + "".join(CONTENT.format(number=n + 1) for n in range(STEPS))
    ours = {
        f"{CAMPAIGNS}/content.yaml": contents,
        f"{CAMPAIGNS}/{NAME}.yaml": CAMPAIGN,
        "email_templates/article.fr.mjml": TEMPLATE,
    }
    return Bundle({**kept, **ours})
