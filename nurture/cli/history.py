"""`nurture history` and `nurture rollback`: which versions ran since when, what they said, and going back to one."""

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.apply import Approve, Yes
from nurture.cli.applying import Consent, carry_through, tell_done
from nurture.cli.errors import CommandProblem, Quiet
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson
from nurture.cli.plan import Choose, Days, read_choices

if TYPE_CHECKING:
    from nurture.authoring.bundle import Bundle
    from nurture.storage.applications import VersionRun

Version = Annotated[str | None, typer.Argument(metavar="VERSION", help="A version, or how it begins.")]


def history(
    ctx: typer.Context,
    campaign: Annotated[str | None, typer.Argument(metavar="CAMPAIGN", help="Of this campaign only.")] = None,
    version: Version = None,
    show: Annotated[bool, typer.Option("--show", help="Print the campaign file as that version had it.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the versions that contacts entered, newest first, with how many are in each now."""
    from dataclasses import asdict

    from nurture.planning.rollback import earlier
    from nurture.storage.applications import version_runs
    from nurture.storage.worlds import source_of

    if show and (campaign is None or version is None):
        raise CommandProblem("Which one? Write `nurture history CAMPAIGN VERSION --show`.")
    with opened(ctx) as session, session.db.read() as c:
        wanted = earlier(c, campaign, version) if campaign is not None and version is not None else None
        if show and campaign is not None and wanted is not None:
            session.terminal.say((source_of(c, campaign, wanted) or "").rstrip("\n"))
            return
        runs = [run for run in version_runs(c, campaign) if wanted is None or run.version == wanted]
        if as_json:
            session.terminal.data([asdict(run) for run in runs])
        else:
            _tell(session, runs)


def rollback(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign to take back.")],
    version: Version = None,
    yes: Yes = False,
    choose: Choose = None,
    approve: Approve = None,
    days: Days = 7,
    as_json: AsJson = False,
) -> None:
    """Apply a campaign as an earlier version had it (by default the last one), with all other files as they run."""
    from nurture.planning.plan import Refused
    from nurture.planning.rollback import earlier, with_version

    with opened(ctx) as session:
        with session.db.read() as c:
            target = earlier(c, campaign, version)
            bundle = with_version(c, campaign, target)
        try:
            report = carry_through(
                session,
                bundle,
                read_choices(choose),
                Consent(yes=yes, as_json=as_json, approved=approve),
                f"Take {campaign} back to version {target}?",
                how="rollback",
                days=days,
            )
        except Refused as refused:
            _refuse(session, bundle, refused, campaign)
            raise Quiet from refused
        if as_json:
            session.terminal.data(report)
            return
        tell_done(session.terminal, report)
        session.terminal.note(
            f"The files on this machine still say what they said: `nurture history {campaign} {target} --show` prints the "
            "campaign as it runs now, or the next `nurture apply` brings the edit again."
        )


def _refuse(session: Session, bundle: "Bundle", refused: Exception, campaign: str) -> None:
    from nurture.authoring.problems import Problem, render

    problems: tuple[Problem, ...] = getattr(refused, "problems", ())
    for problem in problems:
        session.terminal.say(render(problem, bundle.files))
        session.terminal.say()
    session.terminal.note(
        f"That version of {campaign} does not fit the other files any more. Nothing was applied.", style="red"
    )


def _tell(session: Session, runs: "list[VersionRun]") -> None:
    if not runs:
        session.terminal.say("No campaign has been applied yet: run `nurture apply`.")
        return
    rows = [
        (
            run.campaign,
            run.version,
            f"{run.since:%Y-%m-%d %H:%M} UTC",
            run.how,
            " ".join(choice.removeprefix(run.campaign).lstrip(":") for choice in run.choices),
            run.enrolments,
            "now" if run.is_current else "",
        )
        for run in runs
    ]
    session.terminal.table(["Campaign", "Version", "Entered since", "By", "Chosen", ">In it now", ""], rows)
