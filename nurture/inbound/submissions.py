"""A form was sent: the contact, the words it agreed to, and the event, in one transaction before the answer.

With double opt-in nothing counts until the address is confirmed, and the evidence grows by that confirmation.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from nurture.authoring.forms import Form, FormText
from nurture.core.events import Confirmed, Submitted
from nurture.core.ids import derive
from nurture.core.words import Basis
from nurture.inbound.answers import Answers
from nurture.inbound.companies import company_domain
from nurture.storage.canonical import canonical
from nurture.storage.contacts import (
    Consent,
    NewContact,
    consents_of,
    contact_ids_by_key,
    record_consents,
    upsert_contacts,
)
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.tables import contacts

Proof = Mapping[str, Any]
"""What shows that a person was there: the page, the program used."""


def submit(c: Connection, form: Form, text: FormText, answers: Answers, now: datetime, proof: Proof) -> None:
    """Take in the answers. The same answers again on the same day are the same submission."""
    new = NewContact(answers.address, language=text.language, company_domain=company_domain(answers.address))
    (who,) = upsert_contacts(c, [new], now)
    said = canonical(dict(answers.fields))
    key = derive(instance(c).salt, "form", who.key, form.id, text.language, said, now.date().isoformat())
    event = Submitted(
        key, now, form.id, answers.fields, confirm=form.double_opt_in, basis=Basis.OPT_IN, language=text.language
    )
    if post_events(c, [(who.id, event)], now):
        basis = Basis.PENDING if form.double_opt_in else Basis.OPT_IN
        evidence = Consent(basis, _source(form.id), now, text.version, text.consent, {**proof, "submission": key})
        record_consents(c, [(who.id, evidence)])


def confirm(c: Connection, contact_key: str, form: str, now: datetime, proof: Proof) -> bool:
    """The contact confirms the address for a form; False when nobody has that key any more.

    Each submission can be confirmed once; pressing the button again changes nothing.
    """
    who = contact_ids_by_key(c, [contact_key]).get(contact_key)
    if who is None:
        return False
    asked = [e for e in consents_of(c, who) if e.source == _source(form) and e.basis is Basis.PENDING]
    last = asked[-1] if asked else Consent(Basis.PENDING, _source(form), now)
    since = last.at.isoformat() if asked else ""
    key = derive(instance(c).salt, "confirmed", contact_key, form, since)
    if post_events(c, [(who, Confirmed(key, now, form))], now):
        evidence = Consent(
            Basis.OPT_IN, f"confirmation:{form}", now, last.text_version, last.text, {**proof, "confirmation": key}
        )
        record_consents(c, [(who, evidence)])
    return True


def language_of(c: Connection, contact_key: str) -> str:
    """The language in which we write to the contact; empty when it is not known."""
    found: str | None = c.execute(select(contacts.c.language).where(contacts.c.key == contact_key)).scalar()
    return found or ""


def _source(form: str) -> str:
    return f"form:{form}"
