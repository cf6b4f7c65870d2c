"""What `apply` and `rollback` share: show the plan, ask whoever is there, perform exactly its stages, tell what was done."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import Session
from nurture.cli.plan import intended, planned, tell_plan
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.authoring.bundle import Bundle
    from nurture.planning.apply import AppliedFiles
    from nurture.planning.choices import Choice
    from nurture.planning.plan import Plan
    from nurture.planning.saved import Saved
    from nurture.storage.applications import How


class Consent:
    """What a person has said beforehand: yes, and how many contacts may be written to because of the edit."""

    def __init__(self, *, yes: bool, as_json: bool, approved: int | None) -> None:
        self.yes = yes or as_json
        self.as_json = as_json
        self.approved = approved

    def there_is_somebody(self) -> None:
        """Raise CommandProblem when nobody said yes, and nobody can."""
        if not self.yes and not sys.stdin.isatty():
            raise CommandProblem("Nothing was applied: nobody is there to say yes. Write `nurture apply --yes`.")

    def ask(self, session: Session, made: "Plan", question: str) -> None:
        """Raise CommandProblem unless the plan may be performed."""
        mailed, most = made.effects.mailed, session.settings.approval_above
        if most and mailed > most and (self.approved is None or self.approved < mailed):
            self._number(mailed, most)
        elif not self.yes and not typer.confirm(question, err=True):
            raise CommandProblem("Nothing was applied.")

    def _number(self, mailed: int, most: int) -> None:
        said = f"{mailed} contacts would be written to because of the edit, more than NURTURE_APPROVAL_ABOVE={most}"
        if self.yes or not sys.stdin.isatty():
            raise CommandProblem(f"Nothing was applied: {said}. If they are meant, add --approve {mailed}.")
        typed = typer.prompt(f"{said}. Type their number if they are meant", err=True, default="", show_default=False)
        if typed.strip() != str(mailed):
            raise CommandProblem("Nothing was applied.")


def carry_through(
    session: Session,
    bundle: "Bundle",
    choices: "Sequence[Choice]",
    consent: Consent,
    question: str,
    *,
    how: "How" = "apply",
    days: int = 7,
    saved: "Saved | None" = None,
) -> dict[str, Any]:
    """Apply files as a plan says, and answer what was done. Raises whatever a person is to be told."""
    from nurture.planning.apply import perform

    consent.there_is_somebody()
    finish_what_was_cut_short(session)
    intent = intended(session, bundle, choices)
    if saved is not None:
        saved.check(intent)
    made = planned(session, intent, days)
    if intent.is_new:
        if not consent.as_json:
            tell_plan(session, made)
        consent.ask(session, made, question)
    before = _versions(session)
    done = perform(session.db, intent, session.now(), how=how)
    return _report(done, before, _on_their_way(session), made.effects.mailed)


def finish_what_was_cut_short(session: Session) -> None:
    """Go on with applications that were killed before their last stage: they were approved when they began."""
    from nurture.planning.apply import finish
    from nurture.storage.applications import unfinished

    with session.db.read() as c:
        left = unfinished(c)
    for each in left:
        told = finish(session.db, each.n, session.now())
        session.terminal.note(
            f"What was applied on {each.applied_at:%Y-%m-%d %H:%M} UTC had been cut short. It is finished now: "
            f"{told.carried} contacts go on by another version, {told.woken} are looked at again."
        )


def tell_done(terminal: Terminal, report: dict[str, Any]) -> None:
    """What was done, for a person."""
    rows = [
        (one["campaign"], one["version"], _change(one), one["on_their_way"], one["file"]) for one in report["campaigns"]
    ]
    terminal.table(["Campaign", "Version", "Change", ">On their way", "File"], rows)
    for name in report["gone"]:
        terminal.say(f"{name} is no longer there: nobody enters it; those on their way go on.")
    if not report["changed"]:
        terminal.say("These very files were applied already: nothing changed.")
        return
    terminal.say(f"Applied ({report['hash'][:12]}). Contacts enter these versions from now on.")
    if report["carried_over"]:
        terminal.say(f"{report['carried_over']} contacts go on by another version.")
    if report["looked_at_again"]:
        terminal.say(f"{report['looked_at_again']} contacts are looked at again: they may enter or go on.")


def _versions(session: Session) -> dict[str, str]:
    """The version of each campaign that is applied now."""
    from nurture.storage.worlds import active_versions

    with session.db.read() as c:
        return active_versions(c)


def _on_their_way(session: Session) -> dict[str, int]:
    from nurture.storage.reports import standings

    found: dict[str, int] = {}
    with session.db.read() as c:
        for standing in standings(c):
            if standing.position != "ended":
                found[standing.campaign] = found.get(standing.campaign, 0) + standing.count
    return found


def _report(done: "AppliedFiles", before: dict[str, str], on_their_way: dict[str, int], mailed: int) -> dict[str, Any]:
    now = {version.campaign: version for version in done.versions}
    campaigns = [
        {
            "campaign": name,
            "version": version.version,
            "before": before.get(name),
            "file": version.path,
            "on_their_way": on_their_way.get(name, 0),
        }
        for name, version in sorted(now.items())
    ]
    return {
        "hash": done.hash,
        "changed": done.changed,
        "campaigns": campaigns,
        "gone": sorted(before.keys() - now.keys()),
        "looked_at_again": done.woken,
        "carried_over": done.carried,
        "mailed_because_of_it": mailed,
    }


def _change(one: dict[str, Any]) -> str:
    if one["before"] is None:
        return "new"
    return "as before" if one["before"] == one["version"] else f"was {one['before']}"
