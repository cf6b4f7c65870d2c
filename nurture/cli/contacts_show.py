"""`nurture contacts show`: one contact as it stands."""

from typing import TYPE_CHECKING, Any

import typer

from nurture.cli.opening import opened
from nurture.cli.options import AsJson, InLanguage, Language, Who
from nurture.cli.portrait import Portrait, moment, points, portrait, standing, step_of
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.core.state import Enrolment, Touch


def show(ctx: typer.Context, who: Who, as_json: AsJson = False, language: InLanguage = Language.EN) -> None:
    """Show one contact: profile, consent, score, campaigns, messages, and what comes next."""
    with opened(ctx) as session:
        seen = portrait(session, who)
    told = as_data(seen, language)
    if as_json:
        session.terminal.data(told)
    else:
        tell_who(session.terminal, seen)
        tell_profile(session.terminal, seen)
        tell_campaigns(session.terminal, seen, language)
        _tell_messages(session.terminal, seen)


def as_data(seen: Portrait, language: str) -> dict[str, Any]:
    """The portrait for a program."""
    state, hand_off = seen.state, seen.state.hand_off
    return {
        "key": state.key,
        "address": seen.found.address,
        "company": seen.found.company,
        "created_at": seen.found.created_at,
        "fields": state.fields,
        "tags": state.tags,
        "language": state.language,
        "country": state.country,
        "timezone": state.zone,
        "basis": state.basis,
        "status": state.status,
        "suppressed": state.suppressed,
        "holds": state.holds,
        "engagement": sum(entry.remaining for entry in seen.ledger()),
        "fit": state.fit,
        "grade": state.grade,
        "persona": state.persona,
        "segments": seen.segments(),
        "consents": seen.consents,
        "campaigns": [_campaign(seen, one, language) for one in state.enrolments.values()],
        "touches": sorted(state.touches.values(), key=lambda touch: (touch.at, touch.key)),
        "hand_off": hand_off,
        "set_aside": seen.set_aside,
        "unmade": seen.unmade,
        "waiting_events": len(seen.waiting),
        "next_at": seen.next_at(),
    }


def _campaign(seen: Portrait, enrolment: "Enrolment", language: str) -> dict[str, Any]:
    from nurture.core.codec import position_to_json

    step = step_of(enrolment)
    return {
        "campaign": enrolment.campaign,
        "version": enrolment.version,
        "stage": enrolment.stage,
        "position": position_to_json(enrolment.position)[0],
        "standing": standing(enrolment, language),
        "step": step or None,
        "place": seen.place(enrolment.campaign, enrolment.version, step) if step else None,
        "until": getattr(enrolment.position, "until", None),
        "rotation": enrolment.rotation,
        "held_out": enrolment.held_out,
        "entered_at": enrolment.entered_at,
    }


def tell_who(terminal: Terminal, seen: Portrait) -> None:
    """Who it is and what counts most: may it be written to, and what is it worth."""
    state = seen.state
    name = " ".join(str(state.fields[part]) for part in ("first_name", "last_name") if state.fields.get(part))
    terminal.say(" · ".join(part for part in (name, seen.found.address, seen.found.company) if part), style="bold")
    terminal.say(f"key {state.key}", style="dim")
    fit = "unknown" if state.fit is None else f"{state.grade} ({state.fit} %, {state.persona})"
    engagement = points(sum(entry.remaining for entry in seen.ledger()))
    terminal.say(f"{state.status.value} · engagement {engagement} · fit {fit} · basis {state.basis.value}")
    if state.suppressed:
        terminal.say(f"Never written to: {', '.join(sorted(state.suppressed))}.", style="red")
    for hold in state.holds:
        end = moment(hold.until)
        terminal.say(f"On hold: {hold.kind.value}, {f'until {end} UTC' if end else 'until resumed'}.", style="yellow")


def tell_profile(terminal: Terminal, seen: Portrait) -> None:
    """Fields, tags, and the evidence of the ground on which it is written to."""
    state = seen.state
    known = {**state.fields, "language": state.language, "country": state.country, "timezone": state.zone or ""}
    if shown := ", ".join(f"{name}: {value}" for name, value in known.items() if value != ""):
        terminal.say(shown)
    if state.tags:
        terminal.say(f"tags: {', '.join(sorted(state.tags))}")
    if segments := seen.segments():
        terminal.say(f"in segments: {', '.join(segments)}")
    for consent in seen.consents:
        terminal.say(f"{consent.basis.value} since {moment(consent.at)} UTC, from {consent.source}")


def tell_campaigns(terminal: Terminal, seen: Portrait, language: str) -> None:
    """Where it stands, and when it is looked at next."""
    rows = []
    for enrolment in seen.state.enrolments.values():
        step = step_of(enrolment)
        place = seen.place(enrolment.campaign, enrolment.version, step)
        stage = f"{enrolment.stage} (hold-out)" if enrolment.held_out else enrolment.stage
        rows.append((enrolment.campaign, stage, standing(enrolment, language), step, place))
    if rows:
        terminal.table(["Campaign", "Stage", "Where it stands", "Step", "Written at"], rows)
    else:
        terminal.say("In no campaign.")
    for one in seen.set_aside:
        terminal.say(
            f"Set aside at {one.step}: {one.problem} Mend it, then run `nurture contacts resume {one.address}`.",
            style="yellow",
        )
    for notice in seen.unmade:
        terminal.say(
            f"The {notice.purpose.replace('_', '-')} mail to {notice.recipient} could not be made: {notice.problem} "
            f"Mend it, then run `nurture contacts resume {notice.contact}`.",
            style="yellow",
        )
    if seen.waiting:
        terminal.say(f"{len(seen.waiting)} events wait to be looked at.")
    due = seen.next_at()
    terminal.say(f"Next: {moment(due)} UTC." if due else "Next: nothing until something happens.")


def _tell_messages(terminal: Terminal, seen: Portrait) -> None:
    touches: list[Touch] = sorted(seen.state.touches.values(), key=lambda touch: (touch.at, touch.key))
    if touches:
        rows = [(moment(t.at), t.campaign, t.content, t.step, t.variant or "", t.state.value) for t in touches]
        terminal.table(["At (UTC)", "Campaign", "Content", "Step", "Variant", "State"], rows, title="Messages")
