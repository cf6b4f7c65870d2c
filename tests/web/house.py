"""A whole web over a real database: services as wiring would choose them, and a client that speaks ASGI to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from nurture.authoring.forms import Form, FormField, FormText
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, FieldKind
from nurture.clock import ManualClock
from nurture.content.links import Link, LinkKind
from nurture.content.skeleton import Skeleton
from nurture.content.spec import Sender
from nurture.content.tokens import MessageToken, Tokens, sign_message
from nurture.core.events import Event
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.engine.deciding import Decider
from nurture.inbound.intake import Intake
from nurture.inbound.sort import Sorter
from nurture.storage.compositions import store_compositions
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.outbox import Intent, claim_outbox, commit_intents
from nurture.storage.results import Accepted, commit_results
from nurture.web import HookAccess, Services, Site, create_app
from tests.builders import MONDAY, at
from tests.storage.conftest import SECRET
from tests.storage.scenes import a_touch, queue

NOW = at(MONDAY)
HOOKS = HookAccess("postmark", "a password of the tests", "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3Rz")
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SECOND = timedelta(seconds=1)

TEXT = FormText(
    "fr", "Audit de migration", "Trente minutes pour y voir clair.", "Recevoir l'audit", "À très vite.",
    "J'accepte de recevoir des contenus sur la migration.", "2026-11",
)  # fmt: skip
ENGLISH = FormText(
    "en", "Migration audit", "Thirty minutes to see clearly.", "Get the audit", "See you soon.",
    "I agree to receive content about migration.", "2026-11",
)  # fmt: skip
SIZE = Field("budget", FieldKind.CHOICE, ("< 10 k€", "> 10 k€"), {"fr": "Budget", "en": "Budget"})
FORM = Form(
    "audit",
    double_opt_in=True,
    fields=(
        FormField(STANDARD_FIELDS["first_name"], required=True),
        FormField(STANDARD_FIELDS["company"]),
        FormField(STANDARD_FIELDS["employees"]),
        FormField(STANDARD_FIELDS["country"]),
        FormField(SIZE),
    ),
    texts=(TEXT, ENGLISH),
)


RENEWAL = Form(
    "renewal", False, (FormField(Field("renewal_on", FieldKind.DATE, labels={"fr": "Échéance"})),), (TEXT, ENGLISH)
)


def a_skeleton(*links: Link) -> Skeleton:
    """A compiled mail with these links; its words do not matter here."""
    return Skeleton(
        "article.fr.mjml", "fr", True, "https://nurture.exemple.example", Sender("L'équipe Exemple", "a@exemple.example"),
        ("Sujet",), ("Texte",), ("<p>Texte</p>",), links,
    )  # fmt: skip


LINKS = (
    Link(0, LinkKind.CLICK, "https://exemple.example/guide?a=1&b=2", "guide"),
    Link(1, LinkKind.DOWNLOAD, "assets/guide.fr.pdf", "guide"),
    Link(2, LinkKind.UNSUBSCRIBE, ""),
    Link(3, LinkKind.CLICK, "https://exemple.example/"),
)


@dataclass
class House:
    """The web, its database, and what it takes to look behind it."""

    db: Database
    clock: ManualClock
    intake: Intake
    site: Site = field(default_factory=Site)

    def __post_init__(self) -> None:
        self.tokens = Tokens(SECRET)
        self.services = Services(self.db, self.intake, self.tokens, self.clock, lambda: self.site, HOOKS)
        self.app = create_app(self.services)
        self.sorter = Sorter(self.db, self.tokens)

    def client(self, **more: Any) -> httpx.AsyncClient:
        """A reader's browser, which follows no redirects by itself."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="https://nurture.test.example", headers=PERSON, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """One GET."""
        async with self.client() as client:
            return await client.get(path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """One POST."""
        async with self.client() as client:
            return await client.post(path, **more)

    def sort(self) -> list[Event]:
        """Sort what came in; the events now waiting for the first contact."""
        while self.sorter.run_once(self.clock.now()):
            pass
        return self.events()

    def decide(self, world: World) -> None:
        """Sort, and let the rules decide until nothing is due."""
        self.sort()
        decider = Decider(self.db, lambda: world, 100, timedelta(minutes=5))
        while decider.run_once(self.clock.now()).contacts:
            pass

    def state(self, who: int = 1) -> ContactState:
        """What is remembered of a contact."""
        with self.db.read() as c:
            return load_contacts(c, [who], self.clock.now())[who].state

    def events(self, who: int = 1) -> list[Event]:
        """What a contact has waiting, oldest first."""
        with self.db.read() as c:
            return [event for _, event in load_contacts(c, [who], self.clock.now())[who].pending]

    def rows(self, statement: Any) -> Sequence[Mapping[str, Any]]:
        """What the database holds."""
        with self.db.read() as c:
            return list(c.execute(statement).mappings())

    def contact(self, address: str = "camille@exemple.example", **fields: str) -> int:
        """Somebody known."""
        with self.db.begin() as c:
            return upsert_contacts(c, [NewContact(address, fields)], NOW)[0].id

    def sent(self, who: int, key: str = "0f" * 16, content: str = "guide", links: Sequence[Link] = LINKS) -> str:
        """A mail that went out to a contact just now; answers the token of its links."""
        now = self.clock.now()
        queue(self.db, who, a_touch(key, content=content, at=now), now)
        return self.hand_over(key, links)

    def hand_over(self, key: str, links: Sequence[Link] = LINKS) -> str:
        """A queued message goes out now."""
        now, skeleton = self.clock.now(), a_skeleton(*links)
        with self.db.begin() as c:
            store_compositions(c, [(skeleton.composition, skeleton.to_json())])
            claim = claim_outbox(c, now, 100, timedelta(minutes=5))
            intent = Intent(key, skeleton.composition, f"{key}@exemple.example", now, "00" * 32)
            assert commit_intents(c, claim.token, [intent]).go == {key}
            commit_results(c, claim.token, [Accepted(key, now, provider_id=f"pm-{key[:4]}")], now)
        return sign_message(self.tokens, MessageToken(key, skeleton.composition))


def assets(folder: Path) -> Mapping[str, Path]:
    """The catalogue's one file."""
    file = folder / "guide.fr.pdf"
    file.write_bytes(b"%PDF-1.7 a guide")
    return {"assets/guide.fr.pdf": file}
