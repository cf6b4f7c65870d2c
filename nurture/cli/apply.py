"""`nurture apply`: make the authors' files what contacts enter from now on, all of them or none."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.check import Checked, checked_files, summary, tell
from nurture.cli.errors import CommandProblem, Quiet
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson

if TYPE_CHECKING:
    from nurture.planning.apply import AppliedFiles


def apply(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the files, then apply them. Contacts on their way keep the version they are in."""
    from nurture.planning.apply import apply_bundle

    with opened(ctx) as session:
        checked = checked_files(session.settings)
        _refuse_mistakes(session, checked)
        if not (yes or as_json):
            _ask(checked)
        before = _versions(session)
        done = apply_bundle(session.db, checked.bundle, session.now())
        report = _report(done, before, _on_their_way(session))
        if as_json:
            session.terminal.data(report)
        else:
            _tell(session, report)


def _refuse_mistakes(session: Session, checked: Checked) -> None:
    terminal = session.terminal
    if checked.problems:
        for problem in [] if checked.errors else checked.problems:
            terminal.note(f"{problem.file}:{problem.line}: {problem.message}", style="yellow")
    if checked.errors:
        tell(terminal, checked)
        terminal.note(f"{summary(checked)} Nothing was applied.", style="red")
        raise Quiet


def _ask(checked: Checked) -> None:
    if not sys.stdin.isatty():
        raise CommandProblem("Nothing was applied: nobody is there to say yes. Write `nurture apply --yes`.")
    if not typer.confirm(f"Apply these {len(checked.files)} files?", err=True):
        raise CommandProblem("Nothing was applied.")


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


def _report(done: "AppliedFiles", before: dict[str, str], on_their_way: dict[str, int]) -> dict[str, Any]:
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
    }


def _tell(session: Session, report: dict[str, Any]) -> None:
    terminal = session.terminal
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
    if report["looked_at_again"]:
        terminal.say(f"{report['looked_at_again']} contacts are looked at again: they may enter or go on.")


def _change(one: dict[str, Any]) -> str:
    if one["before"] is None:
        return "new"
    return "as before" if one["before"] == one["version"] else f"was {one['before']}"
