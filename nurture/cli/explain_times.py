"""What `nurture explain` tells of other times: the next steps if nothing happens, and the score on a past date."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nurture.cli.errors import CommandProblem
from nurture.cli.portrait import Portrait, moment, standing
from nurture.cli.terminal import Terminal
from nurture.core.changing import changed
from nurture.core.effects import Because
from nurture.core.state import ContactState, Ended
from nurture.simulate.forecast import Foreseen, foresee
from nurture.texts.reasons import sentence


def next_steps(seen: Portrait, language: str) -> dict[str, Any]:
    """What comes if nothing happens, and where it ends; every step with its place."""
    if seen.world is None:
        raise CommandProblem("No campaign has been applied to this database yet: run `nurture apply`.")
    forecast = foresee(seen.world, seen.state, seen.waiting, seen.now)
    return {
        "steps": [_step(seen, each, because, language) for each in forecast.steps for because in each.because],
        "afterwards": _afterwards(forecast.after, language),
    }


def _step(seen: Portrait, foreseen: Foreseen, because: Because, language: str) -> dict[str, Any]:
    name, step = because.subject, str(because.detail.get("step") or "")
    enrolment = seen.state.enrolments.get(name)
    version = enrolment.version if enrolment is not None else ""
    return {
        "at": foreseen.at.astimezone(UTC),
        "campaign": name or None,
        "reason": because.reason,
        "sentence": sentence(because.reason, because.detail, language, name),
        "step": step or None,
        "place": (seen.place(name, version, step) or None) if step else None,
        "gate": because.detail.get("gate"),
        "until": because.detail.get("until"),
    }


def _afterwards(state: ContactState, language: str) -> dict[str, str]:
    live = (e for e in state.enrolments.values() if not isinstance(e.position, Ended))
    return {enrolment.campaign: standing(enrolment, language) for enrolment in live}


def tell_next(terminal: Terminal, told: Mapping[str, Any]) -> None:
    """As a table, then where it ends."""
    steps: Sequence[Mapping[str, Any]] = told["steps"]
    if steps:
        rows = [(moment(s["at"]), s["campaign"] or "", s["sentence"], s["place"] or s["step"] or "") for s in steps]
        terminal.table(["At (UTC)", "Campaign", "What", "Written at"], rows, title="If nothing happens")
    else:
        terminal.say("If nothing happens, nothing is done.")
    for campaign, where in told["afterwards"].items():
        terminal.say(f"Then, in {campaign}: {where}")


def on_date(seen: Portrait, day: datetime) -> Portrait:
    """The portrait with the score as it was at the end of that UTC day: by what had happened, and had faded, till then."""
    end = day.replace(tzinfo=UTC) + timedelta(days=1) - timedelta(seconds=1)
    last = end.toordinal()
    signals = {
        key: kept
        for key, tally in seen.state.signals.items()
        if (kept := {ordinal: of for ordinal, of in tally.items() if ordinal <= last})
    }
    return replace(seen, state=changed(seen.state, signals=signals), now=end)
