"""A campaign of one mail, which opens at any hour, and people who are due for it at once."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, or_, select, update

from nurture.authoring.bundle import Bundle, check
from nurture.bootstrap import ROOT
from nurture.core.events import ProfileChanged
from nurture.core.words import Basis
from nurture.planning.apply import apply_bundle
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database, real_now
from nurture.storage.inbox import post_events
from nurture.storage.tables import agenda, contacts, outbox, receipts

TAG = "crash"
FILES = {
    "campaigns/crash.yaml": """\
campaign: crash
title: Une lettre
language: fr
sender: {name: Exemple, address: bonjour@exemple.example, postal: "Exemple, 12 rue des Modèles, 75000 Paris, France"}
audience:
  enter: tagged("crash")
stages:
  tofu:
    sequence:
      - send: guide
""",
    "campaigns/content.yaml": """\
contents:
  guide:
    kind: article
    stage: tofu
    translations:
      fr: {title: Une lettre, summary: Elle ne vient qu'une fois., action: Lire, url: https://exemple.example/lettre}
""",
}


def bundle(policy: str = "") -> Bundle:
    """The files, with the templates that the repository ships, and what the author says of unknown messages."""
    templates = {
        f"email_templates/{path.name}": path.read_text("utf-8")
        for path in sorted((Path(ROOT) / "email_templates").glob("*.mjml"))
    }
    said = {"campaigns/crash.yaml": FILES["campaigns/crash.yaml"] + (f"when_unknown: {policy}\n" if policy else "")}
    return Bundle({**FILES, **templates, **said})


def prepare(db: Database, policy: str = "") -> None:
    """Apply the campaign."""
    with db.read() as c:
        now = real_now(c)
    problems = [problem for problem in check(bundle(policy)) if problem.is_error]
    assert not problems, problems
    apply_bundle(db, bundle(policy), now)


def enter(db: Database, addresses: Sequence[str]) -> None:
    """People who are due for the mail as soon as somebody decides."""
    with db.begin() as c:
        now = real_now(c)
        new = [NewContact(a, {}, language="fr", country="FR", basis=Basis.OPT_IN) for a in addresses]
        ids = [one.id for one in upsert_contacts(c, new, now)]
        post_events(c, [(who, ProfileChanged(f"tag:{who}", now, tags=(TAG,))) for who in ids], now)


def let_leases_run_out(db: Database) -> None:
    """What time would do now that nobody is alive who could hold one."""
    with db.begin() as c:
        past = real_now(c)
        for table in (agenda, outbox, receipts):
            c.execute(update(table).values(leased_until=past).where(table.c.leased_until.is_not(None)))


def states(db: Database) -> dict[str, str]:
    """What the outbox says of each contact's mail, by address."""
    query = select(contacts.c.address, outbox.c.state).join(contacts, contacts.c.id == outbox.c.contact_id)
    with db.read() as c:
        return {row.address: row.state for row in c.execute(query)}


def through(db: Database) -> int:
    """Messages that no worker can take now: settled, on their way, or put off."""
    with db.read() as c:
        is_through = or_(outbox.c.due_at.is_(None), outbox.c.due_at > real_now(c))
        return c.execute(select(func.count()).where(is_through)).scalar_one()


def pending(db: Database) -> int:
    """Messages that a worker takes now or later."""
    with db.read() as c:
        return c.execute(select(func.count()).where(outbox.c.due_at.is_not(None))).scalar_one()


def unknowns(db: Database) -> int:
    """Messages of which nobody knows whether they went out."""
    with db.read() as c:
        return c.execute(select(func.count()).where(outbox.c.state == "unknown")).scalar_one()
