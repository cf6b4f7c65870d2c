"""`nurture prospects`: who should be called, and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.opening import opened
from nurture.cli.options import AsJson, InLanguage, Language
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.storage.hand_offs import Prospect


def prospects(
    ctx: typer.Context,
    everyone: Annotated[bool, typer.Option("--all", help="Also those that sales answered already.")] = False,
    as_json: AsJson = False,
    language: InLanguage = Language.EN,
) -> None:
    """List the prospects offered to sales, newest first, with the reasons to call."""
    from nurture.core.words import HandOffState
    from nurture.storage.hand_offs import prospects as load

    states = tuple(HandOffState) if everyone else (HandOffState.OFFERED, HandOffState.ACCEPTED)
    with opened(ctx) as session, session.db.read() as c:
        found = [_told(prospect, language) for prospect in load(c, states)]
    if as_json:
        session.terminal.data(found)
    elif not found:
        session.terminal.say("No prospects yet: nobody has met a campaign's prospect rule.")
    for prospect in [] if as_json else found:
        _tell(session.terminal, prospect)


def _told(prospect: "Prospect", language: str) -> dict[str, Any]:
    from nurture.texts.reasons import sentence

    given = prospect.hand_off
    return {
        "contact": prospect.contact_key,
        "address": prospect.address,
        "fields": prospect.fields,
        "campaign": given.campaign,
        "state": given.state.value,
        "team": given.team,
        "owner": given.owner,
        "offered_at": given.offered_at,
        "due_at": given.due_at,
        "answered_at": given.answered_at,
        "rejection": given.rejection,
        "reasons": [
            sentence(because["reason"], because.get("detail") or {}, language, because.get("subject", ""))
            for because in prospect.reasons
        ],
    }


def _tell(terminal: Terminal, told: dict[str, Any]) -> None:
    fields = told["fields"]
    name = " ".join(str(fields[part]) for part in ("first_name", "last_name") if fields.get(part))
    where = ", ".join(str(fields[part]) for part in ("job_title", "company") if fields.get(part))
    terminal.say(" · ".join(part for part in (name, where, told["address"]) if part), style="bold")
    terminal.say(
        f"  {told['state']} to {told['owner']} ({told['team']}), {told['offered_at']:%Y-%m-%d %H:%M} UTC, "
        f"answer due {told['due_at']:%Y-%m-%d %H:%M} UTC, campaign {told['campaign']}"
    )
    for reason in told["reasons"]:
        terminal.say(f"  - {reason}")
    terminal.say()
