"""Sample mails for the tests of content, with nothing in them a test does not need."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nurture.content.compiler import compile_mail
from nurture.content.render import Heading
from nurture.content.skeleton import Skeleton
from nurture.content.spec import Content, MailSpec, Sender

BASE_URL = "https://suivi.exemple.example"
FIELDS = frozenset({"first_name", "last_name", "company", "email"})
KINDS = (
    "white_paper",
    "webinar",
    "case_study",
    "article",
    "demo",
    "relance",
    "invitation",
    "reminder",
    "confirmation",
    "hand_off",
    "notify",
)
MARKETING = KINDS[:8]
LANGUAGES = ("fr", "en")
TOKEN = "aZ09_-" * 9
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

SENDER = Sender("L'équipe Exemple", "bonjour@exemple.example", "Exemple SAS, 12 rue des Modèles, 75000 Paris")


def shipped() -> dict[str, str]:
    """The templates of this repository, as a bundle carries them."""
    folder = Path(__file__).parents[2] / "email_templates"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.mjml"))}


def a_content(**changes: Any) -> Content:
    given: dict[str, Any] = {
        "id": "livre-blanc-cloud",
        "kind": "white_paper",
        "title": "Migrer vers le cloud sans interruption",
        "summary": "Comment trois équipes ont déplacé 1 200 serveurs sans arrêter la production : méthode et pièges.",
        "bullets": ("Le coût réel d'une heure d'arrêt", "R&D : choisir <entre> deux bascules"),
        "url": "https://exemple.example/livre-blanc?a=1&b=2",
        "extra": {"start": "Jeudi 3 décembre 2026 à 11 h 00", "duration": "45 minutes"},
    }
    return Content(**{**given, **changes})


TRANSACTIONAL: Mapping[str, object] = {
    "confirm_url": f"{BASE_URL}/confirm/abc",
    "form": "Audit cloud",
    "valid_for": "7 jours",
    "contact_name": "Zoé Élan",
    "company": "Aciéries <du> Modèle",
    "score": "82 points, profil A",
    "reasons": ("A répondu « intéressée »", "A assisté au webinaire"),
    "accept_url": f"{BASE_URL}/handoff/abc/accept",
    "reject_url": f"{BASE_URL}/handoff/abc/reject",
    "contact_email": "zoe.elan@acieries.example",
    "series": "Migrer vers le cloud",
    "stage": "mofu",
}


def a_spec(kind: str = "white_paper", language: str = "fr", **changes: Any) -> MailSpec:
    marketing = kind not in ("confirmation", "hand_off", "notify")
    given: dict[str, Any] = {
        "kind": kind,
        "language": language,
        "sender": SENDER,
        "marketing": marketing,
        "content": a_content() if marketing else None,
        "campaign": "Migrer vers le cloud" if marketing else "",
        "extra": {} if marketing else TRANSACTIONAL,
    }
    return MailSpec(**{**given, **changes})


def a_template(
    body: str, *, subject: str = "Bonjour", footer: str = '<a href="{{ links.unsubscribe }}">stop</a>'
) -> str:
    return (
        f"{{% set subject = {subject!r} %}}\n"
        "<mjml><mj-body><mj-section><mj-column>\n"
        f"<mj-text>{body}</mj-text>\n"
        f"<mj-text>{footer}</mj-text>\n"
        "</mj-column></mj-section></mj-body></mjml>"
    )


def compiled(spec: MailSpec | None = None, templates: Mapping[str, str] | None = None) -> Skeleton:
    return compile_mail(
        spec or a_spec(), shipped() if templates is None else templates, base_url=BASE_URL, contact_fields=FIELDS
    )


def compiled_body(body: str, **changes: Any) -> Skeleton:
    """A mail of one paragraph."""
    source = a_template(body)
    return compiled(a_spec(template="own", **changes), {"own.fr.mjml": source, "own.en.mjml": source})


def a_heading(**changes: Any) -> Heading:
    given: dict[str, Any] = {
        "recipient_name": "Zoé Élan",
        "recipient_address": "zoe.elan@acieries.example",
        "message_id": f"<{'0a' * 16}@exemple.example>",
        "date": NOW,
        "token": TOKEN,
    }
    return Heading(**{**given, **changes})
