"""Mails outside every cadence: asking a person to confirm an address, handing a prospect over, telling a team."""

from collections.abc import Mapping
from typing import Any

from nurture.content.spec import MailSpec
from nurture.content.tokens import Tokens
from nurture.core.acts import Notify
from nurture.core.program import Program
from nurture.core.state import ContactState
from nurture.core.teams import Team
from nurture.delivery.library import Library, form_title, sender_of
from nurture.delivery.specs import moment
from nurture.storage.hand_offs import Prospect
from nurture.texts.reasons import sentence

CONFIRM = "confirm"
HAND_OFF = "handoff"

_FACTS: Mapping[str, tuple[str, ...]] = {
    "company": ("company",),
    "job_title": ("job_title", "role", "function"),
    "phone": ("phone", "telephone"),
}
"""What a hand-off tells of a contact, and the fields it may be found in."""


def confirm_token(tokens: Tokens, contact_key: str, form: str) -> str:
    """Signs that whoever holds the mail may confirm the address for this form."""
    return tokens.sign(CONFIRM, bytes.fromhex(contact_key) + form.encode())


def read_confirm_token(tokens: Tokens, token: str) -> tuple[str, str] | None:
    """The contact's key and the form, or None for a token that is not ours."""
    payload = tokens.read(CONFIRM, token)
    if payload is None or len(payload) <= 16:
        return None
    return payload[:16].hex(), payload[16:].decode("utf-8", "replace")


def hand_off_token(tokens: Tokens, hand_off_key: str) -> str:
    """Signs that whoever holds the mail may answer the hand-off."""
    return tokens.sign(HAND_OFF, bytes.fromhex(hand_off_key))


def read_hand_off_token(tokens: Tokens, token: str) -> str | None:
    """The hand-off's key, or None for a token that is not ours."""
    payload = tokens.read(HAND_OFF, token)
    return payload.hex() if payload else None


def confirmation(
    library: Library, tokens: Tokens, base_url: str, state: ContactState, form: str, language: str
) -> MailSpec:
    """Asks the contact whether it was really them."""
    url = f"{base_url}/confirm/{confirm_token(tokens, state.key, form)}"
    return MailSpec(
        kind="confirmation",
        language=language,
        sender=library.sender_for(language),
        marketing=False,
        extra={"confirm_url": url, "form": form_title(library, form, language)},
    )


def hand_off(
    library: Library, tokens: Tokens, base_url: str, state: ContactState, prospect: Prospect, language: str
) -> MailSpec:
    """Gives a prospect to its owner, with the reasons, and a way to say yes or no."""
    given = prospect.hand_off
    team = library.world.teams.get(given.team)
    url = f"{base_url}/handoff/{hand_off_token(tokens, given.key)}"
    extra: dict[str, object] = {
        "contact_name": full_name(state) or prospect.address,
        "contact_email": prospect.address,
        "score": _score(state),
        "reasons": [_sentence(reason, language) for reason in prospect.reasons],
        "accept_url": f"{url}/accept",
        "reject_url": f"{url}/reject",
        "deadline": moment(given.due_at, team.cadence.zone if team else "UTC", language),
        **_facts(state),
    }
    salesperson = _name_of(team, given.owner)
    if salesperson:
        extra["salesperson"] = salesperson
    sender = library.sender_for(language, given.campaign)
    return MailSpec(kind="hand_off", language=language, sender=sender, marketing=False, extra=extra)


def notify(
    library: Library, state: ContactState, address: str, step: Notify, program: Program, stage: str, to: str
) -> MailSpec:
    """Tells a member of a team where a contact has come to, in the author's words."""
    team = library.world.teams.get(step.team)
    language = team.language if team else program.language
    extra: dict[str, object] = {
        "contact_name": full_name(state) or address,
        "contact_email": address,
        "score": _score(state),
        "series": program.title,
        "stage": stage,
        **_facts(state),
    }
    if step.text:
        extra["text"] = step.text
    if colleague := _name_of(team, to):
        extra["colleague"] = colleague
    return MailSpec(kind="notify", language=language, sender=sender_of(program), marketing=False, extra=extra)


def full_name(state: ContactState) -> str:
    """The contact's name as far as it is known."""
    return " ".join(str(state.fields[name]) for name in ("first_name", "last_name") if state.fields.get(name))


def _facts(state: ContactState) -> dict[str, object]:
    known: dict[str, object] = {}
    for name, fields in _FACTS.items():
        value = next((state.fields[field] for field in fields if state.fields.get(field)), None)
        if value is not None:
            known[name] = str(value)
    return known


def _score(state: ContactState) -> str:
    points = f"{state.engagement // 1000}"
    return f"{points} · {state.grade}" if state.grade else points


def _sentence(reason: Mapping[str, Any], language: str) -> str:
    return sentence(reason["reason"], reason.get("detail") or {}, language, reason.get("subject", ""))


def _name_of(team: Team | None, address: str) -> str:
    members = team.members if team is not None else ()
    return next((member.name for member in members if member.address == address), "")
