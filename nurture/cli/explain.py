"""`nurture explain`: why a contact is where it is, decision by decision, and what its score is made of."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.contacts_show import as_data, tell_campaigns, tell_who
from nurture.cli.opening import opened
from nurture.cli.options import AsJson, InLanguage, Language, Who
from nurture.cli.portrait import Portrait, moment, points, portrait
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.core.events import Event
    from nurture.core.scoring import LedgerEntry
    from nurture.storage.journal import Entry


def explain(
    ctx: typer.Context,
    who: Who,
    ahead: Annotated[bool, typer.Option("--next", help="The next steps with dates, if nothing happens.")] = False,
    on: Annotated[
        datetime | None, typer.Option("--at", formats=["%Y-%m-%d"], metavar="DATE", help="The score on that UTC date.")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = Language.EN,
) -> None:
    """Tell why: the journal with every decision's reasons, the score's ledger, what holds the contact, what comes next."""
    from nurture.cli.explain_times import next_steps, on_date, tell_next
    from nurture.storage.journal import journal_of
    from nurture.storage.timeline import events_of

    with opened(ctx) as session:
        seen = portrait(session, who)
        if ahead:
            told = next_steps(seen, language)
            _either(session.terminal, as_json, told, lambda: tell_next(session.terminal, told))
            return
        if on is not None:
            past = on_date(seen, on)
            told = {"at": on.date(), **_ledger(past.ledger())}
            _either(session.terminal, as_json, told, lambda: _tell_score(session.terminal, past))
            return
        with session.db.read() as c:
            entries, facts = journal_of(c, seen.state.key), events_of(c, seen.found.id)
    decisions = told_journal(seen, entries, facts, language)
    if as_json:
        session.terminal.data({**as_data(seen, language), "ledger": _ledger(seen.ledger()), "journal": decisions})
        return
    tell_who(session.terminal, seen)
    tell_campaigns(session.terminal, seen, language)
    _tell_score(session.terminal, seen)
    _tell_journal(session.terminal, decisions)


def _either(terminal: Terminal, as_json: bool, told: Mapping[str, Any], tell: Callable[[], None]) -> None:
    """For a program or for a person."""
    if as_json:
        terminal.data(told)
    else:
        tell()


def told_journal(
    seen: Portrait, entries: Sequence["Entry"], facts: Mapping[str, "Event"], language: str
) -> list[dict[str, Any]]:
    """Each decision: what happened, and every reason as a sentence with the place it was written at."""
    versions: dict[str, str] = {}
    told = []
    for entry in entries:
        for because in entry.because:  # the version in force from here on
            if "version" in because["detail"]:
                versions[because["subject"]] = str(because["detail"]["version"])
        reasons = [_reason(seen, because, versions, language) for because in entry.because]
        happened = _happened(entry, facts, language)
        told.append({"n": entry.seq, "at": entry.at, "event": entry.event, "happened": happened, "because": reasons})
    return told


def _happened(entry: "Entry", facts: Mapping[str, "Event"], language: str) -> str:
    from nurture.core.codec import event_to_json
    from nurture.texts.events import event_sentence

    fact = facts.get(entry.event_key)
    return event_sentence(entry.event, event_to_json(fact) if fact is not None else {}, language)


def _reason(seen: Portrait, because: Mapping[str, Any], versions: Mapping[str, str], language: str) -> dict[str, Any]:
    from nurture.texts.reasons import sentence

    subject, detail = because["subject"], because["detail"]
    step = detail.get("step") or ""
    return {
        "reason": because["reason"],
        "sentence": sentence(because["reason"], detail, language, subject),
        "campaign": subject or None,
        "step": step or None,
        "place": (seen.place(subject, versions.get(subject, ""), step) or None) if step else None,
        "detail": detail,
    }


def _ledger(entries: Sequence["LedgerEntry"]) -> dict[str, Any]:
    """In milli-points, as the engine counts; the entries' `remaining` sum up to `total`."""
    rows = [
        {
            "day": date.fromordinal(entry.day),
            "signal": entry.signal,
            "object": entry.object,
            "count": entry.count,
            "points": entry.points,
            "remaining": entry.remaining,
        }
        for entry in entries
    ]
    return {"unit": "milli-points", "total": sum(entry.remaining for entry in entries), "entries": rows}


def _tell_score(terminal: Terminal, seen: Portrait) -> None:
    entries = seen.ledger()
    if not entries:
        terminal.say("Score: nothing has counted yet.")
        return
    rows: list[tuple[object, ...]] = [
        (date.fromordinal(e.day), e.signal.value, e.object, e.count, points(e.points), points(e.remaining))
        for e in entries
    ]
    rows.append(("", "", "", "", "engagement", points(sum(entry.remaining for entry in entries))))
    left = f">Left on {seen.now:%Y-%m-%d}"
    terminal.table(["Day", "Signal", "About", ">Count", ">Points", left], rows, title="Score")


def _tell_journal(terminal: Terminal, decisions: Sequence[Mapping[str, Any]]) -> None:
    terminal.say("Journal" if decisions else "Journal: nothing has been decided yet.", style="bold")
    for decision in decisions:
        terminal.say(f"{decision['n']:>4}  {moment(decision['at'])} UTC  {decision['happened']}")
        for reason in decision["because"]:
            about = "  ".join(part for part in (reason["campaign"], reason["place"] or reason["step"]) if part)
            terminal.say(f"      {reason['sentence']}{f'  [{about}]' if about else ''}")
