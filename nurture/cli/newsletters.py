"""`nurture newsletters`: what goes out when, to whom, and how far it has come."""

from typing import TYPE_CHECKING, Any

import typer

from nurture.cli.opening import opened
from nurture.cli.options import AsJson
from nurture.cli.portrait import moment

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.core.newsletters import Issue
    from nurture.core.program import Program
    from nurture.storage.newsletters import Progress


def newsletters(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the newsletters that are applied, the next to go out last."""
    from nurture.core.newsletters import newsletters as applied
    from nurture.engine.worlds import Worlds
    from nurture.storage.newsletters import progress_of

    with opened(ctx) as session:
        now, world = session.now(), Worlds(session.db).world()
        with session.db.read() as c:
            known = progress_of(c)
    found = sorted(applied(world), key=lambda one: (one[1].at, one[0].name))
    told = [_told(program, issue, known.get(program.name), now) for program, issue in found]
    if as_json:
        session.terminal.data(told)
    elif not told:
        session.terminal.say("No newsletters: a file of campaigns/ that begins with newsletter: is one.")
    else:
        rows = [
            (one["newsletter"], one["segment"], moment(one["at"]), moment(one["expires_at"]), one["state"], one["told"])
            for one in told
        ]
        session.terminal.table(["Newsletter", "To", "At (UTC)", "At the latest", "State", ">Contacts told"], rows)


def _told(program: "Program", issue: "Issue", known: "Progress | None", now: "datetime") -> dict[str, Any]:
    return {
        "newsletter": program.name,
        "title": program.title,
        "segment": issue.segment,
        "at": issue.at,
        "expires_at": issue.expires_at,
        "state": _state(issue, known, now),
        "told": known.told if known else 0,
    }


def _state(issue: "Issue", known: "Progress | None", now: "datetime") -> str:
    if known is None:
        return "planned" if now < issue.expires_at else "missed"
    if known.done_at is None:
        return "going out"
    return "gone out" if known.told or known.begun_at < issue.expires_at else "missed"
