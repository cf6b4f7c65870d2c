"""`nurture apply`: make the authors' files what contacts enter from now on, all of them or none, as `nurture plan` told."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from nurture.cli.applying import Consent, carry_through, tell_done
from nurture.cli.check import checked_files
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import opened
from nurture.cli.options import AsJson
from nurture.cli.plan import Choose, Days, read_choices, refuse_mistakes

Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Approve: TypeAlias = Annotated[
    int | None,
    typer.Option("--approve", metavar="N", min=0, help="Up to so many contacts may be written to because of the edit."),
]


def apply(
    ctx: typer.Context,
    plan: Annotated[
        Path | None, typer.Argument(metavar="PLAN", help="A plan kept by `nurture plan --out`: do exactly that.")
    ] = None,
    yes: Yes = False,
    choose: Choose = None,
    approve: Approve = None,
    days: Days = 7,
    as_json: AsJson = False,
) -> None:
    """Check the files, tell the plan, and apply it. What was cut short before is finished first."""
    from nurture.planning.saved import read_plan

    if plan is not None and choose:
        raise CommandProblem("A plan holds its choices already: leave out --choose, or the plan.")
    with opened(ctx) as session:
        checked = checked_files(session.settings)
        refuse_mistakes(session, checked)
        saved = read_plan(plan) if plan is not None else None
        choices = saved.choices if saved is not None else read_choices(choose)
        report = carry_through(
            session,
            checked.bundle,
            choices,
            Consent(yes=yes, as_json=as_json, approved=approve),
            f"Apply these {len(checked.files)} files?",
            days=saved.days if saved is not None else days,
            saved=saved,
        )
        if as_json:
            session.terminal.data(report)
        else:
            tell_done(session.terminal, report)
