"""`nurture plan`: what applying the files would change, and for whom; nothing is written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from nurture.cli.check import Checked, checked_files, real_place, summary, tell
from nurture.cli.errors import Quiet
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson

if TYPE_CHECKING:
    from nurture.authoring.bundle import Bundle
    from nurture.planning.choices import Choice
    from nurture.planning.plan import Intent, Plan
    from nurture.storage.applications import Application

DIFFERS = 2
SHOWN_EVERY = 10_000

Choose: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--choose",
        metavar="CAMPAIGN[:STEP]=WAY",
        help="What becomes of those in flight: keep, move or catch-up. Given as often as needed.",
    ),
]
Days: TypeAlias = Annotated[int, typer.Option("--days", min=0, max=90, help="How far ahead mails are told.")]


def plan(
    ctx: typer.Context,
    choose: Choose = None,
    days: Days = 7,
    out: Annotated[
        Path | None, typer.Option("--out", help="Keep the plan in a file, for `nurture apply FILE`.")
    ] = None,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is something to apply.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what applying the files would change, and what becomes of the contacts in flight."""
    from nurture.planning.saved import plan_to_json, write_plan

    with opened(ctx) as session:
        checked = checked_files(session.settings)
        refuse_mistakes(session, checked)
        _tell_cut_short(session)
        made = planned(session, intended(session, checked.bundle, read_choices(choose)), days)
        if out is not None:
            write_plan(made, out)
        if as_json:
            session.terminal.data(plan_to_json(made))
        else:
            tell_plan(session, made)
            if out is not None:
                session.terminal.note(f"Kept in {out}: `nurture apply {out}` does exactly this, or refuses.")
    if detailed and made.intent.is_new:
        raise typer.Exit(DIFFERS)


def cut_short(one: "Application") -> str:
    """An application that has not come to its end, in a sentence."""
    return (
        f"What was applied on {one.applied_at:%Y-%m-%d %H:%M} UTC was cut short, or is at work: some contacts have not "
        "heard of it. `nurture apply` goes on with it."
    )


def _tell_cut_short(session: Session) -> None:
    from nurture.storage.applications import unfinished

    with session.db.read() as c:
        for one in unfinished(c):
            session.terminal.note(cut_short(one), style="yellow")


def refuse_mistakes(session: Session, checked: Checked) -> None:
    """Tell what is wrong with the files, and go no further where it is an error."""
    terminal = session.terminal
    if checked.problems:
        for problem in [] if checked.errors else checked.problems:
            terminal.note(f"{problem.file}:{problem.line}: {problem.message}", style="yellow")
    if checked.errors:
        tell(terminal, checked)
        terminal.note(f"{summary(checked)} Nothing was applied.", style="red")
        raise Quiet


def read_choices(texts: Sequence[str] | None) -> "tuple[Choice, ...]":
    """What was chosen (ChoiceProblem: it is not understood)."""
    from nurture.planning.choices import read_choice

    return tuple(read_choice(text) for text in texts or ())


def intended(session: Session, bundle: "Bundle", choices: "Sequence[Choice]") -> "Intent":
    """What applying the files means now."""
    from nurture.planning.plan import intend

    with session.db.read() as c:
        return intend(c, bundle, choices)


def planned(session: Session, intent: "Intent", days: int) -> "Plan":
    """The intent with its effects counted; a long count tells how far it is."""
    from nurture.planning.plan import make_plan

    shown = 0

    def progress(done: int) -> None:
        nonlocal shown
        if done - shown >= SHOWN_EVERY:
            shown = done
            session.terminal.note(f"{done} contacts looked at …", style="dim")

    return make_plan(session.db, session.settings.database_url, intent, session.now(), days=days, progress=progress)


def tell_plan(session: Session, made: "Plan") -> None:
    """The plan for a person."""
    from nurture.cli.plan_text import PlanText

    if not made.intent.is_new:
        session.terminal.say("These very files are applied: there is nothing to do.")
        return
    PlanText(session.terminal, lambda path: real_place(path, session.settings), addresses(session, made)).tell(made)


def addresses(session: Session, made: "Plan") -> Mapping[str, str]:
    """Whom the keys in the samples are of."""
    from nurture.storage.contacts import addresses_of, contact_ids_by_key

    keys = {seen.key for sample in made.effects.samples.values() for seen in sample}
    with session.db.read() as c:
        numbers = contact_ids_by_key(c, keys)
        known = addresses_of(c, set(numbers.values()))
    return {key: known[number] for key, number in numbers.items() if number in known}
